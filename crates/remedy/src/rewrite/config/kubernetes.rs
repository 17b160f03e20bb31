//! Manifests of Kubernetes, and templates of Helm that make them.

use super::yaml::{Work, pair_of, value_of};
use crate::Manager;
use crate::Reference;
use crate::rewrite::Kind;
use crate::rewrite::code::snippets::in_breaks;
use crate::rewrite::code::tree;
use crate::rewrite::draft;

pub(super) fn manifest(work: &mut Work<'_, '_>) -> Result<(), String> {
    if work.has_key("env") && work.key() == "value" && !work.scalar.in_flow {
        return environment(work);
    }
    let kind = kind(work);
    Err(match kind.as_str() {
        "Secret" => "A manifest of a Secret holds its value, only encoded. Take it out of the \
                     repository; make the Secret with `kubectl create secret`, or let External \
                     Secrets or a sealed secret make it."
            .to_owned(),
        "ConfigMap" => {
            "A ConfigMap is readable for everybody. Move the value into a Secret that is \
                        not in the repository, and refer to it with secretKeyRef, or mount it."
                .to_owned()
        }
        _ if work.has_key("args") || work.has_key("command") => {
            "It stands in the command of a container. Give the container an `env` entry with \
             secretKeyRef, and write $(NAME) here."
                .to_owned()
        }
        _ => "A manifest can refer to a Secret only where its schema says so. Look up which field \
              of this kind takes the name of a Secret, and use it."
            .to_owned(),
    })
}

/// An `env` entry of a container: from the value to the Secret's name.
fn environment(work: &mut Work<'_, '_>) -> Result<(), String> {
    let shared = "The entry is not written as `- name:` and `value:` on lines of their own. Write \
                  it so, and run this again.";
    let pair = work.scalar.pair.ok_or(shared)?;
    let mapping = pair.parent().ok_or(shared)?;
    let name = pair_of(work.doc, mapping, "name").map(|pair| value_of(work.doc, pair));
    let name = name.ok_or(shared)?.trim_matches(['"', '\'']).to_owned();
    let item = tree::around(mapping, &["block_sequence_item"]).ok_or(shared)?;
    let column = |at: usize| {
        let line = work.doc.line(at);
        work.doc.slice(line.start..at).trim_start_matches('\u{feff}').chars().count()
    };
    let inner = " ".repeat(column(pair.start_byte()));
    let outer = " ".repeat(column(item.start_byte()));
    if work.is_whole() {
        let [spot] = work.spots else { return Err(shared.to_owned()) };
        let variable = draft::variable(work.names, spot, &[name], true);
        let reference = work.doc.options.reference(&variable);
        let text = source(&reference, work.doc.options.manager, &inner);
        work.draft.edit(pair.start_byte()..work.scalar.node.end_byte(), in_breaks(work.doc, &text));
        work.draft.change(spot, Kind::Reference, reference);
        return Ok(());
    }
    // Kubernetes puts variables that are defined before into later values.
    let mut before = String::new();
    let mut edits = Vec::new();
    for spot in work.spots {
        let variable = draft::variable(work.names, spot, &[], false);
        if variable == name {
            return Err(format!(
                "{name} holds more than the secret, and the secret has no name of its own. Give it \
                 an entry by hand, and write $(ITS_NAME) here."
            ));
        }
        let reference = work.doc.options.reference(&variable);
        let text = source(&reference, work.doc.options.manager, &format!("{outer}  "));
        if !before.contains(&format!("- name: {variable}\n")) {
            before.push_str(&format!("- name: {variable}\n{outer}  {text}\n{outer}"));
        }
        edits.push((spot.span.clone(), format!("$({variable})")));
        work.draft.change(spot, Kind::Reference, reference);
    }
    let at = item.start_byte();
    work.draft.edit(at..at, in_breaks(work.doc, &before));
    work.put(edits)
}

fn source(reference: &Reference, manager: Manager, indent: &str) -> String {
    let key = match (&reference.field, manager) {
        (Some(field), Manager::Kubernetes) => field,
        _ => &reference.variable,
    };
    let name = reference.path.replace(['/', '_'], "-").to_ascii_lowercase();
    format!("valueFrom:\n{indent}  secretKeyRef:\n{indent}    name: {name}\n{indent}    key: {key}")
}

/// The `kind` of the document around the secret.
fn kind(work: &Work<'_, '_>) -> String {
    let Some(document) = tree::around(work.scalar.node, &["document"]) else {
        return String::new();
    };
    let lines = work.doc.slice(document.byte_range()).lines();
    let mut kinds = lines.filter_map(|line| line.strip_prefix("kind:"));
    kinds.next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned()
}
