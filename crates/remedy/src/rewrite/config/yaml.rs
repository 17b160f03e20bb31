//! YAML: what a scalar is, and what its file is for.

use std::ops::Range;

use tree_sitter::{Node, Tree};

use super::{kubernetes, pipeline};
use crate::Manager;
use crate::rewrite::code::tree;
use crate::rewrite::draft::{self, Doc, Draft, Spot};
use crate::rewrite::embed::{Embedded, Style};
use crate::rewrite::{Kind, Names};

/// A value in a YAML file.
pub(super) struct Scalar<'t> {
    /// With its quotes.
    pub(super) node: Node<'t>,
    /// Between its quotes; for a block, from the line after its sign.
    pub(super) content: Range<usize>,
    pub(super) style: Style,
    /// Keys from the top of the document; the last is the nearest.
    pub(super) keys: Vec<String>,
    /// The pair that it is the value of, or an element of its value.
    pub(super) pair: Option<Node<'t>>,
    pub(super) in_flow: bool,
}

/// What a secret stands in.
pub(super) enum Found<'t> {
    Scalar(Scalar<'t>),
    Comment,
    Nothing,
}

/// Everything that rewriting one scalar needs.
pub(super) struct Work<'w, 't> {
    pub(super) doc: &'w Doc<'w>,
    pub(super) scalar: &'w Scalar<'t>,
    /// Secrets in it, in order.
    pub(super) spots: &'w [&'w Spot<'w>],
    pub(super) names: &'w mut Names,
    pub(super) draft: &'w mut Draft,
}

/// What a YAML file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Actions,
    GitLab,
    Azure,
    Bitbucket,
    Circle,
    Drone,
    Compose,
    Kubernetes,
    HelmValues,
    CloudFormation,
    Ansible,
    OpenTelemetry,
    Unknown,
}

pub(super) fn rewrite(doc: &Doc<'_>, spots: &[Spot<'_>], names: &mut Names, draft: &mut Draft) {
    let grammar = tree_sitter_yaml::LANGUAGE.into();
    let Some(tree) = tree::parse(&grammar, doc.text) else {
        for spot in spots {
            draft.refuse(spot, tree::TOO_BIG);
        }
        return;
    };
    let purpose = purpose(doc);
    let mut groups: Vec<(Scalar<'_>, Vec<&Spot<'_>>)> = Vec::new();
    for spot in spots {
        match locate(doc, &tree, &spot.span) {
            Found::Comment => draft::comment(draft, doc, names, spot),
            Found::Nothing => draft.refuse(
                spot,
                "It stands in a key, or where YAML has no value. Take it out by hand.",
            ),
            Found::Scalar(_) if spot.assembled => draft.refuse(
                spot,
                "It is written with escapes here. Put a reference in its place by hand.",
            ),
            Found::Scalar(scalar) => match groups.last_mut() {
                Some((last, group)) if last.node.byte_range() == scalar.node.byte_range() => {
                    group.push(spot)
                }
                _ => groups.push((scalar, vec![spot])),
            },
        }
    }
    for (scalar, group) in &groups {
        let mut work = Work { doc, scalar, spots: group, names, draft };
        let done = match purpose {
            Use::Actions => pipeline::actions(&mut work),
            Use::GitLab => pipeline::gitlab(&mut work),
            Use::Azure => pipeline::azure(&mut work),
            Use::Bitbucket => pipeline::bitbucket(&mut work),
            Use::Circle => pipeline::circle(&mut work),
            Use::Drone => pipeline::drone(&mut work),
            Use::Compose => compose(&mut work),
            Use::Kubernetes => kubernetes::manifest(&mut work),
            Use::HelmValues => Err("Values of a chart are kept in the clear in every release. Make a \
                Secret in the cluster, put only its name into the values, and let the template refer \
                to it with secretKeyRef.".to_owned()),
            Use::CloudFormation => cloud_formation(&mut work),
            Use::Ansible => ansible(&mut work),
            Use::OpenTelemetry => work.in_place("${env:", "}"),
            Use::Unknown => Err("YAML has no way to name a value that stands elsewhere, and what \
                reads this file is not known. Let that program take the value from the environment, \
                and delete the entry.".to_owned()),
        };
        if let Err(reason) = done {
            for spot in group {
                draft.refuse(spot, reason.clone());
            }
        }
    }
    tree::check(doc, &grammar, &tree, draft);
}

fn purpose(doc: &Doc<'_>) -> Use {
    let name = doc.file_name();
    let path = doc.path.to_ascii_lowercase();
    let has = |key: &str| {
        doc.text.lines().any(|line| line.trim_start_matches('\u{feff}').starts_with(key))
    };
    let stem = name.trim_end_matches(".yaml").trim_end_matches(".yml");
    if path.contains(".github/workflows/") || path.contains(".gitea/workflows/") || stem == "action"
    {
        Use::Actions
    } else if stem.ends_with(".gitlab-ci")
        || path.contains(".gitlab/ci/")
        || path.contains(".gitlab-ci/")
    {
        Use::GitLab
    } else if stem.contains("azure-pipelines")
        || path.contains(".azure-pipelines/")
        || path.contains(".azuredevops/")
    {
        Use::Azure
    } else if stem == "bitbucket-pipelines" {
        Use::Bitbucket
    } else if path.contains(".circleci/") {
        Use::Circle
    } else if stem == ".drone" || stem == ".woodpecker" || path.contains(".woodpecker/") {
        Use::Drone
    } else if stem.starts_with("docker-compose")
        || stem.starts_with("compose")
        || has("services:") && doc.text.contains("image:")
    {
        Use::Compose
    } else if has("AWSTemplateFormatVersion") || doc.text.contains("Type: AWS::") {
        Use::CloudFormation
    } else if has("apiVersion:") && has("kind:") {
        Use::Kubernetes
    } else if stem.starts_with("values") {
        Use::HelmValues
    } else if (has("- hosts:") || has("  hosts:"))
        && (doc.text.contains("tasks:") || doc.text.contains("roles:"))
    {
        Use::Ansible
    } else if has("receivers:") && has("exporters:") {
        Use::OpenTelemetry
    } else {
        Use::Unknown
    }
}

pub(super) fn locate<'t>(doc: &Doc<'_>, tree: &'t Tree, span: &Range<usize>) -> Found<'t> {
    let Some(mut node) = tree.root_node().descendant_for_byte_range(span.start, span.end) else {
        return Found::Nothing;
    };
    let (content, style) = loop {
        let range = node.byte_range();
        match node.kind() {
            "comment" => return Found::Comment,
            "double_quote_scalar" => {
                break (range.start + 1..range.end.saturating_sub(1), Style::Double);
            }
            "single_quote_scalar" => {
                break (range.start + 1..range.end.saturating_sub(1), Style::Single);
            }
            "plain_scalar" => break (range, Style::Plain),
            "block_scalar" => break (doc.next_line(range.start)..range.end, Style::Block),
            _ => match node.parent() {
                Some(parent) => node = parent,
                None => return Found::Nothing,
            },
        }
    };
    if span.start < content.start || content.end < span.end {
        return Found::Nothing;
    }
    let mut keys = Vec::new();
    let mut pair = None;
    let mut in_flow = false;
    let mut below = node;
    while let Some(at) = below.parent() {
        in_flow |= matches!(at.kind(), "flow_mapping" | "flow_sequence");
        if matches!(at.kind(), "block_mapping_pair" | "flow_pair") {
            let Some(key) = at.child_by_field_name("key") else { return Found::Nothing };
            if tree::contains(key, node) {
                return Found::Nothing;
            }
            keys.insert(0, doc.slice(key.byte_range()).trim_matches(['"', '\'']).to_owned());
            pair = pair.or(Some(at));
        }
        below = at;
    }
    Found::Scalar(Scalar { node, content, style, keys, pair, in_flow })
}

impl<'t> Work<'_, 't> {
    /// Whether one secret is the whole value.
    pub(super) fn is_whole(&self) -> bool {
        match self.spots {
            [spot] => {
                self.doc.slice(self.scalar.content.clone()).trim()
                    == self.doc.slice(spot.span.clone())
            }
            _ => false,
        }
    }

    pub(super) fn key(&self) -> &str {
        self.scalar.keys.last().map_or("", String::as_str)
    }

    pub(super) fn has_key(&self, key: &str) -> bool {
        self.scalar.keys.iter().any(|known| known == key)
    }

    /// The variable for a secret: by the key, or by `KEY=` before it.
    pub(super) fn variable(&mut self, spot: &Spot<'_>) -> String {
        let before = self.doc.slice(self.scalar.content.start..spot.span.start);
        let after = self.doc.slice(spot.span.end..self.scalar.content.end).trim();
        let assigned = before.strip_suffix('=').filter(|_| after.is_empty());
        let is_whole = self.is_whole() || assigned.is_some_and(super::super::code::is_variable);
        let mut targets = Vec::new();
        match assigned {
            Some(name) => targets.push(name.to_owned()),
            None => {
                targets.push(self.key().to_owned());
                if let [.., above, key] = self.scalar.keys.as_slice() {
                    targets.push(format!("{above}.{key}"));
                }
            }
        }
        draft::variable(self.names, spot, &targets, is_whole)
    }

    /// Writes `before NAME after` for every secret.
    pub(super) fn in_place(&mut self, before: &str, after: &str) -> Result<(), String> {
        let mut edits = Vec::new();
        for spot in self.spots {
            let variable = self.variable(spot);
            edits.push((spot.span.clone(), format!("{before}{variable}{after}")));
            self.draft.change(spot, Kind::Reference, self.doc.options.reference(&variable));
        }
        self.put(edits)
    }

    /// Puts texts into the scalar in its own style.
    pub(super) fn put(&mut self, edits: Vec<(Range<usize>, String)>) -> Result<(), String> {
        let scalar = self.scalar;
        let from = scalar.node.start_byte();
        // A plain value cannot begin with these, and not contain them in a flow.
        let needs_quotes = scalar.style == Style::Plain
            && edits.iter().any(|(span, text)| {
                text.contains(['{', '}']) && scalar.in_flow
                    || span.start == from
                        && text.starts_with(['{', '%', '@', '`', '"', '\'', '*', '&', '!'])
            });
        for (span, text) in edits {
            if needs_quotes && text.contains('"') {
                return Err(
                    "A reference cannot stand in this value without quotes. Put the value \
                            into single quotes, and run this again."
                        .to_owned(),
                );
            }
            self.draft.edit(span, text);
        }
        if needs_quotes {
            if self.doc.slice(scalar.content.clone()).contains(['"', '\\']) {
                return Err(
                    "A reference cannot stand in this value without quotes. Put the value \
                            into quotes, and run this again."
                        .to_owned(),
                );
            }
            let range = scalar.node.byte_range();
            // Joined to what is there, for edits must not meet.
            let starts = self
                .draft
                .edits
                .iter_mut()
                .find(|e| e.span.start == range.start && !e.span.is_empty());
            match starts {
                Some(edit) => edit.text.insert(0, '"'),
                None => self.draft.edit(range.start..range.start, "\""),
            }
            let ends =
                self.draft.edits.iter_mut().find(|e| e.span.end == range.end && !e.span.is_empty());
            match ends {
                Some(edit) => edit.text.push('"'),
                None => self.draft.edit(range.end..range.end, "\""),
            }
        }
        Ok(())
    }

    /// Rewrites the scalar as a script; the variables that it reads now.
    pub(super) fn script(&mut self) -> Result<Vec<String>, String> {
        let scalar = self.scalar;
        let unclear = "The script is written with escapes that hide where the secret ends. Write it \
                       as a block (`|`), and run this again.";
        let embedded =
            Embedded::read(self.doc.text, scalar.content.clone(), scalar.style).ok_or(unclear)?;
        let mut spans = Vec::new();
        let mut variables: Vec<String> = Vec::new();
        for spot in self.spots {
            let span = embedded.inner(&spot.span).ok_or(unclear)?;
            let before = embedded.text.get(..span.start).unwrap_or_default();
            let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
            let target = word.trim_end_matches(['"', '\'']).strip_suffix('=').unwrap_or_default();
            let is_assigned = super::super::code::is_variable(target);
            let variable = draft::variable(self.names, spot, &[target.to_owned()], is_assigned);
            spans.push((span, variable.clone()));
            if !variables.contains(&variable) {
                variables.push(variable);
            }
        }
        let edits = super::super::code::shell::inline(&embedded.text, &spans)?;
        for (span, text) in edits {
            let outer = embedded.outer(&span).ok_or(unclear)?;
            let text = embedded.write(&text).ok_or(unclear)?;
            self.draft.edit(outer, text);
        }
        for (spot, (_, variable)) in self.spots.iter().zip(&spans) {
            self.draft.change(spot, Kind::Reference, self.doc.options.reference(variable));
        }
        Ok(variables)
    }

    /// Takes away the nearest pair, and what would be empty without it.
    pub(super) fn remove_pair(&mut self) -> Result<(), String> {
        let Some(pair) = self.scalar.pair else { return Err(NOT_ALONE.to_owned()) };
        let span = removal(self.doc, pair).ok_or(NOT_ALONE)?;
        self.draft.edit(span, "");
        Ok(())
    }
}

pub(super) const NOT_ALONE: &str = "The entry shares its line with others. Delete it by hand, and set the variable where the \
     pipeline keeps its secrets.";

/// The lines of a pair or an item, and of what would be empty without it.
pub(super) fn removal(doc: &Doc<'_>, node: Node<'_>) -> Option<Range<usize>> {
    let mut node = node;
    loop {
        let parent = node.parent()?;
        let is_only = parent.named_child_count() == 1;
        match parent.kind() {
            "block_mapping" | "block_sequence" if !is_only => break,
            "document" | "stream" => return None,
            _ if matches!(node.kind(), "block_mapping_pair" | "block_sequence_item")
                && !is_only =>
            {
                break;
            }
            _ => node = parent,
        }
    }
    let line = doc.line(node.start_byte());
    let end = doc.line(node.end_byte().saturating_sub(1));
    let before = doc.slice(line.start..node.start_byte()).trim();
    let after = doc.slice(node.end_byte()..end.end.max(node.end_byte())).trim();
    (before.is_empty() && (after.is_empty() || after.starts_with('#')))
        .then(|| line.start..doc.next_line(end.end))
}

/// A pair of a mapping by its key.
pub(super) fn pair_of<'t>(doc: &Doc<'_>, mapping: Node<'t>, key: &str) -> Option<Node<'t>> {
    let mut cursor = mapping.walk();
    mapping.named_children(&mut cursor).find(|pair| {
        pair.child_by_field_name("key")
            .is_some_and(|k| doc.slice(k.byte_range()).trim_matches(['"', '\'']) == key)
    })
}

/// The value of a pair as it is written.
pub(super) fn value_of<'d>(doc: &Doc<'d>, pair: Node<'_>) -> &'d str {
    pair.child_by_field_name("value").map_or("", |value| doc.slice(value.byte_range()))
}

fn compose(work: &mut Work<'_, '_>) -> Result<(), String> {
    if work.has_key("args") && work.has_key("build") {
        return Err("An argument of a build stays in the image. Hand the secret over as a build \
                    secret: list it under `secrets:` of the build, and read it with `RUN \
                    --mount=type=secret`."
            .to_owned());
    }
    // `${NAME:-secret}`: the default goes, the name stays.
    if let [spot] = work.spots {
        let before = work.doc.slice(work.scalar.content.start..spot.span.start);
        let open = before.rfind("${").map(|at| (at, before.get(at + 2..).unwrap_or_default()));
        if let Some((at, inner)) = open
            && let Some(name) = inner.strip_suffix(":-").or(inner.strip_suffix('-'))
            && super::super::code::is_variable(name)
            && work.doc.slice(spot.span.end..work.scalar.content.end).starts_with('}')
        {
            let start = work.scalar.content.start + at;
            work.draft.edit(start..spot.span.end + 1, format!("${{{name}:?}}"));
            work.draft.change(spot, Kind::Reference, work.doc.options.reference(name));
            return Ok(());
        }
    }
    work.in_place("${", ":?}")
}

fn cloud_formation(work: &mut Work<'_, '_>) -> Result<(), String> {
    if work.doc.options.manager != Manager::AwsSecretsManager {
        return Err(
            "A template of CloudFormation reads no variables. Keep the secret in AWS Secrets \
                    Manager, and run this again with `--to aws`."
                .to_owned(),
        );
    }
    if !work.has_key("Resources") {
        return Err("Only properties of resources can refer to AWS Secrets Manager. Delete the \
                    default, and mark the parameter with NoEcho."
            .to_owned());
    }
    let mut edits = Vec::new();
    for spot in work.spots {
        let variable = work.variable(spot);
        let reference = work.doc.options.reference(&variable);
        let field = reference.field.clone().map(|field| format!(":{field}")).unwrap_or_default();
        edits.push((
            spot.span.clone(),
            format!("{{{{resolve:secretsmanager:{}:SecretString{field}}}}}", reference.path),
        ));
        work.draft.change(spot, Kind::Reference, reference);
    }
    if work.is_whole() && work.scalar.style == Style::Plain {
        for (_, text) in &mut edits {
            *text = format!("'{text}'");
        }
        for (span, text) in edits {
            work.draft.edit(span, text);
        }
        return Ok(());
    }
    work.put(edits)
}

fn ansible(work: &mut Work<'_, '_>) -> Result<(), String> {
    if work.scalar.style == Style::Single {
        return Err("The value stands between single quotes, which the reference has in it. Use \
                    double quotes, and run this again."
            .to_owned());
    }
    work.in_place("{{ lookup('ansible.builtin.env', '", "', default=undef()) }}")
}
