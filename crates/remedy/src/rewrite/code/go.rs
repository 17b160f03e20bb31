//! Go.

use tree_sitter::{Node, Tree};

use super::snippets::{Needs, append, in_breaks};
use super::{Code, Expression, Literal, Moved, Settled, Site, Slashes, tree};
use crate::Language;
use crate::rewrite::draft::{Doc, Draft};

pub(super) const CODE: Code = Code {
    language: Language::Go,
    grammar: |_| tree_sitter_go::LANGUAGE.into(),
    comments: &["comment"],
    literal,
    refuse,
    join: " + ",
    loose: &[
        "expression_list",
        "argument_list",
        "literal_element",
        "keyed_element",
        "parenthesized_expression",
        "return_statement",
        "type_conversion_expression",
    ],
    env: |variable| Expression::tight(format!("requireEnv(\"{variable}\")")),
    fallback: |_| None,
    settle,
    finish,
};

/// Goes into a package once.
const HELPER: &str = "func requireEnv(name string) string {\n\tvalue := os.Getenv(name)\n\tif value == \"\" {\n\t\t\
                      panic(\"environment variable \" + name + \" is not set\")\n\t}\n\treturn value\n}";

fn literal<'t>(doc: &Doc<'_>, node: Node<'t>) -> Option<Literal<'t>> {
    match node.kind() {
        "interpreted_string_literal" => Literal::quoted(doc, node, 1, 1),
        "raw_string_literal" => {
            Some(Literal { slashes: Slashes::Plain, ..Literal::quoted(doc, node, 1, 1)? })
        }
        _ => None,
    }
}

fn refuse(site: &Site<'_, '_>) -> Option<String> {
    let node = site.literal.node;
    let parent = node.parent()?;
    match parent.kind() {
        "import_spec" => Some("It stands in an import, which must be written out.".to_owned()),
        "field_declaration" => Some(
            "It stands in the tag of a field, which must be written out. Set the default in code."
                .to_owned(),
        ),
        _ => None,
    }
}

fn settle(site: &Site<'_, '_>, settled: &mut Settled) -> Result<(), String> {
    let Some(spec) = tree::around(site.literal.node, &["const_spec"]) else {
        return named_type(site);
    };
    let doc = site.doc;
    let Some(declaration) = spec.parent() else { return Ok(()) };
    if let Some(of) = spec.child_by_field_name("type")
        && doc.slice(of.byte_range()) != "string"
    {
        return Err(format!(
            "The constant is a {}, and what is read from outside is a string. Make it a variable \
             and convert it by hand.",
            doc.slice(of.byte_range())
        ));
    }
    let mut cursor = spec.walk();
    let names: Vec<Node<'_>> =
        spec.children_by_field_name("name", &mut cursor).filter(|n| n.is_named()).collect();
    let [name] = names.as_slice() else {
        return Err(
            "The line makes several constants at once. Give each a line of its own, and run \
                    this again."
                .to_owned(),
        );
    };
    let name = doc.slice(name.byte_range());
    if site.is_whole
        && spec.child_by_field_name("value").is_some_and(|v| {
            v.named_child_count() != 1
                || v.named_child(0).is_some_and(|v| v.id() != site.literal.node.id())
        })
    {
        return Err(CALCULATED.to_owned());
    }
    let scope = tree::around(declaration, &["block"]).unwrap_or(site.root);
    let used = tree::uses(doc, scope, name, &spec.byte_range());
    if used.iter().any(|used| tree::around(*used, &["const_spec", "array_type"]).is_some()) {
        return Err(format!(
            "{name} is used in another constant, or as a size. Change that place first."
        ));
    }
    if scope.kind() == "block" && used.is_empty() {
        return Err(format!(
            "{name} is a constant that nothing uses; a variable like that does not compile. Delete \
             it."
        ));
    }
    let mut cursor = declaration.walk();
    let specs: Vec<Node<'_>> = declaration
        .named_children(&mut cursor)
        .filter(|child| child.kind() == "const_spec")
        .collect();
    let keyword = declaration.start_byte()..declaration.start_byte() + "const".len();
    if specs.len() == 1 {
        settled.edits.push((keyword, "var".to_owned()));
        return Ok(());
    }
    move_out(site, settled, declaration, spec, &specs)
}

const CALCULATED: &str = "The secret is a part of a calculated constant. Make that a variable by hand, and run this again.";

/// One constant of several leaves them, and becomes a variable behind them.
fn move_out(
    site: &Site<'_, '_>,
    settled: &mut Settled,
    declaration: Node<'_>,
    spec: Node<'_>,
    specs: &[Node<'_>],
) -> Result<(), String> {
    let doc = site.doc;
    let others: Vec<&Node<'_>> = specs.iter().filter(|other| other.id() != spec.id()).collect();
    let counts = others.iter().any(|other| {
        other.child_by_field_name("value").is_none()
            || doc.slice(other.byte_range()).contains("iota")
    });
    if counts {
        return Err(
            "The constants around it are counted with iota, or repeat each other. Move the \
                    secret out of them, and run this again."
                .to_owned(),
        );
    }
    let line = doc.line(spec.start_byte());
    let alone = doc.slice(line.start..spec.start_byte()).trim().is_empty()
        && spec.end_byte() <= line.end
        && matches!(doc.slice(spec.end_byte()..line.end).trim().get(..2), None | Some("//"));
    if !alone {
        return Err(
            "The constant shares its line with something else, or goes over several. Give \
                    it a line of its own, and run this again."
                .to_owned(),
        );
    }
    let literal = site.literal.node;
    let indent = doc.indent(declaration.start_byte());
    let gap = if indent.is_empty() { "\n\n" } else { "\n" };
    let end = declaration.end_byte();
    settled.moved = Some(Moved {
        removed: line.start..doc.next_line(line.end),
        at: end..end,
        before: in_breaks(
            doc,
            &format!("{gap}{indent}var {}", doc.slice(spec.start_byte()..literal.start_byte())),
        ),
        after: doc.slice(literal.end_byte()..line.end).to_owned(),
    });
    Ok(())
}

/// A value of a named type takes a written text, but no string.
fn named_type(site: &Site<'_, '_>) -> Result<(), String> {
    let Some(spec) = tree::around(site.literal.node, &["var_spec"]) else { return Ok(()) };
    match spec.child_by_field_name("type") {
        Some(of)
            if of.kind() == "type_identifier" && site.doc.slice(of.byte_range()) != "string" =>
        {
            let is_value = spec.child_by_field_name("value").is_some_and(|value| {
                value.id() == site.literal.node.id()
                    || value.named_child(0).is_some_and(|v| v.id() == site.literal.node.id())
            });
            if is_value {
                return Err(format!(
                    "The variable is a {}, and what is read from outside is a string. Convert it by \
                     hand.",
                    site.doc.slice(of.byte_range())
                ));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn finish(doc: &Doc<'_>, tree: &Tree, needs: &Needs, draft: &mut Draft) -> Result<(), String> {
    let root = tree.root_node();
    let plain = doc.text.replace("\r\n", "\n");
    let mut packages: Vec<String> = Vec::new();
    let mut functions: Vec<String> = Vec::new();
    if needs.env.is_some() {
        if has(doc, &plain, HELPER, "requireEnv")? {
            // Another file of the package has it.
        } else {
            packages.push("\"os\"".to_owned());
            functions.push(HELPER.to_owned());
        }
    }
    for function in &needs.functions {
        let name = function.split("func ").nth(1).and_then(|rest| rest.split('(').next());
        if !has(doc, &plain, function, name.unwrap_or_default())? {
            functions.push(function.clone());
        }
    }
    if !functions.is_empty() || needs.functions.is_empty() {
        packages.extend(specs(&needs.imports));
    }
    import(doc, root, &packages, draft);
    append(doc, &functions, draft);
    Ok(())
}

/// Whether the package has this function; a different one of that name is in
/// the way.
fn has(doc: &Doc<'_>, plain: &str, function: &str, name: &str) -> Result<bool, String> {
    let package = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("package "));
        line.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
    };
    let own = package(plain);
    let mut found = plain.contains(function);
    let start = format!("func {name}(");
    let mut other = !found && plain.contains(&start);
    for text in doc.neighbours {
        if !text.contains(&start) || package(text) != own {
            continue;
        }
        if text.replace("\r\n", "\n").contains(function) {
            found = true;
        } else {
            other = true;
        }
    }
    if other && !found {
        return Err(format!(
            "The package has a function {name} of its own, which is not the one that would be put \
             here. Rename it, or read the secret with it by hand."
        ));
    }
    Ok(found)
}

/// Import specs of lines such as `import "os"`, or of a block.
fn specs(lines: &[String]) -> Vec<String> {
    let lines = lines.iter().map(|line| line.trim().trim_start_matches("import").trim());
    lines.filter(|line| line.contains('"')).map(str::to_owned).collect()
}

fn import(doc: &Doc<'_>, root: Node<'_>, packages: &[String], draft: &mut Draft) {
    let known: Vec<String> = tree::all(root)
        .filter(|node| node.kind() == "import_spec")
        .map(|node| doc.slice(node.byte_range()).to_owned())
        .collect();
    let mut packages: Vec<&String> = packages.iter().filter(|p| !known.contains(p)).collect();
    packages.sort_by_key(|package| path(package).to_owned());
    packages.dedup();
    if packages.is_empty() {
        return;
    }
    let mut cursor = root.walk();
    let declarations: Vec<Node<'_>> = root
        .named_children(&mut cursor)
        .filter(|node| node.kind() == "import_declaration")
        .collect();
    let block = declarations.iter().find_map(|node| {
        let mut cursor = node.walk();
        node.named_children(&mut cursor).find(|child| child.kind() == "import_spec_list")
    });
    if let Some(block) = block {
        into_block(doc, block, &packages, draft);
        return;
    }
    let single = declarations.first().filter(|_| declarations.len() == 1);
    if let Some(single) = single
        && doc.slice(single.byte_range()) != "import \"C\""
        && let Some(spec) = single.named_child(0)
    {
        let spec = doc.slice(spec.byte_range()).to_owned();
        let mut all: Vec<&str> =
            packages.iter().map(|p| p.as_str()).chain([spec.as_str()]).collect();
        all.sort_by_key(|package| (!is_standard(package), path(package).to_owned()));
        let mut text = "import (".to_owned();
        let mut standard = None;
        for package in all {
            if standard == Some(true) && !is_standard(package) {
                text.push('\n');
            }
            standard = Some(is_standard(package));
            text.push_str(&format!("\n\t{package}"));
        }
        text.push_str("\n)");
        draft.edit(single.byte_range(), in_breaks(doc, &text));
        return;
    }
    let mut cursor = root.walk();
    let package = root.named_children(&mut cursor).find(|node| node.kind() == "package_clause");
    let Some(after) = declarations.last().copied().or(package) else { return };
    let text = match packages.as_slice() {
        [package] => format!("import {package}"),
        _ => {
            let lines: Vec<String> = packages.iter().map(|p| format!("\t{p}")).collect();
            format!("import (\n{}\n)", lines.join("\n"))
        }
    };
    let at = doc.line(after.end_byte()).end;
    let gap = if declarations.is_empty() { "\n\n" } else { "\n" };
    draft.edit(at..at, in_breaks(doc, &format!("{gap}{text}")));
}

/// Each package goes before the first of its kind that sorts behind it.
fn into_block(doc: &Doc<'_>, block: Node<'_>, packages: &[&String], draft: &mut Draft) {
    let mut cursor = block.walk();
    let specs: Vec<Node<'_>> =
        block.named_children(&mut cursor).filter(|node| node.kind() == "import_spec").collect();
    let mut at_end = String::new();
    for package in packages {
        let text = |node: &Node<'_>| doc.slice(node.byte_range()).to_owned();
        let same: Vec<&Node<'_>> =
            specs.iter().filter(|node| is_standard(&text(node)) == is_standard(package)).collect();
        let before = same.iter().find(|node| path(&text(node)) > path(package));
        match (before, same.last(), specs.first()) {
            (Some(node), ..) => {
                let at = node.start_byte();
                draft.edit(at..at, in_breaks(doc, &format!("{package}\n\t")));
            }
            (None, Some(last), _) => {
                let at = doc.line(last.end_byte()).end;
                let end = block.end_byte().saturating_sub(1);
                if at <= end {
                    draft.edit(at..at, in_breaks(doc, &format!("\n\t{package}")));
                } else {
                    draft.edit(last.end_byte()..last.end_byte(), format!("; {package}"));
                }
            }
            (None, None, Some(first)) if is_standard(package) => {
                let at = first.start_byte();
                draft.edit(at..at, in_breaks(doc, &format!("{package}\n\n\t")));
            }
            _ => at_end.push_str(&format!("\n\t{package}\n")),
        }
    }
    if !at_end.is_empty() {
        let at = block.end_byte().saturating_sub(1);
        draft.edit(at..at, in_breaks(doc, at_end.trim_start_matches('\n')));
    }
}

/// The path of an import spec, without the name before it.
fn path(spec: &str) -> &str {
    spec.split('"').nth(1).unwrap_or(spec)
}

fn is_standard(spec: &str) -> bool {
    !path(spec).split('/').next().unwrap_or_default().contains('.')
}
