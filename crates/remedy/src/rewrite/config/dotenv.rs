//! `.env` files: the value stays where it is, and the file leaves the
//! repository.

use crate::rewrite::draft::{self, Doc, Draft, Spot};
use crate::rewrite::{Kind, Names, Untrack};

/// Endings of examples, which are meant to be in a repository.
const EXAMPLES: &[&str] = &["example", "sample", "template", "dist", "defaults", "tpl"];

/// Whether a file of this name is read as an environment.
pub(super) fn is(name: &str) -> bool {
    name == ".env"
        || name.starts_with(".env.")
        || name.ends_with(".env")
        || name == ".envrc"
        || name == ".flaskenv"
}

pub(super) fn rewrite(doc: &Doc<'_>, spots: &[Spot<'_>], names: &mut Names, draft: &mut Draft) {
    let name = doc.path.rsplit('/').next().unwrap_or_default().to_owned();
    if EXAMPLES.iter().any(|example| name.to_ascii_lowercase().ends_with(&format!(".{example}"))) {
        empty(doc, spots, names, draft);
        return;
    }
    let mut example = String::with_capacity(doc.text.len());
    let mut lines = doc.text.split_inclusive('\n').peekable();
    let mut at = 0;
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        let has_secret = |range: &std::ops::Range<usize>| {
            spots.iter().any(|spot| spot.span.start < range.end && range.start < spot.span.end)
        };
        let mut range = start..at;
        // A value over several lines goes with its first.
        while has_secret(&range)
            && spots.iter().any(|spot| spot.span.start < range.end && range.end < spot.span.end)
        {
            let Some(next) = lines.next() else { break };
            at += next.len();
            range.end = at;
        }
        if !has_secret(&range) {
            example.push_str(line);
            continue;
        }
        let body = line.trim_end_matches(['\n', '\r']);
        let ending =
            if range.end == doc.text.len() && !doc.text.ends_with('\n') { "" } else { doc.newline };
        let trimmed = body.trim_start_matches('\u{feff}').trim_start();
        match body.split_once('=') {
            Some((key, _)) if !trimmed.starts_with('#') => {
                example.push_str(&format!("{key}={ending}"));
            }
            // A comment with a secret is nobody's to read.
            _ => example.push_str(&format!("#{ending}")),
        }
    }
    let base = name.strip_prefix(".env").map(|_| name.clone()).unwrap_or_else(|| name.clone());
    draft.untrack = Some(Untrack {
        example: format!("{base}.example"),
        text: example.into_bytes(),
        ignore: format!("/{name}"),
    });
    for spot in spots {
        let line = doc.slice(doc.line(spot.span.start));
        let key = line.split('=').next().unwrap_or_default();
        let key = key.trim_start_matches('\u{feff}').trim().trim_start_matches("export ").trim();
        let variable = if super::super::code::is_variable(key) {
            key.to_owned()
        } else {
            draft::variable(names, spot, &[], false)
        };
        draft.change(spot, Kind::Untracking, doc.options.reference(&variable));
    }
    draft.note(format!(
        "{name} keeps its values on this machine and leaves the repository; {name}.example stands \
         for it there."
    ));
}

/// An example has no values at all.
fn empty(doc: &Doc<'_>, spots: &[Spot<'_>], names: &mut Names, draft: &mut Draft) {
    for spot in spots {
        let line = doc.line(spot.span.start);
        let text = doc.slice(line.clone());
        if text.trim_start_matches('\u{feff}').trim_start().starts_with('#') {
            draft::comment(draft, doc, names, spot);
            continue;
        }
        let Some(sign) =
            text.find('=').map(|at| line.start + at + 1).filter(|at| *at <= spot.span.start)
        else {
            draft.refuse(spot, "It is no value of a name. Delete it by hand.");
            continue;
        };
        let end = doc.line(spot.span.end).end;
        let key = text.split('=').next().unwrap_or_default().trim_start_matches('\u{feff}');
        let key = key.trim().trim_start_matches("export ").trim().to_owned();
        draft.edit(sign..end, "");
        draft.change(spot, Kind::Removal, doc.options.reference(&key));
    }
}
