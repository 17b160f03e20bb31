//! Patterns of other tools as detector files write them: the value in the
//! group `secret`, flags that the engine sees, no comments.

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_syntax::ast::print::Printer;
use regex_syntax::ast::{
    Ast, CaptureName, Flag, Flags, FlagsItemKind, Group, GroupKind, RepetitionKind, RepetitionRange,
};
use regex_syntax::hir::{Hir, HirKind};
use stanch_rules::pattern::{self, PatternError};

use super::go;

/// Most repetitions of what is open before a keyword.
const BOUND: u32 = 100;

/// Longest pattern, in bytes. What is looked for in it takes time.
const LENGTH_MAX: usize = 8 << 10;

/// Most bytes of a compiled pattern, as in the engine.
const SIZE_MAX: usize = 8 << 20;

/// Whose regular expressions they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Those of Go.
    Go,
    /// Those of Rust.
    Rust,
}

/// Which group is the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// The first one; the whole match where there is none.
    First,
    /// This one, from 1.
    Number(usize),
    /// The one of this name, else the only one or the longest.
    Named(&'static str),
}

/// A pattern as a detector file has it.
#[derive(Debug)]
pub(super) struct Converted {
    /// As it is written.
    pub(super) text: String,
    /// As it is understood.
    pub(super) hir: Hir,
    /// What is different from what it was.
    pub(super) remark: Option<String>,
}

impl Converted {
    /// Whether the engine takes its keywords in any case.
    pub(super) fn any_case(&self) -> bool {
        self.text.contains("(?i")
    }
}

/// Rewrites a pattern. `bounded` puts a bound on what is repeated without end
/// outside the value, so that a keyword behind it can lead to the match.
///
/// # Errors
/// Why it cannot be a detector's.
pub(super) fn convert(
    source: &str,
    dialect: Dialect,
    value: Value,
    bounded: bool,
) -> Result<Converted, String> {
    if source.len() > LENGTH_MAX {
        return Err(format!("its pattern is longer than {LENGTH_MAX} bytes"));
    }
    let text = match dialect {
        Dialect::Go => go::to_rust(source)?,
        Dialect::Rust => source.to_owned(),
    };
    let mut ast = regex_syntax::ast::parse::Parser::new()
        .parse(text.trim())
        .map_err(|error| format!("its pattern is not understood: {}", error.kind()))?;
    let mut groups = Vec::new();
    list(&ast, true, false, &mut groups);
    if let Ok(hir) = pattern::parse(&text) {
        measure(&hir, &mut groups);
    }
    let (chosen, remark) = choose(&groups, value)?;
    let mut rewrite = Rewrite { chosen, bounded, names: vec!["secret".to_owned()] };
    rewrite.node(&mut ast, false);
    let mut text = String::new();
    let printed = Printer::new().print(&ast, &mut text);
    printed.map_err(|_| "its pattern cannot be written".to_owned())?;
    let hir = pattern::parse(&text).map_err(|error| match error {
        PatternError::Syntax { message, .. } => {
            format!("its pattern is not understood: {message}")
        }
        other => other.to_string(),
    })?;
    compiles(&text)?;
    Ok(Converted { text, hir, remark })
}

fn compiles(text: &str) -> Result<(), String> {
    let config = Regex::config().utf8_empty(false).nfa_size_limit(Some(SIZE_MAX));
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    let built = Regex::builder().configure(config).syntax(syntax).build(text);
    built.map(drop).map_err(|_| "its pattern is too large when compiled".to_owned())
}

/// A capturing group.
#[derive(Debug)]
struct Found {
    index: u32,
    name: Option<String>,
    /// Whether every match has it.
    always: bool,
    /// Whether it is repeated, or stands in another one.
    part: bool,
    /// The least that it matches, in bytes.
    least: usize,
}

fn list(ast: &Ast, always: bool, part: bool, out: &mut Vec<Found>) {
    match ast {
        Ast::Group(group) => {
            let index = group.capture_index();
            if let Some(index) = index {
                let name = name_of(group).map(str::to_owned);
                out.push(Found { index, name, always, part, least: 0 });
            }
            list(&group.ast, always, part || index.is_some(), out);
        }
        Ast::Repetition(rep) => {
            let (least, most) = match rep.op.kind {
                RepetitionKind::ZeroOrOne => (0, Some(1)),
                RepetitionKind::ZeroOrMore => (0, None),
                RepetitionKind::OneOrMore => (1, None),
                RepetitionKind::Range(RepetitionRange::Exactly(n)) => (n, Some(n)),
                RepetitionKind::Range(RepetitionRange::AtLeast(n)) => (n, None),
                RepetitionKind::Range(RepetitionRange::Bounded(n, m)) => (n, Some(m)),
            };
            let repeated = most.is_none_or(|most| most > 1);
            list(&rep.ast, always && least > 0, part || repeated, out);
        }
        Ast::Alternation(all) => all.asts.iter().for_each(|ast| list(ast, false, part, out)),
        Ast::Concat(all) => all.asts.iter().for_each(|ast| list(ast, always, part, out)),
        _ => {}
    }
}

fn measure(hir: &Hir, groups: &mut [Found]) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            if let Some(group) = groups.iter_mut().find(|group| group.index == capture.index) {
                group.least = capture.sub.properties().minimum_len().unwrap_or(0);
            }
            measure(&capture.sub, groups);
        }
        HirKind::Repetition(rep) => measure(&rep.sub, groups),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().for_each(|part| measure(part, groups));
        }
        _ => {}
    }
}

fn name_of(group: &Group) -> Option<&str> {
    match &group.kind {
        GroupKind::CaptureName { name, .. } => Some(&name.name),
        _ => None,
    }
}

/// The index of the group that is the value, and what is different with it.
fn choose(groups: &[Found], value: Value) -> Result<(Option<u32>, Option<String>), String> {
    let whole: Vec<&Found> = groups.iter().filter(|group| !group.part).collect();
    let first = match (whole.as_slice(), value) {
        ([], _) => (None, None),
        ([only], _) => (Some(only.index), None),
        (all, Value::Named(name)) if all.iter().all(|group| group.always) => {
            let longest = all.iter().max_by_key(|group| (group.least, group.index));
            let remark = format!(
                "its pattern has several groups, none of which is called {name}: the longest is \
                 the value"
            );
            (longest.map(|group| group.index), Some(remark))
        }
        ([first, ..], _) if first.always => (Some(first.index), None),
        _ => (None, Some(ALTERNATIVES.to_owned())),
    };
    match value {
        Value::First | Value::Number(0) => Ok(first),
        Value::Number(n) => {
            let found = groups.iter().find(|group| group.index as usize == n);
            let fault = || format!("its secretGroup is {n}, but its pattern has {}", groups.len());
            Ok((Some(found.ok_or_else(fault)?.index), None))
        }
        Value::Named(name) => {
            let found = groups.iter().find(|group| group.name.as_deref() == Some(name));
            Ok(found.map_or(first, |group| (Some(group.index), None)))
        }
    }
}

/// What is said of a pattern whose value cannot be told from its surroundings.
pub(super) const ALTERNATIVES: &str =
    "its groups stand in alternatives, so the whole match is the value";

/// The alternatives that a pattern consists of, each as Rust writes it; none
/// where it is no alternation.
pub(super) fn alternatives(source: &str, dialect: Dialect) -> Vec<String> {
    let text = match dialect {
        Dialect::Go => go::to_rust(source),
        Dialect::Rust => Ok(source.to_owned()),
    };
    let ast = text.ok().and_then(|t| regex_syntax::ast::parse::Parser::new().parse(t.trim()).ok());
    let Some(Ast::Alternation(all)) = &ast else { return Vec::new() };
    let mut flags = String::new();
    let mut out = Vec::new();
    for branch in &all.asts {
        let mut text = flags.clone();
        if Printer::new().print(branch, &mut text).is_err() {
            return Vec::new();
        }
        out.push(text);
        // Flags hold from where they stand to the end of the pattern.
        let parts = match branch {
            Ast::Concat(concat) => concat.asts.as_slice(),
            other => std::slice::from_ref(other),
        };
        for part in parts.iter().filter(|part| matches!(part, Ast::Flags(_))) {
            if Printer::new().print(part, &mut flags).is_err() {
                return Vec::new();
            }
        }
    }
    out
}

struct Rewrite {
    chosen: Option<u32>,
    bounded: bool,
    names: Vec<String>,
}

impl Rewrite {
    /// Rewrites what stands below a node; `inside` is whether it is the value.
    fn node(&mut self, ast: &mut Ast, inside: bool) {
        match ast {
            Ast::Flags(set) => {
                let (some, span) = (tidy(&mut set.flags), set.span);
                if !some {
                    *ast = Ast::empty(span);
                }
            }
            Ast::Group(group) => {
                let is_value = self.chosen.is_some() && group.capture_index() == self.chosen;
                self.group(group, is_value, inside);
                self.node(&mut group.ast, inside || is_value);
            }
            Ast::Repetition(rep) => {
                if self.bounded && !inside {
                    let least = match rep.op.kind {
                        RepetitionKind::ZeroOrMore => Some(0),
                        RepetitionKind::OneOrMore => Some(1),
                        RepetitionKind::Range(RepetitionRange::AtLeast(least)) => Some(least),
                        _ => None,
                    };
                    if let Some(least) = least {
                        let range = RepetitionRange::Bounded(least, least.max(BOUND));
                        rep.op.kind = RepetitionKind::Range(range);
                    }
                }
                self.node(&mut rep.ast, inside);
            }
            Ast::Alternation(all) => {
                all.asts.iter_mut().for_each(|ast| self.node(ast, inside));
            }
            Ast::Concat(all) => all.asts.iter_mut().for_each(|ast| self.node(ast, inside)),
            _ => {}
        }
    }

    fn group(&mut self, group: &mut Group, is_value: bool, inside: bool) {
        let span = group.span;
        let name = match (is_value, name_of(group)) {
            (true, _) => Some("secret".to_owned()),
            // What stands in the value is no part beside it.
            (false, Some(name)) if !inside => {
                Some(name.to_ascii_lowercase().replace(['.', '[', ']'], "_"))
            }
            (false, _) => None,
        };
        let name = name.filter(|name| is_value || !self.names.contains(name));
        group.kind = match (name, &mut group.kind) {
            (Some(name), _) => {
                self.names.push(name.clone());
                let index = group.capture_index().unwrap_or(0);
                let name = CaptureName { span, name, index };
                GroupKind::CaptureName { starts_with_p: false, name }
            }
            (None, GroupKind::NonCapturing(flags)) => {
                tidy(flags);
                return;
            }
            (None, _) => GroupKind::NonCapturing(Flags { span, items: Vec::new() }),
        };
    }
}

/// Takes the flag for comments away, which have been read, and puts the one
/// for any case first, where the engine looks for it. False when nothing is
/// left.
fn tidy(flags: &mut Flags) -> bool {
    let any_case = flags.flag_state(Flag::CaseInsensitive) == Some(true);
    flags.items.retain(|item| item.kind != FlagsItemKind::Flag(Flag::IgnoreWhitespace));
    if any_case {
        let case = FlagsItemKind::Flag(Flag::CaseInsensitive);
        flags.items.sort_by_key(|item| item.kind != case);
    }
    if flags.items.last().is_some_and(|item| item.kind.is_negation()) {
        flags.items.pop();
    }
    !flags.items.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str, value: Value) -> String {
        convert(source, Dialect::Rust, value, false).unwrap().text
    }

    #[test]
    fn the_value_is_named_and_other_groups_are_opened() {
        assert_eq!(text("(a|b)_([0-9]{4})", Value::Number(2)), "(?:a|b)_(?<secret>[0-9]{4})");
        assert_eq!(text("(?P<ID>a)(?P<TOKEN>b)", Value::Named("TOKEN")), "(?<id>a)(?<secret>b)");
        assert_eq!(text("ab", Value::First), "ab");
        assert_eq!(text("(?P<secret>a)(b)", Value::Number(2)), "(?:a)(?<secret>b)");
    }

    #[test]
    fn comments_and_their_flag_go() {
        let source = "(?xi)\n  acme \\ [a-z]  # the name\n  (?P<TOKEN> [0-9 a-f]{4} \\# )\n";
        let text = text(source, Value::Named("TOKEN"));
        assert_eq!(text, "(?i)acme\\ [a-z](?<secret>[0-9a-f]{4}\\#)");
    }

    #[test]
    fn the_flag_for_any_case_stands_first() {
        assert_eq!(text("(?si)a", Value::First), "(?is)a");
        assert_eq!(text("(?x)(?s-i:a)", Value::First), "(?s-i:a)");
    }

    #[test]
    fn groups_in_alternatives_leave_the_whole_match() {
        let made = convert("x(?:a(b)|c(d))", Dialect::Go, Value::First, false).unwrap();
        assert_eq!(made.text, "x(?:a(?:b)|c(?:d))");
        assert!(made.remark.unwrap().contains("alternatives"));
    }

    #[test]
    fn what_is_repeated_or_in_the_value_is_neither_value_nor_part() {
        assert_eq!(text("x_(?:([a-z]{4})-){3}y", Value::First), "x_(?:(?:[a-z]{4})-){3}y");
        assert_eq!(
            text("((?P<body>[a-z]{4})(?P<sum>[0-9]))", Value::Named("TOKEN")),
            "(?<secret>(?:[a-z]{4})(?:[0-9]))"
        );
    }

    #[test]
    fn of_several_groups_without_the_name_the_longest_is_the_value() {
        let made = |source| text(source, Value::Named("TOKEN"));
        assert_eq!(made("id=([a-z]+);key=([a-z]+)"), "id=(?:[a-z]+);key=(?<secret>[a-z]+)");
        assert_eq!(made("(key|id)=([a-z]{20})(;|$)"), "(?:key|id)=(?<secret>[a-z]{20})(?:;|$)");
    }

    #[test]
    fn alternatives_keep_the_flags_before_them() {
        let all = alternatives("(?i)a(b)|c(d)|(?s).", Dialect::Go);
        assert_eq!(all, ["(?i)a(b)", "(?i)c(d)", "(?i)(?s)."]);
        assert!(alternatives("(a|b)", Dialect::Go).is_empty());
    }

    #[test]
    fn open_repetitions_outside_the_value_can_be_bounded() {
        let made = convert(r"\w*acme\s+([a-z]+)", Dialect::Go, Value::First, true).unwrap();
        assert_eq!(made.text, r"\w{0,100}acme\s{1,100}(?<secret>[a-z]+)");
    }

    #[test]
    fn what_cannot_be_run_is_refused_with_a_reason() {
        let fault = |source: &str| convert(source, Dialect::Go, Value::First, false).unwrap_err();
        assert!(fault("(?=a)b").contains("look-around"), "{}", fault("(?=a)b"));
        assert!(fault("(?:(?:[a-z]{1000}){1000}){9}").contains("too large"));
        assert!(fault("a(b").contains("unclosed group"));
        assert!(fault(&"(".repeat(5000)).contains("not understood"));
        assert!(fault(&"a".repeat(10_000)).contains("longer than 8192"));
        let number = convert("(a)", Dialect::Go, Value::Number(3), false).unwrap_err();
        assert!(number.contains("secretGroup is 3"), "{number}");
    }
}
