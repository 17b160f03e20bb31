//! Shell scripts, and lines of shell inside of other files.

use std::ops::Range;

use tree_sitter::Node;

use super::snippets::in_breaks;
use super::tree;
use crate::rewrite::draft::{self, Doc, Draft, Spot};
use crate::rewrite::{Kind, Names};
use crate::snippet::snippet;
use crate::{Language, Manager};

/// Where a secret stands in a script.
pub(in crate::rewrite) enum Place<'t> {
    Comment,
    /// `${VARIABLE:-secret}`, all of it.
    Default {
        node: Node<'t>,
        variable: String,
    },
    /// What is to be replaced, by a reference with this around it.
    Text {
        span: Range<usize>,
        before: String,
        after: String,
        target: Option<String>,
        node: Node<'t>,
    },
    Refused(&'static str),
}

const QUOTED_DOCUMENT: &str = "The secret stands in a here-document with a quoted name, which takes nothing in. Take the \
     quotes from its name, escape `$`, `\\` and backquotes in it, and run this again.";

/// Rewrites a script.
pub(in crate::rewrite) fn rewrite(
    doc: &Doc<'_>,
    spots: &[Spot<'_>],
    names: &mut Names,
    draft: &mut Draft,
) {
    let grammar = tree_sitter_bash::LANGUAGE.into();
    let Some(tree) = tree::parse(&grammar, doc.text) else {
        for spot in spots {
            draft.refuse(spot, tree::TOO_BIG);
        }
        return;
    };
    let mut functions: Vec<String> = Vec::new();
    for spot in spots {
        let place = locate(doc.text, tree.root_node(), &spot.span);
        match place {
            Place::Comment => draft::comment(draft, doc, names, spot),
            Place::Refused(reason) => draft.refuse(spot, reason),
            Place::Default { node, variable } => {
                draft.edit(node.byte_range(), format!("${{{variable}:?}}"));
                draft.change(spot, Kind::Reference, doc.options.reference(&variable));
            }
            Place::Text { span, before, after, target, node } => {
                let is_whole = span != spot.span || is_word(doc, node, &spot.span);
                let targets: Vec<String> = target.into_iter().collect();
                let variable = draft::variable(names, spot, &targets, is_whole);
                let reference = doc.options.reference(&variable);
                if doc.options.manager == Manager::Env {
                    draft.edit(span, format!("{before}${{{variable}:?}}{after}"));
                    draft.change(spot, Kind::Reference, reference);
                    continue;
                }
                match call(doc, node, &spot.span, &reference) {
                    Ok((expression, function)) => {
                        if let Some(assignment) = tree::around(node, &["variable_assignment"]) {
                            let end = assignment.end_byte();
                            draft.edit(end..end, " || exit 1");
                        }
                        let whole = tree::around(node, &["variable_assignment"])
                            .and_then(|a| a.child_by_field_name("value"));
                        draft.edit(whole.map_or(span, |value| value.byte_range()), expression);
                        draft.change(spot, Kind::Reference, reference);
                        if !function.is_empty() && !functions.contains(&function) {
                            functions.push(function);
                        }
                    }
                    Err(reason) => draft.refuse(spot, reason),
                }
            }
        }
    }
    let plain = doc.text.replace("\r\n", "\n");
    functions.retain(|function| !plain.contains(function.as_str()));
    if !functions.is_empty() {
        let at = head(doc);
        let text: String = functions.iter().map(|function| format!("\n{function}\n")).collect();
        draft.edit(at..at, in_breaks(doc, &text));
    }
    tree::check(doc, &grammar, &tree, draft);
}

/// The call that asks a manager; only where a failure ends the script.
fn call(
    doc: &Doc<'_>,
    node: Node<'_>,
    span: &Range<usize>,
    reference: &crate::Reference,
) -> Result<(String, String), String> {
    let manager = doc.options.manager;
    let Some(snippet) = snippet(Language::Shell, manager, reference) else {
        return Err(format!(
            "There is no way to read {} from a script. Fix it with `--to env`.",
            manager.name()
        ));
    };
    let assignment = tree::around(node, &["variable_assignment"]);
    let is_plain = assignment.is_some_and(|assignment| {
        let alone = assignment.parent().is_some_and(|p| {
            matches!(
                p.kind(),
                "program" | "compound_statement" | "do_group" | "if_statement" | "else_clause"
            )
        });
        let value = assignment.child_by_field_name("value").map(|value| value.byte_range());
        let value = value.map(|value| doc.slice(value).trim_matches(['"', '\'']));
        alone && value == Some(doc.slice(span.clone()))
    });
    if !is_plain {
        return Err(format!(
            "A script goes on with an empty value when asking {} fails in the middle of a command. \
             Assign the secret to a variable in a line of its own, and run this again; or fix it \
             with `--to env`.",
            manager.name()
        ));
    }
    let function = [snippet.imports.trim(), snippet.function.trim_matches('\n')].join("\n");
    Ok((snippet.expression.trim().to_owned(), function.trim_matches('\n').to_owned()))
}

/// After `#!` and the comments and settings behind it.
fn head(doc: &Doc<'_>) -> usize {
    let mut at = doc.start();
    while at < doc.text.len() {
        let line = doc.slice(doc.line(at)).trim_start_matches('\u{feff}');
        if line.starts_with('#') || line.starts_with("set ") || line.starts_with("shopt ") {
            at = doc.next_line(at);
        } else {
            break;
        }
    }
    at
}

/// Whether the secret is all of a word or string.
fn is_word(doc: &Doc<'_>, node: Node<'_>, span: &Range<usize>) -> bool {
    doc.slice(node.byte_range()).trim_matches(['"', '\'']) == doc.slice(span.clone())
}

/// Finds out how a reference can be put into a script instead of a span.
pub(in crate::rewrite) fn locate<'t>(text: &str, root: Node<'t>, span: &Range<usize>) -> Place<'t> {
    let slice = |range: Range<usize>| text.get(range).unwrap_or_default();
    let Some(first) = root.descendant_for_byte_range(span.start, span.end) else {
        return Place::Refused("It is not to be found in the script any more.");
    };
    let target = tree::around(first, &["variable_assignment"])
        .and_then(|assignment| assignment.child_by_field_name("name"))
        .map(|name| slice(name.byte_range()).to_owned());
    let mut node = Some(first);
    let mut word = None;
    while let Some(at) = node {
        match at.kind() {
            "comment" => return Place::Comment,
            "expansion" => {
                let inner = slice(at.byte_range());
                let name = inner.trim_start_matches("${");
                let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(0);
                let (name, rest) = name.split_at(end);
                let default = rest.trim_start_matches(':').strip_prefix(['-', '=']);
                let default = default.and_then(|d| d.strip_suffix('}'));
                let value = slice(span.clone());
                let is_whole = default.is_some_and(|d| d.trim_matches(['"', '\'']) == value);
                if is_whole && super::is_variable(name) {
                    return Place::Default { node: at, variable: name.to_owned() };
                }
                return Place::Refused(
                    "It stands inside of an expansion. Take the default out of it by hand.",
                );
            }
            "raw_string" | "ansi_c_string" => {
                let open = if at.kind() == "raw_string" { "'" } else { "$'" };
                let range = at.byte_range();
                let inner = range.start + open.len()..range.end.saturating_sub(1);
                let (starts, ends) = (span.start <= inner.start, span.end >= inner.end);
                // Quotes that would be left empty go as well.
                let from = if starts { range.start } else { span.start };
                let to = if ends { range.end } else { span.end };
                let before = if starts { "\"" } else { "'\"" };
                let after = if ends { "\"".to_owned() } else { format!("\"{open}") };
                return Place::Text {
                    span: from..to,
                    before: before.to_owned(),
                    after,
                    target,
                    node: at,
                };
            }
            "string" | "translated_string" => {
                return Place::Text {
                    span: span.clone(),
                    before: String::new(),
                    after: String::new(),
                    target,
                    node: at,
                };
            }
            "heredoc_body" => {
                let name = at.parent().and_then(|redirect| {
                    let mut cursor = redirect.walk();
                    redirect
                        .named_children(&mut cursor)
                        .find(|child| child.kind() == "heredoc_start")
                });
                let quoted =
                    name.is_none_or(|name| slice(name.byte_range()).contains(['\'', '"', '\\']));
                if quoted {
                    return Place::Refused(QUOTED_DOCUMENT);
                }
                return Place::Text {
                    span: span.clone(),
                    before: String::new(),
                    after: String::new(),
                    target,
                    node: at,
                };
            }
            "word" | "number" | "concatenation" | "command_name" | "variable_name" | "regex"
            | "extglob_pattern" | "file_descriptor" | "test_operator" => word = word.or(Some(at)),
            "variable_assignment"
                if word.is_none() && slice(at.byte_range()).ends_with(slice(span.clone())) =>
            {
                word = Some(at)
            }
            _ => {}
        }
        node = at.parent();
    }
    match word {
        Some(word) => Place::Text {
            span: span.clone(),
            before: "\"".to_owned(),
            after: "\"".to_owned(),
            target,
            node: word,
        },
        None => Place::Refused("It stands where a script takes no variable. Take it out by hand."),
    }
}

/// Replaces spans of a piece of shell inside of another file by variables of
/// the environment. Gives edits of the piece.
///
/// # Errors
/// Why it cannot be done.
pub(in crate::rewrite) fn inline(
    text: &str,
    spans: &[(Range<usize>, String)],
) -> Result<Vec<(Range<usize>, String)>, String> {
    let grammar = tree_sitter_bash::LANGUAGE.into();
    let tree = tree::parse(&grammar, text).ok_or_else(|| tree::TOO_BIG.to_owned())?;
    let mut out = Vec::new();
    for (span, variable) in spans {
        match locate(text, tree.root_node(), span) {
            Place::Comment => out.push((span.clone(), format!("<{variable}>"))),
            Place::Refused(reason) => return Err(reason.to_owned()),
            Place::Default { node, variable } => {
                out.push((node.byte_range(), format!("${{{variable}:?}}")));
            }
            Place::Text { span, before, after, .. } => {
                out.push((span, format!("{before}${{{variable}:?}}{after}")));
            }
        }
    }
    Ok(out)
}
