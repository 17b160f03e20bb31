//! gitleaks: `.gitleaksignore` and the allowlists of `.gitleaks.toml`.
//! Format: <https://github.com/gitleaks/gitleaks#configuration>.

use serde::Deserialize;

use super::{Matcher, Parsed, ValueTest, What, regex};

/// One entry to a line: `path:rule:line`, or `commit:path:rule:line`. The
/// rule does not count, as rules have other names here.
pub(super) fn ignore_file(text: &str) -> anyhow::Result<Parsed> {
    let mut parsed = Parsed::default();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match spot(line) {
            Some((what, of_commit)) => {
                parsed.add(Some(number + 1), None, what);
                // Entries of old commits are many, and none of them is wrong.
                if let Some(entry) = parsed.entries.last_mut() {
                    entry.quiet = of_commit;
                }
            }
            None => {
                parsed
                    .remarks
                    .push(format!("line {} is not of the form path:rule:line", number + 1));
            }
        }
    }
    Ok(parsed)
}

fn spot(line: &str) -> Option<(What, bool)> {
    let mut fields = line.rsplitn(3, ':');
    let number = fields.next()?.parse().ok()?;
    let _rule = fields.next()?;
    let rest = fields.next()?;
    let commit = rest
        .split_once(':')
        .filter(|(commit, _)| commit.len() >= 7 && commit.bytes().all(|b| b.is_ascii_hexdigit()));
    let path = commit.map_or(rest, |(_, path)| path).replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
    // In an archive, only the outer file counts.
    let path = path.split('!').next().unwrap_or("").to_owned();
    Some((What::Spot { path, line: number }, commit.is_some()))
}

#[derive(Deserialize)]
struct RawConfig {
    allowlist: Option<Allowlist>,
    #[serde(default)]
    allowlists: Vec<Allowlist>,
    #[serde(default)]
    rules: Vec<toml::Table>,
}

/// An allowlist, for all rules or for one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Allowlist {
    /// Why.
    pub(crate) description: Option<String>,
    /// Patterns of paths.
    #[serde(default)]
    pub(crate) paths: Vec<String>,
    /// Patterns of values, or of what `regex_target` says.
    #[serde(default)]
    pub(crate) regexes: Vec<String>,
    #[serde(default)]
    regex_target: String,
    /// Words in values.
    #[serde(default)]
    pub(crate) stopwords: Vec<String>,
    /// Commits by id.
    #[serde(default)]
    pub(crate) commits: Vec<String>,
    #[serde(default)]
    condition: String,
    /// Ids of the rules that it holds for; all of them where it is empty.
    #[serde(default)]
    pub(crate) target_rules: Vec<String>,
}

impl Allowlist {
    /// Whether all of its kinds of tests must hold, and not any of them.
    pub(crate) fn wants_all(&self) -> bool {
        matches!(self.condition.to_ascii_uppercase().as_str(), "AND" | "&&")
    }
}

/// The allowlists for all rules, as far as they are paths and patterns.
pub(super) fn config_file(text: &str) -> anyhow::Result<Parsed> {
    let raw: RawConfig = toml::from_str(text)?;
    let mut parsed = Parsed::default();
    for list in raw.allowlist.into_iter().chain(raw.allowlists) {
        allowlist(list, &mut parsed);
    }
    let of_rules =
        |rule: &&toml::Table| rule.contains_key("allowlist") || rule.contains_key("allowlists");
    let of_rules = raw.rules.iter().filter(of_rules).count();
    if of_rules > 0 {
        parsed.remarks.push(format!(
            "the allowlists of {of_rules} rules are not honoured, as rules have other names here; \
             use [[ignore]] in stanch.toml"
        ));
    }
    Ok(parsed)
}

fn allowlist(list: Allowlist, parsed: &mut Parsed) {
    if !list.target_rules.is_empty() {
        let remark = "an allowlist with targetRules is not honoured, as rules have other names \
                      here; use [[ignore]] in stanch.toml";
        parsed.remarks.push(remark.to_owned());
        return;
    }
    let both = list.wants_all();
    // An allowlist that wants more than is honoured must not allow more.
    if both && !(list.stopwords.is_empty() && list.commits.is_empty()) {
        let remark = "an allowlist with condition AND is not honoured for its stopwords or \
                      commits; use [[ignore]] in stanch.toml";
        parsed.remarks.push(remark.to_owned());
        return;
    }
    if !list.stopwords.is_empty() {
        let remark = "stopwords are not honoured, as they hide real secrets; use [[ignore]] in \
                      stanch.toml";
        parsed.remarks.push(remark.to_owned());
    }
    let line = matches!(list.regex_target.as_str(), "line" | "match");
    let mut compiled = |patterns: &[String]| {
        let mut all = Vec::new();
        for pattern in patterns {
            match regex(pattern) {
                Ok(regex) => all.push(regex),
                Err(why) => {
                    parsed.remarks.push(format!("the pattern {pattern:?} is not honoured: {why}"));
                }
            }
        }
        all
    };
    let (paths, regexes) = (compiled(&list.paths), compiled(&list.regexes));
    let reason = list.description.filter(|text| !text.trim().is_empty());
    if both && !list.paths.is_empty() && !list.regexes.is_empty() {
        for path in &paths {
            for regex in &regexes {
                let test = ValueTest::Regex { regex: regex.clone(), line };
                let what = What::ValueIn(test, Matcher::Regex(path.clone()));
                parsed.add(None, reason.clone(), what);
            }
        }
        return;
    }
    for path in paths {
        parsed.add(None, reason.clone(), What::Paths(Matcher::Regex(path)));
    }
    for regex in regexes {
        parsed.add(None, reason.clone(), What::Value(ValueTest::Regex { regex, line }));
    }
}
