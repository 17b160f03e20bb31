//! A walk over DER that keeps the raw bytes, which signatures and hashes cover,
//! and a writer for the few structures that are put together here.

use x509_cert::der::oid::ObjectIdentifier;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BITS: u8 = 0x03;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const BMP: u8 = 0x1e;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// One element: its tag, its content, and both with the length between.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
    pub(super) whole: &'a [u8],
}

impl<'a> Item<'a> {
    pub(super) fn walk(&self) -> Walk<'a> {
        Walk(self.body)
    }
}

/// Elements one after the other.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a>(pub(super) &'a [u8]);

impl<'a> Walk<'a> {
    /// The next element, of definite length below 4 GiB.
    pub(super) fn any(&mut self) -> Option<Item<'a>> {
        let (tag, rest) = self.0.split_first()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match usize::from(*first) {
            short @ 0..=0x7f => (short, rest),
            long @ 0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(long - 0x80)?;
                (digits.iter().fold(0_usize, |sum, digit| (sum << 8) | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (body, rest) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - rest.len())?;
        self.0 = rest;
        Some(Item { tag: *tag, body, whole })
    }

    /// The next element, where it has this tag; else nothing is consumed.
    pub(super) fn tagged(&mut self, tag: u8) -> Option<Item<'a>> {
        (self.0.first() == Some(&tag)).then(|| self.any()).flatten()
    }

    pub(super) fn sequence(&mut self) -> Option<Walk<'a>> {
        self.tagged(SEQUENCE).map(|item| item.walk())
    }

    pub(super) fn octets(&mut self) -> Option<&'a [u8]> {
        self.tagged(OCTETS).map(|item| item.body)
    }

    /// An object identifier in dotted form.
    pub(super) fn oid(&mut self) -> Option<String> {
        let item = self.tagged(OID)?;
        ObjectIdentifier::from_bytes(item.body).ok().map(|oid| oid.to_string())
    }

    /// The magnitude of a non-negative integer, without leading zeros.
    pub(super) fn unsigned(&mut self) -> Option<&'a [u8]> {
        let body = self.tagged(INTEGER)?.body;
        if body.first()? & 0x80 != 0 {
            return None;
        }
        let zeros = body.iter().take_while(|byte| **byte == 0).count();
        body.get(zeros..)
    }

    pub(super) fn small(&mut self) -> Option<u64> {
        let digits = self.unsigned()?;
        (digits.len() <= 8).then(|| digits.iter().fold(0, |sum, d| (sum << 8) | u64::from(*d)))
    }
}

/// The content of a bit string of whole bytes.
pub(super) fn bits<'a>(item: &Item<'a>) -> Option<&'a [u8]> {
    match item.body.split_first()? {
        (0, bits) if item.tag == BITS => Some(bits),
        _ => None,
    }
}

/// An element of the joined parts.
pub(super) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut out = vec![tag];
    if body.len() < 0x80 {
        out.push(body.len() as u8);
    } else {
        let digits = body.len().to_be_bytes();
        let skip = digits.iter().take_while(|digit| **digit == 0).count();
        out.push(0x80 | (digits.len() - skip) as u8);
        out.extend(digits.iter().skip(skip));
    }
    out.extend(body);
    out
}

/// An integer from its magnitude.
pub(super) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
    let digits = magnitude.get(zeros..).unwrap_or_default();
    let pad: &[u8] = if digits.first().is_none_or(|first| first & 0x80 != 0) { &[0] } else { &[] };
    tlv(INTEGER, &[pad, digits])
}

/// An object identifier from its dotted form.
pub(super) fn oid(dotted: &str) -> Vec<u8> {
    let body = ObjectIdentifier::new(dotted).map(|oid| oid.as_bytes().to_vec());
    tlv(OID, &[&body.unwrap_or_default()])
}

pub(super) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tlv(BITS, &[&[0], bytes])
}
