//! From detector files to a pack, with every fault named by file, line and
//! column. The same code runs in the build and on users' own files.

mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::pack::{Pack, Rule};
use crate::pattern::{self, PatternError, Trigger};
use crate::schema::{Action, Category, Detector, ProviderFile, Runbook};
use crate::{checksum, facts};

/// A fault in a detector file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LoadError {
    /// The file's name as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and how to mend it.
    pub message: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// A detector file, read and checked by itself.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file's name as given.
    pub file: String,
    /// Its text.
    pub text: String,
    /// What it says.
    pub content: ProviderFile,
}

/// Recognisers that the engine has in code.
pub const RECOGNIZERS: &[&str] = &["assignment", "pem", "pkcs12", "publishsettings"];

/// Distance of `near` words where a detector states none, in bytes.
pub const WITHIN: u16 = 100;

/// Distance of the parts of a composite where it states none, in bytes.
pub const PARTS_WITHIN: u16 = 1500;

/// Reads one file. Only its syntax and types are checked; see [`pack`].
///
/// # Errors
/// The first fault of syntax or type.
pub fn parse(file: &str, text: &str) -> Result<Source, LoadError> {
    match toml::from_str::<ProviderFile>(text) {
        Ok(content) => Ok(Source { file: file.to_owned(), text: text.to_owned(), content }),
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            Err(fault(file, text, offset, error.message().trim().to_owned()))
        }
    }
}

/// Checks files together and packs their detectors, sorted by id.
///
/// # Errors
/// Every fault in every file, in the order of the files.
pub fn pack(sources: &[Source]) -> Result<Pack, Vec<LoadError>> {
    let mut errors = Vec::new();
    let mut rules = Vec::new();
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let ids: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.content.detectors.iter().map(|d| d.id.as_str()))
        .collect();
    for source in sources {
        let mut checker =
            Checker { source, tree: DeTable::parse(&source.text).ok(), errors: &mut errors };
        checker.provider();
        for (at, detector) in source.content.detectors.iter().enumerate() {
            if let Some(other) = seen.insert(&detector.id, &source.file) {
                checker.fail(
                    &[Key::Name("detector"), Key::Index(at), Key::Name("id")],
                    format!(
                        "the id `{}` is already used in {other}; ids are unique over all files",
                        detector.id
                    ),
                );
            }
            if let Some(rule) = checker.detector(at, detector, &ids) {
                rules.push(rule);
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Pack { rules })
}

/// Whether a name is kebab-case: `[a-z0-9]+(-[a-z0-9]+)*`.
pub fn is_kebab(name: &str) -> bool {
    !name.is_empty()
        && name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

#[derive(Clone, Copy)]
enum Key<'a> {
    Name(&'a str),
    Index(usize),
}

struct Checker<'a, 'e> {
    source: &'a Source,
    tree: Option<Spanned<DeTable<'a>>>,
    errors: &'e mut Vec<LoadError>,
}

impl Checker<'_, '_> {
    fn fail(&mut self, path: &[Key<'_>], message: String) {
        self.fail_at(path, 0, message);
    }

    /// Reports a fault `inner` bytes into the value at `path`, or at the
    /// closest thing above it that is there.
    fn fail_at(&mut self, path: &[Key<'_>], inner: usize, message: String) {
        let mut offset = 0;
        if let Some(tree) = &self.tree {
            let mut table = Some(tree.get_ref());
            let mut value: Option<&Spanned<DeValue<'_>>> = None;
            for (depth, key) in path.iter().enumerate() {
                let next = match key {
                    Key::Name(name) => {
                        let holder = value.and_then(|v| v.get_ref().as_table()).or(table);
                        holder.and_then(|t| t.get(*name))
                    }
                    Key::Index(index) => {
                        value.and_then(|v| v.get_ref().as_array()).and_then(|a| a.get(*index))
                    }
                };
                let Some(next) = next else { break };
                table = None;
                value = Some(next);
                offset = next.span().start;
                if depth + 1 == path.len() {
                    let quote = self.source.text.get(offset..).map_or(0, |t| {
                        if t.starts_with("'''") { 3 } else { usize::from(t.starts_with('\'')) }
                    });
                    if quote > 0 {
                        offset += quote + inner;
                    }
                }
            }
        }
        self.errors.push(fault(&self.source.file, &self.source.text, offset, message));
    }

    fn provider(&mut self) {
        let provider = &self.source.content.provider;
        let stem =
            self.source.file.rsplit(['/', '\\']).next().unwrap_or("").trim_end_matches(".toml");
        if !is_kebab(&provider.id) {
            self.fail(
                &[Key::Name("provider"), Key::Name("id")],
                format!(
                    "`{}` is not kebab-case; use lower-case letters, digits and single hyphens",
                    provider.id
                ),
            );
        } else if stem != provider.id {
            self.fail(
                &[Key::Name("provider"), Key::Name("id")],
                format!("the file is called `{stem}`, so the provider's id must be `{stem}` too"),
            );
        }
        self.requests();
        for (key, action) in [
            ("verify", &provider.verify),
            ("revoke", &provider.revoke),
            ("access_log", &provider.access_log),
        ] {
            self.action(&[Key::Name("provider"), Key::Name(key)], action.as_ref());
        }
        self.runbook(&[Key::Name("provider")], &provider.runbook);
    }

    fn runbook(&mut self, table: &[Key<'_>], runbook: &Runbook) {
        for fault in runbook.faults() {
            let mut path = table.to_vec();
            path.extend([Key::Name("runbook"), Key::Name(fault.key)]);
            path.extend(fault.item.map(Key::Index));
            self.fail(&path, fault.message);
        }
    }

    fn action(&mut self, path: &[Key<'_>], action: Option<&Action>) {
        match action {
            Some(Action::Request(name)) if !self.source.content.request.contains_key(name) => {
                self.fail(path, format!("there is no [request.{name}] in this file"));
            }
            Some(Action::None { none }) if none.trim().is_empty() => {
                self.fail(path, "a gap must be explained: give a reason".to_owned());
            }
            _ => {}
        }
    }

    fn detector(&mut self, at: usize, detector: &Detector, ids: &BTreeSet<&str>) -> Option<Rule> {
        let key = |name: &'static str| [Key::Name("detector"), Key::Index(at), Key::Name(name)];
        let before = self.errors.len();
        if !is_kebab(&detector.id) {
            self.fail(
                &key("id"),
                format!(
                    "`{}` is not kebab-case; use lower-case letters, digits and single hyphens",
                    detector.id
                ),
            );
        }
        for (name, action) in [
            ("verify", &detector.verify),
            ("revoke", &detector.revoke),
            ("access_log", &detector.access_log),
        ] {
            self.action(&key(name), action.as_ref());
        }
        self.runbook(&[Key::Name("detector"), Key::Index(at)], &detector.runbook);
        if detector.needs.as_ref().is_some_and(|needs| needs.trim().is_empty()) {
            self.fail(&key("needs"), "say what else is needed, or leave it out".to_owned());
        }
        let ways = usize::from(detector.pattern.is_some())
            + usize::from(detector.recognizer.is_some())
            + usize::from(!detector.parts.is_empty());
        if ways != 1 {
            self.fail(
                &key("id"),
                format!(
                    "`{}` needs exactly one of `pattern`, `recognizer` and `parts`",
                    detector.id
                ),
            );
            return None;
        }
        if let Some(bad) = detector.keywords.iter().position(|k| k.len() < 3 || !k.is_ascii()) {
            self.fail(
                &[Key::Name("detector"), Key::Index(at), Key::Name("keywords"), Key::Index(bad)],
                "a keyword has at least 3 ASCII characters".to_owned(),
            );
        }
        if let Some(bad) = detector
            .near
            .iter()
            .position(|w| w.len() < 3 || !w.is_ascii() || w.bytes().any(|b| b.is_ascii_uppercase()))
        {
            self.fail(
                &[Key::Name("detector"), Key::Index(at), Key::Name("near"), Key::Index(bad)],
                "words in `near` have at least 3 ASCII characters, in lower case".to_owned(),
            );
        }
        let others = detector.assigned_to();
        let is_bad = |w: &String| w.is_empty() || w.bytes().any(|b| b.is_ascii_uppercase());
        if others.is_some_and(|words| words.iter().any(is_bad)) {
            self.fail(&key("assigned"), "words in `assigned` are written in lower case".to_owned());
        }
        if others.is_some() && detector.pattern.is_none() {
            self.fail(&key("assigned"), "`assigned` is for detectors with a pattern".to_owned());
        }
        if let Some(name) = &detector.recognizer
            && !RECOGNIZERS.contains(&name.as_str())
        {
            self.fail(
                &key("recognizer"),
                format!("unknown recognizer `{name}`; there are {}", RECOGNIZERS.join(", ")),
            );
        }
        for (part, id) in &detector.parts {
            if !ids.contains(id.as_str()) {
                self.fail(
                    &[Key::Name("detector"), Key::Index(at), Key::Name("parts"), Key::Name(part)],
                    format!("there is no detector `{id}`"),
                );
            }
        }
        if detector.parts.len() == 1 {
            self.fail(&key("parts"), "a multi-part secret has at least two parts".to_owned());
        }
        if let Some(name) = &detector.facts
            && !facts::is_known(name)
        {
            self.fail(
                &key("facts"),
                format!("unknown facts `{name}`; there are {}", facts::kinds().join(", ")),
            );
        }
        if let Some(value) = detector.confidence
            && !(0.0..=1.0).contains(&value)
        {
            self.fail(&key("confidence"), "confidence is a probability from 0 to 1".to_owned());
        }
        let (trigger, max_len) = self.pattern(at, detector);
        if self.errors.len() > before {
            return None;
        }
        let within = detector.within.unwrap_or(if detector.parts.is_empty() {
            WITHIN
        } else {
            PARTS_WITHIN
        });
        Some(Rule {
            id: detector.id.clone(),
            name: detector.name.clone(),
            provider: self.source.content.provider.id.clone(),
            general: self.source.content.provider.category == Category::Generic,
            severity: detector.severity,
            keywords: detector.keywords.clone(),
            near: detector.near.clone(),
            within,
            assigned: detector.assigned_to().map(<[_]>::to_vec),
            pattern: detector.pattern.clone().unwrap_or_default(),
            trigger,
            max_len,
            recognizer: detector.recognizer.clone(),
            parts: detector.parts.clone(),
            checksum: detector.checksum.clone(),
            entropy: detector.entropy.unwrap_or(0.0),
            confidence: confidence(detector),
            password: detector.password,
            facts: detector.facts.clone(),
        })
    }

    fn pattern(&mut self, at: usize, detector: &Detector) -> (Trigger, u32) {
        let key = |name: &'static str| [Key::Name("detector"), Key::Index(at), Key::Name(name)];
        let Some(text) = &detector.pattern else {
            self.blanks(at, detector, &detector.parts.keys().cloned().collect());
            return (Trigger::Code, 0);
        };
        let hir = match pattern::parse(text) {
            Ok(hir) => hir,
            Err(PatternError::Syntax { message, offset }) => {
                self.fail_at(&key("pattern"), offset, format!("bad pattern: {message}"));
                return (Trigger::Code, 0);
            }
            Err(other) => {
                self.fail(&key("pattern"), other.to_string());
                return (Trigger::Code, 0);
            }
        };
        let names = group_names(&hir);
        self.blanks(at, detector, &names);
        if let Some(checksum) = &detector.checksum {
            if !checksum::is_known(&checksum.kind) {
                self.fail(
                    &[
                        Key::Name("detector"),
                        Key::Index(at),
                        Key::Name("checksum"),
                        Key::Name("kind"),
                    ],
                    format!(
                        "unknown checksum `{}`; there are {}",
                        checksum.kind,
                        checksum::kinds().join(", ")
                    ),
                );
            }
            for (field, group) in [("over", &checksum.over), ("equals", &checksum.equals)] {
                if let Some(group) = group
                    && !names.contains(group)
                {
                    self.fail(
                        &[
                            Key::Name("detector"),
                            Key::Index(at),
                            Key::Name("checksum"),
                            Key::Name(field),
                        ],
                        format!("the pattern has no group `{group}`; name it with (?<{group}>…)"),
                    );
                }
            }
        }
        let mut trigger = match pattern::trigger(&hir, &detector.keywords, &detector.near) {
            Ok(trigger) => trigger,
            Err(error) => {
                let place = if detector.keywords.is_empty() { "pattern" } else { "keywords" };
                self.fail(&key(place), error.to_string());
                return (Trigger::Code, 0);
            }
        };
        // A pattern for any case means words of one case too; a group for any
        // case, `(?i:…)`, is what stands before the value.
        if let Trigger::Shape(shape) = &mut trigger
            && text.contains("(?i)")
        {
            shape.both_cases = false;
        }
        if matches!(trigger, Trigger::Shape(_))
            && detector.keywords.is_empty()
            && detector.near.is_empty()
            && detector.checksum.is_none()
        {
            self.fail(
                &key("pattern"),
                "a shape alone is no evidence: add `keywords` that every match contains, words in `near`, or a \
                 checksum"
                    .to_owned(),
            );
        }
        if let Trigger::Shape(shape) = trigger
            && shape.before > 1
            && detector.assigned_to().is_some()
        {
            self.fail(
                &key("assigned"),
                "with `assigned` a pattern begins with its value: leave out what stands before it"
                    .to_owned(),
            );
        }
        (trigger, u32::try_from(pattern::max_len(&hir)).unwrap_or(u32::MAX))
    }
}

/// Probability that a match is a secret, from 0 to 1: what the detector states,
/// or else by the evidence that it demands.
pub fn confidence(detector: &Detector) -> f32 {
    match detector {
        Detector { confidence: Some(stated), .. } => *stated,
        d if d.checksum.is_some() => 0.99,
        d if !d.keywords.is_empty() && d.near.is_empty() => 0.95,
        d if !d.parts.is_empty() => 0.95,
        _ => 0.75,
    }
}

fn group_names(hir: &regex_syntax::hir::Hir) -> BTreeSet<String> {
    use regex_syntax::hir::HirKind;
    let mut names = BTreeSet::new();
    let mut open = vec![hir];
    while let Some(hir) = open.pop() {
        match hir.kind() {
            HirKind::Capture(capture) => {
                names.extend(capture.name.as_deref().map(str::to_owned));
                open.push(&capture.sub);
            }
            HirKind::Repetition(rep) => open.push(&rep.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => open.extend(parts),
            _ => {}
        }
    }
    names
}

fn fault(file: &str, text: &str, offset: usize, message: String) -> LoadError {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let head = &text[..offset];
    let line = head.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = head.chars().rev().take_while(|c| *c != '\n').count() + 1;
    LoadError { file: file.to_owned(), line, column, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[provider]\nid = \"acme\"\nname = \"Acme\"\ncategory = \"saas\"\n\n";

    pub(super) fn errors_of(body: &str) -> Vec<String> {
        let text = format!("{HEAD}{body}");
        match parse("acme.toml", &text) {
            Err(error) => vec![error.to_string()],
            Ok(source) => match pack(&[source]) {
                Err(errors) => errors.iter().map(ToString::to_string).collect(),
                Ok(_) => Vec::new(),
            },
        }
    }

    pub(super) fn detector(rest: &str) -> String {
        format!(
            "[[detector]]\nid = \"acme-key\"\nname = \"Acme key\"\nseverity = \"high\"\nrisk = \"Opens Acme.\"\n{rest}"
        )
    }

    #[test]
    fn a_sound_file_has_no_errors() {
        assert_eq!(
            errors_of(&detector(
                "keywords = [\"acme_\"]\npattern = '''\\bacme_[a-z0-9]{32}\\b'''\n"
            )),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_bad_pattern_is_named_by_its_own_column() {
        let errors = errors_of(&detector("keywords = [\"acme_\"]\npattern = '''acme_[a-z'''\n"));
        assert_eq!(errors.len(), 1);
        assert!(
            errors[0].starts_with("acme.toml:12:19: bad pattern: unclosed character class"),
            "{errors:?}"
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place() {
        let errors = errors_of(&detector("keyword = [\"acme_\"]\n"));
        assert!(errors[0].starts_with("acme.toml:11:1: unknown field `keyword`"), "{errors:?}");
    }

    #[test]
    fn every_fault_is_reported_at_once() {
        let errors = errors_of(&detector(
            "keywords = [\"ac\"]\npattern = '''\\bac_[a-z]{30}'''\nfacts = \"nothing\"\nverify = \"whoami\"\n",
        ));
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert!(errors.iter().any(|e| e.contains("there is no [request.whoami] in this file")));
    }

    #[test]
    fn a_shape_alone_is_refused() {
        let errors = errors_of(&detector("pattern = '''\\b[0-9a-f]{32}\\b'''\n"));
        assert!(errors[0].contains("a shape alone is no evidence"), "{errors:?}");
    }

    #[test]
    fn a_word_in_any_case_need_not_show_both() {
        let both_cases = |pattern: &str| {
            let body = detector(&format!("near = [\"acme\"]\npattern = '{pattern}'\n"));
            let source = parse("acme.toml", &format!("{HEAD}{body}")).unwrap();
            match pack(&[source]).unwrap().rules[0].trigger {
                Trigger::Shape(shape) => shape.both_cases,
                other => panic!("{other:?}"),
            }
        };
        assert!(both_cases(r"\b[A-Za-z0-9]{24}\b"));
        assert!(!both_cases(r"(?i)\b[a-z0-9]{24}\b"));
        assert!(both_cases(r"(?i:key)=(?<secret>[A-Za-z0-9]{24})\b"));
    }

    #[test]
    fn one_id_in_two_files_is_refused() {
        let body = detector("keywords = [\"acme_\"]\npattern = '''\\bacme_[a-z0-9]{32}\\b'''\n");
        let first = parse("acme.toml", &format!("{HEAD}{body}")).unwrap();
        let second =
            parse("other.toml", &format!("{HEAD}{body}").replace("\"acme\"", "\"other\"")).unwrap();
        let errors = pack(&[first, second]).unwrap_err();
        assert_eq!(
            errors[0].to_string(),
            "other.toml:7:6: the id `acme-key` is already used in acme.toml; ids are unique over all files"
        );
    }

    #[test]
    fn a_fault_of_a_runbook_is_named_by_its_place() {
        let body = detector("keywords = [\"acme_\"]\npattern = '\\bacme_[a-z0-9]{32}\\b'\n");
        let errors = errors_of(&format!(
            "[provider.runbook]\nuse = \"short\"\n{body}[detector.runbook]\nabuse = [\n  \"Reads and cancels \
             every order.\",\n  \"An odd ` stands here.\",\n]\n"
        ));
        assert_eq!(
            errors,
            [
                "acme.toml:7:7: 5 characters; a text has 20 to 420",
                "acme.toml:18:3: a backtick opens code and nothing closes it",
            ]
        );
    }
}
