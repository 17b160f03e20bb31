//! One pattern on one small span, and the judgement of what it matched.

use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input, util::syntax};
use stanch_rules::entropy::shannon;
use stanch_rules::pattern::{Shape, Trigger, is_token_byte};
use stanch_rules::{Rule, checksum, facts};

use crate::assigned;
use crate::engine::Engine;
use crate::generic;
use crate::layer::{Layer, Scratch};
use crate::matched::Part;
use crate::near::near_window;
use crate::resolve::RawMatch;
use crate::secret::Secret;

/// A detector's pattern, compiled.
#[derive(Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    secret: usize,
    parts: Vec<(String, usize)>,
}

impl Pattern {
    /// Compiles a detector's pattern; none for detectors without.
    pub(crate) fn new(rule: &Rule) -> Option<Pattern> {
        if rule.pattern.is_empty() {
            return None;
        }
        // Spans are short, so the caches of nearly all patterns stay small. One
        // that does not fit is looked for in a way that is many times slower.
        let config = Regex::config()
            .utf8_empty(false)
            .nfa_size_limit(Some(8 << 20))
            .hybrid_cache_capacity(1 << 20)
            .onepass_size_limit(Some(256 << 10));
        let regex = Regex::builder()
            .configure(config)
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build(&rule.pattern)
            .ok()?;
        let names: Vec<(usize, String)> = regex
            .group_info()
            .pattern_names(regex_automata::PatternID::ZERO)
            .enumerate()
            .filter_map(|(at, name)| Some((at, name?.to_owned())))
            .collect();
        let secret = names.iter().find(|(_, name)| name == "secret").map_or(0, |(at, _)| *at);
        let parts = names
            .into_iter()
            .filter(|(_, name)| name != "secret")
            .map(|(at, name)| (name, at))
            .collect();
        Some(Pattern { regex, secret, parts })
    }
}

impl Engine {
    /// Confirms a detector whose keyword stands at `at`, with at most `back`
    /// bytes of the match before it.
    pub(crate) fn confirm_at(
        &self,
        scratch: &mut Scratch,
        layer: &mut Layer<'_>,
        rule: usize,
        at: usize,
        back: usize,
    ) {
        let start = at.saturating_sub(back);
        let end = (at + self.rule(rule).max_len as usize).min(layer.text.len());
        // A word right after an escape such as `\n` stands at its own start,
        // whatever the pattern's `\b` would say of the letter before it.
        let cut = if after_escape(layer.text, at) { at } else { 0 };
        self.confirm(scratch, layer, rule, start.max(cut)..end, back == 0, at, cut);
    }

    /// Confirms a detector whose word is known, with what its pattern sees on
    /// either side.
    pub(crate) fn confirm_shape(
        &self,
        scratch: &mut Scratch,
        layer: &mut Layer<'_>,
        rule: usize,
        word: Range<usize>,
        shape: &Shape,
    ) {
        let start = word.start.saturating_sub(usize::from(shape.before));
        let end = (word.end + usize::from(shape.after)).min(layer.text.len());
        let cut = if after_escape(layer.text, word.start) { word.start } else { 0 };
        let window = start.max(cut)..end;
        self.confirm(scratch, layer, rule, window, shape.before == 0, word.start, cut);
    }

    /// Confirms a detector wherever its pattern fits around a word of its
    /// `near` list that stands at `at`.
    pub(crate) fn confirm_around(
        &self,
        scratch: &mut Scratch,
        layer: &mut Layer<'_>,
        rule: usize,
        at: usize,
    ) {
        let Some(pattern) = self.pattern(rule) else { return };
        let reach = usize::from(self.rule(rule).within) + self.rule(rule).max_len as usize;
        let start = at.saturating_sub(64);
        let end = (at + reach).min(layer.text.len());
        layer.note_reach(start..end);
        if start >= end || !scratch.spend(end - start) {
            return;
        }
        let text = layer.text;
        let found: Vec<Captures> =
            pattern.regex.captures_iter(Input::new(text).range(start..end)).take(16).collect();
        for captures in &found {
            self.judge(layer, rule, pattern, captures, 0);
        }
    }

    /// Runs the pattern in `window`; a match must cover `at`. The pattern sees
    /// nothing before `cut`.
    #[expect(clippy::too_many_arguments, reason = "one call, and each is a different thing")]
    fn confirm(
        &self,
        scratch: &mut Scratch,
        layer: &mut Layer<'_>,
        rule: usize,
        window: Range<usize>,
        anchored: bool,
        at: usize,
        cut: usize,
    ) {
        let Some(pattern) = self.pattern(rule) else { return };
        let text = layer.text;
        layer.note_reach(window.clone());
        if !scratch.spend(32) {
            return;
        }
        let mut captures = pattern.regex.create_captures();
        let mut start = window.start;
        loop {
            let mode = if anchored { Anchored::Yes } else { Anchored::No };
            let range = start - cut..window.end - cut;
            let input = Input::new(&text[cut..]).range(range).anchored(mode);
            pattern.regex.search_captures(&input, &mut captures);
            let Some(whole) = captures.get_match().map(|m| m.start() + cut..m.end() + cut) else {
                // A failed search has read as much as the pattern lets it. For
                // a word that is at most the rest of its run, else its line.
                let of_run =
                    matches!(self.rule(rule).trigger, Trigger::Token { .. } | Trigger::Shape(_));
                let goes_on = |b: &&u8| if of_run { is_token_byte(**b) } else { **b != b'\n' };
                let read = text[at..window.end].iter().take_while(goes_on).count();
                scratch.spend(read);
                let span = at..(at + 1).min(text.len());
                layer.trace(rule, span, false, || {
                    "the keyword is there, but the pattern does not fit".to_owned()
                });
                return;
            };
            scratch.spend(whole.end - start);
            if whole.end > at && whole.start <= at {
                break;
            }
            if anchored || whole.start > at {
                return;
            }
            start = whole.start + 1;
        }
        self.judge(layer, rule, pattern, &captures, cut);
    }

    /// Judges what a pattern matched; the captures count from `cut`.
    fn judge(
        &self,
        layer: &mut Layer<'_>,
        at: usize,
        pattern: &Pattern,
        captures: &Captures,
        cut: usize,
    ) {
        let place = |group: usize| captures.get_group(group).map(|s| s.start + cut..s.end + cut);
        let text = layer.text;
        let rule = self.rule(at);
        let Some(whole) = place(0) else { return };
        let span = place(pattern.secret).unwrap_or_else(|| whole.clone());
        let value = &text[span.clone()];
        let group = |name: &str| {
            let at = pattern.parts.iter().find(|(n, _)| n == name)?.1;
            Some(&text[place(at)?])
        };

        let mut evidence = Vec::new();
        let mut confidence = rule.confidence;
        if let Some(sum) = &rule.checksum {
            let input = checksum::Input {
                value,
                over: sum.over.as_deref().and_then(group),
                equals: sum.equals.as_deref().and_then(group),
            };
            match checksum::check(&sum.kind, input) {
                Some("") => evidence.push(format!("its {} checksum holds", sum.kind)),
                Some(variant) => {
                    evidence.push(format!("its {} checksum holds: {variant}", sum.kind))
                }
                None => {
                    layer.trace(at, span, false, || {
                        format!("its {} checksum does not hold", sum.kind)
                    });
                    return;
                }
            }
        } else if let Some(reason) = generic::placeholder(value) {
            layer.trace(at, span, false, || format!("the value {reason}"));
            return;
        } else if rule.keywords.is_empty() && generic::is_hash(text, &span) {
            layer.trace(at, span, false, || "a hash, by what stands before it".to_owned());
            return;
        }
        if let Some(others) = &rule.assigned
            && !assigned::to_secret(text, span.start)
            && !assigned::to_one_of(text, span.start, others)
        {
            layer.trace(at, span, false, || {
                "it is not given to a key, a token or the like".to_owned()
            });
            return;
        }
        let entropy = shannon(value);
        if entropy < rule.entropy {
            layer.trace(at, span, false, || {
                format!("its entropy of {entropy:.1} bits per byte is below {:.1}", rule.entropy)
            });
            return;
        }
        if !rule.near.is_empty() {
            let window = near_window(text, &span, usize::from(rule.within));
            let mut near = std::mem::take(&mut layer.near);
            let word =
                self.near().nearest(at, rule, &near.within(self.near(), text, window), &span);
            layer.near = near;
            let Some(word) = word else {
                layer.trace(at, span, false, || {
                    format!("none of the words {} stands near", rule.near.join(", "))
                });
                return;
            };
            evidence.push(format!("`{word}` stands near"));
        }
        if let Some(keyword) = rule.keywords.iter().find(|k| !k.is_empty()) {
            if rule.keywords.len() == 1 {
                evidence.push(format!("it has the mark `{}`", crate::secret::printable(keyword)));
            } else {
                evidence.push(format!("it has a mark of {}", rule.name));
            }
        }
        if rule.password {
            layer.note_reach(span.clone());
            let place = layer.place();
            let login = match rule.facts.as_deref() {
                Some("docker-auth") => generic::judge_login(value, &place),
                _ => None,
            };
            let judgement =
                login.unwrap_or_else(|| generic::judge_password(text, span.clone(), &place));
            // A form that holds passwords says a part, the password the rest.
            confidence = confidence.min(0.25 + 0.75 * judgement.probability);
            let reasons = judgement.reasons.iter().take(2);
            evidence.extend(reasons.map(|reason| (*reason).to_owned()));
        }
        let mut known = Vec::new();
        if let Some(kind) = &rule.facts {
            let input = facts::Input { value, text, span: span.clone() };
            match facts::read(kind, &input) {
                facts::Reading::Facts(facts) => known = facts,
                facts::Reading::Rejected(reason) => {
                    layer.trace(at, span, false, || reason.to_owned());
                    return;
                }
            }
        }
        if layer.depth > 0 && rule.checksum.is_none() && rule.keywords.is_empty() {
            confidence *= 0.9;
        }
        let parts = pattern
            .parts
            .iter()
            .filter(|(name, _)| {
                rule.checksum.as_ref().is_none_or(|sum| {
                    Some(name) != sum.over.as_ref() && Some(name) != sum.equals.as_ref()
                })
            })
            .filter_map(|(name, at)| {
                let span = place(*at)?;
                Some(Part { name: name.clone(), value: Secret::new(&text[span.clone()]), span })
            })
            .collect();
        layer.trace(at, span.clone(), true, || evidence.join("; "));
        layer.found.push(RawMatch {
            rule: at,
            secret: Secret::new(value),
            span,
            whole,
            parts,
            confidence,
            evidence,
            facts: known,
            encodings: Vec::new(),
            mark: rule
                .keywords
                .iter()
                .filter(|k| bears(value, k))
                .map(String::len)
                .max()
                .unwrap_or(0),
        });
    }
}

/// Whether the byte at `at` is the letter of an escape such as `\n`, which
/// stands before a word without being of it.
#[inline(always)]
pub(crate) fn is_escape_letter(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| text.get(before) == Some(&b'\\'))
        && matches!(text.get(at), Some(b'n' | b't' | b'r' | b'b' | b'f'))
}

/// Whether the byte before `at` is such a letter.
fn after_escape(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| is_escape_letter(text, before))
}

/// Whether a value bears a keyword, in any case.
fn bears(value: &[u8], keyword: &str) -> bool {
    value
        .windows(keyword.len())
        .take(128)
        .any(|window| window.eq_ignore_ascii_case(keyword.as_bytes()))
}
