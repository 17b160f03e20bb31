//! Programming languages: text literals become expressions.
//!
//! What all languages share is here; a [`Code`] says how one of them differs.

mod csharp;
mod go;
mod java;
mod javascript;
mod kotlin;
mod php;
mod piece;
mod python;
mod ruby;
mod rust;
pub(super) mod shell;
pub(super) mod snippets;
pub(super) mod tree;

use std::ops::Range;

use tree_sitter::{Node, Tree};

use super::draft::{self, Doc, Draft, Spot};
use super::{Kind, Names};
use crate::{Language, Manager, Reference};
use piece::Pieces;
use snippets::Needs;

/// How a language is rewritten.
pub(super) struct Code {
    /// Its own name, for snippets.
    pub(super) language: Language,
    /// The grammar for a file of this path.
    pub(super) grammar: fn(path: &str) -> tree_sitter::Language,
    /// Kinds of nodes that are comments.
    comments: &'static [&'static str],
    /// The literal that a node is, if it is one.
    literal: for<'t> fn(&Doc<'_>, Node<'t>) -> Option<Literal<'t>>,
    /// Why nothing but a literal can stand here, and what to do instead.
    refuse: fn(&Site<'_, '_>) -> Option<String>,
    /// What joins two texts.
    join: &'static str,
    /// Kinds of parents under which an expression with operators needs no
    /// parentheses; a kind may have `:field` behind it.
    loose: &'static [&'static str],
    /// The expression that reads a variable of the environment.
    env: fn(variable: &str) -> Expression,
    /// A place that reads a variable already, and has the secret as its default.
    fallback: for<'t> fn(&Site<'_, 't>) -> Option<Fallback<'t>>,
    /// Changes around the literal, such as a constant that becomes a variable.
    settle: fn(&Site<'_, '_>, &mut Settled) -> Result<(), String>,
    /// Imports and functions.
    finish: fn(&Doc<'_>, &Tree, &Needs, &mut Draft) -> Result<(), String>,
}

/// A text literal.
#[derive(Clone)]
pub(super) struct Literal<'t> {
    pub(super) node: Node<'t>,
    /// What stands between the quotes.
    pub(super) content: Range<usize>,
    /// Prefix and quote.
    pub(super) open: String,
    pub(super) close: String,
    pub(super) slashes: Slashes,
    /// How an expression is put inside, where the literal allows it.
    pub(super) inside: Option<(&'static str, &'static str)>,
    /// What has to stand behind the expression, such as `.encode()`.
    pub(super) suffix: &'static str,
    /// Why it cannot be cut up; none if it can.
    pub(super) rigid: Option<&'static str>,
}

/// What a backslash means in a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slashes {
    /// It changes what follows.
    Escape,
    /// It is itself.
    Plain,
    /// It is itself, but no literal can end in it.
    NotLast,
}

impl<'t> Literal<'t> {
    /// A literal whose quotes are so many bytes at both ends.
    fn quoted(doc: &Doc<'_>, node: Node<'t>, open: usize, close: usize) -> Option<Literal<'t>> {
        let range = node.byte_range();
        let content = range.start + open..range.end.checked_sub(close)?;
        if content.start > content.end {
            return None;
        }
        Some(Literal {
            open: doc.text.get(range.start..content.start)?.to_owned(),
            close: doc.text.get(content.end..range.end)?.to_owned(),
            node,
            content,
            slashes: Slashes::Escape,
            inside: None,
            suffix: "",
            rigid: None,
        })
    }
}

/// An expression that gives a secret.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    pub(super) text: String,
    /// Whether nothing can be torn out of it by an operator beside it.
    pub(super) tight: bool,
}

impl Expression {
    fn tight(text: String) -> Expression {
        Expression { text, tight: true }
    }

    fn loose(text: String) -> Expression {
        Expression { text, tight: false }
    }
}

/// An expression that falls back to the secret.
pub(super) struct Fallback<'t> {
    /// All of it.
    pub(super) node: Node<'t>,
    /// The variable that it reads.
    pub(super) variable: String,
}

/// A literal with secrets in it, and where it stands.
pub(super) struct Site<'s, 't> {
    pub(super) doc: &'s Doc<'s>,
    pub(super) root: Node<'t>,
    pub(super) literal: &'s Literal<'t>,
    /// Whether one secret is all of the literal.
    pub(super) is_whole: bool,
    /// What the secrets are called.
    pub(super) references: &'s [Reference],
}

/// What a language makes of a place beyond the expression itself.
#[derive(Default)]
pub(super) struct Settled {
    /// Edits elsewhere.
    pub(super) edits: Vec<(Range<usize>, String)>,
    /// What is to stand in the place instead of the plain expression; the
    /// expression is where `{}` is.
    pub(super) wrap: Option<String>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
    /// What has to be added to the file once.
    pub(super) items: Vec<(usize, String)>,
    /// The whole line goes elsewhere.
    pub(super) moved: Option<Moved>,
    /// Whether the expression stands alone, so that no parentheses are needed.
    pub(super) is_alone: bool,
}

/// A line that goes elsewhere with the expression in it.
pub(super) struct Moved {
    /// Where it is taken away.
    pub(super) removed: Range<usize>,
    /// Where it is put.
    pub(super) at: Range<usize>,
    pub(super) before: String,
    pub(super) after: String,
}

/// The language of a file.
pub(super) fn of(language: Language) -> Option<&'static Code> {
    Some(match language {
        Language::Python => &python::CODE,
        Language::JavaScript | Language::TypeScript => &javascript::CODE,
        Language::Java => &java::CODE,
        Language::Go => &go::CODE,
        Language::Ruby => &ruby::CODE,
        Language::CSharp => &csharp::CODE,
        Language::Php => &php::CODE,
        Language::Rust => &rust::CODE,
        Language::Kotlin => &kotlin::CODE,
        Language::Shell | Language::PowerShell => return None,
    })
}

/// Rewrites a file in a programming language.
pub(super) fn rewrite(
    doc: &Doc<'_>,
    code: &Code,
    language: Language,
    spots: &[Spot<'_>],
    names: &mut Names,
    draft: &mut Draft,
) {
    let grammar = (code.grammar)(doc.path);
    let Some(tree) = tree::parse(&grammar, doc.text) else {
        for spot in spots {
            draft.refuse(spot, tree::TOO_BIG);
        }
        return;
    };
    let mut needs = Needs::new(language);
    let mut groups: Vec<(Literal<'_>, Vec<&Spot<'_>>)> = Vec::new();
    for spot in spots {
        match find(doc, code, &tree, spot) {
            Found::Comment => draft::comment(draft, doc, names, spot),
            Found::Nothing(reason) => draft.refuse(spot, reason),
            Found::Literal(literal) => match groups.last_mut() {
                Some((last, group)) if last.node.byte_range() == literal.node.byte_range() => {
                    group.push(spot);
                }
                _ => groups.push((literal, vec![spot])),
            },
        }
    }
    for (literal, group) in groups {
        if let Err(reason) = replace(doc, code, &tree, &literal, &group, names, &mut needs, draft) {
            for spot in &group {
                draft.refuse(spot, reason.clone());
            }
        }
    }
    if let Err(reason) = (code.finish)(doc, &tree, &needs, draft) {
        draft.give_up(&reason);
    }
    tree::check(doc, &grammar, &tree, draft);
}

/// What a secret stands in.
enum Found<'t> {
    Literal(Literal<'t>),
    Comment,
    Nothing(String),
}

fn find<'t>(doc: &Doc<'_>, code: &Code, tree: &'t Tree, spot: &Spot<'_>) -> Found<'t> {
    let root = tree.root_node();
    let mut node = root.descendant_for_byte_range(spot.span.start, spot.span.end);
    while let Some(at) = node {
        if code.comments.contains(&at.kind()) {
            return Found::Comment;
        }
        if let Some(literal) = (code.literal)(doc, at) {
            if literal.content.start <= spot.span.start && spot.span.end <= literal.content.end {
                return Found::Literal(literal);
            }
            // A key block may be found with the quotes around it.
            if literal.node.byte_range() == spot.span {
                return Found::Literal(Literal { content: spot.span.clone(), ..literal });
            }
        }
        if spot.assembled
            && let Some(literal) = assembled(doc, code, at, spot)
        {
            return Found::Literal(literal);
        }
        node = at.parent();
    }
    Found::Nothing(
        "It stands neither in a text literal nor in a comment. Take it out by hand, and read it \
         from where secrets are kept."
            .to_owned(),
    )
}

/// An expression that is nothing but pieces of the secret, as one literal.
fn assembled<'t>(
    doc: &Doc<'_>,
    code: &Code,
    node: Node<'t>,
    spot: &Spot<'_>,
) -> Option<Literal<'t>> {
    let mut leaves = Vec::new();
    if !literals(doc, code, node, &mut leaves, 0) {
        return None;
    }
    let (first, last) = (leaves.first()?, leaves.last()?);
    let is_all = first.content.start == spot.span.start && last.content.end == spot.span.end;
    // Adjacent literals within a list or arguments are no expression.
    let is_one =
        leaves.len() > 1 && !node.kind().contains("list") && !node.kind().contains("argument");
    (is_all && is_one).then(|| Literal {
        node,
        content: spot.span.clone(),
        open: first.open.clone(),
        close: last.close.clone(),
        slashes: first.slashes,
        inside: None,
        suffix: first.suffix,
        rigid: None,
    })
}

/// The most levels of an expression of pieces.
const DEEPEST: usize = 200;

/// Collects literals; false if anything else but operators is there.
fn literals<'t>(
    doc: &Doc<'_>,
    code: &Code,
    node: Node<'t>,
    out: &mut Vec<Literal<'t>>,
    depth: usize,
) -> bool {
    if let Some(literal) = (code.literal)(doc, node) {
        out.push(literal);
        return true;
    }
    if depth > DEEPEST {
        return false;
    }
    if node.child_count() == 0 {
        return matches!(doc.slice(node.byte_range()), "+" | "." | "(" | ")" | "\\");
    }
    let mut cursor = node.walk();
    node.children(&mut cursor).all(|child| {
        code.comments.contains(&child.kind()) || literals(doc, code, child, out, depth + 1)
    })
}

#[expect(clippy::too_many_arguments, reason = "they are one step of `rewrite`")]
fn replace(
    doc: &Doc<'_>,
    code: &Code,
    tree: &Tree,
    literal: &Literal<'_>,
    group: &[&Spot<'_>],
    names: &mut Names,
    needs: &mut Needs,
    draft: &mut Draft,
) -> Result<(), String> {
    let is_whole = match group {
        [spot] => spot.span == literal.content,
        _ => false,
    };
    if !is_whole {
        if let Some(reason) = literal.rigid {
            return Err(reason.to_owned());
        }
        if group.iter().any(|spot| cuts_escape(doc, literal, &spot.span)) {
            return Err("The secret begins inside of an escape of its text literal, so that \
                        cutting it out would change the rest. Take it out by hand."
                .to_owned());
        }
    }
    let no_references = Site { doc, root: tree.root_node(), literal, is_whole, references: &[] };
    if let Some(reason) = (code.refuse)(&no_references) {
        return Err(reason);
    }
    let fallback = if is_whole { (code.fallback)(&no_references) } else { None };
    let targets = tree::targets(doc, literal.node);
    let references: Vec<Reference> = group
        .iter()
        .map(|spot| {
            let variable = match &fallback {
                // It is in use by that name already.
                Some(fallback) => fallback.variable.clone(),
                None => draft::variable(names, spot, &targets, is_whole),
            };
            doc.options.reference(&variable)
        })
        .collect();
    let node = fallback.as_ref().map_or(literal.node, |fallback| fallback.node);
    let site = Site { references: &references, ..no_references };
    let mut settled = Settled::default();
    (code.settle)(&site, &mut settled)?;
    let expressions = expressions(doc, code, tree, literal.node, &references, needs)?;
    let pieces = Pieces { doc, code, literal, node, settled: &settled };
    let text = pieces.build(group, &expressions, is_whole)?;
    match settled.moved {
        Some(moved) => {
            draft.edit(moved.removed, "");
            draft.edit(moved.at, format!("{}{}{}", moved.before, text.1, moved.after));
        }
        None => draft.edit(text.0, text.1),
    }
    for (span, text) in settled.edits {
        draft.edit(span, text);
    }
    for (at, text) in settled.items {
        needs.item(at, text);
    }
    for note in settled.notes {
        draft.note(note);
    }
    for (spot, reference) in group.iter().zip(references) {
        draft.change(spot, Kind::Reference, reference);
    }
    Ok(())
}

fn expressions(
    doc: &Doc<'_>,
    code: &Code,
    tree: &Tree,
    node: Node<'_>,
    references: &[Reference],
    needs: &mut Needs,
) -> Result<Vec<Expression>, String> {
    references
        .iter()
        .map(|reference| match doc.options.manager {
            Manager::Env => {
                needs.env(node);
                Ok((code.env)(&reference.variable))
            }
            manager => needs.snippet(doc, tree, node, manager, reference),
        })
        .collect()
}

/// Whether a backslash before the span takes away its first character, or
/// could not stand at the end of a piece.
fn cuts_escape(doc: &Doc<'_>, literal: &Literal<'_>, span: &Range<usize>) -> bool {
    let before = doc.slice(literal.content.start..span.start);
    let slashes = before.len() - before.trim_end_matches('\\').len();
    match literal.slashes {
        Slashes::Escape => slashes % 2 == 1,
        Slashes::Plain => false,
        Slashes::NotLast => slashes > 0,
    }
}

/// Whether a text can be the name of a variable of the environment.
pub(super) fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A text with every line moved to the right.
fn indented(text: &str, by: &str) -> String {
    let lines = text.lines().map(|line| match line.is_empty() {
        true => String::new(),
        false => format!("{by}{line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
