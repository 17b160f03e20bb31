//! Ruby.

use tree_sitter::{Node, Tree};

use super::snippets::{Needs, in_breaks};
use super::{Code, Expression, Fallback, Literal, Site, Slashes, tree};
use crate::Language;
use crate::rewrite::draft::{Doc, Draft};

pub(super) const CODE: Code = Code {
    language: Language::Ruby,
    grammar: |_| tree_sitter_ruby::LANGUAGE.into(),
    comments: &["comment"],
    literal,
    refuse,
    join: " + ",
    loose: &[
        "assignment:right",
        "argument_list",
        "pair:value",
        "array",
        "return",
        "parenthesized_statements",
        "optional_parameter:value",
        "keyword_parameter:value",
        "body_statement",
        "program",
        "interpolation",
    ],
    env: |variable| Expression::tight(format!("ENV.fetch(\"{variable}\")")),
    fallback,
    settle: |_, _| Ok(()),
    finish,
};

fn literal<'t>(doc: &Doc<'_>, node: Node<'t>) -> Option<Literal<'t>> {
    match node.kind() {
        "string" => {
            let count = node.child_count();
            let (first, last) = (node.child(0)?, node.child(count.checked_sub(1)?)?);
            let open = doc.slice(first.byte_range());
            let close = doc.slice(last.byte_range());
            let mut literal = Literal::quoted(doc, node, open.len(), close.len())?;
            literal.inside = (open == "\"" || open.starts_with("%Q") || open.starts_with("%("))
                .then_some(("#{", "}"));
            Some(literal)
        }
        // Its text stands elsewhere than the expression that it is.
        "heredoc_body" => {
            let first = node.child(0)?;
            let last = node.child(node.child_count().checked_sub(1)?)?;
            let quoted = tag_is_quoted(doc, node);
            Some(Literal {
                content: first.start_byte().min(node.start_byte())..last.start_byte(),
                node,
                open: String::new(),
                close: String::new(),
                slashes: Slashes::Escape,
                inside: (!quoted).then_some(("#{", "}")),
                suffix: "",
                rigid: quoted.then_some(
                    "The secret stands in a here-document with a quoted name, which takes nothing \
                     in. Take the quotes from its name, escape `#{` and `\\` in it, and run this \
                     again.",
                ),
            })
        }
        _ => None,
    }
}

/// Whether the here-document that a body belongs to is one of `<<~'NAME'`.
fn tag_is_quoted(doc: &Doc<'_>, body: Node<'_>) -> bool {
    let Some(end) = body.child(body.child_count().saturating_sub(1)) else { return true };
    let name = doc.slice(end.byte_range()).trim();
    doc.slice(0..body.start_byte()).contains(&format!("'{name}'"))
}

fn refuse(site: &Site<'_, '_>) -> Option<String> {
    let node = site.literal.node;
    let parent = node.parent()?;
    let reason = match parent.kind() {
        "chained_string" => {
            "The secret is one of several text literals in a row. Join them with `+`, and run this \
             again."
        }
        "pair"
            if tree::is_field(parent, "key", node)
                && site
                    .doc
                    .slice(node.end_byte()..parent.end_byte())
                    .trim_start()
                    .starts_with(':') =>
        {
            "It is the name of a key that is a symbol. Keep it in a variable, and write the key \
             with `=>`."
        }
        "program" | "body_statement" if parent.kind() == "program" && node.kind() == "string" => {
            "It is a statement by itself that does nothing. Delete it; nothing reads it."
        }
        "in_clause" => "It is a pattern, which must be written out. Compare with `if` instead.",
        _ => return None,
    };
    Some(reason.to_owned())
}

fn fallback<'t>(site: &Site<'_, 't>) -> Option<Fallback<'t>> {
    let doc = site.doc;
    let node = site.literal.node;
    let parent = node.parent()?;
    match parent.kind() {
        // `ENV.fetch("X", "secret")`
        "argument_list" => {
            let call = parent.parent().filter(|call| call.kind() == "call")?;
            if doc.slice(call.child_by_field_name("receiver")?.byte_range()) != "ENV"
                || doc.slice(call.child_by_field_name("method")?.byte_range()) != "fetch"
                || parent.named_child_count() != 2
                || parent.named_child(1)?.id() != node.id()
            {
                return None;
            }
            let name = literal(doc, parent.named_child(0)?)?;
            let variable = doc.slice(name.content).to_owned();
            super::is_variable(&variable).then_some(Fallback { node: call, variable })
        }
        // `ENV["X"] || "secret"`
        "binary" => {
            let operator = parent.child_by_field_name("operator")?;
            if operator.kind() != "||" || !tree::is_field(parent, "right", node) {
                return None;
            }
            let left = doc.slice(parent.child_by_field_name("left")?.byte_range());
            let name = left.strip_prefix("ENV[")?.strip_suffix(']')?.trim_matches(['"', '\'']);
            super::is_variable(name).then(|| Fallback { node: parent, variable: name.to_owned() })
        }
        _ => None,
    }
}

fn finish(doc: &Doc<'_>, tree: &Tree, needs: &Needs, draft: &mut Draft) -> Result<(), String> {
    let imports = needs.missing_imports(doc);
    let functions = needs.missing_functions(doc);
    if imports.is_empty() && functions.is_empty() {
        return Ok(());
    }
    let root = tree.root_node();
    let mut cursor = root.walk();
    let mut at = None;
    for node in root.named_children(&mut cursor) {
        let text = doc.slice(node.byte_range());
        if node.kind() == "call"
            && (text.starts_with("require ") || text.starts_with("require_relative "))
        {
            at = Some(doc.next_line(node.end_byte()));
        } else if node.kind() != "comment" {
            break;
        }
    }
    let starts = at.is_none();
    let at = at.unwrap_or_else(|| head(doc));
    let mut text = String::new();
    for line in &imports {
        text.push_str(&format!("{line}\n"));
    }
    for function in &functions {
        if !text.is_empty() || !starts {
            text.push('\n');
        }
        text.push_str(&format!("{function}\n"));
    }
    if starts {
        text.push('\n');
    }
    draft.edit(at..at, in_breaks(doc, &text));
    Ok(())
}

/// After `#!` and magic comments.
fn head(doc: &Doc<'_>) -> usize {
    let mut at = doc.start();
    while at < doc.text.len() {
        let line = doc.slice(doc.line(at)).trim_start_matches('\u{feff}');
        let is_magic = ["frozen_string_literal:", "encoding:", "coding:", "warn_indent:", "typed:"]
            .iter()
            .any(|magic| line.contains(magic));
        if line.starts_with("#!") || line.starts_with('#') && is_magic {
            at = doc.next_line(at);
        } else {
            break;
        }
    }
    at
}
