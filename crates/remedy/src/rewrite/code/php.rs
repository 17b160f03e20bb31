//! PHP.

use tree_sitter::{Node, Tree};

use super::snippets::{Needs, in_breaks};
use super::{Code, Expression, Fallback, Literal, Settled, Site, tree};
use crate::Language;
use crate::rewrite::draft::{Doc, Draft};

pub(super) const CODE: Code = Code {
    language: Language::Php,
    grammar: |_| tree_sitter_php::LANGUAGE_PHP.into(),
    comments: &["comment"],
    literal,
    refuse,
    join: " . ",
    loose: &[
        "assignment_expression:right",
        "argument",
        "array_element_initializer",
        "return_statement",
        "parenthesized_expression",
        "echo_statement",
    ],
    env: |variable| {
        Expression::loose(format!(
            "getenv('{variable}') ?: throw new \\RuntimeException('{variable} is not set')"
        ))
    },
    fallback,
    settle,
    finish,
};

fn literal<'t>(doc: &Doc<'_>, node: Node<'t>) -> Option<Literal<'t>> {
    match node.kind() {
        "string" | "encapsed_string" => {
            let text = doc.slice(node.byte_range());
            let open = text.find(['\'', '"'])? + 1;
            Literal::quoted(doc, node, open, 1)
        }
        "heredoc" | "nowdoc" => {
            let mut literal = Literal::quoted(doc, node, 0, 0)?;
            literal.rigid = Some(
                "The secret stands in a here-document, which takes in variables but no calls. Read \
                 it into a variable before, and write that variable here.",
            );
            Some(literal)
        }
        _ => None,
    }
}

fn refuse(site: &Site<'_, '_>) -> Option<String> {
    let node = site.literal.node;
    if matches!(node.kind(), "heredoc" | "nowdoc") {
        return Some(
            "The secret is all of a here-document. Put the reading of it there by hand.".to_owned(),
        );
    }
    let walls = ["compound_statement", "arguments"];
    let reason = if tree::around(node, &["attribute", "attribute_list"]).is_some() {
        "It stands in an attribute, where PHP takes constants only. Set the value in code, read \
         from the environment."
    } else if tree::within(node, &["simple_parameter", "property_promotion_parameter"], &walls) {
        "It is the default of a parameter, which must be a constant. Make the default null, and \
         read the secret where it is used."
    } else if tree::within(node, &["property_element", "property_declaration"], &walls) {
        "It is the first value of a property, which must be a constant. Set it in the constructor, \
         read from the environment."
    } else if tree::within(
        node,
        &["static_variable_declaration", "function_static_declaration"],
        &walls,
    ) {
        "It is the first value of a static variable, which must be a constant before PHP 8.3. Set \
         it in a statement of its own."
    } else if tree::within(node, &["enum_case"], &walls) {
        "It is the value of a case of an enum, which must be a constant."
    } else if tree::within(node, &["const_declaration"], &walls)
        && tree::around(
            node,
            &[
                "class_declaration",
                "interface_declaration",
                "trait_declaration",
                "enum_declaration",
                "declaration_list",
            ],
        )
        .is_some()
    {
        "It is a constant of a class, which cannot be read from outside. Make it a static method \
         that reads the environment."
    } else {
        return None;
    };
    Some(reason.to_owned())
}

fn fallback<'t>(site: &Site<'_, 't>) -> Option<Fallback<'t>> {
    let node = site.literal.node;
    let parent = node.parent()?;
    let left = match parent.kind() {
        "binary_expression"
            if site.doc.slice(parent.child_by_field_name("operator")?.byte_range()) == "??" =>
        {
            parent.child_by_field_name("left")?
        }
        "conditional_expression" if parent.child_by_field_name("body").is_none() => {
            parent.child_by_field_name("condition")?
        }
        _ => return None,
    };
    if tree::contains(left, node) {
        return None;
    }
    let left = site.doc.slice(left.byte_range());
    let name =
        ["getenv(", "$_ENV[", "$_SERVER["].iter().find_map(|start| left.strip_prefix(start))?;
    let name = name.trim_end_matches([')', ']']).trim_matches(['\'', '"']);
    super::is_variable(name).then(|| Fallback { node: parent, variable: name.to_owned() })
}

fn settle(site: &Site<'_, '_>, settled: &mut Settled) -> Result<(), String> {
    let Some(declaration) = tree::around(site.literal.node, &["const_declaration"]) else {
        return Ok(());
    };
    let doc = site.doc;
    let namespaced = tree::all(site.root).any(|node| node.kind() == "namespace_definition");
    let mut cursor = declaration.walk();
    let elements: Vec<Node<'_>> = declaration
        .named_children(&mut cursor)
        .filter(|node| node.kind() == "const_element")
        .collect();
    let [element] = elements.as_slice() else {
        return Err(
            "The line makes several constants at once. Give each a line of its own, and run \
                    this again."
                .to_owned(),
        );
    };
    let name = element.named_child(0).map(|name| doc.slice(name.byte_range())).unwrap_or_default();
    if namespaced {
        return Err(format!(
            "{name} is a constant of a namespace, which cannot be read from outside. Make it a \
             function that reads the environment."
        ));
    }
    if element.named_child(1).is_none_or(|value| value.id() != site.literal.node.id()) {
        return Err("The secret is a part of a calculated constant. Use define() for it, and run \
                    this again."
            .to_owned());
    }
    // `const X = …;` takes constants only, `define` any value.
    settled.edits.push((
        declaration.start_byte()..site.literal.node.start_byte(),
        format!("define('{name}', "),
    ));
    let end = site.literal.node.end_byte();
    settled.edits.push((end..end, ")".to_owned()));
    settled.is_alone = true;
    Ok(())
}

fn finish(doc: &Doc<'_>, tree: &Tree, needs: &Needs, draft: &mut Draft) -> Result<(), String> {
    let imports = needs.missing_imports(doc);
    let functions = needs.missing_functions(doc);
    if imports.is_empty() && functions.is_empty() {
        return Ok(());
    }
    let root = tree.root_node();
    let mut cursor = root.walk();
    let mut last = None;
    for node in root.named_children(&mut cursor) {
        match node.kind() {
            "php_tag"
            | "namespace_definition"
            | "namespace_use_declaration"
            | "declare_statement" => {
                last = Some(node);
            }
            "comment" => {}
            _ => break,
        }
    }
    let Some(last) = last.filter(|node| {
        node.kind() != "namespace_definition" || doc.slice(node.byte_range()).ends_with(';')
    }) else {
        return Err(
            "There is no place in this file for the function that asks the manager. Fix it \
                    with `--to env`."
                .to_owned(),
        );
    };
    let at = doc.next_line(last.end_byte());
    let mut text = String::new();
    if at == doc.text.len() && !doc.text.ends_with('\n') {
        text.push('\n');
    }
    for line in &imports {
        text.push_str(&format!("{line}\n"));
    }
    for function in &functions {
        text.push_str(&format!("\n{function}\n"));
    }
    draft.edit(at..at, in_breaks(doc, &text));
    Ok(())
}
