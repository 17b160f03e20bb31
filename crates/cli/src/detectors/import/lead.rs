//! What leads to a pattern: literals of its own that can be keywords.

use regex_syntax::hir::{Class, Hir, HirKind};
use stanch_rules::pattern::{self, Trigger};

use super::pattern::Converted;

/// Longest keyword that is made, in bytes.
const LONG: usize = 24;

/// Longest word of a rule that is looked for in its pattern, in bytes.
const WORD: usize = 64;

/// Shortest keyword that a detector file may have, in bytes.
const SHORT: usize = 3;

/// Most places of a pattern that are tried.
const PLACES: usize = 16;

/// Most keywords that are made of one pattern.
const MANY: usize = 64;

/// Words that lead to more places than others.
const COMMON: &[&str] = &[
    "access",
    "api",
    "auth",
    "bearer",
    "client",
    "code",
    "creds",
    "credential",
    "data",
    "http",
    "https",
    "key",
    "pass",
    "password",
    "passwd",
    "private",
    "public",
    "pwd",
    "secret",
    "string",
    "token",
    "user",
    "username",
];

/// The keywords that lead to a pattern best, in the case that the engine
/// looks for. Those that a rule names itself come first. The scheme of a URL
/// leads only to one with credentials, and counts where `scheme` says so.
pub(super) fn keywords(pattern: &Converted, named: &[String], scheme: bool) -> Option<Vec<String>> {
    let any_case = pattern.any_case();
    let mut elements = Vec::new();
    flatten(&pattern.hir, &mut elements);
    let named: Vec<String> = named.iter().map(|word| word.to_ascii_lowercase()).collect();
    let is_named = |all: &[String]| {
        all.iter().all(|keyword| {
            let keyword = keyword.to_ascii_lowercase();
            named.iter().any(|name| !name.is_empty() && keyword.contains(name))
        })
    };
    let heads_at = |at: usize| {
        let found = heads(elements.get(at..)?, any_case, LONG);
        let shortest = found.iter().map(String::len).min().filter(|len| *len >= SHORT)?;
        Some((at, found, shortest))
    };
    (0..elements.len())
        .filter_map(heads_at)
        .take(PLACES)
        .filter_map(|(at, found, shortest)| {
            let cut = Some(cut(&found, shortest)).filter(|cut| *cut != found);
            let mut tried = [Some(found), cut].into_iter().flatten();
            let (trigger, keywords) = tried.find_map(|all| Some((check(pattern, &all)?, all)))?;
            let cost = match trigger {
                Trigger::Url if !scheme => return None,
                Trigger::Token { .. } => 0,
                Trigger::Shape(_) => 1,
                _ => 2,
            };
            let common = keywords.iter().any(|keyword| is_common(keyword));
            let length = 8 - shortest.min(8);
            let rank = (!is_named(&keywords), common, cost, length, keywords.len(), at);
            Some((rank, keywords))
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, keywords)| keywords)
}

/// Whether a word stands in every other file.
fn is_common(keyword: &str) -> bool {
    let keyword = keyword.to_ascii_lowercase();
    let word = keyword.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    COMMON.contains(&word) || word.len() < SHORT
}

/// Whether every match contains one of these words, which are in lower case,
/// or as much of it as can be told.
pub(super) fn implies(pattern: &Converted, words: &[String]) -> bool {
    !words.is_empty() && holds(&pattern.hir, words)
}

fn holds(hir: &Hir, words: &[String]) -> bool {
    let bears = |text: &str| words.iter().any(|word| text.contains(word));
    match hir.kind() {
        HirKind::Literal(literal) => {
            bears(&String::from_utf8_lossy(&literal.0).to_ascii_lowercase())
        }
        HirKind::Capture(capture) => holds(&capture.sub, words),
        HirKind::Repetition(rep) => rep.min > 0 && holds(&rep.sub, words),
        HirKind::Alternation(branches) => branches.iter().all(|branch| holds(branch, words)),
        HirKind::Concat(parts) => {
            let mut elements = Vec::new();
            flatten(hir, &mut elements);
            // What an author takes for a literal may hold a dot that is none.
            let begins =
                |text: &str| text.len() >= SHORT && words.iter().any(|word| word.starts_with(text));
            parts.iter().any(|part| holds(part, words))
                || (0..elements.len()).filter_map(|at| elements.get(at..)).any(|elements| {
                    let heads = heads(elements, true, WORD);
                    heads.iter().all(|head| bears(head) || begins(head))
                })
        }
        _ => false,
    }
}

fn check(pattern: &Converted, keywords: &[String]) -> Option<Trigger> {
    let sound = |k: &String| k.len() >= SHORT && k.bytes().all(|b| b.is_ascii() && b >= b' ');
    let sound = !keywords.is_empty() && keywords.iter().all(sound);
    pattern::trigger(&pattern.hir, keywords, &[]).ok().filter(|_| sound)
}

fn cut(keywords: &[String], len: usize) -> Vec<String> {
    let mut all: Vec<String> =
        keywords.iter().filter_map(|keyword| keyword.get(..len)).map(str::to_owned).collect();
    all.sort();
    all.dedup();
    all
}

/// The concatenation that a pattern is, with groups opened and literals taken
/// apart into words.
fn flatten(hir: &Hir, out: &mut Vec<Hir>) {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
            let words = literal.0.chunk_by(|a, b| is_word(a) || !is_word(b));
            out.extend(words.map(Hir::literal));
        }
        HirKind::Concat(parts) => parts.iter().for_each(|part| flatten(part, out)),
        HirKind::Capture(capture) => flatten(&capture.sub, out),
        _ => out.push(hir.clone()),
    }
}

/// Text that a match begins with, and whether more of the pattern may follow
/// it directly.
type Head = (Vec<u8>, bool);

/// All texts that what these elements match can begin with; none where there
/// is nothing to be said.
fn heads(elements: &[Hir], any_case: bool, long: usize) -> Vec<String> {
    let mut all: Vec<String> = concat(elements.iter(), any_case, long)
        .into_iter()
        .map(|(text, _)| String::from_utf8_lossy(&text).into_owned())
        .collect();
    all.sort();
    all.dedup();
    all
}

fn concat<'h>(parts: impl Iterator<Item = &'h Hir>, any_case: bool, long: usize) -> Vec<Head> {
    let mut all: Vec<Head> = vec![(Vec::new(), true)];
    for part in parts {
        if !all.iter().any(|(_, open)| *open) {
            break;
        }
        let next = of(part, any_case, long);
        let open = all.iter().filter(|(_, open)| *open).count();
        if all.len() - open + open * next.len() > MANY {
            all.iter_mut().for_each(|(_, open)| *open = false);
            break;
        }
        let mut grown = Vec::new();
        for (head, open) in all {
            if !open {
                grown.push((head, false));
                continue;
            }
            for (tail, open) in &next {
                let mut whole = head.clone();
                whole.extend(tail);
                let cut = whole.len() >= long;
                whole.truncate(long);
                grown.push((whole, *open && !cut));
            }
        }
        all = grown;
    }
    all
}

fn of(hir: &Hir, any_case: bool, long: usize) -> Vec<Head> {
    let unknown = || vec![(Vec::new(), false)];
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![(Vec::new(), true)],
        HirKind::Literal(literal) => {
            let text = literal.0.to_vec();
            vec![(if any_case { text.to_ascii_lowercase() } else { text }, true)]
        }
        HirKind::Class(class) => match letters(class, any_case) {
            Some(letters) => letters.into_iter().map(|letter| (vec![letter], true)).collect(),
            None => unknown(),
        },
        HirKind::Repetition(rep) => {
            let once = of(&rep.sub, any_case, long);
            match (rep.min, rep.max) {
                (0, Some(1)) => {
                    once.into_iter().chain(std::iter::once((Vec::new(), true))).collect()
                }
                (0, _) => unknown(),
                (1, Some(1)) => once,
                _ => once.into_iter().map(|(text, _)| (text, false)).collect(),
            }
        }
        HirKind::Capture(capture) => of(&capture.sub, any_case, long),
        HirKind::Concat(parts) => concat(parts.iter(), any_case, long),
        HirKind::Alternation(branches) => {
            let all: Vec<Head> =
                branches.iter().flat_map(|branch| of(branch, any_case, long)).collect();
            if all.len() > MANY { unknown() } else { all }
        }
    }
}

/// The bytes of a small class of ASCII.
fn letters(class: &Class, any_case: bool) -> Option<Vec<u8>> {
    let Class::Bytes(class) = class else { return None };
    let ranges = class.ranges().iter();
    let mut all: Vec<u8> = Vec::new();
    for range in ranges {
        if all.len() + usize::from(range.end() - range.start()) > 8 || !range.end().is_ascii() {
            return None;
        }
        all.extend(range.start()..=range.end());
    }
    if any_case {
        all.iter_mut().for_each(|letter| letter.make_ascii_lowercase());
    }
    all.sort_unstable();
    all.dedup();
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::super::pattern::{Dialect, Value, convert};
    use super::*;

    fn of(source: &str, named: &[&str]) -> Option<Vec<String>> {
        let pattern = convert(source, Dialect::Rust, Value::First, false).unwrap();
        let named: Vec<String> = named.iter().map(|word| (*word).to_owned()).collect();
        keywords(&pattern, &named, false)
    }

    #[test]
    fn keywords_are_as_the_text_has_them() {
        assert_eq!(of(r"\b(ACMEK_[0-9]{24})\b", &["acmek_"]).unwrap(), ["ACMEK_"]);
        assert_eq!(of(r"(?i)\b(AcmeK_[0-9]{24})\b", &[]).unwrap(), ["acmek_"]);
        assert_eq!(of(r"\bac[mM]e_(live|test)_([0-9]{24})\b", &[]).unwrap().len(), 4);
    }

    #[test]
    fn the_word_that_a_rule_names_wins() {
        let pattern = r"(?i)(?:token|secret)\s{0,3}(?:acme)[a-z ]{0,20}=([0-9]{24})\b";
        assert_eq!(of(pattern, &["acme"]).unwrap(), ["acme"]);
        assert_eq!(of(pattern, &["token", "secret"]).unwrap(), ["secret", "token"]);
        assert_eq!(of(pattern, &[]).unwrap(), ["acme"]);
    }

    #[test]
    fn a_scheme_leads_to_credentials_alone() {
        let hook = of(r"https://hooks\.acme\.example/in/([A-Z0-9]{24})", &[]).unwrap();
        assert_eq!(hook, ["hooks.acme.example/in/"]);
        let pattern = r"acme://[a-z]+:([^@]+)@[a-z]+";
        assert_eq!(of(pattern, &[]), None);
        let pattern = convert(pattern, Dialect::Go, Value::First, false).unwrap();
        assert_eq!(keywords(&pattern, &[], true).unwrap(), ["acme://"]);
    }

    #[test]
    fn a_word_inside_a_match_is_implied() {
        let is = |source, word: &str| {
            let pattern = convert(source, Dialect::Go, Value::First, false).unwrap();
            implies(&pattern, &[word.to_owned(), "other".to_owned()])
        };
        assert!(is(r"\b(ak-[a-z]{20}MidWay[a-z]{20})\b", "midway"));
        assert!(is(r"https://[a-z]+\.acme\.example/hook", "acme.example"));
        assert!(is(r"(?i)[a-z]{9}(?:acme|x[oO]ther)=", "acme"));
        assert!(is(r"acme.key-[0-9]{20}", "acme.key-"));
        assert!(!is(r"(?:acme_|x)[0-9]{20}", "acme"));
        assert!(!is(r"(?:acme)?[0-9]{20}", "acme"));
    }

    #[test]
    fn nothing_leads_to_a_shape() {
        assert_eq!(of(r"\b([0-9a-f]{32})\b", &["acme"]), None);
        assert_eq!(of(r"\w*acme_([0-9a-f]{32})", &["acme"]), None);
    }
}
