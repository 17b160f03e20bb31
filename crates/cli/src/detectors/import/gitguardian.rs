//! What `.gitguardian.yaml` ignores. It has no rules.
//! Format: <https://docs.gitguardian.com/ggshield-docs/configuration>.

use super::file::{Exclude, Ignore};
use super::format::Content;
use super::rule::{kebab, line};
use crate::pack;
use crate::policy::peers::ggshield;

/// Reads the lists.
///
/// # Errors
/// What is wrong with the YAML or its types.
pub(super) fn read(text: &str, file: &str) -> anyhow::Result<Content> {
    let lists = ggshield::lists(text)?;
    let mut content = Content::default();
    let mut paths = Vec::new();
    for path in &lists.paths {
        match path_pattern(path) {
            Some(pattern) => paths.push(pattern),
            None => content.refused.push((
                line(path),
                "it takes paths back from what is ignored, which stanch.toml cannot".to_owned(),
            )),
        }
    }
    if !paths.is_empty() {
        let reason = format!("ignored in {file}");
        content.entries.exclude.push(Exclude { paths, reason });
    }
    if !lists.matches.is_empty() {
        content.remarks.push(format!(
            "its {} ignored values are honoured as they are while {file} stands beside stanch.toml \
             or at the root of what is scanned; `stanch baseline create` makes a baseline of \
             Stanch's own",
            lists.matches.len()
        ));
    }
    let known = stanch_detectors::pack();
    for name in &lists.detectors {
        let id = kebab(name);
        if known.rules.iter().any(|rule| rule.id == id) {
            content.entries.ignore.push(Ignore {
                detector: id,
                paths: vec!["*".to_owned()],
                reason: format!("{} is ignored in {file}", line(name)),
            });
            continue;
        }
        let hint = pack::nearest(&known, &id)
            .map_or_else(String::new, |near| format!("; is it `{near}`?"));
        let why = format!(
            "no detector of Stanch is called so{hint} `stanch detectors list` names them all, and \
             [[ignore]] in stanch.toml switches one off"
        );
        content.refused.push((line(name), why));
    }
    Ok(content)
}

/// A path pattern as `stanch.toml` has it, where one with a slash inside is
/// tied to the file's folder; here only those that begin with one are.
fn path_pattern(path: &str) -> Option<String> {
    let path = path.trim();
    if path.is_empty() || path.starts_with('!') {
        return None;
    }
    let inner = path.strip_prefix("./").unwrap_or(path);
    let within = inner.trim_end_matches('/').contains('/');
    let free = within && !inner.starts_with('/') && !inner.starts_with("**/");
    Some(if free { format!("**/{inner}") } else { inner.to_owned() })
}
