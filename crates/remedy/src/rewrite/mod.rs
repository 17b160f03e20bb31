//! Replacing a secret in a file by a reference to where it belongs.
//!
//! Start at [`rewrite`]: the text of a file and the places of secrets in it
//! go in; exact edits, or refusals that say what to do instead, come out.
//! Nothing is read or written here, and nothing that comes out contains a
//! secret except [`Change::value`].
//!
//! A refusal is never a failure: where a format has no way to name a value
//! that stands elsewhere, the person is told the way that there is.

mod code;
mod config;
mod draft;
mod embed;
mod format;
mod name;
mod place;
mod text;

use std::ops::Range;
use std::path::Path;

use stanch_scan::Secret;

pub use name::Names;
pub use place::{Place, places};

use crate::{Manager, Reference};
use draft::{Doc, Draft, Spot};

/// A file as the rewriting sees it.
#[derive(Clone, Copy)]
pub struct File<'f> {
    /// Its path from the top of the repository; folders and the name tell the
    /// format.
    pub path: &'f Path,
    /// Its bytes.
    pub text: &'f [u8],
    /// Texts of other files in its folder that share its names, as those of a
    /// Go package or a Terraform module do; empty is allowed.
    pub neighbours: &'f [&'f str],
}

/// What to do with a secret in a comment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Comments {
    /// Put the name of the variable in angle brackets in its place.
    #[default]
    Mask,
    /// Leave it, and say so.
    Refuse,
}

/// What a rewriting is to lead to.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the program is to read the secret from.
    pub manager: Manager,
    /// What to do with comments.
    pub comments: Comments,
    /// The secret's path in the manager, where it is not to be made of the
    /// variable's name.
    pub path: Option<String>,
    /// The field below that path.
    pub field: Option<String>,
}

impl Options {
    /// The usual options for a manager.
    pub fn to(manager: Manager) -> Options {
        Options { manager, comments: Comments::default(), path: None, field: None }
    }

    /// The names under which a secret is kept that is to be known as `variable`.
    pub fn reference(&self, variable: &str) -> Reference {
        let path = self.path.clone();
        let field = self.field.clone().or_else(|| match self.manager {
            Manager::Vault | Manager::Kubernetes => Some("api_key".to_owned()),
            _ => None,
        });
        let made = variable.to_ascii_lowercase().replace('_', "-");
        Reference { variable: variable.to_owned(), path: path.unwrap_or(made), field }
    }
}

/// One replacement in the bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to be replaced; empty to insert.
    pub bytes: Range<usize>,
    /// What stands there afterwards.
    pub text: Vec<u8>,
}

/// How a place was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It now refers to the value.
    Reference,
    /// It was in a comment, and its name stands there now.
    Mask,
    /// The entry is gone, for the value comes from outside by its name.
    Removal,
    /// The file leaves the repository, and keeps the value.
    Untracking,
}

/// One place that is changed.
#[derive(Clone)]
pub struct Change {
    /// Which of the places that were given.
    pub place: usize,
    /// How.
    pub kind: Kind,
    /// The names by which the value is asked for now.
    pub reference: Reference,
    /// The value that the reference must lead to, so that the program does
    /// what it did; it differs from the finding's where the text was encoded.
    pub value: Secret,
}

/// A place that is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which of the places that were given.
    pub place: usize,
    /// Why, and what to do instead; whole sentences.
    pub reason: String,
}

/// A file that is to leave the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untrack {
    /// The name of the example beside it.
    pub example: String,
    /// The example's text: the same names without values.
    pub text: Vec<u8>,
    /// The line for `.gitignore` in the same folder.
    pub ignore: String,
}

/// What is to be done with a file.
#[derive(Clone, Default)]
pub struct Rewrite {
    /// In order, none overlapping another.
    pub edits: Vec<Edit>,
    /// Places that are changed, in order.
    pub changes: Vec<Change>,
    /// Places that are not.
    pub refused: Vec<Refusal>,
    /// Whether the file has to leave the repository.
    pub untrack: Option<Untrack>,
    /// What a person should know or do; whole sentences.
    pub notes: Vec<String>,
}

impl Rewrite {
    /// The file's bytes after all edits.
    pub fn apply(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        for edit in &self.edits {
            out.extend_from_slice(text.get(at..edit.bytes.start).unwrap_or_default());
            out.extend_from_slice(&edit.text);
            at = edit.bytes.end;
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default());
        out
    }
}

/// Finds the edits that replace the secrets at these places.
///
/// `names` remembers what values are called, so that one session gives a value
/// the same name in all files, and two values two names.
pub fn rewrite(file: &File<'_>, places: &[Place], names: &mut Names, options: &Options) -> Rewrite {
    let path = file.path.to_string_lossy().replace('\\', "/");
    let mut refused = Vec::new();
    let Some(decoded) = text::Text::decode(file.text) else {
        let reason = "The file is not text. Take the secret out with the program that wrote the \
                      file, or delete the file from the repository.";
        return Rewrite { refused: refuse_all(places, reason), ..Rewrite::default() };
    };
    let mut spots: Vec<Spot<'_>> = Vec::new();
    for (index, place) in places.iter().enumerate() {
        match spot(index, place, &decoded) {
            Ok(spot) => spots.push(spot),
            Err(reason) => refused.push(Refusal { place: index, reason }),
        }
    }
    spots.sort_by_key(|spot| (spot.span.start, std::cmp::Reverse(spot.span.end)));
    // What stands inside of another value goes with it.
    let mut inner: Vec<(usize, usize)> = Vec::new();
    let mut kept: Vec<Spot<'_>> = Vec::new();
    for spot in spots {
        match kept.last() {
            Some(last) if spot.span.end <= last.span.end => inner.push((spot.index, last.index)),
            Some(last) if spot.span.start < last.span.end => refused.push(Refusal {
                place: spot.index,
                reason: "It overlaps another secret here; replace that one first, and scan again."
                    .to_owned(),
            }),
            _ => kept.push(spot),
        }
    }
    let doc = Doc::new(&path, decoded.as_str(), file.neighbours, options);
    let mut draft = Draft::default();
    names.enter(decoded.as_str(), options.manager);
    format::rewrite(&doc, &kept, names, &mut draft);
    let mut out = draft.finish(&doc);
    out.notes.extend(names.leave());
    refused.append(&mut out.refused);
    for (index, outer) in inner {
        if let Some(change) = out.changes.iter().find(|change| change.place == outer).cloned() {
            out.changes.push(Change { place: index, ..change });
        } else if let Some(refusal) = refused.iter().find(|r| r.place == outer).cloned() {
            refused.push(Refusal { place: index, ..refusal });
        }
    }
    out.changes.sort_by_key(|change| change.place);
    refused.sort_by_key(|refusal| refusal.place);
    out.refused = refused;
    for edit in &mut out.edits {
        edit.bytes = decoded.original(edit.bytes.start)..decoded.original(edit.bytes.end);
        edit.text = decoded.encode(&edit.text);
    }
    if let Some(untrack) = &mut out.untrack {
        untrack.text = decoded.encode(&untrack.text);
    }
    out
}

fn refuse_all(places: &[Place], reason: &str) -> Vec<Refusal> {
    (0..places.len()).map(|place| Refusal { place, reason: reason.to_owned() }).collect()
}

/// Where a place is in the decoded text, if its value can be taken as it stands.
fn spot<'p>(index: usize, place: &'p Place, text: &text::Text) -> Result<Spot<'p>, String> {
    let span = text.decoded(place.bytes.start)..text.decoded(place.bytes.end);
    let Some(written) = text.as_str().get(span.clone()).filter(|written| !written.is_empty())
    else {
        return Err("The file has changed since it was scanned; scan again.".to_owned());
    };
    let mut value = place.value.clone();
    let mut assembled = false;
    for encoding in &place.encodings {
        match *encoding {
            // The program puts these together itself, before it sees the value.
            "escapes" | "concatenation" => assembled = true,
            "utf-16le" | "utf-16be" if text.is_utf16() => {}
            // Whoever reads the text decodes it, so what is kept must be encoded.
            "percent" => value = Secret::new(written.as_bytes()),
            name => {
                return Err(format!(
                    "The secret stands here as {name}, and whatever decodes it is not to be seen. \
                     Replace the whole encoded text by a reference, and keep the value in the \
                     form that the program expects."
                ));
            }
        }
    }
    // A store of keys is text here, which whoever reads it decodes.
    if place.encodings.is_empty() && std::str::from_utf8(value.expose()).is_err() {
        value = Secret::new(written.as_bytes());
    }
    // Of a key block the lines count, and not how they are broken.
    if place.encodings.is_empty() && written.contains("-----BEGIN ") {
        value = Secret::new(written.as_bytes());
    }
    if place.encodings.is_empty() && value.expose() != written.as_bytes() {
        return Err("The file has changed since it was scanned; scan again.".to_owned());
    }
    Ok(Spot { index, span, place, value, assembled })
}
