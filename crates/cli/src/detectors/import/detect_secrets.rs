//! Settings of detect-secrets, which its baseline carries. Its rules are code.
//! Format: <https://github.com/Yelp/detect-secrets#configuration>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::file::Exclude;
use super::format::Content;
use super::glob;
use super::rule::line;

#[derive(Deserialize)]
struct RawBaseline {
    #[serde(default)]
    plugins_used: Vec<Plugin>,
    #[serde(default)]
    filters_used: Vec<Filter>,
    // Before version 1.0.
    exclude: Option<OldExclude>,
    #[serde(default)]
    results: BTreeMap<String, Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Plugin {
    name: String,
    path: Option<String>,
    #[serde(alias = "base64_limit", alias = "hex_limit")]
    limit: Option<f64>,
    keyword_exclude: Option<String>,
}

#[derive(Deserialize)]
struct Filter {
    path: String,
    pattern: Option<Patterns>,
    file_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct OldExclude {
    files: Option<String>,
    lines: Option<String>,
}

/// Reads the settings.
///
/// # Errors
/// What is wrong with the JSON or its types.
pub(super) fn read(text: &str, file: &str) -> anyhow::Result<Content> {
    let raw: RawBaseline = serde_json::from_str(text)?;
    let mut content = Content::default();
    let mut own = 0;
    for plugin in raw.plugins_used {
        let name = line(&plugin.name);
        if let Some(path) = plugin.path {
            let why = format!(
                "it is a plugin in Python ({}): write a detector for what it finds",
                line(&path)
            );
            content.refused.push((name, why));
            continue;
        }
        own += 1;
        if let Some(limit) = plugin.limit {
            content.remarks.push(format!(
                "the limit of {limit} of {name} is not imported: `min-confidence` decides what \
                 Stanch reports"
            ));
        }
        if let Some(pattern) = plugin.keyword_exclude.filter(|pattern| !pattern.is_empty()) {
            content.remarks.push(format!(
                "the keyword exclusion {} of {name} is not imported: use [[ignore]] in stanch.toml",
                line(&pattern)
            ));
        }
    }
    if own > 0 {
        content.remarks.push(format!(
            "{own} of its plugins come with detect-secrets: Stanch has detectors of its own for \
             what they find"
        ));
    }
    for filter in raw.filters_used {
        filtered(filter, file, &mut content);
    }
    if let Some(exclude) = raw.exclude {
        let files = exclude.files.into_iter().collect();
        files_excluded(files, file, &mut content);
        if let Some(lines) = exclude.lines {
            content
                .remarks
                .push(format!("the exclusion of lines {} is not imported", line(&lines)));
        }
    }
    let known: usize = raw.results.values().map(Vec::len).sum();
    if known > 0 {
        content.remarks.push(format!(
            "its {known} known secrets are honoured as they are while {file} stands beside \
             stanch.toml or at the root of what is scanned; `stanch baseline create` makes a \
             baseline of Stanch's own"
        ));
    }
    Ok(content)
}

fn filtered(filter: Filter, file: &str, content: &mut Content) {
    let patterns = match filter.pattern {
        Some(Patterns::One(one)) => vec![one],
        Some(Patterns::Many(many)) => many,
        None => Vec::new(),
    };
    if filter.path == "detect_secrets.filters.regex.should_exclude_file" {
        files_excluded(patterns, file, content);
    } else if !patterns.is_empty() {
        let kind = filter.path.rsplit('.').next().unwrap_or("");
        let patterns: Vec<String> = patterns.iter().map(|pattern| line(pattern)).collect();
        content.remarks.push(format!(
            "the filter {} ({}) is not imported: use [[ignore]] in stanch.toml",
            line(kind),
            patterns.join(", ")
        ));
    } else if !filter.path.starts_with("detect_secrets.") {
        content.refused.push((
            line(&filter.path),
            "it is a filter in Python: use [[ignore]] in stanch.toml".to_owned(),
        ));
    } else if let Some(words) = filter.file_name {
        content.remarks.push(format!("the word list {} is not imported", line(&words)));
    }
}

fn files_excluded(patterns: Vec<String>, file: &str, content: &mut Content) {
    let mut paths = Vec::new();
    for pattern in patterns.iter().filter(|pattern| !pattern.is_empty()) {
        match glob::of_regex(pattern) {
            Some(glob) => paths.push(glob),
            None => content.remarks.push(format!(
                "the exclusion of files {} is no path pattern of stanch.toml",
                line(pattern)
            )),
        }
    }
    if !paths.is_empty() {
        let reason = format!("files excluded in {file}");
        content.entries.exclude.push(Exclude { paths, reason });
    }
}
