//! The first day on one sheet, to be printed and ticked off.

use serde::Serialize;
use stanch_rules::book::Way;
use stanch_rules::schema::First;

use super::{Runbook, now};

/// Boxes to tick.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// In the first 15 minutes.
    pub minutes: Vec<String>,
    /// In the first hour.
    pub hour: Vec<String>,
    /// On the first day.
    pub day: Vec<String>,
}

/// Most items that are taken of one list, so that a sheet stays a sheet.
const MOST: usize = 3;

pub(super) fn sheet(book: &Runbook, verify: &Way) -> Sheet {
    let replace_first = book.first == Some(First::Replace);
    let revoke: Vec<String> = match book.revoke.steps.first() {
        Some(step) => vec![step.clone()],
        None => now::way(&book.revoke.way).into_iter().collect(),
    };
    let dead = now::proof(verify)
        .or_else(|| book.revoke.steps.last().filter(|_| book.revoke.steps.len() > 1).cloned())
        .unwrap_or_else(|| "Prove that it is dead: try it once, expect a refusal.".to_owned());
    let give = book.breaks.iter().take(MOST).map(|who| format!("Give a new one to: {who}"));

    let mut minutes = vec![
        "Write down who found it, where, and at what time. Do not paste the value anywhere."
            .to_owned(),
        match &book.leak {
            Some(leak) => {
                format!("Name it by its fingerprint `{}` in every message.", leak.fingerprint)
            }
            None => {
                "Find its fingerprint with `stanch scan .`, and name it by that in every message."
                    .to_owned()
            }
        },
    ];
    let mut hour = Vec::new();
    if replace_first {
        minutes
            .push("Make a second one. The leaked one stays until the services have it.".to_owned());
        minutes.extend(give);
        hour.extend(revoke);
        hour.push(dead);
    } else {
        minutes.extend(revoke);
        minutes.push(dead);
        hour.extend(give);
    }
    hour.extend(book.misuse.steps.iter().take(MOST).cloned());
    if hour.len() < 2 {
        hour.extend(now::way(&book.misuse.way));
    }
    hour.push(match &book.leak {
        Some(leak) if !leak.places.is_empty() => {
            format!("Take it out of the files: `stanch fix {} --to env --diff`.", leak.fingerprint)
        }
        _ => "Take it out of the files: `stanch fix FINGERPRINT --to env --diff`.".to_owned(),
    });
    let mut day = vec![
        "Look again for signs of misuse: some logs are late by hours.".to_owned(),
        "Search your other repositories and their history for the same fingerprint.".to_owned(),
        "`stanch hook install` where it was committed.".to_owned(),
    ];
    day.extend(book.better.iter().take(MOST).cloned());
    if book.past.needed != Some(false) {
        day.push(
            "Decide whether to rewrite the history, and tell everybody who has a clone.".to_owned(),
        );
    }
    day.push("Tell the owner of the service and whoever's data it opened. Write down what you saw and did.".to_owned());
    Sheet { minutes, hour, day }
}
