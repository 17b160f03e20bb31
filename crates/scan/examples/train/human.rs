//! Passwords as people make them, and what looks like them, in the lines in
//! which they stand. All of it is made up, and of other words for the training
//! than for the measurement.

/// A line of a file.
pub(crate) struct Setting {
    pub(crate) path: &'static str,
    pub(crate) text: String,
    pub(crate) truth: bool,
}

/// Which words and lines are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    Training,
    Measurement,
}

const WORDS: &[&str] = &[
    "summer",
    "winter",
    "spring",
    "autumn",
    "dragon",
    "monkey",
    "sunshine",
    "princess",
    "football",
    "shadow",
    "master",
    "london",
    "berlin",
    "paris",
    "tokyo",
    "madrid",
    "chelsea",
    "arsenal",
    "liverpool",
    "michael",
    "jordan",
    "jennifer",
    "charlie",
    "thomas",
    "george",
    "maggie",
    "pepper",
    "ginger",
    "cookie",
    "banana",
    "cheese",
    "coffee",
    "tiger",
    "falcon",
    "phoenix",
    "matrix",
    "batman",
    "superman",
    "whisky",
    "guitar",
    "yankee",
    "cowboy",
    "orlando",
    "florida",
    "texas",
    "boston",
    "orange",
    "purple",
    "silver",
    "golden",
    "diamond",
    "hunter",
    "ranger",
    "soccer",
    "hockey",
    "tennis",
    "freedom",
    "liberty",
    "welcome",
    "iloveyou",
    "hello",
    "oracle",
    "jenkins",
    "kafka",
    "rabbit",
    "elastic",
    "vagrant",
    "puppet",
    "backup",
    "deploy",
    "globex",
    "initech",
    "wayne",
    "stark",
    "umbrella",
    "hogwarts",
    "gandalf",
    "frodo",
    "aragorn",
    "muenchen",
    "schalke",
    "barcelona",
    "juventus",
    "spartak",
    "kraken",
    "panther",
    "wolverine",
    "maverick",
    "iceman",
    "goose",
    "bluebird",
    "packers",
    "eagles",
    "lisboa",
    "marseille",
    "copper",
    "walnut",
    "thunder",
    "meadow",
    "harbour",
    "castle",
    "violet",
    "marble",
    "saffron",
    "lantern",
    "pelican",
    "compass",
    "granite",
    "juniper",
    "rocket",
    "candle",
    "pirate",
    "helsinki",
    "krakow",
    "bremen",
    "oslo",
];

const SIGNS: &[&str] = &["!", "!!", "@", "#", "$", "*", ".", "?", "&", "!1", "_", "-"];

const PASSWORD_NAMES: &[&str] = &[
    "password",
    "db_password",
    "DB_PASSWORD",
    "passwd",
    "adminPassword",
    "dbPass",
    "DB_PASS",
    "pwd",
    "MYSQL_ROOT_PASSWORD",
    "smtp_password",
    "userPassword",
    "PGPASSWORD",
    "passphrase",
    "rootPassword",
    "spring.datasource.password",
    "redis_pwd",
    "POSTGRES_PASSWORD",
    "admin_pass",
    "pass",
    "wifi_password",
];

const OTHER_NAMES: &[&str] = &[
    "api_key",
    "apiKey",
    "API_KEY",
    "client_secret",
    "clientSecret",
    "access_token",
    "token",
    "auth_token",
    "SECRET_KEY",
    "secret",
    "jwt_secret",
    "encryption_key",
    "privateKey",
    "session_secret",
    "accessToken",
    "signing_key",
    "secretKey",
    "bot_token",
];

/// Lines, with `{n}` for the name and `{v}` for the value.
const LINES: &[(&str, &str)] = &[
    ("conf/app.yml", "{n}: {v}"),
    ("conf/app.yml", "  {n}: \"{v}\""),
    ("conf/app.ini", "{n} = {v}"),
    ("deploy/x.env", "{n}={v}"),
    ("src/main.py", "{n} = \"{v}\""),
    ("src/main.py", "    {n}='{v}',"),
    ("src/app.js", "  {n}: '{v}',"),
    ("src/app.js", "const {n} = \"{v}\";"),
    ("src/Main.java", "    private String {n} = \"{v}\";"),
    ("src/main.go", "\t{n} := \"{v}\""),
    ("src/main.go", "\t{n}: \"{v}\","),
    ("conf/x.json", "  \"{n}\": \"{v}\","),
    ("conf/x.xml", "<{n}>{v}</{n}>"),
    ("conf/w.properties", "{n}={v}"),
    ("src/main.php", "define('{n}', '{v}');"),
    ("src/main.php", "'{n}' => '{v}',"),
    ("bin/run.sh", "export {n}={v}"),
    ("bin/run.sh", "./tool --{n} {v} --verbose"),
    ("test/a_test.go", "\t{n}: \"{v}\","),
    ("test/test_a.py", "self.client.login({n}=\"{v}\")"),
    ("docs/readme.md", "    {n}: {v}"),
    ("docs/readme.md", "docker run -e {n}={v} image"),
    ("Dockerfile", "ENV {n} {v}"),
    ("src/a.rb", "  {n}: \"{v}\","),
    ("src/a.cs", "var {n} = \"{v}\";"),
    ("src/a.rs", "let {n} = \"{v}\";"),
    ("src/a.py", "{n} = os.getenv(\"X\", \"{v}\")"),
];

/// Values that are none: names, prose, expressions, places.
const LOOK_ALIKES: &[&str] = &[
    "txtPassword",
    "password_field",
    "inputPassword",
    "user-password",
    "login.password",
    "auth.token.missing",
    "TOKEN_EXPIRED",
    "INVALID_PASSWORD",
    "current-password",
    "new-password",
    "access_token",
    "refreshToken",
    "x-api-key",
    "X-Auth-Token",
    "apiKeyHeader",
    "form-control",
    "password-input",
    "btn-primary",
    "secretRef",
    "db-credentials",
    "app-secrets",
    "vault-token",
    "kube-system/token",
    "bearer",
    "sessionid",
    "JSESSIONID",
    "authorization_code",
    "client_credentials",
    "password_reset",
    "resetPassword",
    "users/password",
    "/auth/token",
    "api/v1/token",
    "hashed_password",
    "stringValue",
    "boolean",
    "required",
    "user_id",
    "userName",
    "text/plain",
    "application/json",
    "utf-8",
    "sha256",
    "HS256",
    "RS256",
    "AES-256-GCM",
    "aes-128-cbc",
    "PBKDF2",
    "bcrypt",
    "scrypt",
    "argon2id",
    "hmac-sha256",
    "base64",
    "rsa",
    "ed25519",
    "oauth2",
    "basic",
    "negotiate",
    "kerberos",
    "ldap",
    "saml",
    "keychain",
    "osxkeychain",
    "wincred",
    "libsecret",
    "inherit",
    "production",
    "staging",
    "development",
    "us-east-1",
    "v1.2.3",
    "1.0.0-beta",
    "2021-03-04",
    "#ff00ff",
    "10.0.0.1",
    "localhost:8080",
    "Password",
    "Your password",
    "Enter password",
    "Mot de passe",
    "Passwort vergessen?",
    "Invalid credentials",
    "Password must be at least 8 characters",
    "API key",
    "Access token",
    "Secret key",
    "Token expired",
    "Forgot password?",
    "Kennwort",
    "The user token",
    "Account password",
    "Wachtwoord",
    "Client secret",
    "Show password",
    "Sign in",
    "Confirm password",
    "getPassword()",
    "config.password",
    "os.environ['X']",
    "process.env.TOKEN",
    "${PASSWORD}",
    "$(cat /run/secret)",
    "{{ password }}",
    "self.token",
    "req.body.password",
    "None",
    "string",
    "user.Password",
    "string | undefined",
    "str",
    "ctx.Value(key)",
    "<password>",
    "changeme",
    "your_password_here",
    "********",
    "xxxxxxxx",
    "data[1]",
    "a.b.c",
    "tokenizer",
    "keyring",
    "passport-local",
    "secrets/prod/db",
    "arn:aws:iam::role/x",
    "not-set",
    "auth-service",
    "identity.token.url",
    "grant_type",
    "SECRET_NAME",
    "keyVaultUri",
    "passwordPolicy",
    "min-length-8",
    "no-store",
    "http-only",
];

/// Lines that hold a password or key, and as many that hold what looks like it.
pub(crate) fn settings(seed: u64, share: Share) -> Vec<Setting> {
    let mut dice = Dice(seed ^ if share == Share::Training { 0 } else { 0x5eed });
    let (human, machine, none) = match share {
        Share::Training => (1500, 500, 1800),
        Share::Measurement => (400, 0, 400),
    };
    let words = half(WORDS, share);
    let look_alikes = half(LOOK_ALIKES, share);
    let mut out = Vec::new();
    for _ in 0..human {
        let value = dice.password(&words);
        out.push(dice.line(PASSWORD_NAMES, &value, true));
    }
    for _ in 0..machine {
        let names = if dice.below(2) == 0 { PASSWORD_NAMES } else { OTHER_NAMES };
        let value = dice.machine();
        out.push(dice.line(names, &value, true));
    }
    for _ in 0..none {
        let names = if dice.below(2) == 0 { PASSWORD_NAMES } else { OTHER_NAMES };
        let value = dice.pick(&look_alikes).to_string();
        out.push(dice.line(names, &value, false));
    }
    out
}

/// Every second word for the training, the others for the measurement.
fn half(words: &[&'static str], share: Share) -> Vec<&'static str> {
    let from = usize::from(share == Share::Measurement);
    words.iter().skip(from).step_by(2).copied().collect()
}

/// Numbers that look random and are the same at every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn line(&mut self, names: &[&str], value: &str, truth: bool) -> Setting {
        let (path, line) = self.pick(LINES);
        let text = line.replace("{n}", self.pick(names)).replace("{v}", value);
        Setting { path, text: text + "\n", truth }
    }

    fn number(&mut self) -> String {
        match self.below(6) {
            0 | 1 => (1960 + self.below(65)).to_string(),
            2 => self.below(100).to_string(),
            3 => (100 + self.below(900)).to_string(),
            4 => self.pick(&["123", "1234", "12345"]).to_owned(),
            _ => (2019 + self.below(7)).to_string(),
        }
    }

    fn password(&mut self, words: &[&str]) -> String {
        let word = self.pick(words).to_owned();
        let word = if self.below(2) == 0 { capital(&word) } else { word };
        let (number, sign) = (self.number(), self.pick(SIGNS));
        match self.below(100) {
            0..28 => word + &number,
            28..50 => word + &number + sign,
            50..60 => word + sign + &number,
            60..76 => {
                let word = match self.below(2) {
                    0 => word.replacen('a', "@", 1),
                    _ => word.replace('o', "0").replacen('e', "3", 1),
                };
                word + self.pick(&["1", "123", "!", "#1", "2024"])
            }
            76..86 => word + &capital(self.pick(words)) + &number + self.pick(&["", "!", "#"]),
            86..92 => number + &word + self.pick(&["!", "?", ""]),
            92..96 => {
                let (a, b) = (self.pick(words), self.pick(words));
                format!("{a}-{b}-{word}{}", self.pick(&["7", "42", "!"]))
            }
            _ => {
                let consonant = |dice: &mut Dice| dice.pick(b"bcdfgklmnprst") as char;
                let vowel = |dice: &mut Dice| dice.pick(b"aeiou") as char;
                let syllables: String =
                    (0..3).flat_map(|_| [consonant(self), vowel(self)]).collect();
                format!("{syllables}{}{}", self.below(10_000), self.pick(&["", "!"]))
            }
        }
    }

    fn machine(&mut self) -> String {
        const PLAIN: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        const SIGNED: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#%&*@^-_+";
        let (alphabet, length): (&[u8], usize) = match self.below(10) {
            0..3 => (PLAIN, self.pick(&[16, 20, 24, 32, 40])),
            3..5 => (b"0123456789abcdef", self.pick(&[32, 40, 64])),
            5..8 => (SIGNED, 8 + self.below(7)),
            _ => (b"abcdefghijkmnpqrstuvwxyz23456789", self.pick(&[8, 10, 12])),
        };
        (0..length).map(|_| self.pick(alphabet) as char).collect()
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}
