//! Rules of Kingfisher.
//! Format: <https://github.com/mongodb/kingfisher/blob/main/docs/RULES.md>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::format::{Content, yaml_fault};
use super::pattern::{Dialect, Value};
use super::rule::{Foreign, line};
use super::severity;

#[derive(Deserialize)]
struct RawFile {
    rules: Vec<RawRule>,
}

#[derive(Deserialize)]
struct RawRule {
    #[serde(default)]
    name: String,
    id: String,
    #[serde(default)]
    pattern: String,
    min_entropy: Option<f64>,
    confidence: Option<String>,
    examples: Option<Vec<String>>,
    negative_examples: Option<Vec<String>>,
    references: Option<Vec<String>>,
    visible: Option<bool>,
    depends_on_rule: Option<Vec<Option<Other>>>,
    pattern_requirements: Option<BTreeMap<String, IgnoredAny>>,
    validation: Option<IgnoredAny>,
    revocation: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Other {
    rule_id: String,
}

/// Reads the rules.
///
/// # Errors
/// What is wrong with the YAML or its types.
pub(super) fn read(text: &str) -> anyhow::Result<Content> {
    let raw: RawFile = serde_saphyr::from_str(text).map_err(|error| yaml_fault(&error))?;
    let mut content = Content::default();
    let names: BTreeMap<String, String> =
        raw.rules.iter().map(|rule| (rule.id.clone(), line(&rule.name))).collect();
    for rule in raw.rules {
        let id = rule.id.clone();
        match foreign(rule, &names) {
            Ok(rule) => content.rules.push(rule),
            Err(why) => content.refused.push((id, why.to_owned())),
        }
    }
    Ok(content)
}

fn foreign(raw: RawRule, names: &BTreeMap<String, String>) -> Result<Foreign, &'static str> {
    if raw.visible == Some(false) {
        return Err("it reports nothing by itself, and only helps other rules (visible: false)");
    }
    if raw.pattern.trim().is_empty() {
        return Err("it has no pattern");
    }
    let mut rule = Foreign::new(raw.id, raw.pattern, Dialect::Rust);
    rule.name = Some(raw.name);
    rule.value = Value::Named("TOKEN");
    rule.entropy = raw.min_entropy;
    rule.severity = raw.confidence.as_deref().and_then(severity);
    rule.examples = raw.examples.unwrap_or_default();
    rule.counter_examples = raw.negative_examples.unwrap_or_default();
    let is_page = |page: &String| page.starts_with("https://") || page.starts_with("http://");
    rule.docs = raw.references.unwrap_or_default().into_iter().map(|p| line(&p)).find(is_page);
    let others: Vec<String> = raw
        .depends_on_rule
        .into_iter()
        .flatten()
        .flatten()
        .map(|other| match names.get(&other.rule_id) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => line(&other.rule_id),
        })
        .collect();
    if !others.is_empty() {
        rule.needs = Some(others.join(" and "));
    }
    let told = [(raw.validation.is_some(), "validation"), (raw.revocation.is_some(), "revocation")];
    let told: Vec<&str> = told.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect();
    match told.as_slice() {
        [] => {}
        [one] => rule.remarks.push(format!("its {one} is not imported")),
        many => rule.remarks.push(format!("its {} are not imported", many.join(" and "))),
    }
    let demands: Vec<String> =
        raw.pattern_requirements.unwrap_or_default().into_keys().map(|key| line(&key)).collect();
    if !demands.is_empty() {
        rule.remarks.push(format!(
            "its pattern_requirements ({}) are not imported, so it finds more",
            demands.join(", ")
        ));
    }
    Ok(rule)
}
