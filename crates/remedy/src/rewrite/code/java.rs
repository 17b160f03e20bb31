//! Java.

use tree_sitter::{Node, Tree};

use super::snippets::{Needs, has, in_breaks};
use super::{Code, Expression, Literal, Settled, Site, tree};
use crate::Language;
use crate::rewrite::draft::{Doc, Draft};

pub(super) const CODE: Code = Code {
    language: Language::Java,
    grammar: |_| tree_sitter_java::LANGUAGE.into(),
    comments: &["line_comment", "block_comment"],
    literal,
    refuse,
    join: " + ",
    loose: &[
        "variable_declarator:value",
        "argument_list",
        "array_initializer",
        "return_statement",
        "parenthesized_expression",
        "assignment_expression:right",
        "lambda_expression:body",
    ],
    env: |variable| {
        Expression::tight(format!(
            "Objects.requireNonNull(System.getenv(\"{variable}\"), \"{variable} is not set\")"
        ))
    },
    fallback: |_| None,
    settle,
    finish,
};

fn literal<'t>(doc: &Doc<'_>, node: Node<'t>) -> Option<Literal<'t>> {
    if node.kind() != "string_literal" {
        return None;
    }
    let block = doc.slice(node.byte_range()).starts_with("\"\"\"");
    let mut literal =
        Literal::quoted(doc, node, if block { 3 } else { 1 }, if block { 3 } else { 1 })?;
    if block {
        literal.rigid = Some(
            "The secret is a part of a text block. Put `%s` there, and `.formatted(…)` with the \
             secret behind the block.",
        );
        // What is all of a block but for its line breaks is still a part.
    }
    Some(literal)
}

fn refuse(site: &Site<'_, '_>) -> Option<String> {
    let node = site.literal.node;
    if let Some(annotation) = tree::around(node, &["annotation"]) {
        let name = annotation.child_by_field_name("name").map(|n| site.doc.slice(n.byte_range()));
        if name.is_some_and(|name| name == "Value" || name.ends_with(".Value")) {
            return Some(
                "It stands in @Value, which Spring fills in. Write \"${NAME}\" there, with the name \
                 of a variable that holds the secret."
                    .to_owned(),
            );
        }
        return Some(
            "It stands in an annotation, where Java takes constants only. Set the value in code, \
             read from the environment."
                .to_owned(),
        );
    }
    if tree::within(node, &["switch_label"], &["block"]) {
        return Some(
            "It is a label of `switch`, which must be a constant. Compare with equals() instead, \
             and run this again."
                .to_owned(),
        );
    }
    // A constant may be used where only a constant can be.
    let declarator = tree::around(node, &["variable_declarator"])?;
    let declaration = declarator.parent()?;
    let is_constant = matches!(declaration.kind(), "field_declaration" | "constant_declaration");
    let name = declarator.child_by_field_name("name")?;
    if !is_constant {
        return None;
    }
    let name_text = site.doc.slice(name.byte_range());
    let used = tree::uses(site.doc, site.root, name_text, &declarator.byte_range());
    let fixed = used.iter().any(|used| {
        tree::around(*used, &["annotation"]).is_some()
            || tree::within(*used, &["switch_label"], &["block"])
    });
    fixed.then(|| {
        format!(
            "{name_text} is used in an annotation or as a label of `switch`, where Java takes \
             constants only. Change those places first."
        )
    })
}

fn settle(site: &Site<'_, '_>, settled: &mut Settled) -> Result<(), String> {
    if site.doc.options.manager == crate::Manager::Env
        && objects(site.doc, site.root) == Objects::Other
    {
        settled.wrap = None;
    }
    let declaration = tree::around(site.literal.node, &["field_declaration"]);
    let public = declaration.is_some_and(|field| {
        let text = site.doc.slice(field.byte_range());
        text.contains("static") && text.contains("final") && !text.contains("private")
    });
    if public {
        settled.notes.push(
            "A static final field that is no constant any more cannot stand in annotations or \
             labels of `switch` of other files; compile, and change those places."
                .to_owned(),
        );
    }
    Ok(())
}

/// What `Objects` means in a file.
#[derive(PartialEq, Eq)]
enum Objects {
    Imported,
    Missing,
    Other,
}

fn objects(doc: &Doc<'_>, root: Node<'_>) -> Objects {
    let mut cursor = root.walk();
    for node in root.named_children(&mut cursor).filter(|node| node.kind() == "import_declaration")
    {
        let text = doc.slice(node.byte_range()).trim_end_matches(';').trim();
        let name = text.trim_start_matches("import").trim();
        if name == "java.util.Objects" || name == "java.util.*" {
            return Objects::Imported;
        }
        if name.ends_with(".Objects") {
            return Objects::Other;
        }
    }
    Objects::Missing
}

fn finish(doc: &Doc<'_>, tree: &Tree, needs: &Needs, draft: &mut Draft) -> Result<(), String> {
    let root = tree.root_node();
    let mut lines: Vec<String> = Vec::new();
    if needs.env.is_some() {
        match objects(doc, root) {
            Objects::Imported => {}
            Objects::Missing => lines.push("import java.util.Objects;".to_owned()),
            Objects::Other => {
                for edit in &mut draft.edits {
                    edit.text = edit.text.replace(
                        "Objects.requireNonNull(System",
                        "java.util.Objects.requireNonNull(System",
                    );
                }
            }
        }
    }
    for line in &needs.imports {
        if !doc.text.lines().any(|known| known.trim() == line.trim()) {
            lines.push(line.clone());
        }
    }
    imports(doc, root, &lines, draft);
    functions(doc, root, needs, draft)
}

/// Puts each import before the first that sorts behind it.
fn imports(doc: &Doc<'_>, root: Node<'_>, lines: &[String], draft: &mut Draft) {
    if lines.is_empty() {
        return;
    }
    let mut cursor = root.walk();
    let known: Vec<Node<'_>> = root
        .named_children(&mut cursor)
        .filter(|node| node.kind() == "import_declaration")
        .collect();
    let mut lines = lines.to_vec();
    lines.sort();
    let Some(last) = known.last() else {
        let mut cursor = root.walk();
        let package = root.named_children(&mut cursor).find(|n| n.kind() == "package_declaration");
        let (at, text) = match package {
            Some(package) => {
                (doc.next_line(package.end_byte()), format!("\n{}\n", lines.join("\n")))
            }
            None => {
                let first = root.named_child(0).filter(|n| n.kind().ends_with("comment"));
                let at = first.map_or(doc.start(), |_| first_class(doc, root));
                (at, format!("{}\n\n", lines.join("\n")))
            }
        };
        draft.edit(at..at, in_breaks(doc, &text));
        return;
    };
    let mut at_end = String::new();
    for line in lines {
        let before = known.iter().find(|node| {
            let text = doc.slice(node.byte_range());
            !text.starts_with("import static") && text > line.as_str() && same_group(text, &line)
        });
        match before {
            Some(node) => {
                let at = node.start_byte();
                draft.edit(at..at, in_breaks(doc, &format!("{line}\n")));
            }
            None => at_end.push_str(&format!("\n{line}")),
        }
    }
    if !at_end.is_empty() {
        let java = known
            .iter()
            .rev()
            .find(|node| doc.slice(node.byte_range()).starts_with("import java."));
        let at = java.unwrap_or(last).end_byte();
        draft.edit(at..at, in_breaks(doc, &at_end));
    }
}

fn same_group(one: &str, two: &str) -> bool {
    let head = |text: &str| text.trim_start_matches("import ").split('.').next().map(str::to_owned);
    head(one) == head(two)
}

/// The first thing that is no comment.
fn first_class(doc: &Doc<'_>, root: Node<'_>) -> usize {
    let mut cursor = root.walk();
    let found = root.named_children(&mut cursor).find(|node| !node.kind().ends_with("comment"));
    found.map_or(doc.start(), |node| doc.line(node.start_byte()).start)
}

/// Puts functions at the end of the outermost class around the first use.
fn functions(
    doc: &Doc<'_>,
    root: Node<'_>,
    needs: &Needs,
    draft: &mut Draft,
) -> Result<(), String> {
    let Some(first) = needs.first else { return Ok(()) };
    let mut cursor = root.walk();
    let class = root
        .named_children(&mut cursor)
        .find(|node| node.start_byte() <= first && first < node.end_byte())
        .and_then(|class| class.child_by_field_name("body"));
    for function in &needs.functions {
        let inner: String = super::indented(function, "    ");
        if has(doc, function) {
            continue;
        }
        let Some(body) = class.filter(|body| body.kind() == "class_body") else {
            return Err("There is no class here that could hold the function which asks the \
                        manager. Fix it with `--to env`."
                .to_owned());
        };
        let at = body.end_byte().saturating_sub(1);
        draft.edit(at..at, in_breaks(doc, &format!("\n{inner}\n")));
    }
    Ok(())
}
