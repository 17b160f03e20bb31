//! Formats in which a reference is text in the place of the value.

use super::known::Syntax;
use crate::rewrite::draft::{self, Doc, Draft, Spot};
use crate::rewrite::{Kind, Names};

/// Puts `before NAME after` where each secret stands.
pub(super) fn rewrite(
    doc: &Doc<'_>,
    spots: &[Spot<'_>],
    names: &mut Names,
    draft: &mut Draft,
    syntax: Syntax,
) {
    for spot in spots {
        if is_comment(doc, spot, syntax.comments) {
            draft::comment(draft, doc, names, spot);
            continue;
        }
        if spot.assembled || doc.slice(spot.span.clone()).contains('\n') {
            draft.refuse(
                spot,
                "It goes over several lines here, or is written with escapes. Put a reference in \
                 its place by hand.",
            );
            continue;
        }
        let entry = Entry::around(doc, spot);
        let inherited = entry.default(doc, spot);
        let variable = match &inherited {
            Some((name, _)) => name.clone(),
            None => draft::variable(names, spot, &entry.keys, entry.is_whole),
        };
        let span = inherited.map_or(spot.span.clone(), |(_, span)| span);
        let quoted = quoted(doc, &span, syntax.before);
        let reference = format!("{quoted}{}{variable}{}{quoted}", syntax.before, syntax.after);
        draft.edit(span, reference);
        draft.change(spot, Kind::Reference, doc.options.reference(&variable));
        if !syntax.note.is_empty() {
            draft.note(syntax.note);
        }
    }
}

/// A line such as `key = value`.
pub(super) struct Entry {
    /// The key, and the same with its section before it.
    pub(super) keys: Vec<String>,
    /// Whether the secret is all of the value.
    pub(super) is_whole: bool,
}

impl Entry {
    pub(super) fn around(doc: &Doc<'_>, spot: &Spot<'_>) -> Entry {
        let line = doc.line(spot.span.start);
        let before = doc.slice(line.start..spot.span.start);
        let after = doc.slice(spot.span.end..doc.line(spot.span.end).end);
        let bare = before.trim_end_matches(['"', '\'', ' ', '\t']);
        let sign = bare.ends_with(['=', ':', '>']) || before.trim().is_empty();
        let ends = after.trim_start_matches(['"', '\'']).trim_start();
        // Of `url=…?password=` the secret is a part, whatever stands right before it.
        let head = bare.trim_end_matches(['=', ':', '>', ' ', '\t']);
        let is_value = !head.contains(['=', '?', '&', ';']) && !head.contains("://");
        let is_whole = sign
            && is_value
            && (ends.is_empty() || ends.starts_with([',', ';', '}', ']', '#', '<', '/', ')']));
        let key = bare.trim_end_matches(['=', ':', '>', ' ', '\t', '"', '\'']);
        let key = key.rsplit(|c: char| !(c.is_alphanumeric() || "._-/:".contains(c))).next();
        let key = key.unwrap_or_default().to_owned();
        let key = key.rsplit([':', '/']).next().unwrap_or_default().to_owned();
        let mut keys = vec![key.clone()];
        if let Some(section) = section(doc, line.start) {
            keys.push(format!("{section}.{key}"));
        }
        Entry { keys, is_whole }
    }

    /// `${NAME:secret}`, the whole of it, with the name.
    fn default(&self, doc: &Doc<'_>, spot: &Spot<'_>) -> Option<(String, std::ops::Range<usize>)> {
        let before = doc.slice(doc.line(spot.span.start).start..spot.span.start);
        let at = before.rfind("${")?;
        let inner = before.get(at + 2..)?;
        let name = inner.strip_suffix(":-").or(inner.strip_suffix(':'))?;
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let closed = doc.slice(spot.span.end..doc.text.len()).starts_with('}');
        let start = spot.span.start - (before.len() - at);
        (is_name && closed && name.bytes().any(|b| b.is_ascii_uppercase()))
            .then(|| (name.to_owned(), start..spot.span.end + 1))
    }
}

/// The section or parent key that a line stands below.
fn section(doc: &Doc<'_>, at: usize) -> Option<String> {
    let indent = doc.indent(at).len();
    for line in doc.slice(0..at).lines().rev().take(400) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = trimmed.strip_prefix('[') {
            return Some(section.trim_matches(['[', ']', '"']).to_owned());
        }
        let width = line.len() - line.trim_start().len();
        if width < indent {
            let key = trimmed.trim_end_matches(['{', ' ', '[']).strip_suffix(':')?;
            return Some(key.trim_matches(['"', '\'']).to_owned());
        }
    }
    None
}

/// Quotes that a reference needs where none are, for YAML would misread it.
fn quoted(doc: &Doc<'_>, span: &std::ops::Range<usize>, before: &str) -> &'static str {
    let name = doc.file_name();
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let left = doc.slice(doc.line(span.start).start..span.start).trim_end();
    let right = doc.slice(span.end..doc.line(span.end).end).trim();
    let alone = left.ends_with(':') && right.is_empty();
    if is_yaml && alone && before.starts_with(['{', '%', '@']) {
        // The reference itself may hold the other quotes.
        if before.contains('"') { "'" } else { "\"" }
    } else {
        ""
    }
}

/// Whether a secret stands in a comment.
pub(super) fn is_comment(doc: &Doc<'_>, spot: &Spot<'_>, marks: &[&str]) -> bool {
    let before = doc.slice(doc.line(spot.span.start).start..spot.span.start);
    let before = before.trim_start_matches('\u{feff}');
    marks.iter().any(|mark| {
        if *mark == "<!--" {
            let text = doc.slice(0..spot.span.start);
            let open = text.rfind("<!--");
            return open.is_some_and(|at| !doc.slice(at..spot.span.start).contains("-->"));
        }
        before.trim_start().starts_with(mark)
            // A mark behind a value, with a space before it.
            || *mark != "!" && before.contains(&format!(" {mark} "))
    })
}
