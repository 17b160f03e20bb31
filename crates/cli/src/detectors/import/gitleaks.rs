//! Rules of gitleaks and Betterleaks.
//! Formats: <https://github.com/gitleaks/gitleaks#configuration>,
//! <https://github.com/betterleaks/betterleaks/blob/main/docs/config.md>.

use serde::Deserialize;
use stanch_rules::Severity;

use super::file::{Exclude, Ignore};
use super::format::{Content, toml_fault};
use super::pattern::{Dialect, Value};
use super::rule::{Foreign, line};
use super::{glob, severity};
use crate::policy::peers::gitleaks::Allowlist;

#[derive(Deserialize)]
struct RawConfig {
    title: Option<String>,
    extend: Option<Extend>,
    allowlist: Option<Allowlist>,
    #[serde(default)]
    allowlists: Vec<Allowlist>,
    filter: Option<String>,
    prefilter: Option<String>,
    #[serde(default)]
    rules: Vec<RawRule>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Extend {
    #[serde(alias = "usedefault")]
    use_default: bool,
    path: String,
    url: String,
    #[serde(alias = "disabledrules")]
    disabled_rules: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawRule {
    id: String,
    description: String,
    regex: String,
    #[serde(alias = "secretgroup")]
    secret_group: usize,
    entropy: f64,
    keywords: Vec<String>,
    path: String,
    tags: Vec<String>,
    allowlist: Option<Allowlist>,
    allowlists: Vec<Allowlist>,
    filter: String,
    validate: String,
    #[serde(alias = "skipreport")]
    skip_report: bool,
    required: Vec<Part>,
    components: Vec<Part>,
    token_efficiency: bool,
}

#[derive(Deserialize)]
struct Part {
    id: String,
}

/// Reads the rules.
///
/// # Errors
/// What is wrong with the TOML or its types.
pub(super) fn read(text: &str, file: &str) -> anyhow::Result<Content> {
    let raw: RawConfig = toml::from_str(text).map_err(|error| toml_fault(&error, text))?;
    let mut content = Content { title: raw.title, ..Content::default() };
    if let Some(extend) = &raw.extend {
        extended(extend, &mut content.remarks);
    }
    for list in raw.allowlist.iter().chain(&raw.allowlists) {
        allow(list, &list.target_rules, file, &mut content, None);
    }
    if raw.filter.is_some() || raw.prefilter.is_some() {
        let remark = "its filter for all rules is an expression, and is not imported";
        content.remarks.push(remark.to_owned());
    }
    for (at, rule) in raw.rules.into_iter().enumerate() {
        let id = match rule.id.trim() {
            "" => format!("rule {}", at + 1),
            id => id.to_owned(),
        };
        match foreign(rule, &id, file, &mut content) {
            Ok(rule) => content.rules.push(rule),
            Err(why) => content.refused.push((id, why)),
        }
    }
    Ok(content)
}

fn extended(extend: &Extend, remarks: &mut Vec<String>) {
    if extend.use_default {
        let remark = "it extends the tool's own rules, for which Stanch has detectors of its own";
        remarks.push(remark.to_owned());
    }
    for other in [&extend.path, &extend.url].into_iter().filter(|other| !other.is_empty()) {
        remarks.push(format!("it extends {}, which is not read: import it too", line(other)));
    }
    if !extend.disabled_rules.is_empty() {
        remarks.push(format!(
            "it switches off {}, and Stanch's detectors have other names: use [[ignore]] in \
             stanch.toml",
            extend.disabled_rules.join(", ")
        ));
    }
}

fn foreign(raw: RawRule, id: &str, file: &str, content: &mut Content) -> Result<Foreign, String> {
    if raw.regex.trim().is_empty() {
        return Err(if raw.path.is_empty() {
            "it has no regex, and only changes a rule that stands elsewhere".to_owned()
        } else {
            "it is about paths alone, and Stanch looks for secrets in what files contain".to_owned()
        });
    }
    if raw.skip_report {
        return Err("it reports nothing by itself, and only helps other rules".to_owned());
    }
    let mut rule = Foreign::new(id.to_owned(), raw.regex, Dialect::Go);
    rule.description = Some(raw.description);
    rule.value = Value::Number(raw.secret_group);
    rule.keywords = raw.keywords;
    rule.entropy = Some(raw.entropy);
    rule.severity = raw.tags.iter().find_map(|tag| of_tag(tag));
    if !raw.path.is_empty() {
        rule.remarks.push(format!("it runs on all files, and not only on {}", line(&raw.path)));
    }
    let parts: Vec<String> =
        raw.required.iter().chain(&raw.components).map(|part| line(&part.id)).collect();
    if !parts.is_empty() {
        rule.needs = Some(format!("what {} finds beside it", parts.join(" and ")));
        rule.remarks.push(format!("it is reported without {} beside it too", parts.join(" and ")));
    }
    if !raw.validate.is_empty() {
        rule.remarks.push("its validation is not imported".to_owned());
    }
    if raw.token_efficiency {
        rule.remarks.push("its tokenEfficiency is not imported".to_owned());
    }
    if !raw.filter.trim().is_empty() {
        let (entropy, rest) = filtered(&raw.filter);
        rule.entropy = entropy.or(rule.entropy);
        if rest {
            let remark = "its filter is not imported as a whole, so it finds more";
            rule.remarks.push(remark.to_owned());
        }
    }
    let targets = [id.to_owned()];
    for list in raw.allowlist.iter().chain(&raw.allowlists) {
        allow(list, &targets, file, content, Some(&mut rule.remarks));
    }
    Ok(rule)
}

/// The severity that a tag names, as in `critical` or `severity:low`.
fn of_tag(tag: &str) -> Option<Severity> {
    severity(tag.rsplit([':', '=']).next().unwrap_or(tag))
}

/// The least entropy that a filter demands, and whether it says more. What a
/// filter holds for is left out.
fn filtered(filter: &str) -> (Option<f64>, bool) {
    let plain: String = filter.split_whitespace().collect();
    let (mut entropy, mut rest) = (None, false);
    for term in plain.split("||") {
        let term = term.trim_start_matches('(');
        let number = term
            .strip_prefix("filter.")
            .unwrap_or(term)
            .strip_prefix("entropy(finding")
            .and_then(|t| {
                ["[\"secret\"])", "['secret'])", ".secret)"].iter().find_map(|p| t.strip_prefix(p))
            })
            .and_then(|t| t.strip_prefix("<=").or_else(|| t.strip_prefix('<')))
            .and_then(|t| t.trim_end_matches(')').parse::<f64>().ok());
        match number {
            Some(number) => entropy = Some(number),
            None => rest = true,
        }
    }
    // With an `and`, the entropy alone hides nothing.
    if plain.contains("&&") || plain.contains('!') { (None, true) } else { (entropy, rest) }
}

/// What an allowlist comes to: for all rules, or for some.
fn allow(
    list: &Allowlist,
    rules: &[String],
    file: &str,
    content: &mut Content,
    remarks: Option<&mut Vec<String>>,
) {
    let mut said = Vec::new();
    let reason = list.description.as_deref().map(line).filter(|text| !text.is_empty());
    let reason = reason.unwrap_or_else(|| format!("an allowlist of {file}"));
    let more = !(list.regexes.is_empty() && list.stopwords.is_empty() && list.commits.is_empty());
    // Paths that only count together with something else must not count alone.
    if !(list.wants_all() && more) {
        let mut paths = Vec::new();
        for path in &list.paths {
            match glob::of_regex(path) {
                Some(glob) => paths.push(glob),
                None => said.push(format!(
                    "{} in its allowlist is no path pattern of stanch.toml",
                    line(path)
                )),
            }
        }
        if !paths.is_empty() && rules.is_empty() {
            content.entries.exclude.push(Exclude { paths, reason });
        } else if !paths.is_empty() {
            content.entries.ignore.extend(rules.iter().map(|rule| Ignore {
                detector: rule.clone(),
                paths: paths.clone(),
                reason: reason.clone(),
            }));
        }
    }
    if more {
        let kinds = [
            (list.regexes.len(), "regexes"),
            (list.stopwords.len(), "stopwords"),
            (list.commits.len(), "commits"),
        ];
        let kinds: Vec<&str> =
            kinds.into_iter().filter(|(n, _)| *n > 0).map(|(_, kind)| kind).collect();
        said.push(format!(
            "the {} of its allowlist are not imported: use [[ignore]] with fingerprints",
            kinds.join(" and ")
        ));
    }
    remarks.unwrap_or(&mut content.remarks).extend(said);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entropy_of_a_filter_is_read_where_it_stands_alone() {
        let plain = "filter.entropy(finding[\"secret\"]) <= 3.5";
        assert_eq!(filtered(plain), (Some(3.5), false));
        let more = "entropy(finding.secret) <= 3.0 || failsTokenEfficiency(finding.secret)";
        assert_eq!(filtered(more), (Some(3.0), true));
        let both = "entropy(finding.secret) <= 3.0 && finding.line == \"x\"";
        assert_eq!(filtered(both), (None, true));
    }

    #[test]
    fn a_tag_can_name_the_severity() {
        assert_eq!(of_tag("severity:critical"), Some(Severity::Critical));
        assert_eq!(of_tag("Low"), Some(Severity::Low));
        assert_eq!(of_tag("aws"), None);
    }
}
