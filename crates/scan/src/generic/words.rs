//! How much a value resembles words: a word list and a table of letter pairs.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Words that are looked for in one pass.
#[derive(Debug)]
pub(super) struct WordSet {
    automaton: Option<AhoCorasick>,
}

impl WordSet {
    /// The words as they are written here.
    pub(super) fn exact(words: &[&[u8]]) -> WordSet {
        WordSet::new(words, false)
    }

    /// The words in whatever case.
    pub(super) fn any_case(words: &[&[u8]]) -> WordSet {
        WordSet::new(words, true)
    }

    fn new(words: &[&[u8]], any_case: bool) -> WordSet {
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(any_case)
            .build(words)
            .ok();
        WordSet { automaton }
    }

    /// Whether one of them is in the text.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        self.automaton.as_ref().is_some_and(|automaton| automaton.is_match(text))
    }
}

/// Whether one of `words` is one of the words that an identifier or sentence
/// is made of.
pub(super) fn contains_any_word(text: &[u8], words: &[&[u8]]) -> bool {
    super::name::Words::new(text)
        .any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

/// Whether `text` holds `word`, in whatever case.
pub(super) fn find_ignoring_case(text: &[u8], word: &[u8]) -> bool {
    let Some(first) = word.first() else { return true };
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text).any(|at| {
        text.get(at..at + word.len()).is_some_and(|window| window.eq_ignore_ascii_case(word))
    })
}

/// How many letters of `value` belong to known words of at least three letters, found greedily
/// and longest first in every run of letters.
pub(super) fn word_coverage(value: &[u8]) -> usize {
    let mut covered = 0;
    for run in value.split(|byte| !byte.is_ascii_alphabetic()) {
        let mut at = 0;
        while at < run.len() {
            let rest = run.get(at..).unwrap_or_default();
            let longest = (3..=rest.len().min(LONGEST))
                .rev()
                .find(|&length| rest.get(..length).is_some_and(is_word));
            // A plural or past form belongs to its word.
            let length = longest.map_or(0, |length| {
                let end = rest.get(length..).unwrap_or_default();
                length
                    + [&b"ed"[..], b"s"]
                        .iter()
                        .find(|e| end.eq_ignore_ascii_case(e))
                        .map_or(0, |e| e.len())
            });
            covered += length;
            at += length.max(1);
        }
    }
    covered
}

/// Whether the letters are a known word, in whatever case.
pub(super) fn is_word(letters: &[u8]) -> bool {
    let mut buffer = [0; LONGEST];
    let Some(lower) = buffer.get_mut(..letters.len()) else { return false };
    lower.copy_from_slice(letters);
    lower.make_ascii_lowercase();
    let lower: &[u8] = lower;
    WORDS.binary_search_by(|word| word.as_bytes().cmp(lower)).is_ok()
}

/// Mean commonness of the letter pairs in 0..=1; 0.5 if there are none.
///
/// Random letters score near 0.5, English words near 0.75.
pub(super) fn bigram_score(value: &[u8]) -> f32 {
    let index = |byte: u8| usize::from(byte.to_ascii_lowercase().wrapping_sub(b'a'));
    let (mut sum, mut pairs) = (0_u32, 0_u32);
    for (&a, &b) in value.iter().zip(value.iter().skip(1)) {
        if let Some(level) = PAIRS.get(index(a)).and_then(|row| row.get(index(b))) {
            sum += u32::from(level - b'0');
            pairs += 1;
        }
    }
    if pairs == 0 { 0.5 } else { sum as f32 / (9 * pairs) as f32 }
}

/// Logarithm of how often the second letter (column) follows the first (row) in English comments
/// of programs: `0` is a 64th of chance or less, `9` sixteen times chance or more.
const PAIRS: [&[u8; 26]; 26] = [
    b"16772460605878060878653451",
    b"52507000540600510352600070",
    b"82527147507631832547521030",
    b"52358211720523620553522050",
    b"74786653412678365988455750",
    b"50445601700511710644500030",
    b"41407136500425720553410000",
    b"70119100700130610426400020",
    b"56766770103779751588050405",
    b"20004000000000100020300000",
    b"41116120400204110141201000",
    b"62268331801712730355633060",
    b"75238100602361660042500010",
    b"73788582605535731278542050",
    b"45674740504678570867766200",
    b"70337123502611750756521050",
    b"00000000000000000100600000",
    b"73559552705456730676653060",
    b"61658236703434762378613060",
    b"72538339801532850776614260",
    b"44546440500667250777000300",
    b"60007000500010410000000000",
    b"50106006600204510541003000",
    b"40304300400000150005000210",
    b"11303000300534260465002000",
    b"20005000200000100000000000",
];

const LONGEST: usize = 14;

/// Common words of programs, prose and passwords, sorted.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "able", "about", "above", "absolute", "abstract", "accept", "access", "account", "action",
    "active", "actor", "adapter", "add", "address", "admin", "after", "agent", "alert", "alias",
    "all", "allow", "alpha", "also", "amount", "angle", "animal", "annotation", "anonymous",
    "answer", "any", "apache", "api", "app", "apple", "application", "apply", "april", "archive",
    "area", "arg", "argument", "array", "assert", "asset", "async", "attach", "attempt",
    "attribute", "audit", "august", "auth", "authenticate", "authentication", "author",
    "authority", "authorization", "auto", "autumn", "available", "away", "baby", "back",
    "backend", "background", "bad", "balance", "ball", "band", "bank", "bar", "base", "baseball",
    "basic", "basket", "batch", "battery", "bean", "bear", "bearer", "beautiful", "because",
    "bed", "been", "before", "begin", "best", "beta", "better", "between", "big", "bill", "bind",
    "bird", "black", "block", "blog", "blood", "blue", "board", "boat", "body", "book", "bool",
    "boolean", "boot", "boston", "both", "bottom", "box", "boy", "branch", "brand", "bread",
    "break", "bridge", "bright", "bring", "broker", "brother", "brown", "browser", "bucket",
    "buddy", "buffer", "bug", "build", "builder", "bundle", "business", "but", "button", "buy",
    "bye", "byte", "cache", "call", "camera", "can", "cancel", "candy", "cannot", "captain",
    "car", "card", "care", "case", "cash", "castle", "cat", "category", "center", "cert",
    "certificate", "chain", "challenge", "champion", "change", "channel", "char", "character",
    "charge", "charlie", "chat", "check", "cheese", "chef", "chelsea", "chicken", "child",
    "choice", "chris", "chunk", "cipher", "city", "class", "clean", "clear", "cli", "click",
    "client", "clock", "clone", "close", "cloud", "club", "cluster", "coach", "code", "coffee",
    "cold", "collection", "color", "column", "come", "command", "comment", "commit", "common",
    "company", "compare", "complete", "component", "compute", "computer", "config",
    "configuration", "confirm", "connect", "connection", "console", "const", "constant",
    "consumer", "contact", "contain", "content", "context", "control", "controller", "cookie",
    "cool", "copy", "core", "correct", "count", "counter", "country", "course", "cover", "craft",
    "create", "created", "credential", "credentials", "crypto", "current", "custom", "customer",
    "cycle", "daddy", "daily", "dance", "dark", "dash", "dashboard", "data", "database", "date",
    "david", "day", "dead", "debug", "december", "decode", "decrypt", "deep", "default", "define",
    "delete", "demo", "denied", "deny", "depth", "derive", "description", "desk", "destination",
    "detail", "detect", "dev", "develop", "developer", "development", "device", "dialog",
    "diamond", "did", "different", "digest", "direct", "directory", "disable", "disabled",
    "discovery", "disk", "display", "dns", "doctor", "document", "does", "dog", "dollar",
    "domain", "done", "door", "double", "down", "download", "dragon", "dream", "drive", "driver",
    "dry", "duck", "duplicate", "duration", "during", "dynamic", "each", "eagle", "early",
    "earth", "east", "easy", "echo", "edit", "editor", "effect", "elastic", "element", "elephant",
    "email", "empty", "enable", "encode", "encoded", "encoding", "encrypt", "encrypted",
    "encryption", "end", "endpoint", "energy", "engine", "english", "enter", "enterprise",
    "entity", "entry", "enum", "environment", "equal", "error", "escape", "event", "every",
    "example", "exchange", "execute", "exist", "exists", "exit", "expect", "expected", "expire",
    "expired", "expires", "export", "express", "extend", "extension", "external", "extra", "eye",
    "face", "factory", "fail", "failed", "failure", "fake", "false", "family", "fast", "father",
    "feature", "february", "federation", "feedback", "fetch", "few", "field", "fighter", "figure",
    "file", "filename", "filter", "final", "find", "fire", "firewall", "first", "fish", "fixed",
    "flag", "flash", "float", "flow", "flower", "fly", "folder", "follow", "font", "food", "foot",
    "football", "for", "force", "foreign", "forest", "forget", "forgot", "form", "format",
    "forward", "found", "fox", "frame", "free", "freedom", "fresh", "friday", "friend", "from",
    "front", "full", "function", "future", "game", "garden", "gate", "gateway", "general",
    "generate", "generated", "generic", "get", "giant", "girl", "git", "give", "glass", "global",
    "gmail", "god", "gold", "golden", "good", "google", "grace", "grand", "grant", "graph",
    "gray", "great", "green", "group", "guard", "guest", "guide", "guitar", "had", "hair", "half",
    "hammer", "hand", "handle", "handler", "happy", "hard", "harley", "has", "hash", "have",
    "header", "heart", "heavy", "hello", "help", "here", "hero", "hex", "hidden", "high",
    "history", "hockey", "hold", "home", "honey", "hook", "horse", "host", "hotel", "hour",
    "house", "how", "http", "https", "hub", "hunter", "ice", "icon", "idea", "identifier",
    "identity", "ignore", "image", "implicit", "import", "inactive", "include", "incorrect",
    "index", "info", "init", "inject", "inline", "input", "insert", "inside", "install",
    "instance", "int", "integer", "integration", "interface", "internal", "internet", "into",
    "invalid", "invite", "issue", "issuer", "item", "its", "jack", "james", "january", "jason",
    "java", "job", "john", "join", "jordan", "json", "july", "jump", "june", "junior", "just",
    "keep", "kernel", "key", "keyboard", "keys", "keyword", "killer", "kind", "king", "kitchen",
    "kitty", "knight", "know", "kube", "label", "lady", "lake", "lambda", "lang", "language",
    "large", "last", "late", "layer", "layout", "leader", "league", "leave", "left", "legacy",
    "length", "let", "letter", "level", "library", "license", "life", "light", "like", "limit",
    "line", "link", "linux", "lion", "list", "listen", "listener", "little", "live", "load",
    "local", "locale", "location", "lock", "log", "logger", "login", "logo", "logout", "long",
    "look", "loop", "lord", "lost", "love", "lower", "lucky", "machine", "magic", "mail", "main",
    "make", "man", "manage", "manager", "manifest", "manual", "map", "march", "mark", "marker",
    "market", "marketing", "mask", "master", "match", "matrix", "matthew", "max", "member",
    "memory", "menu", "merge", "message", "meta", "metadata", "method", "metric", "michael",
    "middle", "migrate", "min", "mind", "mine", "minimum", "missing", "mobile", "mock", "mod",
    "mode", "model", "modify", "module", "monday", "money", "monitor", "monkey", "monster",
    "month", "moon", "more", "morning", "most", "mother", "mount", "mouse", "move", "movie",
    "multi", "music", "must", "mustang", "name", "native", "nature", "need", "network", "never",
    "new", "news", "next", "nice", "nick", "night", "node", "none", "nor", "normal", "north",
    "not", "note", "notebook", "nothing", "notification", "november", "null", "number", "oauth",
    "object", "ocean", "october", "office", "offset", "old", "once", "one", "online", "only",
    "open", "operation", "operator", "option", "optional", "options", "orange", "order", "org",
    "organization", "origin", "other", "our", "out", "output", "over", "override", "own", "owner",
    "package", "page", "pair", "panda", "panel", "panther", "paper", "parameter", "parent",
    "parse", "parser", "part", "party", "pass", "passed", "passphrase", "passwd", "password",
    "path", "pattern", "pause", "payload", "payment", "peace", "peer", "pending", "people",
    "pepper", "perfect", "permission", "person", "peter", "phone", "photo", "picture", "pilot",
    "ping", "pink", "pipe", "pipeline", "pirate", "place", "placeholder", "plain", "plan",
    "planet", "platform", "play", "player", "please", "plugin", "point", "policy", "pool",
    "popup", "port", "portal", "position", "post", "postgres", "power", "prefix", "premium",
    "present", "pretty", "previous", "primary", "prince", "princess", "print", "printer",
    "priority", "privacy", "private", "process", "processor", "product", "production", "profile",
    "program", "progress", "project", "promise", "prompt", "property", "protect", "protected",
    "protocol", "provide", "provided", "provider", "proxy", "public", "publish", "purple", "push",
    "put", "python", "quality", "query", "question", "queue", "quick", "quiet", "radio", "rain",
    "rainbow", "random", "range", "ranger", "rate", "raw", "read", "reader", "ready", "real",
    "realm", "reason", "receive", "recent", "record", "recovery", "red", "redirect", "redis",
    "reference", "refresh", "regex", "region", "register", "registration", "registry", "regular",
    "reject", "release", "reload", "remember", "remote", "remove", "render", "repeat", "replace",
    "replica", "reply", "report", "repository", "request", "require", "required", "reset",
    "resolve", "resource", "response", "rest", "restart", "restore", "result", "resume", "retry",
    "return", "review", "revoke", "right", "ring", "river", "road", "robot", "rock", "role",
    "root", "rose", "round", "route", "router", "row", "rule", "rules", "run", "runner",
    "runtime", "safe", "salt", "same", "sample", "sandbox", "save", "scale", "scan", "schedule",
    "schema", "school", "scope", "score", "scott", "screen", "script", "sea", "search", "season",
    "second", "secret", "secrets", "section", "secure", "security", "seed", "select", "self",
    "send", "sender", "sentry", "separator", "september", "sequence", "serial", "series",
    "server", "service", "session", "set", "setting", "settings", "setup", "shadow", "shape",
    "share", "shared", "sharp", "shell", "ship", "shop", "short", "should", "show", "shut",
    "side", "sign", "signature", "signing", "silver", "simple", "single", "sister", "site",
    "size", "skip", "sky", "sleep", "slow", "small", "smart", "smith", "smoke", "snake", "snow",
    "soccer", "social", "socket", "soft", "software", "some", "son", "song", "sort", "source",
    "south", "space", "spark", "spec", "special", "spider", "sport", "spring", "sql", "square",
    "ssh", "stack", "staff", "stage", "staging", "standard", "star", "start", "state", "static",
    "station", "status", "step", "steven", "stone", "stop", "storage", "store", "storm", "story",
    "strategy", "stream", "street", "string", "strip", "strong", "struct", "style", "subject",
    "submit", "subscription", "success", "such", "suffix", "sugar", "summary", "summer", "sun",
    "sunday", "sunset", "sunshine", "super", "support", "sweet", "switch", "symbol", "sync",
    "syntax", "system", "tab", "table", "tag", "take", "target", "task", "team", "tech", "temp",
    "template", "temporary", "tenant", "term", "terminal", "test", "tester", "testing", "tests",
    "text", "than", "that", "the", "their", "them", "theme", "then", "there", "these", "they",
    "thing", "this", "thomas", "thread", "three", "through", "thunder", "ticket", "tiger", "time",
    "timeout", "times", "timestamp", "tiny", "title", "today", "toggle", "token", "tokens",
    "tomorrow", "too", "tool", "tools", "top", "topic", "total", "touch", "trace", "track",
    "traffic", "train", "transaction", "transfer", "transform", "translate", "tree", "trigger",
    "truck", "true", "trust", "try", "tunnel", "turn", "turtle", "twitter", "two", "type",
    "types", "under", "unit", "universe", "unknown", "unlock", "until", "update", "upload",
    "upper", "url", "usage", "use", "user", "username", "users", "utf", "util", "utils", "valid",
    "validate", "validation", "value", "values", "variable", "vault", "vector", "vendor",
    "verify", "version", "very", "victory", "video", "view", "violet", "virtual", "visible",
    "vision", "void", "volume", "wait", "walk", "wall", "want", "war", "warning", "watch",
    "water", "wave", "web", "webhook", "wednesday", "week", "weight", "welcome", "were", "west",
    "what", "when", "where", "which", "while", "white", "whole", "why", "widget", "width", "wiki",
    "wild", "will", "win", "wind", "window", "windows", "winner", "winter", "wire", "with",
    "wizard", "wolf", "woman", "wonder", "word", "work", "worker", "workflow", "workspace",
    "world", "worm", "would", "wrap", "wrapper", "write", "writer", "wrong", "year", "yellow",
    "yes", "yesterday", "yet", "you", "young", "your", "zero", "zone",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_list_is_sorted_and_no_word_is_longer_than_the_buffer() {
        assert!(WORDS.is_sorted());
        assert!(WORDS.iter().all(|word| word.len() <= LONGEST));
    }

    #[test]
    fn words_cover_camel_case_and_english_scores_above_noise() {
        assert_eq!(word_coverage(b"userPassword7"), 12);
        assert!(bigram_score(b"authentication") > bigram_score(b"xqzvkjwqbx"));
    }
}
