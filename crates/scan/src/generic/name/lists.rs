//! The words around a root, in lower case and sorted for binary search.

/// A word as one number whose order is that of the bytes; `MAX` for words too long to be listed.
pub(in crate::generic) const fn pack_word(word: &[u8]) -> u128 {
    if word.len() > 16 {
        return u128::MAX;
    }
    let mut bytes = [0; 16];
    let mut at = 0;
    while at < word.len() {
        bytes[at] = word[at].to_ascii_lowercase();
        at += 1;
    }
    u128::from_be_bytes(bytes)
}

pub(in crate::generic) const fn pack<const N: usize>(words: [&[u8]; N]) -> [u128; N] {
    let mut packed = [0; N];
    let mut at = 0;
    while at < N {
        packed[at] = pack_word(words[at]);
        at += 1;
    }
    packed
}

/// Words behind the root that say which one or in what coding, and keep the promise.
#[rustfmt::skip]
pub(super) static NEUTRAL_TAIL: &[u128] = &pack([
    b"a", b"admin", b"again", b"api", b"app", b"aws", b"b", b"b64", b"bad", b"base", b"base64",
    b"bytes", b"client", b"confirm", b"confirmation", b"confirmed", b"const", b"current", b"db",
    b"default", b"dev", b"development", b"enc", b"encoded", b"env", b"eq", b"equals", b"for",
    b"github", b"gitlab", b"good", b"hex", b"in", b"jwt", b"live", b"local", b"main", b"master",
    b"mysql", b"new", b"of", b"old", b"plain", b"plaintext", b"previous", b"primary", b"prod",
    b"production", b"qa", b"raw", b"read", b"real", b"repeat", b"replica", b"ro", b"root", b"rw",
    b"secondary", b"server", b"slave", b"source", b"stage", b"staging", b"str", b"string",
    b"test", b"testing", b"text", b"user", b"v", b"val", b"valid", b"value", b"write", b"wrong",
    b"x",
]);

/// Words behind the root that make the name about something else.
#[rustfmt::skip]
pub(super) static OTHER_TAIL: &[u128] = &pack([
    b"action", b"age", b"alg", b"algo", b"algorithm", b"arg", b"args", b"arn", b"array", b"at",
    b"attachment", b"attr", b"attribute", b"attributes", b"audience", b"auth", b"authentication",
    b"bits", b"box", b"buffer", b"builder", b"button", b"by", b"cache", b"callback", b"chain",
    b"change", b"changed", b"char", b"chars", b"check", b"checker", b"checks", b"chooser",
    b"cipher", b"claim", b"claims", b"class", b"cmd", b"code", b"codes", b"col", b"column",
    b"com", b"command", b"comment", b"complexity", b"component", b"config", b"context",
    b"control", b"controller", b"count", b"created", b"credential", b"credentials", b"creds",
    b"css", b"ctx", b"data", b"date", b"decoder", b"desc", b"description", b"dialog", b"digest",
    b"dir", b"directory", b"disabled", b"domain", b"down", b"dto", b"duration", b"element",
    b"enabled", b"encoder", b"encoding", b"encryption", b"endpoint", b"entity", b"entries",
    b"entry", b"err", b"error", b"errors", b"event", b"events", b"exception", b"exchange",
    b"exists", b"expiration", b"expired", b"expires", b"expiry", b"factory", b"fail", b"failed",
    b"failure", b"field", b"fields", b"file", b"filename", b"files", b"fingerprint", b"flag",
    b"flags", b"fn", b"folder", b"form", b"format", b"frame", b"frames", b"func", b"function",
    b"generator", b"go", b"group", b"groups", b"handler", b"has", b"hash", b"hashed", b"hasher",
    b"hashes", b"header", b"helper", b"hint", b"history", b"host", b"html", b"icon", b"id",
    b"ids", b"idx", b"impl", b"index", b"info", b"input", b"interface", b"invalid", b"is",
    b"issuer", b"item", b"items", b"js", b"json", b"key", b"keys", b"kind", b"label", b"len",
    b"length", b"lexer", b"lexers", b"lifetime", b"limit", b"link", b"list", b"location",
    b"locker", b"lookup", b"management", b"manager", b"map", b"mapping", b"match", b"matches",
    b"max", b"md5", b"message", b"method", b"mgmt", b"min", b"missing", b"modal", b"mode",
    b"model", b"msg", b"name", b"names", b"namespace", b"not", b"num", b"number", b"obj",
    b"object", b"offset", b"ops", b"option", b"optional", b"options", b"order", b"org", b"over",
    b"owner", b"page", b"pair", b"pairs", b"param", b"parameter", b"parameters", b"params",
    b"parser", b"pass", b"passphrase", b"passwd", b"password", b"path", b"paths", b"pattern",
    b"pem", b"placeholder", b"plan", b"policies", b"policy", b"port", b"pos", b"position",
    b"prefix", b"press", b"prompt", b"properties", b"property", b"protected", b"provider",
    b"providers", b"pwd", b"py", b"rate", b"ratio", b"reader", b"recovery", b"ref", b"reference",
    b"regex", b"regexp", b"region", b"request", b"required", b"requirements", b"reset",
    b"resource", b"resources", b"response", b"result", b"ring", b"rotation", b"rotator", b"row",
    b"rule", b"rules", b"salt", b"schema", b"scheme", b"scope", b"scopes", b"screen", b"secret",
    b"secrets", b"security", b"selector", b"service", b"services", b"set", b"setting",
    b"settings", b"sha1", b"sha256", b"size", b"sort", b"space", b"spec", b"state", b"status",
    b"stdin", b"storage", b"store", b"stream", b"strength", b"subject", b"suffix", b"table",
    b"tag", b"tags", b"template", b"through", b"thru", b"thumbprint", b"time", b"timeout",
    b"title", b"toggle", b"token", b"tokens", b"ts", b"ttl", b"txt", b"type", b"types", b"up",
    b"update", b"updated", b"uri", b"url", b"urls", b"usage", b"usages", b"use", b"used", b"util",
    b"utils", b"validation", b"validator", b"var", b"variable", b"vault", b"verification",
    b"verifier", b"verify", b"version", b"view", b"visibility", b"visible", b"writer", b"yaml",
    b"yml",
]);

/// First words that turn the name into a question, a count, a widget or an event.
#[rustfmt::skip]
pub(super) static LEADS_ELSEWHERE: &[u128] = &pack([
    b"allow", b"btn", b"can", b"check", b"count", b"disable", b"enable", b"enabled", b"err",
    b"error", b"forgot", b"forgotten", b"had", b"handle", b"has", b"hide", b"hint", b"invalid",
    b"is", b"label", b"lbl", b"lost", b"max", b"min", b"missing", b"msg", b"must", b"nb", b"no",
    b"num", b"on", b"placeholder", b"required", b"should", b"show", b"skip", b"text", b"title",
    b"txt", b"type", b"use", b"uses", b"validate", b"verify",
]);

/// Words right before the root that make it a different thing.
#[rustfmt::skip]
pub(super) static BEFORE_ELSEWHERE: &[u128] = &pack([
    b"by", b"com", b"expired", b"first", b"invalid", b"last", b"lexer", b"max", b"missing",
    b"multi", b"no", b"num", b"parse", b"pub", b"public", b"render", b"second", b"single", b"sur",
    b"total", b"tres", b"un", b"unexpected",
]);

/// Words that are written together with `pass`.
#[rustfmt::skip]
pub(super) static GLUED_PASS: &[u128] = &pack([
    b"admin", b"auth", b"client", b"database", b"db", b"email", b"ftp", b"http", b"key", b"login",
    b"mail", b"my", b"mysql", b"pg", b"proxy", b"require", b"root", b"smtp", b"sql", b"ssh",
    b"store", b"test", b"user", b"wifi",
]);

/// Words before `key` that make it a secret.
#[rustfmt::skip]
pub(super) static STRONG_KEY: &[u128] = &pack([
    b"access", b"account", b"activation", b"admin", b"aes", b"api", b"app", b"application",
    b"auth", b"authentication", b"authorization", b"aws", b"azure", b"cipher", b"client",
    b"consumer", b"cookie", b"crypto", b"decryption", b"deploy", b"des", b"dev", b"encrypt",
    b"encryption", b"function", b"gcp", b"google", b"hmac", b"host", b"instrumentation",
    b"integration", b"jwt", b"license", b"mailgun", b"maps", b"master", b"n", b"nacl", b"papi",
    b"preshared", b"priv", b"private", b"psk", b"registration", b"rsa", b"seal", b"secret",
    b"security", b"sendgrid", b"server", b"service", b"session", b"shared", b"sign", b"signature",
    b"signing", b"ssh", b"stripe", b"subscription", b"symmetric", b"twilio", b"user", b"webhook",
    b"write",
]);

/// Words before `key` that make it something else.
#[rustfmt::skip]
pub(super) static OTHER_KEY: &[u128] = &pack([
    b"action", b"active", b"alt", b"annotation", b"answer", b"any", b"arrow", b"attr",
    b"attribute", b"binding", b"by", b"cache", b"candidate", b"child", b"class", b"col",
    b"column", b"composite", b"config", b"context", b"control", b"ctrl", b"ctx", b"current",
    b"data", b"date", b"dedup", b"default", b"dict", b"dst", b"each", b"encrypted", b"end",
    b"enter", b"entry", b"env", b"error", b"esc", b"escape", b"event", b"field", b"file",
    b"filter", b"first", b"flag", b"foreign", b"from", b"get", b"group", b"has", b"hash",
    b"header", b"hot", b"i18n", b"id", b"index", b"input", b"int", b"is", b"item", b"join",
    b"json", b"keyboard", b"known", b"label", b"lang", b"language", b"last", b"list", b"locale",
    b"lock", b"log", b"lookup", b"map", b"max", b"menu", b"message", b"meta", b"metadata",
    b"metric", b"min", b"modifier", b"msg", b"name", b"natural", b"new", b"next", b"node",
    b"object", b"old", b"on", b"option", b"order", b"ordering", b"output", b"param", b"parent",
    b"partition", b"path", b"press", b"prev", b"primary", b"prop", b"property", b"pub", b"public",
    b"query", b"range", b"registry", b"resource", b"route", b"routing", b"row", b"s3", b"search",
    b"selected", b"set", b"setting", b"settings", b"shift", b"short", b"shortcut", b"sig",
    b"sort", b"source", b"src", b"start", b"state", b"stats", b"status", b"storage", b"string",
    b"style", b"sub", b"super", b"surrogate", b"symbol", b"tab", b"table", b"tag", b"target",
    b"template", b"text", b"that", b"theme", b"this", b"time", b"title", b"toml", b"topic",
    b"translation", b"trusted", b"type", b"unique", b"var", b"variable", b"verification",
    b"verify", b"verifying", b"version", b"with", b"wrapped", b"wrapping", b"xml", b"yaml",
]);

/// Words before `token` that make it a position, a marker or a short-lived value.
#[rustfmt::skip]
pub(super) static WEAK_TOKEN: &[u128] = &pack([
    b"csrf", b"current", b"mask", b"pad", b"request", b"separator", b"special", b"syntax", b"unk",
    b"xsrf",
]);

/// Words before `token` that make it a position in a list or a name for a request.
#[rustfmt::skip]
pub(super) static OTHER_TOKEN: &[u128] = &pack([
    b"action", b"authenticity", b"cancel", b"cancellation", b"change", b"continuation", b"csrf",
    b"end", b"first", b"idempotency", b"input", b"last", b"lock", b"marker", b"next", b"nextpage",
    b"output", b"page", b"pagination", b"prev", b"resume", b"sequence", b"start", b"sync", b"unit",
    b"xsrf",
]);

/// Words before `secret` that name a derived value of a handshake.
#[rustfmt::skip]
pub(super) static WEAK_SECRET: &[u128] = &pack([
    b"early", b"exporter", b"handshake", b"master", b"premaster", b"resumption", b"traffic",
]);

/// Words that are written together with `auth`.
pub(super) static GLUED_AUTH: &[u128] = &pack([b"basic", b"http", b"master", b"o", b"proxy"]);

#[cfg(test)]
mod tests {
    #[test]
    fn every_list_is_sorted() {
        for list in [
            super::NEUTRAL_TAIL,
            super::OTHER_TAIL,
            super::LEADS_ELSEWHERE,
            super::BEFORE_ELSEWHERE,
            super::GLUED_PASS,
            super::STRONG_KEY,
            super::OTHER_KEY,
            super::WEAK_TOKEN,
            super::WEAK_SECRET,
            super::OTHER_TOKEN,
            super::GLUED_AUTH,
        ] {
            assert!(list.is_sorted());
        }
    }
}
