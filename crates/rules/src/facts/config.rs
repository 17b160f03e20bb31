//! Configuration files that hold credentials: kubeconfig and Docker's.

use data_encoding::BASE64;

use super::{Fact, Input, Reading, certificate, fact, pem};

const LARGEST: usize = 1 << 18;

/// Clusters, users and how they log in. Read line by line, as these files are
/// written by programs, one key a line, in YAML or in JSON.
pub(super) fn kube(input: &Input<'_>) -> Reading {
    let own = input.value.windows(8).any(|window| window == b"clusters");
    let text = if own { input.value } else { input.text };
    let text = String::from_utf8_lossy(text.get(..text.len().min(LARGEST)).unwrap_or_default());
    let mut facts: Vec<Fact> = Vec::new();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let key = key.trim_matches(|c: char| c.is_whitespace() || "-\"{,".contains(c));
        let value = value.trim_matches(|c: char| c.is_whitespace() || "\",}'".contains(c));
        if value.is_empty() {
            continue;
        }
        match key {
            "server" => push(&mut facts, fact("server", value)),
            "current-context" => push(&mut facts, fact("context", value)),
            "namespace" => push(&mut facts, fact("namespace", value)),
            "user" => push(&mut facts, fact("user", value)),
            "token" => push(&mut facts, fact("login", "bearer token")),
            "password" => push(&mut facts, fact("login", "password")),
            "client-key-data" => push(&mut facts, fact("login", "client certificate")),
            "client-certificate-data" => {
                let der = pem::decode(value.as_bytes())
                    .and_then(|pem| pem::blocks(&pem).into_iter().next().map(|block| block.der));
                if let Some(certificate) = der.and_then(|der| certificate::parse(&der)) {
                    for new in certificate.facts() {
                        push(&mut facts, new);
                    }
                }
            }
            _ => {}
        }
    }
    Reading::Facts(facts)
}

/// User name and registry of an `auth` value, base64 of `user:password`.
pub(super) fn docker(input: &Input<'_>) -> Reading {
    let Some(decoded) = BASE64.decode(input.value.trim_ascii()).ok() else {
        return Reading::Rejected("not base64");
    };
    let Some(colon) = decoded.iter().position(|char| *char == b':') else {
        return Reading::Rejected("no user name before a colon");
    };
    let user = decoded.get(..colon).unwrap_or_default();
    let mut facts = vec![fact("user", String::from_utf8_lossy(user))];
    facts.extend(registry(input).map(|host| fact("registry", host)));
    Reading::Facts(facts)
}

/// The key of the object that the value stands in: `"registry": { "auth": …`.
fn registry(input: &Input<'_>) -> Option<String> {
    let start = input.span.start.min(input.text.len());
    let before = input.text.get(start.saturating_sub(1024)..start)?;
    let before = String::from_utf8_lossy(before);
    let (head, _) = before.rsplit_once('{')?;
    let head = head.trim_end().strip_suffix(':')?.trim_end().strip_suffix('"')?;
    let (_, name) = head.rsplit_once('"')?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn push(facts: &mut Vec<Fact>, new: Fact) {
    if facts.len() < 64 && !facts.contains(&new) {
        facts.push(new);
    }
}
