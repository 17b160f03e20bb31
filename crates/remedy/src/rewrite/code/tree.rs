//! Syntax trees, whatever the language.

use std::ops::Range;

use tree_sitter::{Language, Node, Parser, Tree};

use crate::rewrite::draft::{Doc, Draft};

/// Texts beyond this size are not parsed, in bytes.
const LARGEST: usize = 8 << 20;

pub(in crate::rewrite) const TOO_BIG: &str =
    "The file is too large to be understood as a program. Take the secret out by hand.";

/// The tree of a text; none if it is too large.
pub(in crate::rewrite) fn parse(grammar: &Language, text: &str) -> Option<Tree> {
    if text.len() > LARGEST {
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(grammar).ok()?;
    parser.parse(text, None)
}

/// Errors in a tree, counted.
pub(in crate::rewrite) fn errors(tree: &Tree) -> usize {
    if !tree.root_node().has_error() {
        return 0;
    }
    let mut cursor = tree.walk();
    let mut count = 0;
    loop {
        let node = cursor.node();
        count += usize::from(node.is_error() || node.is_missing());
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return count;
            }
        }
    }
}

/// Takes everything back if the text parses worse than before.
pub(in crate::rewrite) fn check(
    doc: &Doc<'_>,
    grammar: &Language,
    before: &Tree,
    draft: &mut Draft,
) {
    if draft.edits.is_empty() {
        return;
    }
    let after = applied(doc, draft).and_then(|text| parse(grammar, &text));
    let worse = after.is_none_or(|after| errors(&after) > errors(before));
    if worse {
        draft.give_up(
            "The file would not parse any more with a reference in this place. Take the secret \
             out by hand.",
        );
    }
}

/// The text after the edits so far; none if they meet each other.
pub(in crate::rewrite) fn applied(doc: &Doc<'_>, draft: &Draft) -> Option<String> {
    let mut edits: Vec<_> = draft.edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits.dedup();
    let mut out = String::with_capacity(doc.text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(doc.text.get(at..edit.span.start)?);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(doc.text.get(at..)?);
    Some(out)
}

/// The nearest node of one of these kinds around a node, itself included.
pub(in crate::rewrite) fn around<'t>(node: Node<'t>, kinds: &[&str]) -> Option<Node<'t>> {
    let mut node = Some(node);
    while let Some(at) = node {
        if kinds.contains(&at.kind()) {
            return Some(at);
        }
        node = at.parent();
    }
    None
}

/// Whether a node stands below a node of one of these kinds, before any of the
/// kinds that end the search.
pub(in crate::rewrite) fn within(node: Node<'_>, kinds: &[&str], ends: &[&str]) -> bool {
    let mut node = node.parent();
    while let Some(at) = node {
        if kinds.contains(&at.kind()) {
            return true;
        }
        if ends.contains(&at.kind()) {
            return false;
        }
        node = at.parent();
    }
    false
}

/// Every node of a tree below one, in order, itself included.
pub(in crate::rewrite) fn all<'t>(root: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let mut cursor = Some(root.walk());
    let mut depth = 0_usize;
    std::iter::from_fn(move || {
        let at = cursor.as_mut()?;
        let node = at.node();
        if at.goto_first_child() {
            depth += 1;
        } else {
            loop {
                // The walk ends where it began.
                if depth == 0 {
                    cursor = None;
                    break;
                }
                if at.goto_next_sibling() {
                    break;
                }
                at.goto_parent();
                depth -= 1;
            }
        }
        Some(node)
    })
}

/// Whether a child of a node stands in a field.
pub(in crate::rewrite) fn is_field(parent: Node<'_>, field: &str, child: Node<'_>) -> bool {
    parent.child_by_field_name(field).is_some_and(|found| contains(found, child))
}

/// Whether one node is the other or around it.
pub(in crate::rewrite) fn contains(outer: Node<'_>, inner: Node<'_>) -> bool {
    outer.start_byte() <= inner.start_byte() && inner.end_byte() <= outer.end_byte()
}

/// Places of an identifier in a tree, but for one span.
pub(in crate::rewrite) fn uses<'t>(
    doc: &Doc<'_>,
    root: Node<'t>,
    name: &str,
    but: &Range<usize>,
) -> Vec<Node<'t>> {
    all(root)
        .filter(|node| {
            node.child_count() == 0
                && node.kind().contains("identifier") | (node.kind() == "name")
                && !(but.start <= node.start_byte() && node.end_byte() <= but.end)
                && doc.slice(node.byte_range()) == name
        })
        .collect()
}

/// Fields in which the target of a value stands.
const TARGETS: &[&str] = &["left", "name", "key", "pattern", "field", "names", "declarator"];

/// Kinds that a value's name does not reach beyond.
const WALLS: &[&str] =
    &["block", "body", "function", "class", "lambda", "method", "closure", "program"];

/// What a value is assigned to, the nearest first: names of variables, keys,
/// parameters.
pub(in crate::rewrite) fn targets(doc: &Doc<'_>, node: Node<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut below = node;
    while let Some(at) = below.parent() {
        if WALLS.iter().any(|wall| at.kind().contains(wall)) && at.kind() != "function_item" {
            break;
        }
        let mut named = None;
        for field in TARGETS {
            if let Some(found) = at.child_by_field_name(field)
                && !contains(found, below)
            {
                named = Some(found);
                break;
            }
        }
        // Some grammars give no names to the two sides.
        if named.is_none() && UNNAMED.contains(&at.kind()) {
            let mut cursor = at.walk();
            let first = at.named_children(&mut cursor).find(|child| child.kind() != "modifiers");
            named = first.filter(|first| !contains(*first, below));
        }
        if let Some(named) = named
            && !APART.iter().any(|apart| at.kind().contains(apart))
        {
            let text = doc.slice(named.byte_range()).trim();
            let text = text.trim_matches(['"', '\'', ':', '`']);
            if text.len() <= 80 && !text.contains(char::is_whitespace) {
                out.push(text.to_owned());
            }
        }
        below = at;
    }
    // `github: { token: … }` names it together.
    if let [first, second, ..] = out.as_slice() {
        let both = format!("{second}.{first}");
        out.insert(1, both);
    }
    out
}

/// Kinds whose sides have nothing to do with what a value is for.
const APART: &[&str] = &[
    "call",
    "binary",
    "boolean",
    "operator",
    "member",
    "access",
    "selector",
    "field_expression",
    "invocation",
    "comparison",
];

const UNNAMED: &[&str] = &[
    "keyed_element",
    "array_element_initializer",
    "property_declaration",
    "const_element",
    "property_element",
    "assignment",
    "const_declaration",
    "element_value_pair",
    "pair",
    "value_argument",
    "argument",
    "variable_declarator",
    "assignment_expression",
];
