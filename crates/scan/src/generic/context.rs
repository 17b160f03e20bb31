//! Where a value stands: its file, its line and its neighbours.

use std::sync::LazyLock;

use super::words::{WordSet, find_ignoring_case};

/// What the path of a text says, for all that stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub(super) file: FileKind,
    /// Tests, fixtures, samples or mocks.
    pub(super) is_test: bool,
    /// Translations.
    pub(super) is_locale: bool,
}

impl Place {
    /// What a path or name says; it may be empty.
    pub fn of(path: &str) -> Place {
        Place { file: file_kind(path), is_test: test_path(path), is_locale: locale_path(path) }
    }
}

/// What the path says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    /// A programming language, where a bare word is an expression.
    Code,
    /// Configuration, data, shell: where a bare word is a value.
    Config,
    /// Prose and markup.
    Docs,
    /// Stylesheets and lock files, which hold no secrets but much that looks like them.
    Inert,
    Other,
}

fn file_kind(path: &str) -> FileKind {
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut lower = [0_u8; 32];
    let tail = file.as_bytes();
    let tail = tail.get(tail.len().saturating_sub(32)..).unwrap_or_default();
    let Some(target) = lower.get_mut(..tail.len()) else { return FileKind::Other };
    target.copy_from_slice(tail);
    target.make_ascii_lowercase();
    let name: &[u8] = target;
    const LOCKS: &[&[u8]] = &[
        b"package-lock.json",
        b"yarn.lock",
        b"cargo.lock",
        b"go.sum",
        b"composer.lock",
        b"pnpm-lock.yaml",
        b"gemfile.lock",
        b"poetry.lock",
        b"podfile.lock",
        b"flake.lock",
        b"npm-shrinkwrap.json",
        b"uv.lock",
        b"pipfile.lock",
        b"packages.lock.json",
    ];
    if LOCKS.contains(&name) {
        return FileKind::Inert;
    }
    let extension = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    if extension.len() == name.len() {
        return FileKind::Other;
    }
    match extension {
        b"go" | b"rs" | b"py" | b"js" | b"ts" | b"jsx" | b"tsx" | b"mjs" | b"cjs" | b"java"
        | b"kt" | b"kts" | b"cs" | b"c" | b"h" | b"cc" | b"cpp" | b"cxx" | b"hpp" | b"rb"
        | b"php" | b"swift" | b"scala" | b"m" | b"mm" | b"dart" | b"groovy" | b"pl" | b"pm"
        | b"lua" | b"ex" | b"exs" | b"erl" | b"hs" | b"clj" | b"vue" | b"svelte" | b"fs"
        | b"vb" | b"gradle" | b"pyx" | b"pyi" | b"jsp" | b"r" | b"jl" | b"zig" | b"nim"
        | b"asm" | b"s" | b"proto" | b"graphql" | b"sol" | b"coffee" | b"el" | b"ml" | b"v"
        | b"sql" => FileKind::Code,
        b"yml" | b"yaml" | b"json" | b"toml" | b"ini" | b"cfg" | b"conf" | b"env"
        | b"properties" | b"xml" | b"tf" | b"tfvars" | b"config" | b"plist" | b"hcl" | b"sh"
        | b"bash" | b"zsh" | b"ps1" | b"bat" | b"cmd" | b"dockerfile" | b"netrc" | b"npmrc"
        | b"cnf" | b"settings" | b"json5" | b"jsonc" | b"service" | b"fish" | b"psm1"
        | b"tfstate" | b"ipynb" | b"http" | b"csv" => FileKind::Config,
        b"md" | b"rst" | b"txt" | b"html" | b"htm" | b"adoc" | b"mdx" | b"tex" | b"pod"
        | b"org" | b"textile" | b"man" | b"1" | b"xhtml" => FileKind::Docs,
        b"css" | b"scss" | b"less" | b"sass" | b"styl" | b"svg" | b"lock" | b"sum" | b"map"
        | b"po" | b"pot" | b"xlf" | b"xliff" | b"resx" | b"strings" | b"arb" | b"ftl" => {
            FileKind::Inert
        }
        _ => FileKind::Other,
    }
}

/// Whether the path speaks of tests, fixtures, samples or mocks.
fn test_path(path: &str) -> bool {
    ["test", "spec", "fixture", "mock", "sample", "example"]
        .iter()
        .any(|word| find_ignoring_case(path.as_bytes(), word.as_bytes()))
}

/// Whether the path is that of translations.
fn locale_path(path: &str) -> bool {
    path.split(['/', '\\', '.', '_', '-']).any(|part| {
        [
            "locale",
            "locales",
            "i18n",
            "l10n",
            "lang",
            "langs",
            "language",
            "languages",
            "lproj",
            "translations",
            "translation",
            "intl",
            "messages",
            "nls",
        ]
        .iter()
        .any(|word| part.eq_ignore_ascii_case(word))
    })
}

/// The line around `at`, at most 400 bytes before and behind, and its first byte's position.
pub(super) fn line(text: &[u8], at: usize) -> (&[u8], usize) {
    let low = at.saturating_sub(400);
    let head = text.get(low..at).unwrap_or_default();
    let start = memchr::memrchr(b'\n', head).map_or(low, |newline| low + newline + 1);
    let tail = text.get(at..text.len().min(at + 400)).unwrap_or_default();
    let end = memchr::memchr(b'\n', tail).map_or(at + tail.len(), |newline| at + newline);
    (text.get(start..end).unwrap_or_default(), start)
}

/// Whether the line is a comment as far as its beginning tells.
pub(super) fn comment(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    [&b"//"[..], b"#", b"*", b"/*", b"--", b";", b"<!--", b"\"\"\"", b"%", b"rem "]
        .iter()
        .any(|mark| line.starts_with(mark))
}

/// How far above a place the beginning of a literal of many lines is looked
/// for, in bytes.
pub(crate) const BLOCK_SIGHT: usize = 4096;

/// How far above a place the beginning of a here-document is looked for.
pub(crate) const DOCUMENT_SIGHT: usize = 2048;

/// Whether `at`, `offset` bytes into `line`, lies inside a string literal of a program.
pub(super) fn inside_literal(text: &[u8], line: &[u8], offset: usize, at: usize) -> bool {
    let mut open = 0_u8;
    let mut escaped = false;
    for &byte in line.get(..offset).unwrap_or_default() {
        if escaped {
            escaped = false;
        } else if byte == b'\\' {
            escaped = true;
        } else if open == 0 && matches!(byte, b'"' | b'\'' | b'`') {
            open = byte;
        } else if byte == open {
            open = 0;
        }
    }
    open != 0
        || inside_block(text, at, b"`")
        || inside_block(text, at, b"\"\"\"")
        || heredoc(text, at)
}

/// Whether the nearest `mark` before `at`, one quote so many times, opens a
/// literal: what stands before it tells.
fn inside_block(text: &[u8], at: usize, mark: &[u8]) -> bool {
    let low = at.saturating_sub(BLOCK_SIGHT);
    let head = text.get(low..at).unwrap_or_default();
    let Some(last) = rfind(head, mark) else {
        return false;
    };
    let line = head.get(..last).unwrap_or_default();
    let line = &line[memchr::memrchr(b'\n', line).map_or(0, |newline| newline + 1)..];
    let line = line.trim_ascii_end();
    matches!(line.last(), Some(b'=' | b'(' | b',' | b'+' | b'{' | b':' | b'[' | b'>'))
        || line.ends_with(b"return")
}

/// Where `mark`, a rare byte at its end, stands last.
pub(crate) fn rfind(text: &[u8], mark: &[u8]) -> Option<usize> {
    memchr::memrchr_iter(*mark.last()?, text).find_map(|last| {
        let end = last + 1;
        text.get(..end).is_some_and(|head| head.ends_with(mark)).then(|| end - mark.len())
    })
}

/// Whether a here-document was opened shortly before.
fn heredoc(text: &[u8], at: usize) -> bool {
    let head = text.get(at.saturating_sub(DOCUMENT_SIGHT)..at).unwrap_or_default();
    let open = document_mark(head);
    open.is_some_and(|open| {
        let rest = head.get(open + 3..).unwrap_or_default();
        let rest = rest.strip_prefix(b"'").or(rest.strip_prefix(b"\"")).unwrap_or(rest);
        let length =
            rest.iter().take_while(|byte| byte.is_ascii_uppercase() || **byte == b'_').count();
        let word = rest.get(..length).unwrap_or_default();
        length > 1 && memchr::memmem::find(rest.get(length..).unwrap_or_default(), word).is_none()
    })
}

/// Where the last `<<` stands that may open a here-document: one with `~`, `-`
/// or `<` behind it.
pub(crate) fn document_mark(text: &[u8]) -> Option<usize> {
    let opens = |second: &usize| matches!(text.get(second + 1), Some(b'~' | b'-' | b'<'));
    let firsts = memchr::memrchr_iter(b'<', text).filter(opens);
    let mut firsts = firsts.filter_map(|second| second.checked_sub(1));
    firsts.find(|first| text.get(*first) == Some(&b'<'))
}

/// Words around hashes that are public: integrity, checksum, commit.
pub(super) fn hash_words(line: &[u8]) -> bool {
    static WORDS: LazyLock<WordSet> = LazyLock::new(|| {
        WordSet::any_case(&[
            b"integrity",
            b"sha1",
            b"sha256",
            b"sha-256",
            b"sha384",
            b"sha512",
            b"checksum",
            b"digest",
            b"commit",
            b"fingerprint",
            b"thumbprint",
            b"publickey",
            b"public_key",
            b"public key",
            b"md5",
            b"etag",
        ])
    });
    WORDS.is_in(line)
}

/// Words that announce an example.
pub(super) fn example_words(line: &[u8]) -> bool {
    static WORDS: LazyLock<WordSet> = LazyLock::new(|| {
        WordSet::any_case(&[
            b"example",
            b"e.g.",
            b"placeholder",
            b"dummy",
            b"for instance",
            b"sample",
            b"template",
        ])
    });
    WORDS.is_in(line)
}

/// Whether three of the four neighbouring lines hold a hexadecimal run of the same length under
/// names that promise no secret.
pub(super) fn hash_list(text: &[u8], line_start: usize, line_len: usize, length: usize) -> bool {
    let head =
        text.get(line_start.saturating_sub(500)..line_start.saturating_sub(1)).unwrap_or_default();
    let after = text.len().min(line_start + line_len + 1);
    let tail = text.get(after..text.len().min(after + 500)).unwrap_or_default();
    let hash = |line: &&[u8]| {
        line.split(|byte| !byte.is_ascii_alphanumeric()).any(|run| {
            run.len() == length
                && run.iter().all(u8::is_ascii_hexdigit)
                && run.iter().any(u8::is_ascii_digit)
        }) && ![&b"secret"[..], b"token", b"key", b"pass"]
            .iter()
            .any(|root| find_ignoring_case(line, root))
    };
    head.rsplit(|byte| *byte == b'\n').take(2).filter(hash).count()
        + tail.split(|byte| *byte == b'\n').take(2).filter(hash).count()
        >= 3
}

/// How many of the four neighbouring lines hold a quoted or bare value with several words.
pub(super) fn prose_neighbours(text: &[u8], line_start: usize, line_len: usize) -> usize {
    let head =
        text.get(line_start.saturating_sub(300)..line_start.saturating_sub(1)).unwrap_or_default();
    let after = text.len().min(line_start + line_len + 1);
    let tail = text.get(after..text.len().min(after + 300)).unwrap_or_default();
    let prose = |line: &&[u8]| {
        let Some(at) = line.iter().position(|byte| matches!(byte, b':' | b'=')) else {
            return false;
        };
        let value = line.get(at + 1..).unwrap_or_default();
        let words = value
            .split(|byte| matches!(byte, b' '))
            .filter(|word| {
                word.len() > 1
                    && word.iter().all(|b| {
                        b.is_ascii_alphabetic()
                            || !b.is_ascii()
                            || matches!(b, b'\'' | b'"' | b'.' | b',' | b'?')
                    })
            })
            .count();
        words >= 3 || value.iter().filter(|byte| !byte.is_ascii()).count() >= 4
    };
    head.rsplit(|byte| *byte == b'\n').take(2).filter(prose).count()
        + tail.split(|byte| *byte == b'\n').take(2).filter(prose).count()
}
