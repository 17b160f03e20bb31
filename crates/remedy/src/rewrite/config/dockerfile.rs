//! Dockerfiles: what a build needs is mounted while it needs it.

use std::ops::Range;

use crate::rewrite::code::{is_variable, shell};
use crate::rewrite::draft::{self, Doc, Draft, Spot};
use crate::rewrite::{Kind, Names};

/// Whether a file of this name is one.
pub(super) fn is(name: &str) -> bool {
    name == "dockerfile"
        || name == "containerfile"
        || name.starts_with("dockerfile.")
        || name.ends_with(".dockerfile")
}

/// An instruction with all of its lines.
struct Instruction {
    keyword: String,
    /// All of it, without the line break at its end.
    span: Range<usize>,
    /// What follows the keyword.
    rest: Range<usize>,
}

const NOTE: &str = "Build with `docker build --secret id=NAME,env=NAME` (BuildKit with Dockerfile 1.10 or \
                    newer); layers and caches of images that were built before still hold the value.";

pub(super) fn rewrite(doc: &Doc<'_>, spots: &[Spot<'_>], names: &mut Names, draft: &mut Draft) {
    let instructions = instructions(doc);
    // What each RUN has to mount, by where its command begins.
    let mut mounts: Vec<(usize, String)> = Vec::new();
    for spot in spots {
        let found = instructions
            .iter()
            .position(|i| i.span.start <= spot.span.start && spot.span.start < i.span.end);
        let line = doc.slice(doc.line(spot.span.start)).trim_start_matches('\u{feff}').trim_start();
        if line.starts_with('#') {
            draft::comment(draft, doc, names, spot);
            continue;
        }
        let done = match found {
            Some(at) => one(doc, &instructions, at, spot, names, draft, &mut mounts),
            None => Err("It stands outside of any instruction. Take it out by hand.".to_owned()),
        };
        if let Err(reason) = done {
            draft.refuse(spot, reason);
        }
    }
    mounts.sort();
    mounts.dedup();
    for (at, variable) in mounts {
        let id = variable.to_ascii_lowercase();
        let mount = format!("--mount=type=secret,id={id},env={variable}");
        if !doc.text.contains(&mount) || !doc.slice(doc.line(at)).contains(&mount) {
            draft.edit(at..at, format!("{mount} "));
        }
        draft.note(NOTE);
    }
}

fn one(
    doc: &Doc<'_>,
    instructions: &[Instruction],
    at: usize,
    spot: &Spot<'_>,
    names: &mut Names,
    draft: &mut Draft,
    mounts: &mut Vec<(usize, String)>,
) -> Result<(), String> {
    let Some(instruction) = instructions.get(at) else { return Ok(()) };
    if doc.text.to_ascii_lowercase().contains("escape=`") {
        return Err(
            "The file is for Windows. Mount the secret with `RUN --mount=type=secret`, and \
                    read it from there by hand."
                .to_owned(),
        );
    }
    let rest = doc.slice(instruction.rest.clone());
    let is_list = rest.trim_start().starts_with('[');
    match instruction.keyword.as_str() {
        "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" if is_list => Err(
            "The command is written as a list, which no shell reads. Write it as a line, and run \
             this again."
                .to_owned(),
        ),
        "RUN" | "CMD" | "ENTRYPOINT" => {
            if rest.contains("<<") {
                return Err("The command is a here-document. Mount the secret with `RUN \
                            --mount=type=secret,id=name,env=NAME`, and write $NAME there."
                    .to_owned());
            }
            let target = target(doc.slice(instruction.rest.start..spot.span.start));
            let variable = draft::variable(names, spot, std::slice::from_ref(&target), !target.is_empty());
            let base = instruction.rest.start;
            let span = spot.span.start - base..spot.span.end - base;
            for (span, text) in shell::inline(rest, &[(span, variable.clone())])? {
                draft.edit(base + span.start..base + span.end, text);
            }
            if instruction.keyword == "RUN" {
                mounts.push((command(doc, instruction), variable.clone()));
            } else {
                draft.note("The container needs the variable when it starts: hand it over with `docker \
                            run --env-file`, or from what runs it.");
            }
            draft.change(spot, Kind::Reference, doc.options.reference(&variable));
            Ok(())
        }
        "ARG" => argument(doc, instructions, at, spot, draft, mounts),
        "ENV" => Err(
            "A variable of ENV stays in the image, for everybody who pulls it. Delete the line; if \
             the build needs it, use `RUN --mount=type=secret,id=name,env=NAME`, and if the program \
             needs it, hand it over when the container starts."
                .to_owned(),
        ),
        "COPY" | "ADD" => Err(
            "The address is fetched by the builder, which reads no secrets there. Fetch it with \
             `RUN --mount=type=secret,id=name,env=NAME curl …`."
                .to_owned(),
        ),
        keyword => Err(format!("{keyword} is kept in the image, for everybody who pulls it. Delete the secret there.")),
    }
}

/// An argument with a default: the default goes, and whatever runs with the
/// argument mounts it.
fn argument(
    doc: &Doc<'_>,
    instructions: &[Instruction],
    at: usize,
    spot: &Spot<'_>,
    draft: &mut Draft,
    mounts: &mut Vec<(usize, String)>,
) -> Result<(), String> {
    let Some(instruction) = instructions.get(at) else { return Ok(()) };
    let text = doc.slice(instruction.rest.clone()).trim();
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    if !is_variable(name) || value.trim_matches(['"', '\'']) != doc.slice(spot.span.clone()) {
        return Err("The argument holds more than the secret. Take it out by hand, and mount the \
                    secret with `RUN --mount=type=secret,id=name,env=NAME`."
            .to_owned());
    }
    let uses = |text: &str| {
        text.match_indices('$').any(|(at, _)| {
            let rest = text.get(at + 1..).unwrap_or_default().trim_start_matches('{');
            let end =
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            rest.get(..end) == Some(name)
        })
    };
    let stage = instructions.get(at + 1..).unwrap_or_default();
    let before = instructions.get(..at).unwrap_or_default();
    if !before.iter().any(|i| i.keyword == "FROM") {
        return Err("The argument stands before the first FROM. Mount the secret with `RUN \
                    --mount=type=secret,id=name,env=NAME` where it is needed, and delete it here."
            .to_owned());
    }
    let mut found = Vec::new();
    for later in stage.iter().take_while(|i| i.keyword != "FROM") {
        let rest = doc.slice(later.rest.clone());
        if later.keyword == "RUN" && !rest.trim_start().starts_with('[') {
            // Programs may read it from their environment without a `$`.
            if uses(rest) {
                found.push(command(doc, later));
            }
        } else if uses(rest) {
            return Err(format!(
                "The argument is used by {}, which is kept in the image. Mount the secret with `RUN \
                 --mount=type=secret,id=name,env={name}` instead.",
                later.keyword
            ));
        }
    }
    if found.is_empty() {
        return Err(format!(
            "No RUN names ${name}, so a program may read it from its environment. Delete the line, \
             and give the RUN that needs it `--mount=type=secret,id=name,env={name}`."
        ));
    }
    draft.edit(instruction.span.start..doc.next_line(instruction.span.end), "");
    for at in found {
        mounts.push((at, name.to_owned()));
    }
    draft.change(spot, Kind::Removal, doc.options.reference(name));
    Ok(())
}

/// Where the command of a RUN begins, before its own options.
fn command(doc: &Doc<'_>, instruction: &Instruction) -> usize {
    let rest = doc.slice(instruction.rest.clone());
    instruction.rest.start + (rest.len() - rest.trim_start().len())
}

/// The variable that is assigned right here, if one is.
fn target(before: &str) -> String {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let name = word.trim_end_matches(['"', '\'']).strip_suffix('=').unwrap_or_default();
    if is_variable(name) { name.to_owned() } else { String::new() }
}

fn instructions(doc: &Doc<'_>) -> Vec<Instruction> {
    let mut out: Vec<Instruction> = Vec::new();
    let mut at = doc.start();
    let mut continues = false;
    while at < doc.text.len() {
        let line = doc.line(at);
        let line = line.start.max(doc.start())..line.end;
        let text = doc.slice(line.clone());
        let trimmed = text.trim();
        let is_comment = trimmed.starts_with('#');
        if continues {
            if let Some(last) = out.last_mut().filter(|_| !is_comment) {
                last.span.end = line.end;
                last.rest.end = line.end;
            }
        } else if !trimmed.is_empty() && !is_comment {
            let start = line.start + (text.len() - text.trim_start().len());
            let keyword: String = trimmed.chars().take_while(char::is_ascii_alphabetic).collect();
            let rest = start + keyword.len()..line.end;
            out.push(Instruction {
                keyword: keyword.to_ascii_uppercase(),
                span: start..line.end,
                rest,
            });
        }
        if !(is_comment || continues && trimmed.is_empty()) {
            continues = trimmed.ends_with('\\');
        }
        at = doc.next_line(line.end);
        if let Some(name) = document(text).filter(|_| !is_comment) {
            // The lines of a here-document belong to the instruction.
            while at < doc.text.len() {
                let inner = doc.line(at);
                at = doc.next_line(inner.end);
                if let Some(last) = out.last_mut() {
                    last.span.end = inner.end;
                    last.rest.end = inner.end;
                }
                if doc.slice(inner).trim() == name {
                    break;
                }
            }
            continues = false;
        }
    }
    out
}

/// The name that ends the here-document which begins in a line.
fn document(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("<<")?;
    let rest = rest.trim_start_matches('-').trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    rest.get(..end).filter(|name| !name.is_empty())
}
