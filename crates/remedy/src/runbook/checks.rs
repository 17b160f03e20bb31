//! Good practice as checks, each with its present result.

use serde::Serialize;

use super::count;
use super::kind::Kind;
use super::leak::{History, Leak, Presence};

/// One practice and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What should be so.
    pub practice: &'static str,
    /// Whether it is.
    pub outcome: Outcome,
    /// What was seen, or why nothing could be.
    pub detail: String,
    /// What to do; empty if nothing is to be done.
    pub todo: String,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is so.
    Passed,
    /// It is not so.
    Failed,
    /// Nobody here can tell.
    Unknown,
}

/// Days that a secret may live before it should have been replaced.
const OLDEST: i64 = 90;

/// Days that a secret may be valid for when it is made.
const LONGEST: i64 = 366;

/// All checks, in the order in which they are worth looking at.
pub(super) fn checks(leak: Option<&Leak>) -> Vec<Check> {
    let Some(leak) = leak else { return unbound() };
    let mut checks = vec![in_files(leak), in_history(leak), one_place(leak)];
    checks.extend(environment_files(leak));
    checks.push(age(leak));
    checks.push(expiry(leak));
    checks.extend(strength(leak));
    checks.push(hook(leak));
    checks.extend(sure(leak));
    checks.push(manager());
    checks
}

fn check(practice: &'static str, outcome: Outcome, detail: String, todo: &str) -> Check {
    Check { practice, outcome, detail, todo: todo.to_owned() }
}

const IN_FILES: &str = "Gone from all files";
const IN_HISTORY: &str = "Never committed";
const ONE_PLACE: &str = "Written down in one place only";
const AGE: &str = "Younger than 90 days";
const EXPIRY: &str = "Expires within a year";
const HOOK: &str = "A hook stops the next one";
const MANAGER: &str = "Kept in a secrets manager";

fn unbound() -> Vec<Check> {
    let unknown = |practice, detail: &str, todo: &str| {
        check(practice, Outcome::Unknown, detail.to_owned(), todo)
    };
    vec![
        unknown(IN_FILES, "Nothing was looked at yet.", "`stanch scan .` looks into files."),
        unknown(
            IN_HISTORY,
            "Nothing was looked at yet.",
            "`stanch scan git` looks into the history.",
        ),
        unknown(
            ONE_PLACE,
            "Nothing was looked at yet.",
            "`stanch scan` lists every place of one secret under one fingerprint.",
        ),
        unknown(
            AGE,
            "The provider knows when it was made.",
            "Look at the provider's list of secrets.",
        ),
        unknown(
            EXPIRY,
            "The provider knows until when it is valid.",
            "Set an expiry, or a date to replace it.",
        ),
        unknown(
            HOOK,
            "That is asked in a repository.",
            "`stanch hook status` tells, `stanch hook install` mends.",
        ),
        manager(),
    ]
}

fn in_files(leak: &Leak) -> Check {
    match leak.places.len() {
        0 => check(IN_FILES, Outcome::Passed, "No file below this folder has it now.".into(), ""),
        n => {
            let files = count(leak.paths().len(), "file", "files");
            let detail = format!("It stands in {}, in {files}.", count(n, "place", "places"));
            check(
                IN_FILES,
                Outcome::Failed,
                detail,
                "Replace each by a reference; see what to do now.",
            )
        }
    }
}

fn in_history(leak: &Leak) -> Check {
    if let Some(first) = leak.first() {
        let age = days(&first.day, &leak.around.today)
            .map_or_else(String::new, |days| format!(", {}", ago(days)));
        let detail = format!("Commit {} of {} brought it{age}.", first.id, first.day);
        return check(
            IN_HISTORY,
            Outcome::Failed,
            detail,
            "Revoke it; then clean the history if that is worth it.",
        );
    }
    let around = &leak.around;
    match (around.repository, around.history) {
        (false, _) => check(
            IN_HISTORY,
            Outcome::Unknown,
            "These files lie in no Git repository.".into(),
            "If they came from one, run `stanch scan git` there.",
        ),
        (true, History::Whole) => {
            check(IN_HISTORY, Outcome::Passed, "No commit of this repository has it.".into(), "")
        }
        (true, History::Unread) => check(
            IN_HISTORY,
            Outcome::Unknown,
            "The history was not looked at.".into(),
            "Run this again without `--no-history`.",
        ),
        (true, History::Part) => check(
            IN_HISTORY,
            Outcome::Unknown,
            "Not the whole history could be read.".into(),
            "`stanch scan git` says what is missing; a shallow clone needs `git fetch --unshallow`.",
        ),
    }
}

fn one_place(leak: &Leak) -> Check {
    let paths = leak.paths();
    match paths.len() {
        0 | 1 => check(
            ONE_PLACE,
            Outcome::Passed,
            match paths.first() {
                Some(path) => {
                    format!("Of the files looked at, only `{}` has it.", path.replace('`', "'"))
                }
                None => "No file that was looked at has it.".to_owned(),
            },
            "Other repositories may have it too; see which services will stop working.",
        ),
        n => check(
            ONE_PLACE,
            Outcome::Failed,
            format!("{n} files have the same secret, so one leak opens all of them."),
            "Give every service a secret of its own when you make new ones.",
        ),
    }
}

fn environment_files(leak: &Leak) -> Option<Check> {
    const PRACTICE: &str = "Git ignores environment files";
    let files = leak.places.iter().filter(|place| place.kind == Kind::Env);
    let worst = files.min_by_key(|place| place.presence)?;
    let path = worst.path.replace('`', "'");
    Some(match worst.presence {
        Presence::Tracked | Presence::Head => check(
            PRACTICE,
            Outcome::Failed,
            format!("Git tracks `{path}`."),
            &format!("`git rm --cached {path}`, and a line in `.gitignore`."),
        ),
        Presence::Untracked => check(
            PRACTICE,
            Outcome::Failed,
            format!("Git does not track `{path}` yet, and does not ignore it."),
            "Name it in `.gitignore`.",
        ),
        Presence::Ignored => check(PRACTICE, Outcome::Passed, format!("Git ignores `{path}`."), ""),
        _ => return None,
    })
}

fn age(leak: &Leak) -> Check {
    let today = &leak.around.today;
    let made = ["created", "issued", "valid from"].into_iter().find_map(|name| leak.fact(name));
    let known = made
        .map(|day| (day, "It says of itself that it was made"))
        .or_else(|| leak.first().map(|first| (first.day.as_str(), "It was made at the latest")));
    let Some((day, how)) = known else {
        return check(
            AGE,
            Outcome::Unknown,
            "The value does not say when it was made.".into(),
            "Look at the provider's list of secrets.",
        );
    };
    let shown = day.split('T').next().unwrap_or(day);
    match days(day, today) {
        Some(age) if age > OLDEST => check(
            AGE,
            Outcome::Failed,
            format!("{how} {}, {}.", on(shown), ago(age)),
            "Replace it now, and note when to replace the next one.",
        ),
        Some(age) if made.is_some() => {
            check(AGE, Outcome::Passed, format!("{how} {}, {}.", on(shown), ago(age)), "")
        }
        _ => check(
            AGE,
            Outcome::Unknown,
            format!("{how} {}.", on(shown)),
            "Look at the provider's list of secrets.",
        ),
    }
}

fn expiry(leak: &Leak) -> Check {
    let today = &leak.around.today;
    let Some(end) = ["expires", "valid until"].into_iter().find_map(|name| leak.fact(name)) else {
        return check(
            EXPIRY,
            Outcome::Unknown,
            "The value does not say until when it is valid.".into(),
            "Set an expiry, or a date to replace it.",
        );
    };
    let shown = end.split('T').next().unwrap_or(end);
    match days(today, end) {
        Some(left) if left < 0 => check(
            EXPIRY,
            Outcome::Passed,
            format!("By its own words it expired on {shown}, {}.", ago(-left)),
            "Prove that it is dead all the same, and look for the one that replaced it.",
        ),
        Some(left) if left <= LONGEST => check(
            EXPIRY,
            Outcome::Passed,
            format!("It expires on {shown}, in {}.", count_days(left)),
            "",
        ),
        Some(left) => check(
            EXPIRY,
            Outcome::Failed,
            format!("It is valid until {shown}, for another {}.", count_days(left)),
            "Let the next one expire within a year at most.",
        ),
        None => check(EXPIRY, Outcome::Unknown, format!("It is valid until {shown}."), ""),
    }
}

fn strength(leak: &Leak) -> Vec<Check> {
    let mut checks = Vec::new();
    let weak: Vec<&str> =
        leak.facts.iter().filter(|f| f.name == "weak").map(|f| f.value.as_str()).collect();
    if !weak.is_empty() {
        checks.push(check(
            "Its cryptography is of today",
            Outcome::Failed,
            format!("It is {}.", weak.join(", and ")),
            "Make the next one with RSA of 3072 bits or P-256, and SHA-256.",
        ));
    }
    if let Some(encrypted) = leak.fact("encrypted") {
        let is = !encrypted.starts_with("no");
        checks.push(check(
            "The key is encrypted where it lies",
            if is { Outcome::Passed } else { Outcome::Failed },
            format!("Encrypted: {encrypted}."),
            if is {
                "Take its password for known if that stands in the same folder."
            } else {
                "A file mode of 0600 is the least; a manager or a hardware key is better."
            },
        ));
    }
    checks
}

fn hook(leak: &Leak) -> Check {
    match leak.around.hook {
        Some(true) => check(
            HOOK,
            Outcome::Passed,
            "A hook scans every commit here.".into(),
            "`stanch hook doctor` says whether it really runs.",
        ),
        Some(false) => check(
            HOOK,
            Outcome::Failed,
            "No hook looks at commits in this repository.".into(),
            "`stanch hook install`",
        ),
        None => check(
            HOOK,
            Outcome::Unknown,
            "There is no repository here to ask.".into(),
            "`stanch hook install` in every repository, or once with `--global`.",
        ),
    }
}

fn sure(leak: &Leak) -> Option<Check> {
    let place = leak.places.first()?;
    (leak.confidence < 0.8).then(|| {
        check(
            "Surely a secret",
            Outcome::Unknown,
            format!("Its probability is {:.2}.", leak.confidence),
            &format!(
                "`stanch why {}` shows what speaks for it and against it.",
                super::quoted(&place.at()).replace('`', "'")
            ),
        )
    })
}

fn manager() -> Check {
    check(
        MANAGER,
        Outcome::Unknown,
        "What runs your services knows, and nobody here.".into(),
        "`stanch secret put` stores it; the snippets below read it.",
    )
}

fn ago(days: i64) -> String {
    if days <= 0 { "today".to_owned() } else { format!("{} ago", count_days(days)) }
}

/// A day or a month with its preposition.
fn on(day: &str) -> String {
    format!("{} {day}", if day.len() > 7 { "on" } else { "in" })
}

fn count_days(days: i64) -> String {
    match days {
        1 => "1 day".to_owned(),
        i64::MIN..=0 | 2..=120 => format!("{days} days"),
        121..=730 => format!("{} months", days / 30),
        _ => format!("{} years", days / 365),
    }
}

/// Days from one day to another, each as RFC 3339, `YYYY-MM-DD` or `YYYY-MM`.
fn days(from: &str, to: &str) -> Option<i64> {
    number(to)?.checked_sub(number(from)?)
}

/// The day's number, by the civil calendar; see
/// <https://howardhinnant.github.io/date_algorithms.html>.
fn number(day: &str) -> Option<i64> {
    let mut parts = day.split(['-', 'T', ' ']);
    let year: i64 = parts.next()?.parse().ok().filter(|year| (1900..10_000).contains(year))?;
    let month: i64 = parts.next()?.parse().ok().filter(|month| (1..=12).contains(month))?;
    let day: i64 = parts.next().map_or(Some(1), |day| day.parse().ok())?;
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * month + 2) / 5 + day.clamp(1, 31) - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::{Around, Fact};

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        assert_eq!(days("2024-02-28", "2024-03-01"), Some(2));
        assert_eq!(days("2026-11", "2026-11-22T10:00:00Z"), Some(21));
        assert_eq!(days("2026-01-01", "2025-12-31"), Some(-1));
        assert_eq!(days("unreadable", "2025-12-31"), None);
        assert_eq!(days("2000-01-01", "2026-01-01"), Some(9497));
    }

    #[test]
    fn age_and_expiry_come_from_the_value() {
        let fact = |name: &str, value: &str| Fact {
            name: name.into(),
            value: value.into(),
            found_in: None,
        };
        let around = Around { today: "2026-11-22".into(), ..Around::default() };
        let leak = Leak {
            facts: vec![fact("created", "2026-02"), fact("valid until", "2040-01-01T00:00:00Z")],
            around,
            ..Leak::default()
        };
        assert_eq!(age(&leak).outcome, Outcome::Failed);
        assert!(age(&leak).detail.contains("9 months ago"), "{}", age(&leak).detail);
        assert_eq!(expiry(&leak).outcome, Outcome::Failed);
    }
}
