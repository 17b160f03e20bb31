//! What to do now, in order.

use serde::Serialize;
use stanch_rules::book::Way;
use stanch_rules::schema::First;

use super::{Command, Runbook, count};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What, in a few words.
    pub title: String,
    /// Why, or how it is known to be done.
    pub text: String,
    /// How, point by point.
    pub items: Vec<String>,
    /// What to run.
    pub commands: Vec<Command>,
}

/// The steps for one leak or for a type, in the order that its detector asks
/// for. Where none is asked for, revoking comes first.
pub(super) fn steps(book: &Runbook, verify: &Way) -> Vec<Step> {
    let replace = replace(book);
    let revoke = revoke(book, verify);
    let mut steps = match book.first {
        Some(First::Replace) => vec![replace, revoke],
        _ => vec![revoke, replace],
    };
    steps.push(step("Find out whether somebody used it", misuse(book), &[], Vec::new()));
    steps.extend(take_out(book));
    if book.past.needed != Some(false) {
        steps.push(step(
            "Decide about the history",
            "Only after it is revoked, and only if that is worth the trouble: see the section on the history.".to_owned(),
            &[],
            book.past.steps.first().cloned().into_iter().collect(),
        ));
    }
    steps.push(step(
        "Keep the next one from getting out",
        "A hook looks at every commit before it is made.".to_owned(),
        &[],
        vec![command(
            "Once for each repository, or for all of yours with --global.",
            "stanch hook install".to_owned(),
        )],
    ));
    steps
}

fn revoke(book: &Runbook, verify: &Way) -> Step {
    let (title, mut text) = match book.first {
        Some(First::Replace) => {
            ("Revoke the old one as soon as nothing uses it".to_owned(), String::new())
        }
        _ => ("Revoke it, before anything else".to_owned(), book.why.clone().unwrap_or_default()),
    };
    let mut items = book.revoke.steps.clone();
    if items.is_empty() {
        items.extend(way(&book.revoke.way));
    }
    if let Some(proof) = proof(verify) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&proof);
    }
    Step { title, text, items, commands: Vec::new() }
}

fn replace(book: &Runbook) -> Step {
    let (title, text) = match book.first {
        Some(First::Replace) => (
            "Make a second one and bring it to every service first".to_owned(),
            book.why.clone().unwrap_or_default(),
        ),
        _ => (
            "Make a new one, and give it to whoever needs it".to_owned(),
            "These stop working until they have it.".to_owned(),
        ),
    };
    let mut items = book.breaks.clone();
    items.extend(book.better.first().map(|text| format!("Better than the old one: {text}")));
    let variable = &book.secret.variable;
    let commands = vec![command(
        "Code that reads it from where it belongs.",
        format!("stanch snippet {} --manager vault --language python", book.secret.id),
    )];
    if items.is_empty() {
        items.push(format!("Look for `{variable}` in pipelines, deployments and services."));
    }
    Step { title, text, items, commands }
}

fn misuse(book: &Runbook) -> String {
    let since = book.leak.as_ref().and_then(|leak| leak.first());
    let since = match since {
        Some(first) => {
            format!("Look at everything since {}, when it was first committed. ", first.day)
        }
        None => "Look at everything since it was first written down. ".to_owned(),
    };
    let first = book.misuse.steps.first().cloned().or_else(|| way(&book.misuse.way));
    format!("{since}{}", first.unwrap_or_default()).trim().to_owned()
}

fn take_out(book: &Runbook) -> Option<Step> {
    let Some(leak) = &book.leak else {
        return Some(step(
            "Take it out of the code",
            "Replace it by a reference to where it is kept; find every place first.".to_owned(),
            &[],
            vec![
                command(
                    "Every place, with fingerprints.",
                    format!("stanch scan . --only {}", book.secret.id),
                ),
                command(
                    "The change, for you to look at.",
                    "stanch fix FINGERPRINT --to env --diff".to_owned(),
                ),
            ],
        ));
    };
    if leak.places.is_empty() {
        return None;
    }
    let places: Vec<String> =
        leak.places.iter().map(|place| format!("`{}`", place.at().replace('`', "'"))).collect();
    Some(step(
        "Take it out of the files",
        format!("It stands in {}.", count(leak.places.len(), "place", "places")),
        &places,
        vec![command(
            "Replaces it by a reference; --diff shows the change and makes none.",
            format!("stanch fix {} --to env --diff", leak.fingerprint),
        )],
    ))
}

fn step(title: &str, text: String, items: &[String], commands: Vec<Command>) -> Step {
    Step { title: title.to_owned(), text, items: items.to_vec(), commands }
}

fn command(what: &str, command: String) -> Command {
    Command { what: what.to_owned(), command }
}

/// A way in one sentence.
pub(super) fn way(way: &Way) -> Option<String> {
    match way {
        Way::Request { method, url, .. } => Some(format!("`{method} {url}`")),
        Way::Page { page, how } => Some(format!("{how} `{page}`")),
        Way::Impossible { reason } => Some(reason.clone()),
        Way::BuiltIn | Way::Unknown => None,
    }
}

/// How it is known that it is dead.
pub(super) fn proof(verify: &Way) -> Option<String> {
    let Way::Request { method, url, dead, .. } = verify else { return None };
    let statuses: Vec<String> = dead.iter().map(u16::to_string).collect();
    (!statuses.is_empty())
        .then(|| format!("It is dead when `{method} {url}` answers {}.", statuses.join(" or ")))
}
