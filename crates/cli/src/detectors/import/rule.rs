//! One rule of another tool as a detector.

use std::collections::BTreeSet;

use serde::Serialize;
use stanch_rules::Severity;
use stanch_rules::load;
use stanch_rules::pattern::trigger;
use stanch_rules::schema::Detector;

use super::lead;
use super::pattern::{ALTERNATIVES, Converted, Dialect, Value, alternatives, convert};

/// How far before a value the words of a rule are looked for, in bytes.
const WITHIN: u16 = 300;

/// Longest id and longest name, in bytes.
const NAME_MAX: usize = 80;

/// What a rule says, whichever tool it is for.
#[derive(Debug, Clone)]
pub(super) struct Foreign {
    /// Its id as it stands in the file.
    pub(super) id: String,
    /// What people call what it finds.
    pub(super) name: Option<String>,
    /// What it says of it.
    pub(super) description: Option<String>,
    /// The regular expression.
    pub(super) pattern: String,
    /// Whose regular expression it is.
    pub(super) dialect: Dialect,
    /// Which group is the value.
    pub(super) value: Value,
    /// Words of which one must stand somewhere in the file.
    pub(super) keywords: Vec<String>,
    /// Least entropy of the value, in bits per byte.
    pub(super) entropy: Option<f64>,
    /// How serious a find is.
    pub(super) severity: Option<Severity>,
    /// A page about it.
    pub(super) docs: Option<String>,
    /// What else is needed to use the value.
    pub(super) needs: Option<String>,
    /// Texts in which it finds something.
    pub(super) examples: Vec<String>,
    /// Texts in which it finds nothing.
    pub(super) counter_examples: Vec<String>,
    /// What of it is not taken over, in sentences without a full stop.
    pub(super) remarks: Vec<String>,
}

impl Foreign {
    /// A rule with what every rule has.
    pub(super) fn new(id: String, pattern: String, dialect: Dialect) -> Foreign {
        Foreign {
            id,
            name: None,
            description: None,
            pattern,
            dialect,
            value: Value::First,
            keywords: Vec::new(),
            entropy: None,
            severity: None,
            docs: None,
            needs: None,
            examples: Vec::new(),
            counter_examples: Vec::new(),
            remarks: Vec::new(),
        }
    }
}

/// A detector as it is written, in the order of its keys.
#[derive(Debug, Serialize)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) severity: Severity,
    pub(super) risk: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) keywords: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) near: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<u16>,
    pattern: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    entropy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) matches: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rejects: Vec<String>,
}

/// A rule as it is, or as one rule for each alternative of its pattern where
/// these have values of their own, or where nothing leads to all of them.
pub(super) fn split(rule: Foreign) -> Vec<Foreign> {
    let whole = lead_to(&mut rule.clone());
    let is_one = |led: &(Converted, _, _)| led.0.remark.as_deref() != Some(ALTERNATIVES);
    if whole.is_ok_and(|led| is_one(&led)) || matches!(rule.value, Value::Number(1..)) {
        return vec![rule];
    }
    let patterns = alternatives(&rule.pattern, rule.dialect);
    let of = |pattern: &String| {
        let mut part = Foreign { pattern: pattern.clone(), ..rule.clone() };
        part.dialect = Dialect::Rust;
        part.remarks.push(format!(
            "its pattern has {} alternatives, and each is a detector of its own",
            patterns.len()
        ));
        part
    };
    let parts: Vec<Foreign> = patterns.iter().map(of).collect();
    let led = !parts.is_empty() && parts.iter().all(|part| lead_to(&mut part.clone()).is_ok());
    if led { parts } else { vec![rule] }
}

/// Makes a detector of a rule, with an id that none of `taken` is. What
/// becomes different is added to the rule's remarks.
///
/// # Errors
/// Why it cannot be one.
pub(super) fn detector(
    rule: &mut Foreign,
    file: &str,
    taken: &mut BTreeSet<String>,
    provider: &str,
) -> Result<Made, String> {
    let (pattern, keywords, near) = lead_to(rule)?;
    rule.remarks.extend(pattern.remark);
    let entropy = rule.entropy.filter(|bits| *bits > 0.0);
    if entropy.is_some_and(|bits| !(0.0..=8.0).contains(&bits)) {
        return Err("its entropy is not from 0 to 8 bits".to_owned());
    }
    let wanted = kebab(&rule.id);
    let id = free(&wanted, provider, taken);
    if id != wanted {
        rule.remarks.push(format!("its id is `{id}`, as `{wanted}` is taken"));
    }
    let description = rule.description.as_deref().map(line).filter(|text| !text.is_empty());
    let given = rule.name.as_deref().map(line).filter(|text| !text.is_empty());
    let short = description.as_deref().filter(|text| text.len() <= NAME_MAX);
    let name = given.or_else(|| short.map(|text| text.trim_end_matches('.').to_owned()));
    let made = Made {
        name: name.unwrap_or_else(|| title(&wanted)),
        severity: rule.severity.unwrap_or(Severity::High),
        risk: description.unwrap_or_else(|| {
            format!("What it opens is not said in {file}, from which it was imported.")
        }),
        docs: rule.docs.clone(),
        within: (!near.is_empty()).then_some(WITHIN),
        pattern: pattern.text,
        entropy,
        needs: rule.needs.clone(),
        matches: Vec::new(),
        rejects: Vec::new(),
        keywords,
        near,
        id,
    };
    sound(&made)?;
    taken.insert(made.id.clone());
    Ok(made)
}

/// The pattern, with the keywords and the words near it that lead to it.
fn lead_to(rule: &mut Foreign) -> Result<(Converted, Vec<String>, Vec<String>), String> {
    let pattern = convert(&rule.pattern, rule.dialect, rule.value, false)?;
    if pattern.hir.properties().minimum_len().unwrap_or(0) == 0 {
        return Err("its pattern matches the empty string".to_owned());
    }
    let mut words: Vec<String> = rule
        .keywords
        .iter()
        .map(|word| word.trim().to_ascii_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    words.sort();
    words.dedup();
    let own = lead::keywords(&pattern, &words, false);
    let bounded = || {
        let bounded = convert(&rule.pattern, rule.dialect, rule.value, true).ok()?;
        let own = (bounded.text != pattern.text).then(|| lead::keywords(&bounded, &words, false));
        Some((bounded, own.flatten()?))
    };
    let (pattern, own) = match own {
        Some(own) => (pattern, Some(own)),
        None => match bounded() {
            Some((bounded, own)) => {
                let remark =
                    "what its pattern repeats without end outside the value is bounded to 100";
                rule.remarks.push(remark.to_owned());
                (bounded, Some(own))
            }
            None => {
                let own = lead::keywords(&pattern, &words, true);
                (pattern, own)
            }
        },
    };
    // A word that every match contains says nothing new.
    let near = if lead::implies(&pattern, &words) { Vec::new() } else { words };
    if !near.is_empty() {
        let list: Vec<String> = near.iter().take(5).map(|word| format!("`{word}`")).collect();
        let more = if near.len() > list.len() { " or another of its keywords" } else { "" };
        rule.remarks.push(format!(
            "not every match contains {}{more}, so it must stand at most {WITHIN} bytes before the \
             value, in its line or the three above",
            list.join(" or ")
        ));
    }
    match own {
        Some(keywords) => Ok((pattern, keywords, near)),
        None if near.is_empty() => Err(
            "nothing leads to its pattern: not every match has a literal of 3 characters, and the \
             rule has no keywords beside those"
                .to_owned(),
        ),
        None => match trigger(&pattern.hir, &[], &near) {
            Ok(_) => Ok((pattern, Vec::new(), near)),
            Err(_) => {
                Err("nothing leads to its pattern: its value is no word of 20 characters, and its \
                 keywords are shorter than 3"
                    .to_owned())
            }
        },
    }
}

/// Whether the loader takes a detector, alone in a file.
fn sound(made: &Made) -> Result<(), String> {
    let text = super::file::text("alone", "Alone", std::slice::from_ref(made))
        .map_err(|error| format!("it cannot be written: {error}"))?;
    let source = load::parse("alone.toml", &text).map_err(|error| error.message)?;
    load::pack(&[source])
        .map(drop)
        .map_err(|errors| errors.first().map_or_else(String::new, |error| error.message.clone()))
}

/// Examples of a detector as it is read back.
pub(super) fn templates(detector: &Detector) -> Vec<String> {
    let near = detector.near.first();
    let before = near.map_or_else(String::new, |word| format!("{word}: "));
    vec![
        format!("{before}{{match}}"),
        format!("{before}key = {{match}}"),
        format!("{before}key = \"{{match}}\"\n"),
        format!("{before}\n{{match}}\n"),
    ]
}

/// A text as an id, `rule` where nothing of it can be in one.
pub(super) fn kebab(text: &str) -> String {
    let mut id = String::new();
    for c in text.chars().take(NAME_MAX) {
        if c.is_ascii_alphanumeric() {
            id.push(c.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    match id.trim_end_matches('-') {
        "" => "rule".to_owned(),
        id => id.to_owned(),
    }
}

fn free(wanted: &str, provider: &str, taken: &BTreeSet<String>) -> String {
    if !taken.contains(wanted) {
        return wanted.to_owned();
    }
    let base = format!("{provider}-{wanted}");
    let numbered = (2u32..).map(|n| format!("{base}-{n}"));
    std::iter::once(base.clone()).chain(numbered).find(|id| !taken.contains(id)).unwrap_or(base)
}

/// An id in words.
pub(super) fn title(id: &str) -> String {
    let words = id.replace('-', " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A text in one line.
pub(super) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pattern: &str, keywords: &[&str]) -> (Result<Made, String>, Vec<String>) {
        let mut rule = Foreign::new("A.Rule_1".into(), pattern.into(), Dialect::Go);
        rule.keywords = keywords.iter().map(|word| (*word).to_owned()).collect();
        let made = detector(&mut rule, "x.toml", &mut BTreeSet::new(), "acme");
        (made, rule.remarks)
    }

    #[test]
    fn a_keyword_that_no_match_contains_becomes_a_word_near_it() {
        let (rule, remarks) = made(r"\b([0-9a-f]{32})\b", &["Acme"]);
        let rule = rule.unwrap();
        assert_eq!((rule.near, rule.keywords.len()), (vec!["acme".to_owned()], 0));
        assert!(remarks[0].contains("`acme`"), "{remarks:?}");
        let (rule, remarks) = made(r"\b(ak_[0-9a-f]{32})\b", &["ak", "ak_"]);
        assert_eq!(rule.unwrap().keywords, ["ak_"]);
        assert!(remarks.is_empty(), "{remarks:?}");
    }

    #[test]
    fn what_nothing_leads_to_is_refused() {
        assert!(made(r"\b([0-9a-f]{32})\b", &[]).0.unwrap_err().contains("nothing leads"));
        assert!(made(r"\b([0-9a-f]{8})\b", &["ab"]).0.unwrap_err().contains("nothing leads"));
        assert!(made(r"a*", &["abc"]).0.unwrap_err().contains("empty string"));
    }

    #[test]
    fn a_long_pattern_takes_no_long_time() {
        let words: String = (0..300).map(|n| format!("w{n:04}[ ]?")).collect();
        assert!(words.len() == 2700 && made(&words, &["none"]).0.is_ok());
    }

    #[test]
    fn ids_are_kebab_case_and_free() {
        assert_eq!(kebab("kingfisher.Acme__key.1"), "kingfisher-acme-key-1");
        assert_eq!(kebab("—"), "rule");
        let taken = BTreeSet::from(["a".to_owned(), "acme-a".to_owned()]);
        assert_eq!(free("a", "acme", &taken), "acme-a-2");
        assert_eq!(title("acme-api-key"), "Acme api key");
    }
}
