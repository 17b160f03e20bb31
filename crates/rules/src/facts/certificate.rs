//! X.509 certificates, as PEM, DER or base64 of DER.

use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use x509_cert::{der::Decode, name::RdnSequence, time::Time};

use super::{
    Fact, Input, Reading,
    asn1::{self, Walk, bits},
    cert_verify, fact,
    key::{describe_spki, spki_fact},
    pem,
};

/// What is known of a certificate.
pub(super) struct Certificate {
    pub(super) subject: String,
    issuer: String,
    not_before: String,
    not_after: String,
    algorithm: String,
    /// Whether subject and issuer are one.
    issues_itself: bool,
    /// What is signed, and the signature; checking it is left to who asks.
    signed: (Vec<u8>, Vec<u8>),
    thumbprint: String,
    pub(super) spki: Vec<u8>,
}

enum SelfSigned {
    Yes,
    No,
    NotChecked,
}

/// SHA-256 of the SubjectPublicKeyInfo of a certificate, given as PEM or DER;
/// `None` where it is no certificate.
pub fn spki_sha256_of_certificate(pem_or_der: &[u8]) -> Option<[u8; 32]> {
    find(pem_or_der).map(|certificate| Sha256::digest(certificate.spki).into())
}

pub(super) fn read(input: &Input<'_>) -> Reading {
    find(input.value).map_or(Reading::Rejected("no certificate inside"), |certificate| {
        Reading::Facts(certificate.facts())
    })
}

fn find(value: &[u8]) -> Option<Certificate> {
    let blocks = pem::blocks(value);
    let block = blocks.iter().find(|block| block.label.ends_with("CERTIFICATE"));
    match block {
        Some(block) => parse(&block.der),
        None => parse(&pem::der(value)?),
    }
}

impl Certificate {
    pub(super) fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![
            fact("subject", &*self.subject),
            fact("issuer", &*self.issuer),
            fact("valid from", &*self.not_before),
            fact("valid until", &*self.not_after),
            fact("thumbprint", &*self.thumbprint),
        ];
        let described = describe_spki(&self.spki);
        if let Some((name, _)) = &described {
            facts.push(fact("key type", &**name));
        }
        facts.push(fact("signature algorithm", cert_verify::name(&self.algorithm)));
        facts.push(fact(
            "self-signed",
            match self.self_signed() {
                SelfSigned::Yes => "yes",
                SelfSigned::No => "no",
                SelfSigned::NotChecked => "by its names; signature not checked",
            },
        ));
        let old = cert_verify::name(&self.algorithm);
        if old.starts_with("sha1") || old.starts_with("md5") || old.ends_with("SHA1") {
            facts.push(fact("weak", format!("signed with {old}")));
        }
        if let Some((_, Some(size))) = described
            && size < 2048
        {
            facts.push(fact("weak", format!("key of {size} bits")));
        }
        facts.push(spki_fact(&self.spki));
        facts
    }

    fn self_signed(&self) -> SelfSigned {
        let (body, signature) = &self.signed;
        match self.issues_itself {
            false => SelfSigned::No,
            true => match cert_verify::verifies(&self.algorithm, &self.spki, body, signature) {
                Some(true) => SelfSigned::Yes,
                Some(false) => SelfSigned::No,
                None => SelfSigned::NotChecked,
            },
        }
    }
}

pub(super) fn parse(der: &[u8]) -> Option<Certificate> {
    let whole = Walk(der).tagged(asn1::SEQUENCE)?;
    let mut outer = whole.walk();
    let body = outer.tagged(asn1::SEQUENCE)?;
    let algorithm = outer.sequence()?.oid()?;
    let signature = bits(&outer.any()?)?;
    let mut fields = body.walk();
    let _version = fields.tagged(0xa0);
    fields.tagged(asn1::INTEGER)?;
    fields.tagged(asn1::SEQUENCE)?;
    let issuer = fields.tagged(asn1::SEQUENCE)?;
    let mut validity = fields.sequence()?;
    let not_before = time(validity.any()?.whole);
    let not_after = time(validity.any()?.whole);
    let subject = fields.tagged(asn1::SEQUENCE)?;
    let spki = fields.tagged(asn1::SEQUENCE)?.whole;
    Some(Certificate {
        subject: name(subject.whole)?,
        issuer: name(issuer.whole)?,
        not_before,
        not_after,
        algorithm,
        issues_itself: issuer.whole == subject.whole,
        signed: (body.whole.to_vec(), signature.to_vec()),
        thumbprint: data_encoding::HEXUPPER.encode(&Sha1::digest(whole.whole)),
        spki: spki.to_vec(),
    })
}

/// Times before 1970 and malformed ones do not make a certificate less of one.
fn time(der: &[u8]) -> String {
    Time::from_der(der).map_or("unreadable".into(), |time| time.to_date_time().to_string())
}

/// A name in the form of RFC 4514; names beyond any use are refused.
fn name(der: &[u8]) -> Option<String> {
    if der.len() > 8192 {
        return None;
    }
    let name = RdnSequence::from_der(der).ok()?;
    let mut text = String::new();
    std::fmt::Write::write_fmt(&mut text, format_args!("{name}")).ok()?;
    Some(text)
}
