//! C#.

use tree_sitter::{Node, Tree};

use super::snippets::{Needs, has, in_breaks};
use super::{Code, Expression, Fallback, Literal, Settled, Site, Slashes, tree};
use crate::Language;
use crate::rewrite::draft::{Doc, Draft};

pub(super) const CODE: Code = Code {
    language: Language::CSharp,
    grammar: |_| tree_sitter_c_sharp::LANGUAGE.into(),
    comments: &["comment"],
    literal,
    refuse,
    join: " + ",
    loose: &[
        "variable_declarator",
        "equals_value_clause",
        "argument",
        "initializer_expression",
        "return_statement",
        "parenthesized_expression",
        "assignment_expression:right",
        "arrow_expression_clause",
        "property_declaration:value",
        "collection_element",
        "lambda_expression:body",
    ],
    env: |variable| {
        Expression::loose(format!(
            "Environment.GetEnvironmentVariable(\"{variable}\") ?? throw new \
             InvalidOperationException(\"{variable} is not set\")"
        ))
    },
    fallback,
    settle,
    finish,
};

fn literal<'t>(doc: &Doc<'_>, node: Node<'t>) -> Option<Literal<'t>> {
    let text = doc.slice(node.byte_range());
    match node.kind() {
        "string_literal" | "verbatim_string_literal" | "raw_string_literal" => {
            let open = text.len() - text.trim_start_matches(['@', '"']).len();
            let open = match node.kind() {
                "string_literal" => 1,
                "verbatim_string_literal" => 2,
                _ => open,
            };
            let of_bytes = text.ends_with("u8") || text.ends_with("U8");
            let quotes = if node.kind() == "raw_string_literal" { open } else { 1 };
            let close = quotes + if of_bytes { 2 } else { 0 };
            let mut literal = Literal::quoted(doc, node, open, close)?;
            if node.kind() != "string_literal" {
                literal.slashes = Slashes::Plain;
            }
            if node.kind() == "raw_string_literal" {
                literal.rigid = Some(
                    "The secret is a part of a raw text. Write the text with `$` in front, and the \
                     secret as a hole in it.",
                );
            }
            Some(literal)
        }
        "interpolated_string_expression" => {
            if text.contains("\"\"\"") {
                return None;
            }
            let open = text.find('"')? + 1;
            let mut literal = Literal::quoted(doc, node, open, 1)?;
            literal.inside = Some(("{", "}"));
            if text.get(..open).is_some_and(|start| start.contains('@')) {
                literal.slashes = Slashes::Plain;
            }
            Some(literal)
        }
        _ => None,
    }
}

fn refuse(site: &Site<'_, '_>) -> Option<String> {
    let node = site.literal.node;
    if site.literal.close.ends_with('8') {
        return Some("It is a text of bytes. Read the value, and convert it by hand.".to_owned());
    }
    if tree::around(node, &["attribute_list", "attribute"]).is_some() {
        return Some(
            "It stands in an attribute, where C# takes constants only. Set the value in code, read \
             from the environment."
                .to_owned(),
        );
    }
    if tree::within(node, &["parameter"], &["block", "arrow_expression_clause"]) {
        return Some(
            "It is the default of a parameter, which must be a constant. Make the default null, \
             and read the secret where it is used."
                .to_owned(),
        );
    }
    if tree::within(node, &["constant_pattern", "case_switch_label", "switch_label"], &["block"]) {
        return Some(
            "It is a pattern or a label, which must be a constant. Compare with == instead, and \
             run this again."
                .to_owned(),
        );
    }
    None
}

fn fallback<'t>(site: &Site<'_, 't>) -> Option<Fallback<'t>> {
    let node = site.literal.node;
    let parent = node.parent().filter(|parent| parent.kind() == "binary_expression")?;
    if !tree::is_field(parent, "right", node)
        || site.doc.slice(parent.child_by_field_name("operator")?.byte_range()) != "??"
    {
        return None;
    }
    let left = site.doc.slice(parent.child_by_field_name("left")?.byte_range());
    let name = left
        .trim_start_matches("System.")
        .strip_prefix("Environment.GetEnvironmentVariable(\"")?
        .strip_suffix("\")")?;
    super::is_variable(name).then(|| Fallback { node: parent, variable: name.to_owned() })
}

fn settle(site: &Site<'_, '_>, settled: &mut Settled) -> Result<(), String> {
    let doc = site.doc;
    if site.literal.inside.is_some() && !site.is_whole {
        // A question mark may be taken for a condition, so it stands in parentheses.
        settled.is_alone = false;
    }
    let Some(declaration) =
        tree::around(site.literal.node, &["field_declaration", "local_declaration_statement"])
    else {
        return Ok(());
    };
    let mut cursor = declaration.walk();
    let modifier = declaration
        .named_children(&mut cursor)
        .find(|child| child.kind() == "modifier" && doc.slice(child.byte_range()) == "const");
    let constant = modifier.or_else(|| {
        let mut cursor = declaration.walk();
        declaration.children(&mut cursor).find(|child| child.kind() == "const")
    });
    let Some(constant) = constant else { return Ok(()) };
    let mut names = Vec::new();
    for node in tree::all(declaration).filter(|node| node.kind() == "variable_declarator") {
        let name = node.child_by_field_name("name").or(node.named_child(0));
        names.extend(name.map(|name| doc.slice(name.byte_range())));
    }
    let [name] = names.as_slice() else {
        return Err(
            "The line makes several constants at once. Give each a line of its own, and run \
                    this again."
                .to_owned(),
        );
    };
    let used = tree::uses(doc, site.root, name, &declaration.byte_range());
    let fixed = used.iter().any(|used| {
        let kinds =
            ["attribute", "parameter", "constant_pattern", "case_switch_label", "switch_label"];
        tree::within(*used, &kinds, &["block"])
            || tree::around(*used, &["field_declaration", "local_declaration_statement"])
                .is_some_and(|d| doc.slice(d.byte_range()).contains("const "))
    });
    if fixed {
        return Err(format!(
            "{name} is used where C# takes constants only: in an attribute, a default, a label or \
             another constant. Change that place first."
        ));
    }
    if declaration.kind() == "field_declaration" {
        settled.edits.push((constant.byte_range(), "static readonly".to_owned()));
        settled.notes.push(format!(
            "{name} is no constant any more and cannot stand in attributes, defaults and labels of \
             other files; compile, and change those places."
        ));
    } else {
        let end = doc.slice(constant.end_byte()..doc.text.len());
        let space = end.len() - end.trim_start().len();
        settled.edits.push((constant.start_byte()..constant.end_byte() + space, String::new()));
    }
    Ok(())
}

fn finish(doc: &Doc<'_>, tree: &Tree, needs: &Needs, draft: &mut Draft) -> Result<(), String> {
    let root = tree.root_node();
    let mut lines: Vec<String> = Vec::new();
    if needs.env.is_some() {
        lines.push("using System;".to_owned());
    }
    lines.extend(needs.imports.iter().cloned());
    let usings: Vec<Node<'_>> = {
        let mut cursor = root.walk();
        root.named_children(&mut cursor).filter(|node| node.kind() == "using_directive").collect()
    };
    lines.retain(|line| {
        !tree::all(root).any(|node| {
            node.kind() == "using_directive"
                && doc.slice(node.byte_range()).trim_start_matches("global ").trim() == line.trim()
        })
    });
    let mut seen = Vec::new();
    lines.retain(|line| {
        !seen.contains(line) && {
            seen.push(line.clone());
            true
        }
    });
    if !lines.is_empty() {
        let text = lines.join("\n");
        // `System` comes first by custom, and everything else anywhere.
        match usings.first() {
            Some(first) => {
                let at = first.start_byte();
                draft.edit(at..at, in_breaks(doc, &format!("{text}\n")));
            }
            None => {
                let mut cursor = root.walk();
                let first = root.named_children(&mut cursor).find(|node| {
                    !matches!(node.kind(), "comment" | "extern_alias_directive")
                        && !node.kind().starts_with("preproc")
                });
                let at = first
                    .map_or(doc.start(), |node| doc.line(node.start_byte()).start.max(doc.start()));
                draft.edit(at..at, in_breaks(doc, &format!("{text}\n\n")));
            }
        }
    }
    functions(doc, root, needs, draft)
}

fn functions(
    doc: &Doc<'_>,
    root: Node<'_>,
    needs: &Needs,
    draft: &mut Draft,
) -> Result<(), String> {
    let Some(first) = needs.first else { return Ok(()) };
    let class = tree::all(root)
        .filter(|node| {
            matches!(node.kind(), "class_declaration" | "struct_declaration" | "record_declaration")
        })
        .find(|node| node.start_byte() <= first && first < node.end_byte());
    for function in &needs.functions {
        let indent = class.map_or("", |class| doc.indent(class.start_byte()));
        let inner = super::indented(function, &format!("{indent}    "));
        if has(doc, function) {
            continue;
        }
        let Some(body) = class.and_then(|class| class.child_by_field_name("body")) else {
            return Err("There is no class here that could hold the function which asks the \
                        manager. Fix it with `--to env`."
                .to_owned());
        };
        let at = body.end_byte().saturating_sub(1);
        let line = doc.line(at);
        let at = if doc.slice(line.start..at).trim().is_empty() { line.start } else { at };
        draft.edit(at..at, in_breaks(doc, &format!("\n{inner}\n")));
    }
    Ok(())
}
