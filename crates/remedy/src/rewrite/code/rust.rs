//! Rust.
//!
//! Text in Rust is borrowed for ever, and what is read from outside is not, so
//! a static beside the code holds what was read, and lends it.

use tree_sitter::{Node, Tree};

use super::snippets::{Needs, has, in_breaks};
use super::{Code, Expression, Literal, Settled, Site, Slashes, tree};
use crate::rewrite::draft::{Doc, Draft};
use crate::{Language, Manager};

pub(super) const CODE: Code = Code {
    language: Language::Rust,
    grammar: |_| tree_sitter_rust::LANGUAGE.into(),
    comments: &["line_comment", "block_comment"],
    literal,
    refuse,
    join: ", ",
    loose: &[],
    env: |variable| {
        Expression::tight(format!(
            "std::env::var(\"{variable}\").expect(\"{variable} is not set\")"
        ))
    },
    fallback: |_| None,
    settle,
    finish,
};

fn literal<'t>(doc: &Doc<'_>, node: Node<'t>) -> Option<Literal<'t>> {
    if !matches!(node.kind(), "string_literal" | "raw_string_literal") {
        return None;
    }
    let text = doc.slice(node.byte_range());
    let open = text.find('"')? + 1;
    let close = text.len() - text.rfind('"')?;
    let mut literal = Literal::quoted(doc, node, open, close)?;
    if node.kind() == "raw_string_literal" {
        literal.slashes = Slashes::Plain;
    }
    if text.starts_with(['b', 'c']) {
        literal.rigid = Some(BYTES);
    }
    Some(literal)
}

const BYTES: &str = "It is a text of bytes. Read the value, and convert it by hand.";

/// Macros whose arguments are expressions.
const OPEN_MACROS: &[&str] = &[
    "vec",
    "println",
    "print",
    "eprintln",
    "eprint",
    "format",
    "write",
    "writeln",
    "panic",
    "json",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug",
    "info",
    "warn",
    "error",
    "trace",
    "dbg",
    "hashmap",
    "anyhow",
    "bail",
    "ensure",
];

fn refuse(site: &Site<'_, '_>) -> Option<String> {
    let node = site.literal.node;
    if site.literal.rigid.is_some() {
        return Some(BYTES.to_owned());
    }
    if tree::around(node, &["attribute_item", "inner_attribute_item"]).is_some() {
        return Some(
            "It stands in an attribute, which must be written out. Set the value in code."
                .to_owned(),
        );
    }
    if tree::within(
        node,
        &["match_pattern", "tuple_struct_pattern", "or_pattern"],
        &["block", "match_block"],
    ) {
        return Some(
            "It is a pattern, which must be written out. Compare with == instead, and run this \
             again."
                .to_owned(),
        );
    }
    if let Some(called) = tree::around(node, &["macro_invocation"]) {
        let name = called.child_by_field_name("macro").map(|n| site.doc.slice(n.byte_range()));
        let name = name.unwrap_or_default().rsplit("::").next().unwrap_or_default();
        if !OPEN_MACROS.contains(&name) {
            return Some(format!(
                "It is an argument of the macro {name}!, which may need a written text. Read the \
                 secret into a variable before, if the macro takes that."
            ));
        }
        if is_template(site.doc, called, name, node) {
            return Some(
                "It stands in the text of a format. Write {} there, and hand the secret over as an \
                 argument."
                    .to_owned(),
            );
        }
    }
    if tree::around(node, &["macro_definition"]).is_some() {
        return Some("It stands in the definition of a macro. Take it out by hand.".to_owned());
    }
    None
}

/// Whether a literal is what a formatting macro fills in.
fn is_template(doc: &Doc<'_>, called: Node<'_>, name: &str, node: Node<'_>) -> bool {
    let Some(tokens) = node.parent().filter(|tokens| tokens.kind() == "token_tree") else {
        return false;
    };
    if tokens.parent().is_none_or(|above| above.id() != called.id()) {
        return false;
    }
    let commas = doc.slice(tokens.start_byte() + 1..node.start_byte()).matches(',').count();
    match name {
        "vec" | "json" | "hashmap" | "dbg" => false,
        "write" | "writeln" | "assert" | "ensure" => commas == 1,
        "assert_eq" | "assert_ne" => commas == 2,
        _ => commas == 0,
    }
}

fn settle(site: &Site<'_, '_>, settled: &mut Settled) -> Result<(), String> {
    let node = site.literal.node;
    let doc = site.doc;
    if let Some(item) = tree::around(node, &["const_item", "static_item"]) {
        return constant(site, item, settled);
    }
    if site.is_whole && is_owned(doc, node) {
        return Ok(());
    }
    // A manager's expression may give anything; only a variable is known to be text.
    if doc.options.manager != Manager::Env {
        return if site.is_whole {
            settled.wrap = Some("&{}".to_owned());
            Ok(())
        } else {
            Err("The secret is a part of a text. Read it into a variable before, and use format!; \
                 or fix it with `--to env`."
                .to_owned())
        };
    }
    if site.is_whole {
        let Some(reference) = site.references.first() else { return Ok(()) };
        let name = &reference.variable;
        if !tree::uses(doc, site.root, name, &(0..0)).is_empty() && !doc.text.contains(&item(name))
        {
            return Err(format!(
                "The file uses the name {name} for something else. Rename that, and run this again."
            ));
        }
        settled.wrap = Some(format!("{name}.as_str()"));
        settled.items.push((node.start_byte(), item(name)));
        return Ok(());
    }
    if is_owned(doc, node) {
        settled.wrap = Some("[{}].concat()".to_owned());
        return Ok(());
    }
    // The text around it needs an owner too, right where it is used.
    settled.wrap = Some(
        "{ static TEXT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| [{}].concat()); TEXT.as_str() }"
            .to_owned(),
    );
    Ok(())
}

fn item(name: &str) -> String {
    format!(
        "static {name}: std::sync::LazyLock<String> =\n    std::sync::LazyLock::new(|| \
         std::env::var(\"{name}\").expect(\"{name} is not set\"));"
    )
}

/// Whether what is around a literal makes a `String` of it at once.
fn is_owned(doc: &Doc<'_>, node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    match parent.kind() {
        "field_expression" => {
            let method = parent.child_by_field_name("field").map(|f| doc.slice(f.byte_range()));
            let is_called = parent.parent().is_some_and(|call| call.kind() == "call_expression");
            is_called && matches!(method, Some("to_string" | "to_owned" | "into"))
        }
        "arguments" => {
            let call = parent.parent().and_then(|call| call.child_by_field_name("function"));
            call.is_some_and(|function| doc.slice(function.byte_range()) == "String::from")
        }
        _ => false,
    }
}

/// A constant becomes a static that is read when it is first used.
fn constant(site: &Site<'_, '_>, item: Node<'_>, settled: &mut Settled) -> Result<(), String> {
    let doc = site.doc;
    let text =
        |field: &str| item.child_by_field_name(field).map(|n| (n, doc.slice(n.byte_range())));
    let (Some((name, name_text)), Some((of, of_text))) = (text("name"), text("type")) else {
        return Ok(());
    };
    let mut cursor = item.walk();
    let public = item.children(&mut cursor).find(|child| child.kind() == "visibility_modifier");
    if public.is_some() {
        return Err(format!(
            "{name_text} is seen by other files, whose uses would have to change as well. Make it \
             private, or make it `static {name_text}: LazyLock<String>` and write \
             `{name_text}.as_str()` where it is used."
        ));
    }
    if tree::around(item, &["impl_item", "trait_item"]).is_some() {
        return Err("It is a constant of a type, which cannot be read from outside. Make it a \
                    function that reads the environment."
            .to_owned());
    }
    if !matches!(of_text.replace(' ', "").as_str(), "&str" | "&'staticstr") {
        return Err(format!(
            "The constant is a {of_text}, which cannot be read from outside as it is. Make it a \
             LazyLock by hand."
        ));
    }
    if item.child_by_field_name("value").is_none_or(|v| v.id() != site.literal.node.id()) {
        return Err(
            "The secret is a part of a calculated constant. Make it a LazyLock by hand.".to_owned()
        );
    }
    for used in tree::uses(doc, site.root, name_text, &item.byte_range()) {
        let fixed = tree::around(
            used,
            &[
                "const_item",
                "static_item",
                "attribute_item",
                "match_pattern",
                "use_declaration",
                "array_type",
            ],
        );
        if fixed.is_some() {
            return Err(format!(
                "{name_text} is used in a pattern or in another constant. Change that place first."
            ));
        }
        if doc.slice(used.end_byte()..doc.text.len()).starts_with(".as_str()") {
            continue;
        }
        settled.edits.push((used.end_byte()..used.end_byte(), ".as_str()".to_owned()));
    }
    if doc.text.contains(&format!("{{{name_text}}}"))
        || doc.text.contains(&format!("{{{name_text}:"))
    {
        return Err(format!(
            "{name_text} is named inside of the text of a format. Hand it over as an argument there, \
             and run this again."
        ));
    }
    let keyword = item.start_byte()..name.start_byte();
    if item.kind() == "const_item" {
        settled.edits.push((keyword, "static ".to_owned()));
    }
    settled.edits.push((of.byte_range(), "std::sync::LazyLock<String>".to_owned()));
    let literal = site.literal;
    settled.wrap = Some(if site.is_whole {
        "std::sync::LazyLock::new(|| {})".to_owned()
    } else {
        let _ = literal;
        "std::sync::LazyLock::new(|| [{}].concat())".to_owned()
    });
    Ok(())
}

fn finish(doc: &Doc<'_>, tree: &Tree, needs: &Needs, draft: &mut Draft) -> Result<(), String> {
    let root = tree.root_node();
    let plain = doc.text.replace("\r\n", "\n");
    let mut ends: Vec<(usize, String, String)> = Vec::new();
    for (at, item) in &needs.items {
        let node = root.descendant_for_byte_range(*at, *at);
        let module = node.and_then(|node| tree::around(node, &["mod_item"]));
        let body = module.and_then(|module| module.child_by_field_name("body"));
        let (end, indent) = match (body, module) {
            (Some(body), Some(module)) => {
                let end = body.end_byte().saturating_sub(1);
                (doc.line(end).start, format!("{}    ", doc.indent(module.start_byte())))
            }
            _ => (doc.text.len(), String::new()),
        };
        let text = super::indented(item, &indent);
        if !plain.contains(&text) {
            ends.push((end, text, indent));
        }
    }
    for function in &needs.functions {
        if !has(doc, function) {
            ends.push((doc.text.len(), function.clone(), String::new()));
        }
    }
    for (end, text, _) in ends {
        let no_break = end == doc.text.len() && !doc.text.ends_with('\n');
        let text = if no_break { format!("\n\n{text}") } else { format!("\n{text}\n") };
        draft.edit(end..end, in_breaks(doc, &text));
    }
    let imports = needs.missing_imports(doc);
    if !imports.is_empty() {
        let mut cursor = root.walk();
        let first = root.named_children(&mut cursor).find(|node| {
            !matches!(node.kind(), "inner_attribute_item" | "line_comment" | "block_comment")
        });
        let at =
            first.map_or(doc.start(), |node| doc.line(node.start_byte()).start.max(doc.start()));
        let starts_block = first.is_none_or(|node| node.kind() != "use_declaration");
        let mut text: String = imports.iter().map(|line| format!("{line}\n")).collect();
        if starts_block {
            text.push('\n');
        }
        draft.edit(at..at, in_breaks(doc, &text));
    }
    Ok(())
}
