//! Invented passwords and look-alikes in realistic lines; no value here was ever in use.

use proptest::prelude::*;

use super::{Assignment, Form, Place, ROOTS, assignment, judge, placeholder};

/// All assignments of `text`, as the engine would find them.
fn assignments(text: &[u8]) -> Vec<Assignment> {
    (0..text.len())
        .filter(|&at| {
            ROOTS.iter().any(|root| {
                text[at..]
                    .get(..root.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(root.as_bytes()))
            })
        })
        .filter_map(|at| assignment(text, at))
        .collect()
}

fn parsed(text: &str) -> Vec<(&str, &str, Form)> {
    assignments(text.as_bytes())
        .into_iter()
        .map(|a| (&text[a.name], &text[a.value], a.form))
        .collect()
}

/// The highest probability of any assignment in `text`.
fn probability(text: &str, path: &str) -> f32 {
    assignments(text.as_bytes())
        .iter()
        .map(|a| judge(text.as_bytes(), a, &Place::of(path)).probability)
        .fold(0.0, f32::max)
}

#[test]
fn every_notation_yields_its_value() {
    let value = "hunter2!Q";
    let notations = [
        ("password = \"{}\"", Form::Quoted),
        ("\"password\": \"{}\"", Form::Quoted),
        ("password: {}", Form::Line),
        ("password: {} # for tests", Form::Line),
        ("password={}", Form::Line),
        ("GET /login?user=u&password={}&next=1", Form::Inline),
        ("export DB_PASSWORD={}", Form::Line),
        ("ENV DB_PASSWORD {}", Form::Space),
        ("ARG DB_PASSWORD={}", Form::Line),
        ("tool --password {} --verbose", Form::Flag),
        ("tool --password={}", Form::Inline),
        ("<password>{}</password>", Form::Element),
        ("<user password=\"{}\"/>", Form::Quoted),
        ("<add key=\"Password\" value=\"{}\"/>", Form::Fields),
        ("{\"name\": \"DB_PASSWORD\", \"value\": \"{}\"}", Form::Fields),
        ("- name: DB_PASSWORD\n  value: {}", Form::Fields),
        ("client.set_password(\"{}\")", Form::Call),
        ("builder.password(\"{}\")", Form::Call),
        (":password => '{}'", Form::Quoted),
        ("define('DB_PASSWORD', '{}');", Form::Pair),
        ("password := \"{}\"", Form::Quoted),
        ("const password string = \"{}\"", Form::Quoted),
        ("String password = \"{}\";", Form::Quoted),
        ("let password: &str = \"{}\";", Form::Quoted),
        ("password: str = \"{}\"", Form::Quoted),
        ("os.environ[\"PASSWORD\"] = \"{}\"", Form::Quoted),
        ("config['password'] = '{}'", Form::Quoted),
        ("if (password == \"{}\") {", Form::Compare),
        ("if (password.equals(\"{}\")) {", Form::Compare),
        ("const p = process.env.PASSWORD || \"{}\"", Form::Default),
        ("getenv(\"PASSWORD\", \"{}\")", Form::Default),
        ("password = os.getenv(\"X\", \"{}\")", Form::Default),
        ("PGPASSWORD={} psql -h db", Form::Line),
        ("requirepass {}", Form::Space),
        ("machine h login u password {}", Form::Space),
        ("variable \"db_password\" {\n  default = \"{}\"\n}", Form::Default),
        ("def connect(host, password=\"{}\"):", Form::Quoted),
        ("password = b\"{}\"", Form::Quoted),
        ("password = `{}`", Form::Quoted),
        ("password = @\"{}\";", Form::Quoted),
        ("\"{\\\"password\\\":\\\"{}\\\"}\"", Form::Quoted),
        ("user = \"u\"; password = \"{}\"; host = \"h\"", Form::Quoted),
        ("$password = '{}'", Form::Quoted),
        ("ConvertTo-SecureString \"{}\" -AsPlainText -Force", Form::Flag),
        ("sshpass -p {} ssh root@host", Form::Flag),
        ("curl -u admin:{} https://host", Form::Flag),
        ("Server=db;User=sa;Password={};Timeout=3", Form::Inline),
        ("CREATE USER u WITH PASSWORD '{}';", Form::Space),
        ("password = String::from(\"{}\")", Form::Wrapped),
        ("${PASSWORD:-{}}", Form::Default),
        ("users = [{user: u, password: {}}]", Form::Inline),
    ];
    for (notation, form) in notations {
        let text = notation.replacen("{}", value, 1);
        let text = format!("{text}\n");
        let all = parsed(&text);
        assert!(
            all.iter().any(|found| found.1 == value && found.2 == form),
            "{text:?} gave {all:?}"
        );
    }
}

#[test]
fn the_authentication_scheme_is_not_part_of_the_value() {
    let text = "Authorization: Bearer q8Zr1LwT0pVn5sXc\n";
    assert_eq!(parsed(text), [("Authorization", "q8Zr1LwT0pVn5sXc", Form::Line)]);
}

#[test]
fn names_about_something_else_are_refused() {
    for name in [
        "token_type",
        "key_id",
        "public_key",
        "password_field",
        "secret_name",
        "tokenizer",
        "keyboard",
        "primary_key",
        "foreign_key",
        "key_path",
        "cache_key",
        "sort_key",
        "password_hash",
        "token_file",
        "token_url",
        "password_len",
        "secret_id",
        "author",
        "monkey",
        "bypass",
        "compass",
        "passed",
        "max_tokens",
        "has_password",
        "passwordField",
        "tokenExpiry",
        "keyCode",
        "authors",
        "authenticated",
        "credit",
        "turkey",
        "hotkey",
    ] {
        let text = format!("{name} = \"hunter2!Qx91\"\n");
        assert_eq!(parsed(&text), [], "{name}");
    }
}

#[test]
fn human_made_passwords_are_found() {
    let passwords = [
        "summer2019!",
        "hunter2!Q",
        "Winter#2021",
        "blumenKohl7",
        "Tr0ub4dor&3",
        "m0nkeyBars!",
        "Ferrari488",
        "kaffee4two",
        "Schnitzel99!",
        "admin@1234x",
        "R3dPanda!",
        "qwerty!2345",
        "letmein2020",
        "Passw0rd!9",
        "zaphod42",
        "Bl4ckbird!",
        "oct0puss8",
        "S3cur1ty!",
        "Liverpool08",
        "jupiter7!",
        "moonlight_77!",
        "gr33nTea!",
        "Toby&Max12",
        "hello.World9!",
        "Nov2022$$",
        "p1neapple!",
        "Karlsruhe76",
        "cactus#5",
        "Ilove2bike",
        "rockstar1987",
        "dbAdm1n!",
        "r00tBeer$",
        "myDog8it!",
        "Elephant3$",
        "k1ttens!",
        "Montag2023!",
        "sw0rdfish!",
        "Abc!2345xy",
        "Vanilla1ce",
        "October31st!",
        "pizza4lunch!",
        "Ninja007!",
        "gizmo2004",
        "Sausage+12",
        "changes!99",
        "Tequila5unrise",
        "F00tball!",
        "barney1999!",
        "h4ppyDays",
        "Pa55phrase!",
        "Cr1cket22",
        "SuperMario64!",
        "Oslo-2014!",
        "biscuit$88",
        "Hamburg!1887",
        "n1ghtOwl?",
        "w0lfgang77",
        "Cheddar!3",
        "lemonTree55",
        "Gandalf#1",
    ];
    let lines = [
        ("config/app.yml", "  password: \"{}\"\n"),
        ("settings.py", "DB_PASSWORD = \"{}\"\n"),
        (".env", "DB_PASSWORD={}\n"),
        ("src/main.go", "\tpassword: \"{}\",\n"),
    ];
    let mut missed = Vec::new();
    for (path, line) in lines {
        for password in passwords {
            let text = line.replace("{}", password);
            if probability(&text, path) < 0.5 {
                missed.push(text);
            }
        }
    }
    assert!(passwords.len() >= 60);
    assert!(missed.len() * 20 <= passwords.len() * lines.len(), "{missed:?}");
    for password in ["summer2019!", "hunter2!Q"] {
        assert!(probability(&format!("password = \"{password}\"\n"), "config.py") >= 0.5);
    }
}

#[test]
fn machine_made_values_are_found() {
    // Letters and digits from a linear congruential generator, so that none is ever real.
    let mut state = 7_u64;
    let mut noise = |length: usize, alphabet: &[u8]| -> String {
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
                char::from(alphabet[(state >> 33) as usize % alphabet.len()])
            })
            .collect()
    };
    let all = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for name in ["api_key", "clientSecret", "ACCESS_TOKEN", "jwt_secret", "encryptionKey"] {
        for (length, alphabet) in [(32, &all[..]), (40, &b"0123456789abcdef"[..]), (24, all)] {
            let text = format!("{name} = \"{}\"\n", noise(length, alphabet));
            assert!(probability(&text, "app/settings.py") >= 0.5, "{text}");
        }
    }
}

#[test]
fn look_alikes_are_not_found() {
    let lines = [
        ("a.py", "password = os.environ[\"X\"]"),
        ("ci.yml", "token: ${{ secrets.T }}"),
        ("a.py", "password = \"example\""),
        ("a.py", "password = \"changeme\""),
        ("a.py", "password = \"your_password_here\""),
        ("a.py", "password = \"xxxxxxxx\""),
        ("a.md", "password: <password>"),
        ("a.py", "password = \"********\""),
        ("a.py", "password = \"password\""),
        ("fr.json", "\"password\": \"Mot de passe\""),
        ("a.js", "passwordField = \"txtPassword\""),
        ("a.js", "token = \"TOKEN_EXPIRED\""),
        ("a.java", "password = getPassword();"),
        ("a.go", "Password: user.Password,"),
        ("a.go", "func login(password string) error {"),
        ("a.ts", "password: string;"),
        ("a.ts", "token?: string | undefined"),
        ("a.rs", "password: Option<String>,"),
        ("a.py", "token: str = None"),
        ("a.py", "def f(password: str):"),
        ("a.yml", "password: ${DB_PASSWORD}"),
        ("a.yml", "password: $DB_PASSWORD"),
        ("a.yml", "password: \"{{ vault_db_password }}\""),
        ("a.yml", "password: !vault |"),
        ("a.sh", "PASSWORD=$(cat /run/secrets/db)"),
        ("a.sh", "PASSWORD=\"$1\""),
        ("a.cfg", "password = %(db_password)s"),
        ("a.js", "token: process.env.TOKEN"),
        ("a.js", "const token = req.headers.authorization"),
        ("a.html", "<label>Password</label>"),
        ("a.html", "<input name=\"password\" type=\"password\">"),
        ("a.jsx", "label=\"password\" key=\"password-input\""),
        ("a.css", ".password { color: red }"),
        ("a.js", "key: 'ArrowLeft'"),
        ("a.js", "{ key: 'name', title: 'Name' }"),
        ("a.json", "\"password\": \"Passwort vergessen?\""),
        ("a.json", "\"token\": \"Token expired\""),
        ("a.py", "SECRET_KEY = config('SECRET_KEY')"),
        ("a.yml", "secretKeyRef: db-credentials"),
        ("a.yml", "secretName: my-secret"),
        ("a.tf", "password = var.db_password"),
        ("a.tf", "password = random_password.db.result"),
        ("a.rb", "password: Faker::Internet.password"),
        ("a.php", "$password = $_POST['password'];"),
        ("a.php", "'password' => Hash::make($password)"),
        ("a.php", "'password' => 'required|min:8'"),
        ("a.go", "token := r.Header.Get(\"X-Auth-Token\")"),
        ("a.cs", "Password = model.Password,"),
        ("a.py", "raise ValueError(\"invalid token: expected string\")"),
        ("a.md", "The password is stored in the keychain, see below."),
        ("a.md", "Use the token: it is valid for one hour"),
        ("a.py", "\"auth\": \"basic\""),
        ("a.py", "auth = 'oauth2'"),
        ("a.py", "token = tokens[0]"),
        ("a.py", "key = \"sha256\""),
        ("a.json", "\"key\": \"Content-Type\""),
        ("a.json", "\"integrity\": \"sha512-abcdef\", \"key\": \"value1\""),
        ("a.yml", "key: 3f786850e387550fdab836ed7e6dc881de23001b # commit"),
        ("a.py", "password = None"),
        ("a.py", "password = \"\""),
        ("a.py", "password = 'null'"),
        ("a.js", "password: 'foobar'"),
        ("a.py", "api_key = \"YOUR_API_KEY\""),
        ("a.py", "api_key = \"<your api key>\""),
        ("a.py", "api_key = \"INSERT_KEY_HERE\""),
        ("a.py", "api_key = \"xxxxxxxx-xxxx-xxxx\""),
        ("a.py", "secret = \"1234567890\""),
        ("a.py", "secret = \"abcdefghijklmnop\""),
        ("a.py", "token = \"0000000000000000\""),
        ("a.go", "passwd := \"/etc/passwd\""),
        ("a.py", "token = '/var/run/secrets/token'"),
        ("a.py", "auth = \"https://auth.host.org/login\""),
        ("a.yml", "token: file:///run/token"),
        ("a.yml", "password: op://vault/db/password"),
        ("a.yml", "secret: arn:aws:secretsmanager:eu-west-1:1:secret:db"),
        ("a.py", "password = \"%s\" % value"),
        ("a.py", "password = f\"{password}\""),
        ("a.py", "token = \"access_token\""),
        ("a.py", "secret = \"client_secret\""),
        ("a.js", "token: 'users.token.missing'"),
        ("a.js", "password: 'login.form.password'"),
        ("a.java", "String PASSWORD = \"spring.datasource.password\";"),
        ("a.c", "#define TOKEN_KEY \"token_key\""),
        ("a.sql", "password VARCHAR(255) NOT NULL"),
        ("a.proto", "string password = 2;"),
        ("a.py", "password = \"#ff00ff\""),
        ("a.py", "password = \"2021-03-04\""),
        ("a.py", "token = \"v1.2.3\""),
        ("a.py", "password = \"bcrypt\""),
        ("a.py", "key = 'primary'"),
        ("a.po", "msgid \"password\"\nmsgstr \"Kennwort\""),
        ("a.py", "author = \"Jane Doe\""),
        ("locales/de.json", "\"password\": \"Kennwort\""),
        ("a.py", "if token == \"EOF\": pass"),
        ("a.kt", "val password = BuildConfig.PASSWORD"),
        ("a.swift", "let token = Keychain.token"),
    ];
    assert!(lines.len() >= 80);
    let found: Vec<_> = lines
        .iter()
        .filter(|(path, line)| probability(&format!("{line}\n"), path) >= 0.5)
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn placeholders_are_named_and_random_values_pass() {
    assert!(placeholder(b"AKIAIOSFODNN7EXAMPLE").is_some());
    assert!(placeholder(b"ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx").is_some());
    assert!(placeholder(b"${TOKEN}").is_some());
    assert!(placeholder(b"").is_some());
    assert!(placeholder(b"q8Zr1LwT0pVn5sXcB7").is_none());
    assert!(placeholder(b"summer2019!").is_none());
}

#[test]
fn a_judgement_gives_its_reasons() {
    let text = b"password = \"hunter2!Q\"\n";
    let judgement = judge(text, &assignments(text)[0], &Place::of("config.py"));
    assert!(!judgement.reasons.is_empty());
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        for at in 0..=text.len() {
            if let Some(found) = assignment(&text, at) {
                judge(&text, &found, &Place::of("a/b.py"));
            }
        }
        placeholder(&text);
    }

    #[test]
    fn pieces_of_notation_in_any_order_never_panic(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "password", "token", "key", "curl", " -u ", ":", "=", "\"", "'", "\\", "`", "{",
                "}", "(", ")", "<", ">", "\n", " ", "-", "--", "value", "name", "default", "$", "${",
                ":-", "||", "or ", "new ", "ConvertTo-SecureString", "sshpass", "é", "abc1!", "[",
                "]", ",", "Bearer ", "variable", "login", "\r\n", "//", "#", "@", "\"\"\"",
            ]),
            0..40,
        ),
        path in "[a-z/._é]{0,12}",
    ) {
        let text = pieces.concat().into_bytes();
        for at in 0..=text.len() {
            if let Some(found) = assignment(&text, at) {
                judge(&text, &found, &Place::of(&path));
            }
        }
    }
}
