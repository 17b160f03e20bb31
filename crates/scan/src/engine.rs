//! The engine: finds structure first, and works only around it.
//!
//! 1. [`crate::simd`] finds runs of token bytes and roots in one pass.
//! 2. A run is dispatched by keyword ([`crate::anchors`]) and by shape
//!    ([`crate::shapes`]); a root leads to its detectors, to the assignment
//!    parser, or to a decoder.
//! 3. [`crate::confirm`] runs one pattern on one small span and judges the
//!    value.
//! 4. [`crate::decode`] opens what is encoded, and the text inside goes
//!    through the same steps.
//! 5. [`crate::resolve`] joins parts and settles overlaps.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use stanch_rules::entropy::shannon;
use stanch_rules::pattern::{Family, RUN_MIN, Trigger};
use stanch_rules::{Pack, Rule};

use crate::anchors::Anchors;
use crate::assigned;
use crate::carry::Found;
use crate::confirm::{Pattern, is_escape_letter};
use crate::decode::{self, Decoded};
use crate::events::{Run, Traits};
use crate::finding::Certificate;
use crate::layer::{Layer, Scratch, is_indivisible};
use crate::matched::{Limits, Match};
use crate::near::{Near, near_window};
use crate::resolve::RawMatch;
use crate::roots::Roots;
use crate::shapes::{Candidate, Shapes, kinds_of, word_around};
use crate::simd;
use crate::{generic, recognize, resolve, suppress};

/// How deep encoded text inside encoded text is opened.
pub const DEPTH_MAX: usize = 5;

/// How many matches are kept of one text.
pub const MATCHES_MAX: usize = 10_000;

/// What judging an assignment costs, and looking for the end of a PEM block.
const JUDGEMENT_WORK: usize = 128;
/// See [`JUDGEMENT_WORK`].
const BLOCK_WORK: usize = 4096;

/// Least length of a stretch of letters and digits that has both and makes the
/// run it stands in worth a look at its shape.
const MIXED_MIN: u32 = 8;

/// Bytes that the first stage takes in one step, so that they are still in the
/// cache when candidates are looked at.
const STEP: usize = 64 * 1024;

/// Detectors made ready to scan. Shared by all threads.
pub struct Engine {
    pack: Pack,
    roots: Roots,
    targets: Vec<Target>,
    anchors: Anchors,
    url_anchors: Anchors,
    /// Detectors of URLs of any scheme.
    any_url: Vec<usize>,
    shapes: Shapes,
    near: OnceLock<Near>,
    patterns: Vec<OnceLock<Option<Pattern>>>,
    recognizers: recognize::Recognizers,
}

/// What a root leads to.
#[derive(Debug, Clone, Copy)]
enum Target {
    Keyword { rule: u32, back: u16, any_case: bool, len: u16 },
    Near { rule: u32 },
    Url,
    Assignment,
    Pem,
    Entity,
    Concatenation,
}

/// What is known of a text besides its bytes.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// Path or name, for judging generic candidates; may be empty.
    pub path: &'a str,
    /// Matches are reported when they start in this range. A large file is
    /// scanned in overlapping windows, and each match belongs to one of them.
    pub keep: Range<usize>,
}

impl Engine {
    /// Makes detectors ready. No pattern is compiled until it is needed.
    pub fn new(pack: Pack) -> Engine {
        let mut targets = Vec::new();
        let mut literals: Vec<(Vec<u8>, u16)> = Vec::new();
        let mut add = |literal: &str, target: Target| {
            literals.push((literal.as_bytes().to_vec(), targets.len() as u16));
            targets.push(target);
        };
        for (at, rule) in pack.rules.iter().enumerate() {
            match rule.trigger {
                Trigger::Root { back } => {
                    let any_case = rule.pattern.contains("(?i");
                    for (nr, keyword) in rule.keywords.iter().enumerate() {
                        // Roots are found in any case; which one it is is asked then.
                        let same = |other: &String| other.eq_ignore_ascii_case(keyword);
                        if rule.keywords.iter().take(nr).any(same) {
                            continue;
                        }
                        let len = keyword.len() as u16;
                        add(keyword, Target::Keyword { rule: at as u32, back, any_case, len });
                    }
                }
                Trigger::Near => {
                    // What contains another word of the list is found with it.
                    let has_another = |word: &str| {
                        rule.near.iter().any(|other| other != word && word.contains(other.as_str()))
                    };
                    let words = rule.near.iter().filter(|word| !has_another(word));
                    words.for_each(|word| add(word, Target::Near { rule: at as u32 }));
                }
                _ => {}
            }
        }
        if pack.rules.iter().any(|rule| rule.trigger == Trigger::Url) {
            add("://", Target::Url);
        }
        let recognizers = recognize::Recognizers::new(&pack);
        if recognizers.has_assignments() {
            generic::ROOTS.iter().for_each(|root| add(root, Target::Assignment));
        }
        if recognizers.has_pem() {
            add("-----BEGIN ", Target::Pem);
        }
        for entity in ["&#x", "&#1", "&#4", "&#5", "&#6", "&#7", "&#8", "&#9"] {
            add(entity, Target::Entity);
        }
        for join in ["\" +", "' +", "\"+\"", "'+'", "\" . ", "' . ", "\" & \"", "\" \\", "' \\"] {
            add(join, Target::Concatenation);
        }
        let roots = Roots::new(literals.iter().map(|(literal, id)| (literal.as_slice(), *id)));
        let patterns = pack.rules.iter().map(|_| OnceLock::new()).collect();
        Engine {
            roots,
            targets,
            anchors: Anchors::of_words(&pack.rules),
            url_anchors: Anchors::of_urls(&pack.rules),
            any_url: (0..pack.rules.len())
                .filter(|at| {
                    pack.rules[*at].trigger == Trigger::Url && pack.rules[*at].keywords == ["://"]
                })
                .collect(),
            shapes: Shapes::new(&pack.rules),
            near: OnceLock::new(),
            patterns,
            recognizers,
            pack,
        }
    }

    /// The detectors.
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// An engine with some of the detectors, and those that they are made of.
    pub fn only(&self, wanted: &HashSet<&str>) -> Engine {
        let is_wanted = |rule: &&Rule| wanted.contains(rule.id.as_str());
        let parts: HashSet<&String> =
            self.pack.rules.iter().filter(is_wanted).flat_map(|rule| rule.parts.values()).collect();
        let rules = self.pack.rules.iter();
        let rules = rules.filter(|rule| is_wanted(rule) || parts.contains(&rule.id));
        Engine::new(Pack { rules: rules.cloned().collect() })
    }

    /// The detector of a match.
    pub fn rule(&self, at: usize) -> &Rule {
        &self.pack.rules[at]
    }

    /// Scans one text and gives its matches in order of position, with what
    /// could not be done.
    ///
    /// Takes time linear in the size of the text, whatever it contains, and
    /// memory bounded by it.
    pub fn scan(
        &self,
        scratch: &mut Scratch,
        text: &[u8],
        context: &Context<'_>,
    ) -> (Vec<Match>, Limits) {
        let (matches, _, limits) = self.scan_all(scratch, text, context);
        (matches, limits)
    }

    /// The same, with the certificates that stand in the text.
    pub(crate) fn scan_all(
        &self,
        scratch: &mut Scratch,
        text: &[u8],
        context: &Context<'_>,
    ) -> (Vec<Match>, Vec<Certificate>, Limits) {
        scratch.renew(text.len());
        let found = self.layer(scratch, text, context.path, 0);
        let mut matches = resolve::resolve(self, found);
        matches.retain(|m| context.keep.contains(&m.span.start));
        for m in &mut matches {
            m.ignored_by = suppress::marker(text, &m.span);
        }
        let certificates =
            if scratch.has_certificate { recognize::certificates(text) } else { Vec::new() };
        (matches, certificates, scratch.limits)
    }

    /// Detectors that are made of parts.
    pub(crate) fn composites(&self) -> impl Iterator<Item = (usize, &Rule)> {
        self.pack.rules.iter().enumerate().filter(|(_, rule)| !rule.parts.is_empty())
    }

    /// Index of the detector with an id.
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.pack.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok()
    }

    pub(crate) fn pattern(&self, rule: usize) -> Option<&Pattern> {
        self.patterns[rule].get_or_init(|| Pattern::new(&self.pack.rules[rule])).as_ref()
    }

    pub(crate) fn near(&self) -> &Near {
        self.near.get_or_init(|| Near::new(&self.pack.rules))
    }

    /// Everything found in one text and in what is encoded in it.
    fn layer(&self, scratch: &mut Scratch, text: &[u8], path: &str, depth: usize) -> Vec<RawMatch> {
        let mut layer = Layer::new(text, path, depth, scratch.traces.is_some());
        if depth == 0 && is_indivisible(text) {
            self.whole(scratch, &mut layer);
        }
        self.steps(scratch, &mut layer, 0..text.len());
        layer.end(scratch).matches
    }

    /// Everything found in some stretches of a text, which begin and end where
    /// no run is cut, beside what is known of the rest.
    pub(crate) fn visit(
        &self,
        scratch: &mut Scratch,
        text: &[u8],
        path: &str,
        visits: &[Range<usize>],
        known: Found,
    ) -> Found {
        let mut layer = Layer::new(text, path, 0, scratch.traces.is_some());
        layer.found = known.matches;
        layer.reaches = Some(known.reaches);
        layer.blocks = known.blocks;
        layer.place = known.place;
        if known.is_indivisible {
            self.whole(scratch, &mut layer);
        }
        for visit in visits {
            self.steps(scratch, &mut layer, visit.clone());
        }
        layer.end(scratch)
    }

    /// Looks at a stretch of a text, step by step.
    fn steps(&self, scratch: &mut Scratch, layer: &mut Layer<'_>, stretch: Range<usize>) {
        let text = layer.text;
        let mut events = std::mem::take(&mut scratch.events);
        let mut start = stretch.start;
        while start < stretch.end {
            // A step ends where no run is cut: at a byte that is no token byte.
            let end = step_end(text, start).min(stretch.end);
            simd::events(&text[start..(end + 4).min(text.len())], &self.roots, &mut events);
            for at in &events.roots {
                let at = start + *at as usize;
                if at < end {
                    self.root(scratch, layer, at);
                }
            }
            for run in events.runs() {
                self.run(scratch, layer, run, start);
            }
            if layer.found.len() >= MATCHES_MAX {
                scratch.limits.matches = true;
                layer.found.truncate(MATCHES_MAX);
                break;
            }
            start = end;
        }
        scratch.events = events;
    }

    /// What concerns a text as a whole: its encoding, and binary formats.
    fn whole(&self, scratch: &mut Scratch, layer: &mut Layer<'_>) {
        let text = layer.text;
        self.recognizers.whole(self, layer);
        let limits = decode::Limits { bytes: scratch.decode_budget };
        let decoded = match decode::utf16(text) {
            Some(encoding) => Some(decode::utf16_decode(text, encoding, &limits)),
            None => decode::utf16_strings(text, &limits),
        };
        if let Some(decoded) = decoded {
            self.inside(scratch, layer, decoded);
        }
    }

    fn root(&self, scratch: &mut Scratch, layer: &mut Layer<'_>, at: usize) {
        let text = layer.text;
        self.roots.at(text, at, |id, start| match self.targets[usize::from(id)] {
            Target::Assignment => self.assignment(scratch, layer, start),
            Target::Keyword { rule, back, any_case, len } => {
                let rule = rule as usize;
                let exact = any_case
                    || self.pack.rules[rule].keywords.iter().any(|k| {
                        k.len() == usize::from(len)
                            && text.get(start..start + k.len()) == Some(k.as_bytes())
                    });
                if exact {
                    self.confirm_at(scratch, layer, rule, start, usize::from(back));
                }
            }
            Target::Url => self.url(scratch, layer, start),
            Target::Near { rule } => self.confirm_around(scratch, layer, rule as usize, start),
            Target::Pem => {
                scratch.has_certificate |=
                    text[start..].starts_with(b"-----BEGIN CERTIFICATE-----");
                if !layer.in_block(start) && scratch.spend(BLOCK_WORK) {
                    self.recognizers.pem(self, layer, start);
                }
            }
            Target::Entity if layer.depth < DEPTH_MAX => {
                let limits = decode::Limits { bytes: scratch.decode_budget };
                if let Some(decoded) = decode::entities_at(text, start, &limits) {
                    self.inside(scratch, layer, decoded);
                }
            }
            Target::Concatenation if layer.depth < DEPTH_MAX => {
                let limits = decode::Limits { bytes: scratch.decode_budget };
                if let Some(decoded) = decode::concatenation_at(text, start, &limits) {
                    self.inside(scratch, layer, decoded);
                }
            }
            Target::Entity | Target::Concatenation => {}
        });
    }

    fn assignment(&self, scratch: &mut Scratch, layer: &mut Layer<'_>, at: usize) {
        let Some(assignment) = generic::assignment(layer.text, at) else { return };
        // Several roots in one name lead to one assignment.
        if layer.last_value.replace(assignment.value.start) == Some(assignment.value.start) {
            return;
        }
        if !scratch.spend(JUDGEMENT_WORK) {
            return;
        }
        layer.note_reach(assignment.name.start..assignment.value.end);
        let place = layer.place();
        let judgement = generic::judge(layer.text, &assignment, &place);
        self.recognizers.assignment(layer, &assignment, &judgement);
    }

    /// A run: keywords at the start of its words, shapes, encodings. `base` is
    /// what its positions count from.
    #[inline(always)]
    fn run(&self, scratch: &mut Scratch, layer: &mut Layer<'_>, run: Run<'_>, base: usize) {
        let text = layer.text;
        let span = base + run.start as usize..base + run.end as usize;
        let traits = run.traits();
        run.starts(|at| {
            let at = base + at as usize;
            self.word_start(scratch, layer, at, span.end);
            // `\n` and its like stand before a word without being of it.
            if traits.special != 0 && at > span.start && is_escape_letter(text, at) {
                self.word_start(scratch, layer, at + 1, span.end);
            }
        });
        if traits.digit != 0 && traits.eight != 0 && self.may_have_shape(&traits, span.len()) {
            self.words(scratch, layer, run, &traits, &span);
        }
        if layer.depth < DEPTH_MAX && scratch.decode_budget > 0 {
            if traits.sixteen != 0 || traits.special != 0 {
                self.encodings(scratch, layer, span.clone());
            }
            self.joined(scratch, layer, span);
        }
    }

    /// Whether a word of a run may have a shape, as far as its length tells.
    #[inline(always)]
    fn may_have_shape(&self, traits: &Traits, len: usize) -> bool {
        let both = traits.both_cases();
        // Between the underscores of an identifier there is no long stretch.
        !traits.is_word
            || traits.sixteen != 0
            || !self.shapes.of(Family::UrlSafe, len, both).is_empty()
            || !self.shapes.of(Family::Dotted, len, both).is_empty()
    }

    /// The words of a run, by their shape.
    #[inline(never)]
    fn words(
        &self,
        scratch: &mut Scratch,
        layer: &mut Layer<'_>,
        run: Run<'_>,
        traits: &Traits,
        span: &Range<usize>,
    ) {
        let base = span.start - run.start as usize;
        let both_cases = traits.both_cases();
        // Of each family, the end of the last word that was looked at.
        let mut done = [span.start; 4];
        run.mixed_words(MIXED_MIN, |from, to| {
            let stretch = base + from as usize..base + to as usize;
            for family in [Family::Alnum, Family::UrlSafe, Family::Base64, Family::Dotted] {
                let done = &mut done[family as usize];
                if stretch.start < *done {
                    continue;
                }
                let word = match family {
                    Family::UrlSafe | Family::Dotted if traits.is_word => span.clone(),
                    _ => word_around(layer.text, stretch.clone(), span, family),
                };
                *done = word.end.max(*done);
                self.shape_word(scratch, layer, word, family, both_cases);
            }
        });
    }

    /// Keywords at the start of a word, in a run that goes on to `end`.
    #[inline(always)]
    fn word_start(&self, scratch: &mut Scratch, layer: &mut Layer<'_>, at: usize, end: usize) {
        let text = layer.text;
        let Some(rest) = text.get(at..) else { return };
        if let Some(anchors) = self.anchors.at(rest) {
            for anchor in anchors {
                if end - at >= usize::from(anchor.run) || layer.tracing {
                    let back = usize::from(anchor.back);
                    self.confirm_at(scratch, layer, anchor.rule as usize, at, back);
                }
            }
        }
        if rest.first() == Some(&b'M') && self.recognizers.has_stores() {
            self.recognizers.base64_store(self, layer, at);
        }
    }

    /// A URL whose `://` stands at `at`.
    fn url(&self, scratch: &mut Scratch, layer: &mut Layer<'_>, at: usize) {
        let scheme = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        let floor = at.saturating_sub(32);
        let len = layer.text[floor..at].iter().rev().take_while(|b| scheme(b)).count();
        let start = at - len;
        // Most URLs have no credentials, and end where their host does.
        let host = layer.text[at + 3..].iter().take(300);
        if host
            .take_while(|b| !b.is_ascii_whitespace() && !b"/\"'<>`".contains(b))
            .all(|b| *b != b'@')
        {
            return;
        }
        if let Some(anchors) = self.url_anchors.at(&layer.text[start..]) {
            for anchor in anchors {
                self.confirm_at(scratch, layer, anchor.rule as usize, start, 0);
            }
        }
        for rule in &self.any_url {
            self.confirm_at(scratch, layer, *rule, start, 0);
        }
    }

    #[inline(always)]
    fn shape_word(
        &self,
        scratch: &mut Scratch,
        layer: &mut Layer<'_>,
        word: Range<usize>,
        family: Family,
        both_cases: bool,
    ) {
        if word.len() < RUN_MIN {
            return;
        }
        let rules = self.shapes.of(family, word.len(), both_cases);
        if !rules.is_empty() {
            self.shape(scratch, layer, word.clone(), rules);
        }
        // A word after an escape such as `\n` begins one byte later.
        if is_escape_letter(layer.text, word.start) {
            let rules = self.shapes.of(family, word.len() - 1, both_cases);
            self.shape(scratch, layer, word.start + 1..word.end, rules);
        }
    }

    #[inline(never)]
    fn shape(
        &self,
        scratch: &mut Scratch,
        layer: &mut Layer<'_>,
        word: Range<usize>,
        rules: &[Candidate],
    ) {
        if layer.in_block(word.start) {
            return;
        }
        let text = layer.text;
        let kinds = kinds_of(&text[word.clone()]);
        let mut entropy = None;
        let mut to_secret = None;
        let mut chosen = std::mem::take(&mut scratch.chosen);
        chosen.clear();
        chosen.extend(rules.iter().filter(|candidate| {
            let rule = &self.pack.rules[candidate.rule as usize];
            candidate.fits(kinds)
                // Most long words are given to nothing, whatever stands near.
                && (layer.tracing
                    || rule.assigned.as_ref().is_none_or(|others| {
                        *to_secret.get_or_insert_with(|| assigned::to_secret(text, word.start))
                            || assigned::to_one_of(text, word.start, others)
                    }))
                // Where the word is the whole value, its entropy is known already.
                && (!rule.keywords.is_empty()
                    || *entropy.get_or_insert_with(|| shannon(&text[word.clone()])) + 0.3
                        >= rule.entropy)
        }));
        let mut reach = (0, 0);
        for candidate in &chosen {
            let within = self.pack.rules[candidate.rule as usize].within;
            reach.0 = reach.0.max(candidate.shape.before).max(within);
            reach.1 = reach.1.max(candidate.shape.after);
        }
        if reach.0 > 0 {
            let mut window = near_window(text, &word, usize::from(reach.0));
            window.end = window.end.max(word.end + usize::from(reach.1)).min(text.len());
            layer.note_reach(window.clone());
            if scratch.spend(window.len() / 8) {
                let mut words = std::mem::take(&mut layer.near);
                let near = self.near();
                let found = words.within(near, text, window);
                chosen.retain(|candidate| {
                    let at = candidate.rule as usize;
                    let rule = &self.pack.rules[at];
                    if !rule.near.is_empty() && near.nearest(at, rule, &found, &word).is_none() {
                        layer.trace(at, word.clone(), false, || {
                            format!("none of the words {} stands near", rule.near.join(", "))
                        });
                        return false;
                    }
                    candidate.has_keyword(rule, text, &word)
                });
                layer.near = words;
                for candidate in &chosen {
                    let at = candidate.rule as usize;
                    self.confirm_shape(scratch, layer, at, word.clone(), &candidate.shape);
                }
            }
        }
        scratch.chosen = chosen;
    }

    fn encodings(&self, scratch: &mut Scratch, layer: &mut Layer<'_>, run: Range<usize>) {
        let limits = decode::Limits { bytes: scratch.decode_budget };
        let mut out = Vec::new();
        decode::run(layer.text, run.clone(), &limits, &mut out);
        for decoded in out {
            self.inside(scratch, layer, decoded);
        }
    }

    /// A run in quotes that is a piece of a longer string.
    fn joined(&self, scratch: &mut Scratch, layer: &mut Layer<'_>, run: Range<usize>) {
        let quoted = run.start > 0 && matches!(layer.text[run.start - 1], b'"' | b'\'' | b'`');
        let limits = decode::Limits { bytes: scratch.decode_budget };
        if quoted && let Some(decoded) = decode::concatenation_around(layer.text, run, &limits) {
            self.inside(scratch, layer, decoded);
        }
    }

    /// Scans decoded text and takes over what it holds.
    fn inside(&self, scratch: &mut Scratch, layer: &mut Layer<'_>, decoded: Decoded) {
        if decoded.text.len() > scratch.decode_budget {
            scratch.decode_budget = 0;
            scratch.limits.decoded = true;
            return;
        }
        scratch.decode_budget -= decoded.text.len();
        layer.note_reach(decoded.span.clone());
        let traced = scratch.traces.as_ref().map_or(0, Vec::len);
        let inner = self.layer(scratch, &decoded.text, layer.path, layer.depth + 1);
        for trace in scratch.traces.iter_mut().flat_map(|traces| traces.iter_mut().skip(traced)) {
            trace.span = decoded.outer(trace.span.clone());
        }
        for mut found in inner {
            found.span = decoded.outer(found.span);
            found.whole = decoded.outer(found.whole);
            for part in &mut found.parts {
                part.span = decoded.outer(part.span.clone());
            }
            found.encodings.insert(0, decoded.encoding);
            layer.found.push(found);
        }
    }
}

/// Where a step that begins at `start` may end.
fn step_end(text: &[u8], start: usize) -> usize {
    use stanch_rules::pattern::is_token_byte;
    let end = start + STEP;
    if end >= text.len() {
        return text.len();
    }
    let floor = end - STEP / 4;
    match text[floor..end].iter().rposition(|b| !is_token_byte(*b)) {
        Some(at) => floor + at + 1,
        // A run that is longer than this is no token; the step takes all of it.
        None => text[end..]
            .iter()
            .position(|b| !is_token_byte(*b))
            .map_or(text.len(), |at| end + at + 1),
    }
}
