//! Python.

use tree_sitter::{Node, Tree};

use super::snippets::{Needs, has, in_breaks};
use super::{Code, Expression, Fallback, Literal, Settled, Site, Slashes, tree};
use crate::Language;
use crate::rewrite::draft::{Doc, Draft};

pub(super) const CODE: Code = Code {
    language: Language::Python,
    grammar: |_| tree_sitter_python::LANGUAGE.into(),
    comments: &["comment"],
    literal,
    refuse,
    join: " + ",
    loose: &[
        "assignment:right",
        "argument_list",
        "keyword_argument",
        "pair:value",
        "list",
        "tuple",
        "set",
        "return_statement",
        "parenthesized_expression",
        "default_parameter",
        "typed_default_parameter",
        "expression_list",
        "subscript:subscript",
        "interpolation",
    ],
    env: |variable| Expression::tight(format!("os.environ[\"{variable}\"]")),
    fallback,
    settle,
    finish,
};

fn literal<'t>(doc: &Doc<'_>, node: Node<'t>) -> Option<Literal<'t>> {
    if node.kind() != "string" {
        return None;
    }
    let count = node.child_count();
    let (first, last) = (node.child(0)?, node.child(count.checked_sub(1)?)?);
    if first.kind() != "string_start" || last.kind() != "string_end" {
        return None;
    }
    let open = doc.slice(first.byte_range()).to_owned();
    let prefix: String =
        open.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let quote = doc.slice(last.byte_range()).to_owned();
    let formats = prefix.contains('f') || prefix.contains('t');
    Some(Literal {
        node,
        content: first.end_byte()..last.start_byte(),
        open,
        close: quote,
        slashes: if prefix.contains('r') { Slashes::NotLast } else { Slashes::Escape },
        inside: formats.then_some(("{", "}")),
        suffix: if prefix.contains('b') { ".encode()" } else { "" },
        rigid: None,
    })
}

fn refuse(site: &Site<'_, '_>) -> Option<String> {
    let node = site.literal.node;
    let parent = node.parent()?;
    if parent.kind() == "expression_statement"
        || parent.kind() == "concatenated_string"
            && parent.parent().is_some_and(|above| above.kind() == "expression_statement")
    {
        return Some(
            "It stands in a text that is only documentation. Delete it there; nothing reads it."
                .to_owned(),
        );
    }
    if tree::within(node, &["case_pattern", "case_clause"], &["block", "module"]) {
        return Some(
            "It is a pattern of `match`, which must be written out. Compare with `if` instead, and \
             run this again."
                .to_owned(),
        );
    }
    if tree::within(node, &["type"], &["block", "module"]) {
        return Some(
            "It stands in a type, which must be written out. Take it out of the type.".to_owned(),
        );
    }
    if tree::within(
        node,
        &["import_statement", "import_from_statement", "future_import_statement"],
        &[],
    ) {
        return Some("It stands in an import, which must be written out.".to_owned());
    }
    let formatted = !site.is_whole
        && site.literal.inside.is_none()
        && (parent.kind() == "binary_operator"
            && tree::is_field(parent, "left", node)
            && parent.child_by_field_name("operator").is_some_and(|op| op.kind() == "%")
            || parent.kind() == "attribute"
                && parent.child_by_field_name("attribute").is_some_and(|name| {
                    matches!(site.doc.slice(name.byte_range()), "format" | "format_map")
                }));
    if formatted {
        return Some(
            "The text is a template that is filled in with `%` or `format`, which would also look \
             into the secret. Hand the secret over as one of its arguments."
                .to_owned(),
        );
    }
    None
}

fn fallback<'t>(site: &Site<'_, 't>) -> Option<Fallback<'t>> {
    // `os.environ.get("X", "secret")` and `os.getenv("X", "secret")`.
    let arguments = site.literal.node.parent().filter(|parent| parent.kind() == "argument_list")?;
    let call = arguments.parent().filter(|call| call.kind() == "call")?;
    let function = site.doc.slice(call.child_by_field_name("function")?.byte_range());
    if !matches!(function, "os.environ.get" | "os.getenv" | "environ.get" | "getenv") {
        return None;
    }
    if arguments.named_child_count() != 2
        || arguments.named_child(1)?.id() != site.literal.node.id()
    {
        return None;
    }
    let name = literal(site.doc, arguments.named_child(0)?)?;
    let variable = site.doc.slice(name.content).to_owned();
    super::is_variable(&variable).then_some(Fallback { node: call, variable })
}

fn settle(site: &Site<'_, '_>, settled: &mut Settled) -> Result<(), String> {
    if site.literal.inside.is_some()
        && !site.is_whole
        && site.doc.options.manager != crate::Manager::Env
    {
        // Quotes of the expression could end the literal before Python 3.12.
        return Err(
            "The secret is a part of an f-string. Read it into a variable before, and put \
                    that into the braces; or fix it with `--to env`."
                .to_owned(),
        );
    }
    let in_default = tree::within(
        site.literal.node,
        &["default_parameter", "typed_default_parameter"],
        &["block", "lambda"],
    );
    if in_default {
        settled.notes.push(
            "A default of a Python parameter is read once, when the module is loaded; the variable \
             must be set by then."
                .to_owned(),
        );
    }
    Ok(())
}

fn finish(doc: &Doc<'_>, tree: &Tree, needs: &Needs, draft: &mut Draft) -> Result<(), String> {
    let root = tree.root_node();
    let mut lines: Vec<String> = Vec::new();
    if needs.env.is_some() && !imports_os(doc, root) {
        lines.push("import os".to_owned());
    }
    for line in &needs.imports {
        if !doc.text.lines().any(|known| known.trim_end() == line) {
            lines.push(line.clone());
        }
    }
    let functions: Vec<&String> = needs.functions.iter().filter(|f| !has(doc, f)).collect();
    if lines.is_empty() && functions.is_empty() {
        return Ok(());
    }
    let place = place(doc, root);
    let mut text = String::new();
    for line in &lines {
        text.push_str(line);
        text.push('\n');
    }
    if place.starts_block && !lines.is_empty() {
        text.push('\n');
    }
    draft.edit(place.at..place.at, in_breaks(doc, &format!("{}{text}", place.before)));
    if !functions.is_empty() {
        let at = last_import(root).map_or(place.at, |node| doc.next_line(node.end_byte()));
        let body: String = functions.iter().map(|f| format!("\n\n{f}\n")).collect();
        let before = if at == doc.text.len() && !doc.text.ends_with('\n') { "\n" } else { "" };
        draft.edit(at..at, in_breaks(doc, &format!("{before}{body}\n")));
    }
    Ok(())
}

fn imports_os(doc: &Doc<'_>, root: Node<'_>) -> bool {
    let mut cursor = root.walk();
    root.named_children(&mut cursor).filter(|node| node.kind() == "import_statement").any(|node| {
        let text = doc.slice(node.byte_range()).trim_start_matches("import");
        text.split(',').any(|name| name.trim() == "os" || name.trim().starts_with("os."))
    })
}

/// Where imports go.
struct Place {
    at: usize,
    /// What has to come before, such as a line break.
    before: &'static str,
    /// Whether an empty line must follow.
    starts_block: bool,
}

/// Before the first import that is none from `__future__`; after the module's
/// documentation otherwise.
fn place(doc: &Doc<'_>, root: Node<'_>) -> Place {
    let mut cursor = root.walk();
    let mut found = None;
    let mut is_first = true;
    for node in root.named_children(&mut cursor) {
        match node.kind() {
            "expression_statement"
                if is_first
                    && node.named_child(0).is_some_and(|child| child.kind() == "string") =>
            {
                is_first = false;
                found = Some(node);
            }
            "comment" => {}
            "future_import_statement" => {
                is_first = false;
                found = Some(node);
            }
            "import_statement" | "import_from_statement" => {
                return Place {
                    at: doc.line(node.start_byte()).start.max(doc.start()),
                    before: "",
                    starts_block: false,
                };
            }
            _ => break,
        }
    }
    let Some(node) = found else {
        // Behind the first lines only if they are for the system.
        return Place { at: header(doc), before: "", starts_block: true };
    };
    let at = after(doc, node);
    let before = if doc.slice(node.end_byte()..at).contains('\n') { "\n" } else { "\n\n" };
    Place { at, before, starts_block: !doc.slice(at..doc.text.len()).starts_with(['\n', '\r']) }
}

/// After `#!` and the line that tells the encoding.
fn header(doc: &Doc<'_>) -> usize {
    let mut at = doc.start();
    for _ in 0..2 {
        let line = doc.slice(doc.line(at));
        let line = line.trim_start_matches('\u{feff}');
        if line.starts_with("#!") || line.starts_with('#') && line.contains("coding") {
            at = doc.next_line(at);
        }
    }
    at
}

fn after(doc: &Doc<'_>, node: Node<'_>) -> usize {
    doc.next_line(node.end_byte())
}

fn last_import<'t>(root: Node<'t>) -> Option<Node<'t>> {
    let mut cursor = root.walk();
    root.named_children(&mut cursor)
        .filter(|node| {
            matches!(
                node.kind(),
                "import_statement" | "import_from_statement" | "future_import_statement"
            )
        })
        .last()
}
