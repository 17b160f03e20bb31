//! Which identifiers promise a secret: the root must be the head of the name.

use super::Kind;

/// The roots, in the order in which the first byte tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Pass,
    Pwd,
    Secret,
    Token,
    Key,
    Cred,
    Auth,
    Dsn,
    Curl,
    SecureString,
}

/// What an identifier promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Promise {
    pub(super) root: Root,
    pub(super) kind: Kind,
    pub(super) strength: Strength,
    /// A word stands behind the root which the lists do not know.
    pub(super) unknown_tail: bool,
}

/// How firmly a name promises a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// `key`, `auth`, `page_token`: usually something else.
    Weak,
    /// `token`, `pass`, `some_key`.
    Medium,
    /// `password`, `api_key`, `client_secret`, `access_token`.
    Strong,
}

/// The root that begins at `at`, with its length in bytes.
#[inline]
pub(super) fn root_at(text: &[u8], at: usize) -> Option<(Root, usize)> {
    let rest = text.get(at..)?;
    let is =
        |word: &[u8]| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let (root, word): (Root, &[u8]) = match rest.first()? | 0x20 {
        b'p' if is(b"pass") => (Root::Pass, b"pass"),
        b'p' => (Root::Pwd, b"pwd"),
        b's' if is(b"securestring") => (Root::SecureString, b"securestring"),
        b's' => (Root::Secret, b"secret"),
        b't' => (Root::Token, b"token"),
        b'k' => (Root::Key, b"key"),
        b'c' if is(b"cred") => (Root::Cred, b"cred"),
        b'c' => (Root::Curl, b"curl"),
        b'a' => (Root::Auth, b"auth"),
        b'd' => (Root::Dsn, b"dsn"),
        _ => return None,
    };
    is(word).then_some((root, word.len()))
}

/// What `ident` promises, whose root lies at `at`; `None` if the root is not its head.
pub(super) fn promise(ident: &[u8], at: usize) -> Option<Promise> {
    let (root, len) = root_at(ident, at)?;
    let tail = ident.get(at + len..)?;
    let continuations: &[&[u8]] = match root {
        Root::Pass => {
            &[b"words", b"word", b"phrases", b"phrase", b"wd", b"code", b"wort", b"wrd", b"w"]
        }
        Root::Secret | Root::Token | Root::Key => &[b"s"],
        Root::Cred => &[b"entials", b"ential", b"s"],
        Root::Auth => &[b"orization"],
        _ => &[],
    };
    let full = continuations
        .iter()
        .find(|word| tail.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word)))
        .map_or(0, |word| word.len());
    let last = *ident.get(at + len + full - 1)?;
    let tail = tail.get(full..)?;
    if let Some(&next) = tail.first() {
        let boundary =
            !next.is_ascii_alphabetic() || (next.is_ascii_uppercase() && last.is_ascii_lowercase());
        if !boundary {
            return None;
        }
    }
    let mut unknown_tail = false;
    for word in Words::new(tail) {
        match tail_word(word) {
            Tail::Neutral => {}
            Tail::Other => return None,
            Tail::Unknown => unknown_tail = true,
        }
    }

    let head = ident.get(..at)?;
    let first = *ident.get(at)?;
    let glued = head.last().is_some_and(|&before| {
        before.is_ascii_alphabetic()
            && !(before.is_ascii_lowercase() && first.is_ascii_uppercase())
            && !(before.is_ascii_uppercase()
                && first.is_ascii_uppercase()
                && ident.get(at + 1).is_some_and(u8::is_ascii_lowercase))
    });
    let before = Words::new(head).last().unwrap_or_default();
    let mut lower = [0; 16];
    let before = lowercase(before, &mut lower);
    if Words::new(head).next().is_some_and(|word| {
        let mut lower = [0; 16];
        leads_elsewhere(lowercase(word, &mut lower))
    }) {
        return None;
    }

    let strength = match root {
        Root::Pass if full > 1 => Strength::Strong,
        Root::Pass => {
            if unknown_tail || (glued && !glued_pass(before)) || before_elsewhere(before) {
                return None;
            }
            if before.is_empty() { Strength::Medium } else { Strength::Strong }
        }
        Root::Pwd | Root::Curl | Root::SecureString => Strength::Strong,
        Root::Secret => {
            if before_elsewhere(before) {
                return None;
            }
            Strength::Strong
        }
        Root::Token => match before {
            _ if before_elsewhere(before) => return None,
            b"page" | b"next" | b"continuation" | b"sync" | b"cancel" | b"cancellation"
            | b"csrf" | b"xsrf" | b"resume" | b"idempotency" | b"request" | b"last" | b"first"
            | b"prev" | b"current" | b"end" | b"start" | b"syntax" | b"separator" | b"special"
            | b"pad" | b"unk" | b"mask" => Strength::Weak,
            b"" | b"the" | b"my" | b"this" => Strength::Medium,
            _ => Strength::Strong,
        },
        Root::Key => {
            if strong_key(before) {
                Strength::Strong
            } else if glued || other_key(before) || unknown_tail {
                return None;
            } else if before.is_empty() {
                Strength::Weak
            } else {
                Strength::Medium
            }
        }
        Root::Cred => {
            if (glued && full == 0) || before_elsewhere(before) {
                return None;
            }
            if full > 1 { Strength::Medium } else { Strength::Weak }
        }
        Root::Auth => {
            if (glued && !matches!(before, b"o" | b"master" | b"basic" | b"proxy" | b"http"))
                || unknown_tail
                || before_elsewhere(before)
            {
                return None;
            }
            if full > 1 || before == b"master" { Strength::Medium } else { Strength::Weak }
        }
        Root::Dsn => {
            if glued && before.len() < 2 {
                return None;
            }
            Strength::Weak
        }
    };
    let kind = match root {
        Root::Pass | Root::Pwd | Root::Curl | Root::SecureString => Kind::Password,
        Root::Secret => Kind::Secret,
        Root::Token => Kind::Token,
        Root::Key => Kind::Key,
        Root::Cred | Root::Auth | Root::Dsn => Kind::Credential,
    };
    Some(Promise { root, kind, strength, unknown_tail })
}

/// The promise of a whole identifier, judged by its last root.
pub(super) fn promise_of(ident: &[u8]) -> Option<Promise> {
    if matches!(ident, b"-u" | b"--user") {
        return Some(Promise {
            root: Root::Curl,
            kind: Kind::Password,
            strength: Strength::Strong,
            unknown_tail: false,
        });
    }
    (0..ident.len()).rev().find_map(|at| promise(ident, at))
}

/// Copies a word of at most 16 bytes in lower case; longer words match no list.
fn lowercase<'a>(word: &[u8], buffer: &'a mut [u8; 16]) -> &'a [u8] {
    let Some(target) = buffer.get_mut(..word.len()) else { return b"?" };
    target.copy_from_slice(word);
    target.make_ascii_lowercase();
    target
}

enum Tail {
    /// Says which one or in what coding, and keeps the promise.
    Neutral,
    /// The name is about something else, or a later root is its head.
    Other,
    Unknown,
}

fn tail_word(word: &[u8]) -> Tail {
    let mut buffer = [0; 16];
    let word = lowercase(word, &mut buffer);
    match word {
        b"value" | b"val" | b"default" | b"string" | b"str" | b"raw" | b"plain" | b"plaintext"
        | b"text" | b"new" | b"old" | b"base" | b"base64" | b"b64" | b"hex" | b"confirmation"
        | b"confirm" | b"confirmed" | b"repeat" | b"again" | b"prod" | b"production" | b"dev"
        | b"development" | b"test" | b"testing" | b"staging" | b"stage" | b"qa" | b"live"
        | b"admin" | b"root" | b"user" | b"main" | b"local" | b"primary" | b"secondary"
        | b"current" | b"previous" | b"a" | b"b" | b"x" | b"v" | b"const" | b"bytes" | b"enc"
        | b"encoded" | b"read" | b"write" | b"ro" | b"rw" | b"api" | b"db" | b"mysql" | b"aws"
        | b"github" | b"gitlab" | b"jwt" | b"for" | b"in" | b"of" | b"client" | b"server"
        | b"app" | b"master" | b"slave" | b"replica" | b"good" | b"bad" | b"wrong" | b"valid"
        | b"real" | b"env" | b"source" | b"equals" | b"eq" => Tail::Neutral,
        _ if word.iter().all(u8::is_ascii_digit) => Tail::Neutral,
        b"password" | b"passwd" | b"pass" | b"pwd" | b"passphrase" | b"secret" | b"secrets"
        | b"token" | b"tokens" | b"key" | b"keys" | b"credential" | b"credentials" | b"creds" => {
            Tail::Other
        }
        b"type" | b"types" | b"id" | b"ids" | b"name" | b"names" | b"field" | b"fields"
        | b"path" | b"paths" | b"file" | b"files" | b"filename" | b"url" | b"uri" | b"urls"
        | b"endpoint" | b"len" | b"length" | b"size" | b"count" | b"num" | b"number" | b"max"
        | b"min" | b"limit" | b"hash" | b"hashed" | b"hashes" | b"digest" | b"salt" | b"hint"
        | b"label" | b"title" | b"placeholder" | b"message" | b"msg" | b"error" | b"errors"
        | b"err" | b"policy" | b"policies" | b"strength" | b"reset" | b"recovery" | b"change"
        | b"changed" | b"expired" | b"expiry" | b"expires" | b"expiration" | b"ttl"
        | b"lifetime" | b"timeout" | b"age" | b"duration" | b"time" | b"date" | b"at"
        | b"created" | b"updated" | b"store" | b"storage" | b"manager" | b"provider"
        | b"providers" | b"service" | b"services" | b"factory" | b"builder" | b"generator"
        | b"validator" | b"validation" | b"parser" | b"reader" | b"writer" | b"handler"
        | b"helper" | b"utils" | b"util" | b"encoder" | b"decoder" | b"encoding" | b"format"
        | b"algorithm" | b"alg" | b"algo" | b"method" | b"mode" | b"scheme" | b"schema"
        | b"kind" | b"class" | b"prefix" | b"suffix" | b"header" | b"param" | b"params"
        | b"parameter" | b"parameters" | b"arg" | b"args" | b"option" | b"options" | b"flag"
        | b"flags" | b"input" | b"prompt" | b"dialog" | b"form" | b"page" | b"view" | b"button"
        | b"icon" | b"link" | b"box" | b"control" | b"element" | b"selector" | b"column"
        | b"col" | b"row" | b"table" | b"index" | b"idx" | b"offset" | b"pos" | b"position"
        | b"ref" | b"reference" | b"arn" | b"version" | b"status" | b"state" | b"enabled"
        | b"disabled" | b"required" | b"optional" | b"valid_until" | b"use" | b"usage"
        | b"used" | b"info" | b"data" | b"config" | b"settings" | b"setting" | b"spec"
        | b"list" | b"map" | b"set" | b"array" | b"pattern" | b"regex" | b"regexp" | b"rule"
        | b"rules" | b"request" | b"response" | b"result" | b"exchange" | b"issuer"
        | b"audience" | b"scope" | b"scopes" | b"claim" | b"claims" | b"subject" | b"env_var"
        | b"var" | b"variable" | b"dir" | b"directory" | b"folder" | b"location" | b"host"
        | b"port" | b"domain" | b"region" | b"namespace" | b"event" | b"events" | b"action"
        | b"test_id" | b"chain" | b"vault" | b"ring" | b"pair" | b"pairs" | b"space" | b"down"
        | b"up" | b"press" | b"word_count" | b"stream" | b"buffer" | b"cache" | b"context"
        | b"ctx" | b"exists" | b"check" | b"checks" | b"checker" | b"match" | b"matches"
        | b"auth" | b"authentication" | b"through" | b"thru" | b"over" | b"by" | b"rate"
        | b"ratio" | b"fail" | b"failed" | b"failure" | b"invalid" | b"missing" | b"not"
        | b"is" | b"has" | b"modal" | b"screen" | b"component" | b"controller" | b"model"
        | b"entity" | b"dto" | b"object" | b"obj" | b"interface" | b"impl" | b"exception"
        | b"fingerprint" | b"thumbprint" | b"bits" | b"usages" | b"ops" | b"frame" | b"frames"
        | b"code" | b"codes" | b"lookup" | b"function" | b"func" | b"fn" | b"callback"
        | b"verify" | b"verification" | b"verifier" | b"hasher" | b"visible" | b"visibility"
        | b"toggle" | b"security" | b"complexity" | b"requirements" | b"history" | b"update"
        | b"rotation" | b"request_url" | b"groups" | b"group" | b"template" | b"description"
        | b"desc" | b"comment" | b"tag" | b"tags" | b"order" | b"sort" | b"mapping"
        | b"encryption" | b"cipher" | b"resource" | b"resources" | b"item" | b"items"
        | b"entry" | b"entries" | b"attribute" | b"attributes" | b"attr" | b"property"
        | b"properties" | b"protected" | b"char" | b"chars" | b"command" | b"cmd" | b"stdin"
        | b"md5" | b"sha1" | b"sha256" | b"js" | b"py" | b"go" | b"ts" | b"html" | b"css"
        | b"json" | b"yml" | b"yaml" | b"txt" | b"pem" | b"com" | b"org" => Tail::Other,
        _ => Tail::Unknown,
    }
}

/// A first word that turns the name into a question, a count or an event.
fn leads_elsewhere(word: &[u8]) -> bool {
    matches!(
        word,
        b"is"
            | b"has"
            | b"had"
            | b"no"
            | b"show"
            | b"hide"
            | b"forgot"
            | b"forgotten"
            | b"lost"
            | b"invalid"
            | b"missing"
            | b"max"
            | b"min"
            | b"num"
            | b"enable"
            | b"enabled"
            | b"disable"
            | b"use"
            | b"uses"
            | b"allow"
            | b"require_"
            | b"required"
            | b"should"
            | b"can"
            | b"must"
            | b"validate"
            | b"check"
            | b"verify"
            | b"err"
            | b"error"
            | b"label"
            | b"lbl"
            | b"txt"
            | b"btn"
            | b"msg"
            | b"placeholder"
            | b"hint"
            | b"text"
            | b"title"
            | b"n"
            | b"nb"
            | b"count"
            | b"type"
            | b"on"
            | b"handle"
            | b"skip"
    )
}

/// A word before the root which makes it a different thing.
fn before_elsewhere(word: &[u8]) -> bool {
    matches!(
        word,
        b"public"
            | b"pub"
            | b"by"
            | b"com"
            | b"sur"
            | b"tres"
            | b"un"
            | b"render"
            | b"single"
            | b"multi"
            | b"first"
            | b"second"
            | b"last"
            | b"max"
            | b"num"
            | b"total"
            | b"no"
            | b"invalid"
            | b"missing"
            | b"expired"
            | b"unexpected"
            | b"lexer"
            | b"parse"
    )
}

fn glued_pass(word: &[u8]) -> bool {
    matches!(
        word,
        b"user"
            | b"db"
            | b"my"
            | b"root"
            | b"admin"
            | b"require"
            | b"ssh"
            | b"smtp"
            | b"mail"
            | b"ftp"
            | b"http"
            | b"mysql"
            | b"pg"
            | b"proxy"
            | b"auth"
            | b"key"
            | b"store"
            | b"client"
            | b"login"
            | b"email"
            | b"sql"
            | b"wifi"
            | b"test"
            | b"database"
    )
}

/// Words before `key` that make it a secret.
fn strong_key(word: &[u8]) -> bool {
    matches!(
        word,
        b"api"
            | b"access"
            | b"secret"
            | b"private"
            | b"priv"
            | b"encryption"
            | b"encrypt"
            | b"encrypted"
            | b"decryption"
            | b"signing"
            | b"sign"
            | b"signature"
            | b"app"
            | b"application"
            | b"consumer"
            | b"auth"
            | b"master"
            | b"account"
            | b"shared"
            | b"client"
            | b"service"
            | b"license"
            | b"ssh"
            | b"aes"
            | b"des"
            | b"rsa"
            | b"hmac"
            | b"jwt"
            | b"session"
            | b"crypto"
            | b"cipher"
            | b"admin"
            | b"deploy"
            | b"n"
            | b"preshared"
            | b"psk"
            | b"symmetric"
            | b"security"
            | b"subscription"
            | b"write"
            | b"integration"
            | b"webhook"
            | b"function"
            | b"host"
            | b"nacl"
            | b"cookie"
            | b"activation"
            | b"registration"
            | b"instrumentation"
            | b"authorization"
            | b"dev"
            | b"authentication"
            | b"server"
            | b"user"
            | b"stripe"
            | b"aws"
            | b"azure"
            | b"gcp"
            | b"mailgun"
            | b"sendgrid"
            | b"twilio"
            | b"google"
            | b"maps"
            | b"papi"
            | b"seal"
    )
}

/// Words before `key` that make it something else.
fn other_key(word: &[u8]) -> bool {
    matches!(
        word,
        b"public"
            | b"pub"
            | b"primary"
            | b"foreign"
            | b"cache"
            | b"sort"
            | b"partition"
            | b"hash"
            | b"range"
            | b"map"
            | b"dict"
            | b"json"
            | b"object"
            | b"s3"
            | b"file"
            | b"path"
            | b"unique"
            | b"index"
            | b"registry"
            | b"context"
            | b"ctx"
            | b"lookup"
            | b"tag"
            | b"label"
            | b"name"
            | b"row"
            | b"col"
            | b"column"
            | b"group"
            | b"hot"
            | b"short"
            | b"shortcut"
            | b"arrow"
            | b"translation"
            | b"i18n"
            | b"message"
            | b"msg"
            | b"config"
            | b"setting"
            | b"settings"
            | b"property"
            | b"prop"
            | b"attr"
            | b"attribute"
            | b"field"
            | b"data"
            | b"storage"
            | b"event"
            | b"parent"
            | b"child"
            | b"node"
            | b"next"
            | b"prev"
            | b"first"
            | b"last"
            | b"min"
            | b"max"
            | b"start"
            | b"end"
            | b"this"
            | b"that"
            | b"meta"
            | b"metadata"
            | b"annotation"
            | b"enter"
            | b"tab"
            | b"escape"
            | b"esc"
            | b"shift"
            | b"ctrl"
            | b"control"
            | b"alt"
            | b"menu"
            | b"function_"
            | b"modifier"
            | b"type"
            | b"state"
            | b"action"
            | b"route"
            | b"query"
            | b"param"
            | b"header"
            | b"option"
            | b"flag"
            | b"env"
            | b"variable"
            | b"var"
            | b"list"
            | b"item"
            | b"entry"
            | b"sub"
            | b"super"
            | b"composite"
            | b"candidate"
            | b"natural"
            | b"surrogate"
            | b"ordering"
            | b"order"
            | b"filter"
            | b"search"
            | b"join"
            | b"table"
            | b"topic"
            | b"routing"
            | b"binding"
            | b"message_"
            | b"metric"
            | b"stats"
            | b"log"
            | b"locale"
            | b"lang"
            | b"language"
            | b"text"
            | b"title"
            | b"resource"
            | b"template"
            | b"theme"
            | b"style"
            | b"class"
            | b"selected"
            | b"active"
            | b"default"
            | b"old"
            | b"new"
            | b"current"
            | b"any"
            | b"each"
            | b"get"
            | b"set"
            | b"has"
            | b"is"
            | b"by"
            | b"on"
            | b"press"
            | b"with"
            | b"from"
            | b"string"
            | b"int"
            | b"symbol"
            | b"id"
            | b"yaml"
            | b"xml"
            | b"toml"
            | b"keyboard"
            | b"sig"
            | b"verify"
            | b"verification"
            | b"verifying"
            | b"known"
            | b"trusted"
            | b"output"
            | b"input"
            | b"source"
            | b"target"
            | b"src"
            | b"dst"
            | b"answer"
            | b"time"
            | b"date"
            | b"version"
            | b"error"
            | b"status"
            | b"dedup"
            | b"lock"
    )
}

/// The words of an identifier: parted by punctuation, camel humps and digits.
pub(super) struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    pub(super) fn new(ident: &'a [u8]) -> Self {
        Self { rest: ident }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.rest.iter().position(u8::is_ascii_alphanumeric)?;
        let word = self.rest.get(start..)?;
        let mut end = 1;
        while let (Some(&before), Some(&byte)) = (word.get(end - 1), word.get(end)) {
            let after = word.get(end + 1).copied().unwrap_or(b'_');
            let same = byte.is_ascii_alphanumeric()
                && before.is_ascii_digit() == byte.is_ascii_digit()
                && !(before.is_ascii_lowercase() && byte.is_ascii_uppercase())
                && !(before.is_ascii_uppercase()
                    && byte.is_ascii_uppercase()
                    && after.is_ascii_lowercase());
            if !same {
                break;
            }
            end += 1;
        }
        self.rest = word.get(end..).unwrap_or_default();
        word.get(..end)
    }
}
