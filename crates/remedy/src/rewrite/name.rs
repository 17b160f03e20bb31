//! What a value is called.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use stanch_scan::Secret;

use crate::Manager;

/// Names that values have, over all files of a session: the same value has the
/// same name everywhere, and no two values share one.
#[derive(Default)]
pub struct Names {
    hasher: RandomState,
    given: HashMap<u64, Vec<(Secret, String)>>,
    taken: HashSet<String>,
    /// What the present file reads already, maybe for another secret.
    read: HashSet<String>,
    /// Notes on names that were not given for that.
    notes: Vec<String>,
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
        while self.taken.contains(&name) || self.read.contains(&name) {
            name = format!("{wanted}_{count}");
            count += 1;
        }
        if self.read.contains(wanted) {
            self.notes.push(format!(
                "The name is {name}, for the file reads {wanted} already. If both are the same \
                 secret, use {wanted} here too."
            ));
        }
        self.taken.insert(name.clone());
        let hash = self.hasher.hash_one(value.expose());
        self.given.entry(hash).or_default().push((value.clone(), name.clone()));
        name
    }

    /// Begins with a file: names that it reads already are not given again, for
    /// nobody knows whether the same secret is meant.
    pub(super) fn enter(&mut self, text: &str, manager: Manager) {
        let openers = if manager == Manager::Env { READERS } else { CALLS };
        let words = openers.iter().flat_map(|opener| {
            text.match_indices(opener)
                .map(|(at, opener)| text.get(at + opener.len()..).unwrap_or_default())
        });
        let names = words.filter_map(|rest| {
            let rest = rest.trim_start_matches(['"', '\'']);
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
            let (name, behind) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
            let behind = behind.trim_start_matches(['"', '\'', ']', ')']).trim_start();
            if behind.starts_with('=') && !behind.starts_with("==") {
                return None; // It is set, not read.
            }
            // A path is made of the variable's name.
            Some(name.to_ascii_uppercase().replace('-', "_"))
        });
        self.read = names.filter(|name| !name.is_empty()).collect();
    }

    /// What is to be told of the names that the file was given.
    pub(super) fn leave(&mut self) -> Vec<String> {
        self.read.clear();
        std::mem::take(&mut self.notes)
    }

    fn known(&self, value: &Secret) -> Option<String> {
        let hash = self.hasher.hash_one(value.expose());
        let same = self.given.get(&hash)?.iter().find(|(known, _)| known == value)?;
        Some(same.1.clone())
    }
}

/// What stands before the name of a variable that is read from the environment,
/// or from the secrets of a pipeline.
const READERS: &[&str] = &[
    "environ[",
    "environ.get(",
    "getenv(",
    "requireEnv(",
    "ENV.fetch(",
    "ENV[",
    "_SERVER[",
    "env::var(",
    "process.env.",
    "process.env[",
    "EnvironmentVariable(",
    "{ secrets.",
];

/// What stands before the path of a secret that is read from a manager.
const CALLS: &[&str] = &["(\"", "('"];

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
