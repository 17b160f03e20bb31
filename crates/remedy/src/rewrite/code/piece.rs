//! What stands in the place of a literal.

use std::ops::Range;

use tree_sitter::Node;

use super::{Code, Expression, Literal, Settled};
use crate::Language;
use crate::rewrite::draft::{Doc, Spot};

/// A literal that is to be replaced.
pub(super) struct Pieces<'p, 't> {
    pub(super) doc: &'p Doc<'p>,
    pub(super) code: &'p Code,
    pub(super) literal: &'p Literal<'t>,
    /// What is replaced; more than the literal where that is a default.
    pub(super) node: Node<'t>,
    pub(super) settled: &'p Settled,
}

impl Pieces<'_, '_> {
    /// The span to be replaced, and by what.
    pub(super) fn build(
        &self,
        group: &[&Spot<'_>],
        expressions: &[Expression],
        is_whole: bool,
    ) -> Result<(Range<usize>, String), String> {
        let literal = self.literal;
        if !is_whole && let Some((open, close)) = literal.inside {
            return Ok(self.inside(group, expressions, open, close));
        }
        let mut parts: Vec<String> = Vec::new();
        let mut tight = true;
        let mut at = literal.content.start;
        for (spot, expression) in group.iter().zip(expressions) {
            self.text(at..spot.span.start, &mut parts);
            // Rust joins pieces that are borrowed.
            let lent = self.code.language == Language::Rust && !is_whole;
            let lent = if lent { ".as_str()" } else { "" };
            let text = format!("{}{}{lent}", expression.text, literal.suffix);
            let is_tight = expression.tight;
            parts.push(match (is_tight, is_whole && literal.suffix.is_empty()) {
                (true, _) => text,
                (false, true) => {
                    tight = false;
                    text
                }
                (false, false) => format!("({}){}", expression.text, literal.suffix),
            });
            at = spot.span.end;
        }
        self.text(at..literal.content.end, &mut parts);
        if parts.len() > 1 {
            tight = false;
        }
        let mut text = parts.join(self.code.join);
        let span = self.node.byte_range();
        if let Some(wrap) = &self.settled.wrap {
            return Ok((span, wrap.replace("{}", &text)));
        }
        // Literals side by side are one; an expression among them must be joined.
        if self.node.parent().is_some_and(|parent| is_row(parent.kind())) {
            let starts =
                is_whole || group.first().is_some_and(|s| s.span.start == literal.content.start);
            let ends = is_whole || group.last().is_some_and(|s| s.span.end == literal.content.end);
            return Ok((span, self.in_row(&text, starts, ends)?));
        }
        if !tight && !self.settled.is_alone && !self.is_loose() {
            text = format!("({text})");
        }
        Ok((span, text))
    }

    /// Expressions inside of a literal that allows them.
    fn inside(
        &self,
        group: &[&Spot<'_>],
        expressions: &[Expression],
        open: &str,
        close: &str,
    ) -> (Range<usize>, String) {
        let (first, last) = match (group.first(), group.last()) {
            (Some(first), Some(last)) => (first.span.start, last.span.end),
            _ => (self.literal.content.start, self.literal.content.start),
        };
        let mut text = String::new();
        let mut at = first;
        for (spot, expression) in group.iter().zip(expressions) {
            text.push_str(self.doc.slice(at..spot.span.start));
            text.push_str(open);
            // Before Python 3.12 the quotes of a literal end it even in braces.
            if self.code.language == Language::Python && self.literal.close.starts_with('"') {
                text.push_str(&expression.text.replace('"', "'"));
            } else {
                text.push_str(&expression.text);
            }
            text.push_str(close);
            at = spot.span.end;
        }
        (first..last, text)
    }

    fn text(&self, span: Range<usize>, parts: &mut Vec<String>) {
        if !span.is_empty() {
            let literal = self.literal;
            parts.push(format!("{}{}{}", literal.open, self.doc.slice(span), literal.close));
        }
    }

    fn in_row(&self, text: &str, starts: bool, ends: bool) -> Result<String, String> {
        let mut out = String::new();
        if starts && self.node.prev_named_sibling().is_some() {
            out.push_str("+ ");
        }
        out.push_str(text);
        if ends && self.node.next_named_sibling().is_some() {
            out.push_str(" +");
        }
        let row = self.node.parent();
        let above = row.and_then(|row| row.parent());
        let wants = above.is_some_and(|above| {
            !row.is_some_and(|row| loose(self.code, row)) || above.kind().contains("attribute")
        });
        if wants {
            return Err("The secret is one of several text literals in a row, inside of a larger \
                        expression. Put the row into parentheses, and run this again."
                .to_owned());
        }
        Ok(out)
    }

    fn is_loose(&self) -> bool {
        loose(self.code, self.node)
    }
}

fn is_row(kind: &str) -> bool {
    matches!(kind, "concatenated_string")
}

/// Whether an expression with operators can stand where a node is.
fn loose(code: &Code, node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return true };
    code.loose.iter().any(|rule| match rule.split_once(':') {
        None => *rule == parent.kind(),
        Some((kind, field)) => {
            kind == parent.kind()
                && parent.child_by_field_name(field).is_some_and(|child| child.id() == node.id())
        }
    })
}
