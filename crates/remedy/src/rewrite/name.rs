//! What a value is called.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use stanch_scan::Secret;

/// Names that values have, over all files of a session: the same value has the
/// same name everywhere, and no two values share one.
#[derive(Default)]
pub struct Names {
    hasher: RandomState,
    given: HashMap<u64, Vec<(Secret, String)>>,
    taken: HashSet<String>,
}

impl Names {
    /// The name of this value; `wanted` if it has none yet and nobody else has
    /// that name.
    pub(super) fn name(&mut self, value: &Secret, wanted: &str) -> String {
        if let Some(name) = self.known(value) {
            return name;
        }
        let mut name = wanted.to_owned();
        let mut count = 2_u32;
        while self.taken.contains(&name) {
            name = format!("{wanted}_{count}");
            count += 1;
        }
        self.taken.insert(name.clone());
        let hash = self.hasher.hash_one(value.expose());
        self.given.entry(hash).or_default().push((value.clone(), name.clone()));
        name
    }

    fn known(&self, value: &Secret) -> Option<String> {
        let hash = self.hasher.hash_one(value.expose());
        let same = self.given.get(&hash)?.iter().find(|(known, _)| known == value)?;
        Some(same.1.clone())
    }
}

/// Words that say that something is a secret.
const TELLING: &[&str] = &[
    "TOKEN",
    "KEY",
    "APIKEY",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "PWD",
    "PAT",
    "CREDENTIAL",
    "CREDENTIALS",
    "DSN",
    "WEBHOOK",
    "SIGNATURE",
    "SALT",
    "URL",
    "URI",
    "COOKIE",
];

/// Words that say nothing by themselves.
const EMPTY: &[&str] = &[
    "API",
    "ACCESS",
    "AUTH",
    "MY",
    "THE",
    "DEFAULT",
    "CLIENT",
    "PRIVATE",
    "PUBLIC",
    "APP",
    "NEW",
    "OLD",
    "TEST",
    "CONST",
    "VALUE",
    "USER",
    "BEARER",
    "SELF",
    "THIS",
    "CONFIG",
    "STATIC",
    "OAUTH",
    "BASE",
    "CONNECTION",
    "TEMP",
    "TMP",
    "FALLBACK",
    "HTTP",
    "HTTPS",
    "REMOTE",
    "SERVER",
    "PERSONAL",
    "SERVICE",
    "X",
    "VAR",
    "DATA",
    "STRING",
    "INDEX",
    "REGISTRY",
    "EXTRA",
    "REPO",
    "GIT",
    "ENV",
    "ENVIRONMENT",
    "WITH",
    "INPUTS",
    "PROPERTIES",
    "HEADERS",
    "VALUES",
    "PROD",
    "PRODUCTION",
    "STAGING",
    "DEV",
    "OPTIONS",
    "SETTINGS",
    "PARAMETERS",
    "VARIABLES",
    "PARAMS",
    "ARGS",
    "TO",
    "GLOBAL",
    "COMMON",
    "MAIN",
    "LOCAL",
    "LOCALS",
    "PROGRAM",
    "OUTPUTS",
    "GIVEN",
];

/// The name of a variable that an identifier gives, if it tells what the
/// secret is for: `stripeApiKey` gives `STRIPE_API_KEY`, `token` nothing.
pub(super) fn telling(identifier: &str) -> Option<String> {
    let name = shouted(identifier)?;
    let words: Vec<&str> = name.split('_').collect();
    let secret = words.iter().any(|word| TELLING.contains(word));
    let says_more = words.iter().any(|word| {
        word.len() > 1
            && !TELLING.contains(word)
            && !EMPTY.contains(word)
            && !word.bytes().all(|b| b.is_ascii_digit())
    });
    (secret && says_more && name.len() <= 60).then_some(name)
}

/// An identifier as names of variables are written: `gitHub-token` is
/// `GIT_HUB_TOKEN`. None for what is no identifier.
pub(super) fn shouted(identifier: &str) -> Option<String> {
    let last = identifier.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
    // Of `settings.github.token` the last two say it.
    let last = match last.rsplit_once('.') {
        Some((before, last)) if telling_alone(last) => {
            let _ = before;
            last.to_owned()
        }
        Some((before, last)) => {
            let before = before.rsplit(['.', ':', '>', ' ']).next().unwrap_or_default();
            format!("{before}_{last}")
        }
        None => last.to_owned(),
    };
    let mut out = String::new();
    let chars: Vec<char> = last.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        if c.is_ascii_alphanumeric() {
            let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
            let after = chars.get(at + 1).copied();
            let starts_word = c.is_ascii_uppercase()
                && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                    || before.is_some_and(|b| b.is_ascii_uppercase())
                        && after.is_some_and(|a| a.is_ascii_lowercase()));
            if starts_word && !out.ends_with('_') && !out.is_empty() {
                out.push('_');
            }
            out.push(c.to_ascii_uppercase());
        } else if matches!(c, '_' | '-' | '.' | ':' | '/' | '$' | '@') {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
        } else {
            return None;
        }
    }
    let out = out.trim_matches('_');
    (!out.is_empty() && !out.starts_with(|c: char| c.is_ascii_digit())).then(|| out.to_owned())
}

fn telling_alone(last: &str) -> bool {
    !last.contains('.') && telling(last).is_some()
}

/// The name for a secret that is only a part of its text: `DATABASE_URL` would
/// promise the whole.
pub(super) fn of_part(variable: &str) -> String {
    for ending in ["_URL", "_URI", "_DSN", "_CONNECTION_STRING"] {
        if let Some(before) = variable.strip_suffix(ending) {
            return format!("{before}_PASSWORD");
        }
    }
    if variable == "CONNECTION_STRING" {
        "DATABASE_PASSWORD".to_owned()
    } else {
        variable.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_gives_its_name_only_if_it_tells_something() {
        for (identifier, name) in [
            ("stripeApiKey", Some("STRIPE_API_KEY")),
            ("STRIPE_API_KEY", Some("STRIPE_API_KEY")),
            ("self.github_token", Some("GITHUB_TOKEN")),
            ("$githubToken", Some("GITHUB_TOKEN")),
            ("github.token", Some("GITHUB_TOKEN")),
            ("spring.datasource.password", Some("DATASOURCE_PASSWORD")),
            ("DBPassword", Some("DB_PASSWORD")),
            ("token", None),
            ("apiKey", None),
            ("Authorization", None),
            ("client", None),
            ("x-api-key", None),
            ("1st_github_token", None),
            ("a + github_token", None),
        ] {
            assert_eq!(telling(identifier).as_deref(), name, "{identifier}");
        }
    }

    #[test]
    fn one_value_has_one_name_and_two_values_have_two() {
        let mut names = Names::default();
        let (a, b) = (Secret::new(b"a"), Secret::new(b"b"));
        assert_eq!(names.name(&a, "TOKEN"), "TOKEN");
        assert_eq!(names.name(&b, "TOKEN"), "TOKEN_2");
        assert_eq!(names.name(&a, "OTHER"), "TOKEN");
    }
}
