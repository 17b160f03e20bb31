//! Azure `.publishsettings`: subscriptions and the management certificate that
//! opens them, as a PKCS#12 file in an attribute.
//!
//! Version 1.0 keeps the certificate on `PublishProfile`, 2.0 on every
//! `Subscription`. The value is the whole file or the certificate alone.

use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event},
    reader::Reader,
};

use super::{Fact, Input, Reading, fact, pkcs12};

/// XML events that are looked at.
const MOST: usize = 2000;

pub(super) fn read(input: &Input<'_>) -> Reading {
    let own = find(input.value);
    let whole = own.is_some();
    let Some(settings) = own.or_else(|| find(input.text)) else {
        return match pkcs12::of_value(input.value, input) {
            Some(facts) => Reading::Facts(facts),
            None => Reading::Rejected("neither publish settings nor PKCS#12"),
        };
    };
    let mut facts = settings.facts;
    let certificate = if whole { settings.certificate } else { Some(input.value.to_vec()) };
    match certificate.and_then(|value| pkcs12::of_value(&value, input)) {
        Some(more) => facts.extend(more),
        None => return Reading::Rejected("the certificate is not PKCS#12"),
    }
    Reading::Facts(facts)
}

#[derive(Default)]
struct Settings {
    facts: Vec<Fact>,
    certificate: Option<Vec<u8>>,
}

fn find(text: &[u8]) -> Option<Settings> {
    let text = std::str::from_utf8(text).ok()?;
    let text = text.get(text.find("<PublishData")?..)?;
    let mut reader = Reader::from_str(text);
    let mut settings = Settings::default();
    // A broken tail does not undo what was read before it.
    for _ in 0..MOST {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => settings.take(&element),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    Some(settings)
}

impl Settings {
    fn take(&mut self, element: &BytesStart<'_>) {
        let subscription = match element.name().as_ref() {
            "PublishProfile" => false,
            "Subscription" => true,
            _ => return,
        };
        for attribute in element.attributes().flatten() {
            let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) else { continue };
            match (attribute.key.as_ref(), subscription) {
                ("ManagementCertificate", _) => {
                    self.certificate.get_or_insert_with(|| value.as_bytes().to_vec());
                }
                ("Id", true) => self.push("subscription id", &value),
                ("Name", true) => self.push("subscription name", &value),
                ("SchemaVersion", false) => self.push("schema version", &value),
                ("ServiceManagementUrl" | "Url", _) => {
                    self.push("management URL", &value);
                    self.push("cloud", cloud(&value));
                }
                _ => {}
            }
        }
    }

    fn push(&mut self, name: &'static str, value: &str) {
        let new = fact(name, value);
        if !self.facts.contains(&new) {
            self.facts.push(new);
        }
    }
}

fn cloud(url: &str) -> &'static str {
    let host = url.split("//").nth(1).unwrap_or(url).split(['/', ':']).next().unwrap_or_default();
    if host.ends_with(".chinacloudapi.cn") {
        "Azure China"
    } else if host.ends_with(".usgovcloudapi.net") {
        "Azure US Government"
    } else if host.ends_with(".cloudapi.de") {
        "Azure Germany"
    } else if host.ends_with(".windows.net") || host.ends_with(".azure.com") {
        "Azure"
    } else {
        "unknown"
    }
}
