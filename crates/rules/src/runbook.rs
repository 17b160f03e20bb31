//! The words of a leak page: how a detector's own stand over its provider's,
//! what they must look like, and when they are complete.

use crate::schema::Runbook;

/// Fewest characters of a text that says something.
const SHORTEST: usize = 20;

/// Most characters of a text that is still read.
const LONGEST: usize = 420;

/// Most items of a list that is still read.
const MOST_ITEMS: usize = 6;

/// A fault of one text, by its place below the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key.
    pub key: &'static str,
    /// The item, where the key is a list and one item is meant.
    pub item: Option<usize>,
    /// What is wrong, and how to mend it.
    pub message: String,
}

impl Runbook {
    /// This one, and `below` for every key that it does not have.
    #[must_use]
    pub fn over(&self, below: &Runbook) -> Runbook {
        let list = |own: &Vec<String>, below: &Vec<String>| {
            if own.is_empty() { below.clone() } else { own.clone() }
        };
        Runbook {
            usage: self.usage.clone().or_else(|| below.usage.clone()),
            abuse: list(&self.abuse, &below.abuse),
            first: self.first.or(below.first),
            why: self.why.clone().or_else(|| below.why.clone()),
            revoke: list(&self.revoke, &below.revoke),
            check: list(&self.check, &below.check),
            breaks: list(&self.breaks, &below.breaks),
            better: list(&self.better, &below.better),
        }
    }

    /// Keys that a complete page has and this one has not.
    pub fn missing(&self) -> Vec<&'static str> {
        let texts = [("use", self.usage.is_none()), ("why", self.why.is_none())];
        let lists = self.lists().map(|(key, items)| (key, items.len() < 2));
        texts
            .into_iter()
            .chain([("first", self.first.is_none())])
            .chain(lists)
            .filter_map(|(key, missing)| missing.then_some(key))
            .collect()
    }

    /// What is wrong with the texts that are there.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (key, text) in [("use", &self.usage), ("why", &self.why)] {
            let message = text.as_deref().and_then(fault);
            faults.extend(message.map(|message| Fault { key, item: None, message }));
        }
        for (key, items) in self.lists() {
            if items.len() > MOST_ITEMS {
                let message = format!(
                    "{} items, and nobody reads more than {MOST_ITEMS}; join some",
                    items.len()
                );
                faults.push(Fault { key, item: None, message });
            }
            for (at, text) in items.iter().enumerate() {
                let message = fault(text);
                faults.extend(message.map(|message| Fault { key, item: Some(at), message }));
            }
        }
        faults
    }

    fn lists(&self) -> [(&'static str, &[String]); 5] {
        [
            ("abuse", &self.abuse),
            ("revoke", &self.revoke),
            ("check", &self.check),
            ("breaks", &self.breaks),
            ("better", &self.better),
        ]
    }
}

fn fault(text: &str) -> Option<String> {
    let length = text.chars().count();
    if text.chars().any(char::is_control) {
        Some("control characters and line breaks cannot be shown; write one paragraph".to_owned())
    } else if !(SHORTEST..=LONGEST).contains(&length) {
        Some(format!("{length} characters; a text has {SHORTEST} to {LONGEST}"))
    } else if !text.matches('`').count().is_multiple_of(2) {
        Some("a backtick opens code and nothing closes it".to_owned())
    } else if text.contains("``") {
        Some("there is nothing between two backticks".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Runbook {
        Runbook { usage: Some(text.to_owned()), ..Runbook::default() }
    }

    #[test]
    fn a_detector_stands_over_its_provider() {
        let own = Runbook { abuse: vec!["own".to_owned()], ..some("own") };
        let below = Runbook {
            abuse: vec!["below".to_owned(); 2],
            why: Some("below".to_owned()),
            ..some("below")
        };
        let both = own.over(&below);
        assert_eq!(both.usage.as_deref(), Some("own"));
        assert_eq!(both.abuse, ["own"]);
        assert_eq!(both.why.as_deref(), Some("below"));
        assert_eq!(both.missing(), ["first", "abuse", "revoke", "check", "breaks", "better"]);
    }

    #[test]
    fn texts_that_cannot_be_shown_are_refused() {
        for (text, part) in [
            ("too short", "9 characters"),
            (&"long ".repeat(100), "500 characters"),
            ("a `backtick that nothing closes", "backtick"),
            ("two lines\nthat should be one", "line breaks"),
            ("nothing is in `` these backticks", "nothing between"),
        ] {
            let faults = some(text).faults();
            assert!(faults[0].message.contains(part), "{faults:?}");
        }
        assert_eq!(some("A `sentence` that says it all.").faults(), []);
    }
}
