//! What `stanch secret` says. Only [`revealed`] shows a value.

use std::io::{self, IsTerminal, Write};

use serde_json::json;
use stanch_live::{Address, Held, Outcome, Stored, Value, Version};
use stanch_scan::printable;

use super::Format;
use crate::report::style::{FAINT, GOOD, STRONG};

/// What storing came to.
pub(super) fn stored(stored: &Stored, format: Format) -> anyhow::Result<()> {
    let Stored { manager, address, outcome, version, previous, verified } = stored;
    let did = match outcome {
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Unchanged => "unchanged",
    };
    if format == Format::Json {
        return json(&json!({
            "manager": manager.id(),
            "address": address.to_string(),
            "path": address.path,
            "field": address.field,
            "outcome": did,
            "version": version,
            "previous": previous,
            "verified": verified,
        }));
    }
    let mut out = anstream::stdout();
    let address = printable(&address.to_string());
    let version = |id: &Option<String>| match id {
        Some(id) => format!(" (version {})", printable(id)),
        None => String::new(),
    };
    match outcome {
        Outcome::Unchanged => {
            let now = version(&stored.version);
            writeln!(
                out,
                "{STRONG}{address}{STRONG:#}: holds this value already{now}; nothing was written"
            )?;
        }
        _ => {
            let now = version(&stored.version);
            writeln!(out, "{GOOD}{did}{GOOD:#} {STRONG}{address}{STRONG:#}{now}")?;
            if let Some(previous) = previous {
                writeln!(out, "  before: version {}", printable(previous))?;
            }
            let read = if *verified {
                "read back and the same".to_owned()
            } else {
                format!("{manager} does not show it, so it was not read back")
            };
            writeln!(out, "  {FAINT}{read}{FAINT:#}")?;
        }
    }
    Ok(())
}

/// What there is to say of a secret without showing it.
pub(super) fn held(at: &Address, held: &Held, format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        return json(&json!({
            "manager": at.manager.id(),
            "address": at.to_string(),
            "version": held.version,
            "changed": held.changed,
            "readable": held.value.is_some(),
        }));
    }
    let mut out = anstream::stdout();
    writeln!(out, "{STRONG}{}{STRONG:#}", printable(&at.to_string()))?;
    if let Some(version) = &held.version {
        writeln!(out, "  version: {}", printable(version))?;
    }
    if let Some(changed) = &held.changed {
        writeln!(out, "  changed: {}", printable(changed))?;
    }
    match held.value {
        Some(_) => writeln!(out, "  {FAINT}there is a value; --reveal prints it{FAINT:#}")?,
        None => writeln!(out, "  {FAINT}there is a value, which nobody can read back{FAINT:#}")?,
    }
    Ok(())
}

/// The value itself.
pub(super) fn revealed(
    at: &Address,
    held: &Held,
    value: &Value,
    format: Format,
) -> anyhow::Result<()> {
    if format == Format::Json {
        let (name, text) = match value.text() {
            Some(text) => ("value", text.to_owned()),
            None => ("value_base64", data_encoding::BASE64.encode(value.expose())),
        };
        return json(&json!({
            "manager": at.manager.id(),
            "address": at.to_string(),
            "version": held.version,
            "changed": held.changed,
            name: text,
        }));
    }
    let mut out = io::stdout().lock();
    out.write_all(value.expose())?;
    // A program gets the value and nothing else.
    if out.is_terminal() {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

/// Addresses, one a line.
pub(super) fn list(found: &[String], format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        return json(&json!(found));
    }
    let mut out = anstream::stdout();
    for address in found {
        writeln!(out, "{}", printable(address))?;
    }
    Ok(())
}

/// Versions, newest first.
pub(super) fn versions(all: &[Version], format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        let all: Vec<_> = all
            .iter()
            .map(|it| json!({ "id": it.id, "created": it.created, "labels": it.labels }))
            .collect();
        return json(&json!(all));
    }
    let mut out = anstream::stdout();
    for version in all {
        let created = version.created.as_deref().unwrap_or("-");
        let labels = printable(&version.labels.join(", "));
        let line = format!("{}  {}  {labels}", printable(&version.id), printable(created));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn json(value: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}
