//! What the rewriting of a file is put together in.

use std::ops::Range;

use stanch_scan::Secret;

use super::{Change, Edit, Kind, Names, Options, Place, Refusal, Rewrite, Untrack, name};
use crate::Reference;

/// A file's text, decoded, with what is asked of it.
pub(super) struct Doc<'d> {
    /// Path with `/` between folders.
    pub(super) path: &'d str,
    pub(super) text: &'d str,
    /// The file's line break.
    pub(super) newline: &'static str,
    pub(super) neighbours: &'d [&'d str],
    pub(super) options: &'d Options,
}

impl<'d> Doc<'d> {
    pub(super) fn new(
        path: &'d str,
        text: &'d str,
        neighbours: &'d [&'d str],
        options: &'d Options,
    ) -> Doc<'d> {
        let newline = match text.find('\n') {
            Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
            _ => "\n",
        };
        Doc { path, text, newline, neighbours, options }
    }

    /// The name of the file, in lower case.
    pub(super) fn file_name(&self) -> String {
        self.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
    }

    pub(super) fn slice(&self, span: Range<usize>) -> &'d str {
        self.text.get(span).unwrap_or_default()
    }

    /// The line that an offset is in, without its break.
    pub(super) fn line(&self, at: usize) -> Range<usize> {
        let before = self.text.get(..at).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = self.text.get(at..).unwrap_or_default();
        let end = rest.find('\n').map_or(self.text.len(), |found| at + found);
        let cut = self.slice(start..end).strip_suffix('\r').map_or(end, |line| start + line.len());
        start..cut.max(start)
    }

    /// The white space that a line begins with.
    pub(super) fn indent(&self, at: usize) -> &'d str {
        let line = self.slice(self.line(at));
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        let width = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..width).unwrap_or_default()
    }

    /// The start of the next line, or the end of the text.
    pub(super) fn next_line(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        rest.find('\n').map_or(self.text.len(), |found| at + found + 1)
    }

    /// After a byte order mark.
    pub(super) fn start(&self) -> usize {
        if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
    }
}

/// A secret in the decoded text.
pub(super) struct Spot<'p> {
    /// Which of the places that were given.
    pub(super) index: usize,
    pub(super) span: Range<usize>,
    pub(super) place: &'p Place,
    /// What a reference must lead to.
    pub(super) value: Secret,
    /// Whether the program puts the value together from escapes or pieces, so
    /// that its text differs from it.
    pub(super) assembled: bool,
}

/// A replacement in the decoded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replacement {
    pub(super) span: Range<usize>,
    pub(super) text: String,
}

/// Edits and words, as they come.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) edits: Vec<Replacement>,
    pub(super) changes: Vec<Change>,
    pub(super) refused: Vec<Refusal>,
    pub(super) untrack: Option<Untrack>,
    notes: Vec<String>,
}

impl Draft {
    pub(super) fn edit(&mut self, span: Range<usize>, text: impl Into<String>) {
        let edit = Replacement { span, text: text.into() };
        if !self.edits.contains(&edit) || !edit.span.is_empty() {
            self.edits.push(edit);
        }
    }

    pub(super) fn refuse(&mut self, spot: &Spot<'_>, reason: impl Into<String>) {
        self.refused.push(Refusal { place: spot.index, reason: reason.into() });
    }

    pub(super) fn change(&mut self, spot: &Spot<'_>, kind: Kind, reference: Reference) {
        let value = spot.value.clone();
        self.changes.push(Change { place: spot.index, kind, reference, value });
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Everything in order. Edits that meet are a mistake of ours; then nothing
    /// is changed rather than something half.
    pub(super) fn finish(mut self, doc: &Doc<'_>) -> Rewrite {
        self.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        self.edits.dedup();
        let apart = self.edits.windows(2).all(|pair| match pair {
            [one, two] => one.span.end <= two.span.start,
            _ => true,
        });
        let inside = self.edits.iter().all(|edit| doc.text.get(edit.span.clone()).is_some());
        if !(apart && inside) {
            self.give_up(
                "The changes for the secrets of this file meet each other. Fix them one by one.",
            );
        }
        let edits = self.edits.into_iter();
        Rewrite {
            edits: edits
                .map(|edit| Edit { bytes: edit.span, text: edit.text.into_bytes() })
                .collect(),
            changes: self.changes,
            refused: self.refused,
            untrack: self.untrack,
            notes: self.notes,
        }
    }

    /// Takes everything back.
    pub(super) fn give_up(&mut self, reason: &str) {
        self.edits.clear();
        self.notes.clear();
        self.untrack = None;
        for change in self.changes.drain(..) {
            self.refused.push(Refusal { place: change.place, reason: reason.to_owned() });
        }
    }
}

/// The variable for a secret: by the target of the assignment if it is the
/// whole of what is assigned and the target tells enough.
pub(super) fn variable(
    names: &mut Names,
    spot: &Spot<'_>,
    targets: &[String],
    is_whole: bool,
) -> String {
    let wanted = if is_whole {
        let telling = targets.iter().find_map(|target| name::telling(target));
        telling.unwrap_or_else(|| spot.place.variable.clone())
    } else {
        let own = name::of_part(&spot.place.variable);
        let whole = targets.iter().find_map(|target| name::telling(target));
        match whole.map(|whole| (name::of_part(&whole), whole)) {
            // A password in `SHOP_DATABASE_URL` is that of the shop's database.
            Some((part, whole)) if part != whole && own.ends_with("PASSWORD") => part,
            _ => own,
        }
    };
    names.name(&spot.value, &wanted)
}

/// Puts the variable's name where a secret was in a comment, or refuses.
pub(super) fn comment(draft: &mut Draft, doc: &Doc<'_>, names: &mut Names, spot: &Spot<'_>) {
    if doc.options.comments == super::Comments::Refuse {
        draft.refuse(
            spot,
            "It stands in a comment. Delete it there, or fix it with comments masked.",
        );
        return;
    }
    let variable = variable(names, spot, &[], false);
    draft.edit(spot.span.clone(), format!("<{variable}>"));
    draft.change(spot, Kind::Mask, doc.options.reference(&variable));
}
