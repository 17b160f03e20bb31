//! Kotlin.

use tree_sitter::{Node, Tree};

use super::snippets::{Needs, append, in_breaks};
use super::{Code, Expression, Fallback, Literal, Settled, Site, Slashes, tree};
use crate::Language;
use crate::rewrite::draft::{Doc, Draft};

pub(super) const CODE: Code = Code {
    language: Language::Kotlin,
    grammar: |_| tree_sitter_kotlin_ng::LANGUAGE.into(),
    comments: &["line_comment", "block_comment", "multiline_comment", "comment"],
    literal,
    refuse,
    join: " + ",
    loose: &[
        "property_declaration",
        "value_argument",
        "return_expression",
        "parenthesized_expression",
        "assignment",
        "function_value_parameters",
        "class_parameter",
        "function_body",
    ],
    env: |variable| {
        Expression::loose(format!(
            "System.getenv(\"{variable}\") ?: error(\"{variable} is not set\")"
        ))
    },
    fallback,
    settle,
    finish,
};

fn literal<'t>(doc: &Doc<'_>, node: Node<'t>) -> Option<Literal<'t>> {
    let quotes = match node.kind() {
        "string_literal" | "line_string_literal" => 1,
        "multiline_string_literal" => 3,
        _ => return None,
    };
    let quotes = if doc.slice(node.byte_range()).starts_with("\"\"\"") { 3 } else { quotes };
    let mut literal = Literal::quoted(doc, node, quotes, quotes)?;
    literal.inside = Some(("${", "}"));
    if quotes == 3 {
        literal.slashes = Slashes::Plain;
    }
    Some(literal)
}

fn refuse(site: &Site<'_, '_>) -> Option<String> {
    let node = site.literal.node;
    if tree::around(node, &["annotation", "file_annotation"]).is_some() {
        return Some(
            "It stands in an annotation, where Kotlin takes constants only. Set the value in code, \
             read from the environment."
                .to_owned(),
        );
    }
    None
}

fn fallback<'t>(site: &Site<'_, 't>) -> Option<Fallback<'t>> {
    let node = site.literal.node;
    let parent = node.parent()?;
    let text = site.doc.slice(parent.byte_range());
    let rest = text.strip_prefix("System.getenv(\"")?;
    let (name, rest) = rest.split_once('"')?;
    let between = rest.strip_suffix(site.doc.slice(node.byte_range()))?;
    (super::is_variable(name) && between.trim_start_matches(')').trim() == "?:")
        .then(|| Fallback { node: parent, variable: name.to_owned() })
}

fn settle(site: &Site<'_, '_>, settled: &mut Settled) -> Result<(), String> {
    let doc = site.doc;
    let Some(declaration) = tree::around(site.literal.node, &["property_declaration"]) else {
        return Ok(());
    };
    let Some(constant) = tree::all(declaration).find(|node| {
        node.child_count() == 0
            && node.end_byte() <= site.literal.node.start_byte()
            && doc.slice(node.byte_range()) == "const"
    }) else {
        return Ok(());
    };
    let name = tree::all(declaration)
        .find(|node| {
            matches!(node.kind(), "identifier" | "simple_identifier")
                && node.start_byte() > constant.end_byte()
        })
        .map(|node| doc.slice(node.byte_range()))
        .unwrap_or_default();
    let used = tree::uses(doc, site.root, name, &declaration.byte_range());
    let fixed = used.iter().any(|used| {
        tree::around(*used, &["annotation", "file_annotation"]).is_some()
            || tree::around(*used, &["property_declaration"])
                .is_some_and(|d| doc.slice(d.byte_range()).contains("const val"))
    });
    if fixed {
        return Err(format!(
            "{name} is used in an annotation or in another constant, where Kotlin takes constants \
             only. Change that place first."
        ));
    }
    let end = doc.slice(constant.end_byte()..doc.text.len());
    let space = end.len() - end.trim_start().len();
    settled.edits.push((constant.start_byte()..constant.end_byte() + space, String::new()));
    settled.notes.push(format!(
        "{name} is no constant any more and cannot stand in annotations of other files; compile, and \
         change those places."
    ));
    Ok(())
}

fn finish(doc: &Doc<'_>, tree: &Tree, needs: &Needs, draft: &mut Draft) -> Result<(), String> {
    let imports = needs.missing_imports(doc);
    let functions = needs.missing_functions(doc);
    let root = tree.root_node();
    if !imports.is_empty() {
        let mut cursor = root.walk();
        let mut last = None;
        for node in root.named_children(&mut cursor) {
            if matches!(
                node.kind(),
                "package_header" | "import" | "import_list" | "import_header" | "file_annotation"
            ) {
                last = Some(node);
            }
        }
        let lines: String = imports.iter().map(|line| format!("{line}\n")).collect();
        let (at, text) = match last {
            Some(node) if node.kind() == "package_header" => {
                (doc.next_line(node.end_byte().saturating_sub(1)), format!("\n{lines}"))
            }
            Some(node) => {
                let trimmed = doc.slice(node.byte_range()).trim_end().len();
                (doc.next_line(node.start_byte() + trimmed), lines)
            }
            None => (doc.start(), format!("{lines}\n")),
        };
        draft.edit(at..at, in_breaks(doc, &text));
    }
    append(doc, &functions, draft);
    Ok(())
}
