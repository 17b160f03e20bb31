//! Whose rule file it is, and what all of them come to.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value as Json;

use super::file::Entries;
use super::rule::Foreign;
use super::{detect_secrets, gitguardian, gitleaks, kingfisher};
use crate::args::ImportFormat;
use crate::policy::files::line_column;

/// Most bytes of a rule file.
const SIZE_MAX: u64 = 16 << 20;

/// What a rule file says.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The name that it gives itself.
    pub(super) title: Option<String>,
    /// Rules that may become detectors.
    pub(super) rules: Vec<Foreign>,
    /// What cannot become one: its name, and why.
    pub(super) refused: Vec<(String, String)>,
    /// What else is not taken over, in sentences without a full stop.
    pub(super) remarks: Vec<String>,
    /// What becomes entries of `stanch.toml`.
    pub(super) entries: Entries,
}

impl ImportFormat {
    /// What such a file is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            ImportFormat::Gitleaks => "gitleaks or Betterleaks rules",
            ImportFormat::Kingfisher => "Kingfisher rules",
            ImportFormat::DetectSecrets => "detect-secrets baseline",
            ImportFormat::Gitguardian => "ggshield configuration",
        }
    }

    /// Reads the text of a rule file of this tool; `file` is its name.
    ///
    /// # Errors
    /// What is wrong with it, with line and column where they are known.
    pub(super) fn read(self, text: &str, file: &str) -> anyhow::Result<Content> {
        match self {
            ImportFormat::Gitleaks => gitleaks::read(text, file),
            ImportFormat::Kingfisher => kingfisher::read(text),
            ImportFormat::DetectSecrets => detect_secrets::read(text, file),
            ImportFormat::Gitguardian => gitguardian::read(text, file),
        }
    }
}

/// Recognises a rule file by what is in it.
///
/// # Errors
/// Files of no known tool, and those that are broken.
pub(super) fn recognise(path: &Path, text: &str) -> anyhow::Result<ImportFormat> {
    let unknown = "this is no rule file of gitleaks, Betterleaks, Kingfisher, detect-secrets or \
                   ggshield; `--from TOOL` says whose it is";
    let ends = |ends: &[&str]| {
        let name = path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase());
        name.is_some_and(|name| ends.iter().any(|end| name.ends_with(end)))
    };
    if text.trim_start().starts_with('{') || ends(&[".json", ".baseline"]) {
        let json: Json = serde_json::from_str(text).context("this is no JSON")?;
        if json.get("plugins_used").is_some() {
            return Ok(ImportFormat::DetectSecrets);
        }
        bail!(unknown);
    }
    let toml = toml::from_str::<toml::Table>(text);
    if let Ok(table) = &toml
        && !text.trim().is_empty()
    {
        if table.contains_key("provider") {
            bail!("this is a detector file of Stanch already; `--detectors DIR` uses it");
        }
        let known = ["rules", "extend", "allowlist", "allowlists", "filter", "prefilter"];
        if known.iter().any(|key| table.contains_key(*key)) {
            return Ok(ImportFormat::Gitleaks);
        }
        bail!(unknown);
    }
    let yaml: Json = match (serde_saphyr::from_str(text), toml) {
        (Ok(yaml @ Json::Object(_)), _) if !ends(&[".toml"]) => yaml,
        // The name says which of the faults counts.
        (_, Err(error)) if ends(&[".toml"]) => return Err(toml_fault(&error, text)),
        (Err(error), _) if ends(&[".yaml", ".yml"]) => return Err(yaml_fault(&error)),
        _ => bail!(unknown),
    };
    let has = |key: &str| yaml.get(key).is_some();
    let old = ["paths-ignore", "paths_ignore", "matches-ignore", "matches_ignore"];
    if yaml.get("rules").is_some_and(Json::is_array) {
        Ok(ImportFormat::Kingfisher)
    } else if has("secret") || has("version") || old.iter().any(|key| has(key)) {
        Ok(ImportFormat::Gitguardian)
    } else {
        bail!(unknown)
    }
}

/// What a TOML reader says, with its place.
pub(super) fn toml_fault(error: &toml::de::Error, text: &str) -> anyhow::Error {
    let (line, column) = line_column(text, error.span().map_or(0, |span| span.start));
    anyhow::anyhow!("line {line} column {column}: {}", error.message().trim_end())
}

/// The first line of what a YAML reader says; the rest shows the file.
pub(super) fn yaml_fault(error: &serde_saphyr::Error) -> anyhow::Error {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or("");
    anyhow::anyhow!("{}", first.strip_prefix("error: ").unwrap_or(first))
}

/// Reads a rule file.
///
/// # Errors
/// Files that cannot be read, are too large, or are not in UTF-8.
pub(super) fn text_of(path: &Path) -> anyhow::Result<String> {
    if path.is_dir() {
        bail!("this is a folder; name the files in it");
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(SIZE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SIZE_MAX {
        bail!("the file has more than {} MiB, which no rule file needs", SIZE_MAX >> 20);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        bail!("the file is in UTF-16; save it in UTF-8");
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(at).filter(|b| **b == b'\n').count() + 1;
        anyhow::anyhow!("line {line} is not in UTF-8; save the file in UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
