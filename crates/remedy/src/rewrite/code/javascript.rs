//! JavaScript and TypeScript.

use tree_sitter::{Node, Tree};

use super::snippets::{Needs, in_breaks};
use super::{Code, Expression, Fallback, Literal, Site, tree};
use crate::Language;
use crate::rewrite::draft::{Doc, Draft};

pub(super) const CODE: Code = Code {
    language: Language::JavaScript,
    grammar: |path| {
        let path = path.to_ascii_lowercase();
        if path.ends_with(".tsx") {
            tree_sitter_typescript::LANGUAGE_TSX.into()
        } else if [".ts", ".mts", ".cts"].iter().any(|ending| path.ends_with(ending)) {
            tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()
        } else {
            tree_sitter_javascript::LANGUAGE.into()
        }
    },
    comments: &["comment", "html_comment", "hash_bang_line"],
    literal,
    refuse,
    join: " + ",
    loose: &[
        "variable_declarator:value",
        "arguments",
        "pair:value",
        "array",
        "return_statement",
        "parenthesized_expression",
        "assignment_expression:right",
        "assignment_pattern:right",
        "field_definition:value",
        "public_field_definition:value",
        "required_parameter:value",
        "optional_parameter:value",
        "template_substitution",
        "arrow_function:body",
        "export_statement",
        "expression_statement",
    ],
    env: |variable| Expression::tight(format!("requireEnv(\"{variable}\")")),
    fallback,
    settle: |_, _| Ok(()),
    finish,
};

fn literal<'t>(doc: &Doc<'_>, node: Node<'t>) -> Option<Literal<'t>> {
    match node.kind() {
        "string" => Literal::quoted(doc, node, 1, 1),
        "template_string" => {
            let mut literal = Literal::quoted(doc, node, 1, 1)?;
            literal.inside = Some(("${", "}"));
            let tagged = node.parent().is_some_and(|parent| {
                parent.kind() == "call_expression" && tree::is_field(parent, "arguments", node)
            });
            if tagged {
                literal.rigid = Some(
                    "The text belongs to a tagged template, and its tag would see the secret as a \
                     value of its own. Hand it over in the way that the tag has for values.",
                );
            }
            Some(literal)
        }
        _ => None,
    }
}

fn refuse(site: &Site<'_, '_>) -> Option<String> {
    if let Some(sign) = client(site.doc, site.root) {
        return Some(format!(
            "This code is sent to browsers ({sign}), and so would be whatever a variable puts \
             here; names such as VITE_…, NEXT_PUBLIC_… or REACT_APP_… publish a value as well. \
             Let a server hold the secret and make the call; the browser asks that server."
        ));
    }
    let node = site.literal.node;
    let parent = node.parent()?;
    let reason = match parent.kind() {
        "import_statement" | "export_statement" if tree::is_field(parent, "source", node) => {
            "It stands in the address of an import, which must be written out."
        }
        "pair"
        | "property_signature"
        | "public_field_definition"
        | "field_definition"
        | "method_definition"
            if tree::is_field(parent, "key", node)
                || tree::is_field(parent, "name", node)
                || tree::is_field(parent, "property", node) =>
        {
            "It is the name of a property. Keep it in a variable, and write the name as [variable]."
        }
        "literal_type" => "It stands in a type, which must be written out. Use `string`.",
        "enum_assignment" => {
            "It is a member of an enum, which must be written out. Make it a constant instead, and \
             run this again."
        }
        "as_expression" | "satisfies_expression"
            if site.doc.slice(parent.byte_range()).ends_with("as const") =>
        {
            "`as const` stands behind it, which only a written value may have. Take that away, and \
             run this again."
        }
        "jsx_attribute" => "It stands in JSX, which is shown to whoever loads the page.",
        "expression_statement" => {
            "It is a statement by itself that does nothing. Delete it; nothing reads it."
        }
        _ => return None,
    };
    Some(reason.to_owned())
}

/// Packages whose use says that code runs in browsers.
const BROWSER_PACKAGES: &[&str] = &[
    "react",
    "react-dom",
    "react-native",
    "vue",
    "svelte",
    "preact",
    "solid-js",
    "jquery",
    "@angular/core",
    "@angular/platform-browser",
    "next/link",
    "next/router",
    "next/navigation",
    "lit",
];

/// What says that a file is sent to browsers.
fn client(doc: &Doc<'_>, root: Node<'_>) -> Option<String> {
    let path = doc.path.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut cursor = root.walk();
    for node in root.named_children(&mut cursor).take(20) {
        match doc.slice(node.byte_range()).trim_end_matches(';').trim_matches(['"', '\'']) {
            "use client" => return Some("it says \"use client\"".to_owned()),
            "use server" => return None,
            _ => {}
        }
    }
    let on_server =
        ["pages/api/", "src/server/", "/server/", "/api/"].iter().any(|p| path.contains(p))
            || path.starts_with("server/")
            || path.starts_with("api/")
            || name.starts_with("route.")
            || name.contains(".server.")
            || name.starts_with("middleware.")
            || name.contains(".config.")
            || name.contains(".test.")
            || name.contains(".spec.");
    if on_server {
        return None;
    }
    if name.ends_with(".jsx") || name.ends_with(".tsx") {
        return Some("it contains JSX".to_owned());
    }
    if name.contains(".client.") {
        return Some("its name says so".to_owned());
    }
    let folders = ["public", "static", "assets", "wwwroot", "frontend", "client", "browser"];
    if let Some(folder) = path.split('/').rev().skip(1).find(|folder| folders.contains(folder)) {
        return Some(format!("it stands below {folder}/"));
    }
    for node in tree::all(root) {
        let text = match node.kind() {
            "import_statement" | "call_expression" | "member_expression" | "meta_property" => {
                doc.slice(node.byte_range())
            }
            _ => continue,
        };
        match node.kind() {
            "import_statement" => {
                let source = node.child_by_field_name("source").map(|s| doc.slice(s.byte_range()));
                let source = source.unwrap_or_default().trim_matches(['"', '\'']);
                if BROWSER_PACKAGES.contains(&source) {
                    return Some(format!("it imports {source}"));
                }
            }
            "call_expression" if text.len() < 60 => {
                let package = text.strip_prefix("require(").unwrap_or_default();
                let package = package.trim_matches(['"', '\'', ')']);
                if BROWSER_PACKAGES.contains(&package) {
                    return Some(format!("it requires {package}"));
                }
            }
            "member_expression" => {
                let browser =
                    ["window.", "document.", "localStorage.", "sessionStorage.", "import.meta.env"]
                        .iter()
                        .find(|start| text.starts_with(**start));
                if let Some(start) = browser {
                    return Some(format!("it uses {}", start.trim_end_matches('.')));
                }
            }
            _ => {}
        }
    }
    None
}

fn fallback<'t>(site: &Site<'_, 't>) -> Option<Fallback<'t>> {
    // `process.env.X || "secret"` and `process.env.X ?? "secret"`.
    let parent =
        site.literal.node.parent().filter(|parent| parent.kind() == "binary_expression")?;
    let operator = parent.child_by_field_name("operator")?;
    if !matches!(operator.kind(), "||" | "??")
        || !tree::is_field(parent, "right", site.literal.node)
    {
        return None;
    }
    let left = site.doc.slice(parent.child_by_field_name("left")?.byte_range());
    let rest = left.strip_prefix("process.env")?;
    let variable = match rest.strip_prefix('.') {
        Some(name) => name,
        None => rest.strip_prefix('[')?.strip_suffix(']')?.trim_matches(['"', '\'']),
    };
    super::is_variable(variable).then(|| Fallback { node: parent, variable: variable.to_owned() })
}

fn helper(is_typed: bool) -> String {
    let (argument, result) = if is_typed { (": string", ": string") } else { ("", "") };
    format!(
        "function requireEnv(name{argument}){result} {{\n  const value = process.env[name];\n  if (!value) {{\n    \
         throw new Error(`environment variable ${{name}} is not set`);\n  }}\n  return value;\n}}"
    )
}

fn finish(doc: &Doc<'_>, tree: &Tree, needs: &Needs, draft: &mut Draft) -> Result<(), String> {
    let plain = doc.text.replace("\r\n", "\n");
    let mut functions: Vec<String> = Vec::new();
    if needs.env.is_some() {
        let typed = Language::of(std::path::Path::new(doc.path)) == Some(Language::TypeScript);
        let helper = helper(typed);
        if !plain.contains(&helper) {
            let root = tree.root_node();
            if !tree::uses(doc, root, "requireEnv", &(0..0)).is_empty() {
                return Err(
                    "The file has a `requireEnv` of its own, which is not the one that would \
                            be put here. Rename it, or read the secret with it by hand."
                        .to_owned(),
                );
            }
            functions.push(helper);
        }
    }
    functions.extend(needs.missing_functions(doc).into_iter().cloned());
    let imports = needs.missing_imports(doc);
    if functions.is_empty() && imports.is_empty() {
        return Ok(());
    }
    let (at, starts) = place(doc, tree.root_node());
    let mut text = String::new();
    if !starts && at > 0 && !doc.slice(0..at).ends_with('\n') {
        text.push('\n');
    }
    for line in imports {
        text.push_str(line);
        text.push('\n');
    }
    for function in &functions {
        if !starts || !text.is_empty() {
            text.push('\n');
        }
        text.push_str(function);
        text.push('\n');
    }
    if starts || !matches!(doc.slice(at..doc.text.len()).chars().next(), None | Some('\n' | '\r')) {
        text.push('\n');
    }
    draft.edit(at..at, in_breaks(doc, &text));
    Ok(())
}

/// After imports and what must be first; and whether nothing is before that.
fn place(doc: &Doc<'_>, root: Node<'_>) -> (usize, bool) {
    let mut cursor = root.walk();
    let mut last: Option<Node<'_>> = None;
    for node in root.named_children(&mut cursor) {
        let text = doc.slice(node.byte_range());
        match node.kind() {
            "comment" => {}
            "hash_bang_line" | "import_statement" => last = Some(node),
            "expression_statement" if node.named_child(0).is_some_and(|c| c.kind() == "string") => {
                last = Some(node);
            }
            "lexical_declaration" | "variable_declaration"
                if text.contains("require(") && !text.contains('\n') =>
            {
                last = Some(node);
            }
            _ => break,
        }
    }
    match last {
        Some(node) => (doc.next_line(node.end_byte()), false),
        None => (header(doc, root), true),
    }
}

/// After a comment at the top that belongs to the file, and not to what follows.
fn header(doc: &Doc<'_>, root: Node<'_>) -> usize {
    let mut cursor = root.walk();
    let mut end = doc.start();
    for node in root.named_children(&mut cursor) {
        if node.kind() != "comment" {
            break;
        }
        let next = doc.next_line(node.end_byte());
        let line = doc.slice(doc.line(next)).trim();
        if line.is_empty() && next < doc.text.len() {
            end = doc.next_line(next);
        }
    }
    end
}
