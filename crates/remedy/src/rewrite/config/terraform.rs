//! Terraform, Packer and Terragrunt.

use std::ops::Range;

use tree_sitter::Node;

use crate::rewrite::code::snippets::in_breaks;
use crate::rewrite::code::tree;
use crate::rewrite::draft::{self, Doc, Draft, Spot};
use crate::rewrite::{Kind, Names};
use crate::{Manager, Reference};

/// What asks for a value: the expression, and a block that it needs.
struct Source {
    expression: String,
    /// Its first line, by which it is known.
    head: String,
    block: String,
}

pub(super) fn rewrite(doc: &Doc<'_>, spots: &[Spot<'_>], names: &mut Names, draft: &mut Draft) {
    let grammar = tree_sitter_hcl::LANGUAGE.into();
    let Some(tree) = tree::parse(&grammar, doc.text) else {
        for spot in spots {
            draft.refuse(spot, tree::TOO_BIG);
        }
        return;
    };
    let mut blocks: Vec<String> = Vec::new();
    for spot in spots {
        if let Err(reason) = one(doc, tree.root_node(), spot, names, draft, &mut blocks) {
            draft.refuse(spot, reason);
        }
    }
    if !blocks.is_empty() {
        let ends = doc.text.ends_with('\n');
        let mut text = if ends { String::new() } else { "\n".to_owned() };
        for block in &blocks {
            text.push_str(&format!("\n{block}\n"));
        }
        if !ends {
            text.pop();
        }
        let at = doc.text.len();
        draft.edit(at..at, in_breaks(doc, &text));
    }
    tree::check(doc, &grammar, &tree, draft);
}

fn one(
    doc: &Doc<'_>,
    root: Node<'_>,
    spot: &Spot<'_>,
    names: &mut Names,
    draft: &mut Draft,
    blocks: &mut Vec<String>,
) -> Result<(), String> {
    let Some(first) = root.descendant_for_byte_range(spot.span.start, spot.span.end) else {
        return Err("It is not to be found any more.".to_owned());
    };
    if tree::around(first, &["comment"]).is_some() {
        draft::comment(draft, doc, names, spot);
        return Ok(());
    }
    if spot.assembled {
        return Err(
            "It is written with escapes here. Put a reference in its place by hand.".to_owned()
        );
    }
    let literal = tree::around(
        first,
        &["string_lit", "quoted_template", "heredoc_template", "template_expr"],
    )
    .ok_or("It stands in no text. Take it out by hand.")?;
    let attribute = tree::around(literal, &["attribute"]);
    let in_object = tree::within(literal, &["object_elem"], &["attribute"]);
    let Some(attribute) = attribute else {
        return Err(
            "It is a label of a block, which must be written out. Rename the block.".to_owned()
        );
    };
    let name =
        attribute.named_child(0).map(|name| doc.slice(name.byte_range())).unwrap_or_default();
    let around = block(doc, attribute);
    let is_whole = is_whole(doc, literal, &spot.span);
    if doc.file_name().ends_with(".tfvars") {
        return value_file(doc, attribute, name, spot, is_whole && !in_object, draft);
    }
    if around.first().is_some_and(|(kind, _)| kind == "variable") && name == "default" {
        return variable_default(doc, attribute, &around, spot, is_whole, draft);
    }
    if around
        .iter()
        .any(|(kind, _)| kind == "terraform" || kind == "backend" || kind == "remote_state")
    {
        return Err("Settings of a backend take no variables. Delete the entry, and hand it over with \
                    `terraform init -backend-config=…` or in the variable of the environment that the \
                    backend knows."
            .to_owned());
    }
    if around.iter().any(|(kind, _)| kind == "variable" || kind == "module_source")
        || name == "source"
    {
        return Err(
            "It stands where Terraform takes written values only. Take it out by hand.".to_owned()
        );
    }
    let mut targets = vec![name.to_owned()];
    if let Some(element) = tree::around(literal, &["object_elem"])
        && let Some(key) = element.named_child(0)
    {
        targets.insert(0, doc.slice(key.byte_range()).trim_matches('"').to_owned());
    }
    for (kind, label) in &around {
        for word in [label, kind] {
            targets.push(format!("{word}_{name}"));
        }
    }
    let variable = draft::variable(names, spot, &targets, is_whole);
    let reference = doc.options.reference(&variable);
    let source = source(doc, &reference)?;
    known(doc, &source, blocks)?;
    let text = if is_whole && literal.kind() != "heredoc_template" {
        draft.edit(literal.byte_range(), source.expression.clone());
        None
    } else {
        Some(format!("${{{}}}", source.expression))
    };
    if let Some(text) = text {
        draft.edit(spot.span.clone(), text);
    }
    draft.change(spot, Kind::Reference, reference);
    draft.note("Terraform writes what it reads into its state; keep that in an encrypted backend.");
    Ok(())
}

/// Adds a block unless the module has it.
fn known(doc: &Doc<'_>, source: &Source, blocks: &mut Vec<String>) -> Result<(), String> {
    if source.block.is_empty() || blocks.contains(&source.block) {
        return Ok(());
    }
    let plain = |text: &str| text.replace("\r\n", "\n");
    for text in doc.neighbours.iter().copied().chain([doc.text]) {
        let text = plain(text);
        if text.contains(&source.block) {
            return Ok(());
        }
        if let Some(at) = text.find(&source.head) {
            let body = text.get(at..).unwrap_or_default().split("\n}").next().unwrap_or_default();
            // A variable of that name that is meant for a secret is the one.
            if body.contains("sensitive") && !body.contains("default") {
                return Ok(());
            }
            return Err(format!(
                "The module has `{}` already, and it is not for a secret. Rename it, or refer to a \
                 variable with `sensitive = true` by hand.",
                source.head.trim_end_matches([' ', '{'])
            ));
        }
    }
    blocks.push(source.block.clone());
    Ok(())
}

fn source(doc: &Doc<'_>, reference: &Reference) -> Result<Source, String> {
    let name = reference.variable.to_ascii_lowercase();
    let file = doc.file_name();
    if file == "terragrunt.hcl" || file == "root.hcl" {
        return Ok(Source {
            expression: format!("get_env(\"{}\")", reference.variable),
            head: String::new(),
            block: String::new(),
        });
    }
    if file.ends_with(".hcl") && !file.ends_with(".pkr.hcl") {
        return Err(
            "What reads this file is not known to take variables. Let it take the value from \
                    the environment, and delete it here."
                .to_owned(),
        );
    }
    let path = &reference.path;
    let (mount, inner) = path.split_once('/').unwrap_or(("secret", path));
    let data = |kind: &str, lines: &str, value: &str| {
        let head = format!("data \"{kind}\" \"{name}\" {{");
        Source {
            expression: format!("data.{kind}.{name}.{value}"),
            block: format!("{head}\n{lines}\n}}"),
            head,
        }
    };
    let manager = if file.ends_with(".pkr.hcl") { Manager::Env } else { doc.options.manager };
    Ok(match manager {
        Manager::AwsSecretsManager => {
            let mut source = data(
                "aws_secretsmanager_secret_version",
                &format!("  secret_id = \"{path}\""),
                "secret_string",
            );
            if let Some(field) = &reference.field {
                source.expression = format!("jsondecode({})[\"{field}\"]", source.expression);
            }
            source
        }
        Manager::Vault => data(
            "vault_kv_secret_v2",
            &format!("  mount = \"{mount}\"\n  name  = \"{inner}\""),
            &format!("data[\"{}\"]", reference.field.as_deref().unwrap_or("api_key")),
        ),
        Manager::GcpSecretManager => data(
            "google_secret_manager_secret_version",
            &format!("  secret = \"{path}\""),
            "secret_data",
        ),
        // The others need more than a name, which a variable can bring.
        _ => {
            let head = format!("variable \"{name}\" {{");
            Source {
                expression: format!("var.{name}"),
                block: format!("{head}\n  type      = string\n  sensitive = true\n}}"),
                head,
            }
        }
    })
}

/// An entry of a file of values: it goes, for the environment brings it.
fn value_file(
    doc: &Doc<'_>,
    attribute: Node<'_>,
    name: &str,
    spot: &Spot<'_>,
    is_whole: bool,
    draft: &mut Draft,
) -> Result<(), String> {
    let line = doc.line(attribute.start_byte());
    let alone = doc
        .slice(line.start..attribute.start_byte())
        .trim_matches(['\u{feff}', ' ', '\t'])
        .is_empty()
        && attribute.end_byte() <= line.end;
    if !is_whole || !alone {
        return Err(
            "It is a part of a larger value. Make it a variable of its own with `sensitive = \
                    true`, and set TF_VAR_ with its name behind it."
                .to_owned(),
        );
    }
    draft.edit(line.start.max(doc.start())..doc.next_line(line.end), "");
    draft.change(spot, Kind::Removal, doc.options.reference(&format!("TF_VAR_{name}")));
    draft.note(format!(
        "Set TF_VAR_{name} where Terraform runs, and mark the variable `sensitive = true`."
    ));
    Ok(())
}

/// A default of a variable: it goes, and the variable becomes sensitive.
fn variable_default(
    doc: &Doc<'_>,
    attribute: Node<'_>,
    around: &[(String, String)],
    spot: &Spot<'_>,
    is_whole: bool,
    draft: &mut Draft,
) -> Result<(), String> {
    let line = doc.line(attribute.start_byte());
    let alone = doc.slice(line.start..attribute.start_byte()).trim().is_empty()
        && attribute.end_byte() <= line.end
        && doc.slice(attribute.end_byte()..line.end).trim().is_empty();
    if !is_whole || !alone {
        return Err(
            "The default holds more than the secret, or shares its line. Delete it by hand, \
                    and mark the variable `sensitive = true`."
                .to_owned(),
        );
    }
    let body = attribute.parent();
    let is_sensitive = body.is_some_and(|body| doc.slice(body.byte_range()).contains("sensitive"));
    let indent = doc.indent(attribute.start_byte());
    let text = if is_sensitive {
        String::new()
    } else {
        format!("{indent}sensitive = true{}", doc.newline)
    };
    draft.edit(line.start..doc.next_line(line.end), text);
    let name = around.first().map(|(_, label)| label.clone()).unwrap_or_default();
    draft.change(spot, Kind::Removal, doc.options.reference(&format!("TF_VAR_{name}")));
    draft.note(format!("Set TF_VAR_{name} where Terraform runs; without it, Terraform asks."));
    Ok(())
}

/// Kinds and first labels of the blocks around a node, the nearest first.
fn block(doc: &Doc<'_>, node: Node<'_>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut node = node.parent();
    while let Some(at) = node {
        if at.kind() == "block" {
            let word = |index: u32| {
                let child = at.named_child(index);
                let child = child.filter(|c| matches!(c.kind(), "identifier" | "string_lit"));
                child.map(|c| doc.slice(c.byte_range()).trim_matches('"').to_owned())
            };
            out.push((word(0).unwrap_or_default(), word(1).unwrap_or_default()));
        }
        node = at.parent();
    }
    out
}

fn is_whole(doc: &Doc<'_>, literal: Node<'_>, span: &Range<usize>) -> bool {
    let text = doc.slice(literal.byte_range());
    text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) == Some(doc.slice(span.clone()))
}
