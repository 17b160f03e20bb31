//! Textual encoding of RFC 7468 and its headers of RFC 1421, as leniently as
//! keys stand in source code: escaped line ends, indentation, quotes, one line.

use data_encoding::BASE64;

use super::asn1::Walk;

/// One block.
pub(super) struct Block {
    /// Such as `RSA PRIVATE KEY`.
    pub(super) label: String,
    /// Header fields, names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// The decoded body.
    pub(super) der: Vec<u8>,
}

impl Block {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

const LARGEST: usize = 1 << 20;
const MOST: usize = 32;

/// The blocks of a text, in order; those that do not decode are left out.
pub(super) fn blocks(text: &[u8]) -> Vec<Block> {
    let mut found = Vec::new();
    let text = String::from_utf8_lossy(text.get(..text.len().min(LARGEST)).unwrap_or_default());
    let mut rest = &*text;
    while found.len() < MOST
        && let Some((_, after)) = rest.split_once("-----BEGIN ")
        && let Some((label, after)) = after.split_once("-----")
    {
        let Some((body, after)) = after.split_once("-----END ") else { break };
        if let Some(block) = block(label, body) {
            found.push(block);
        }
        rest = after;
    }
    found
}

fn block(label: &str, body: &str) -> Option<Block> {
    let body = body.replace("\\r", "\n").replace("\\n", "\n");
    let mut headers = Vec::new();
    let mut text = Vec::with_capacity(body.len());
    for line in body.lines() {
        if let Some((name, value)) = line.split_once(": ")
            && text.is_empty()
            && name.trim().bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        } else {
            // Quotes and signs are how languages join the lines of a text; a
            // lone `+` between them is no base64.
            let pieces = line.split(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c));
            text.extend(pieces.filter(|piece| *piece != "+").flat_map(str::bytes));
        }
    }
    let der = decode(&text)?;
    Some(Block { label: label.to_owned(), headers, der })
}

/// Base64 with or without padding.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut text: Vec<u8> = text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect();
    while matches!(text.len() % 4, 2 | 3) {
        text.push(b'=');
    }
    BASE64.decode(&text).ok().filter(|bytes| !bytes.is_empty())
}

/// The DER inside `value`: itself, or a base64 text of it.
pub(super) fn der(value: &[u8]) -> Option<Vec<u8>> {
    // A base64 text may begin with the same byte, but hardly with a length that
    // fits.
    match Walk(value).sequence() {
        Some(_) => Some(value.to_vec()),
        None => decode(value),
    }
}
