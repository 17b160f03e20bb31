//! Findings as places to be rewritten.

use std::ops::Range;

use stanch_rules::schema::Detector;
use stanch_scan::{Finding, Secret};

/// Where a secret stands in a file, and what is known of it.
#[derive(Clone)]
pub struct Place {
    /// Its bytes in the file.
    pub bytes: Range<usize>,
    /// Its value.
    pub value: Secret,
    /// The name of a variable that holds such a secret, as its detector has it.
    pub variable: String,
    /// The fingerprint of its finding.
    pub fingerprint: String,
    /// Names of the encodings around the value, outermost first.
    pub encodings: Vec<&'static str>,
}

/// The places of a finding: the value's, and those of parts that are reported
/// as secrets when they stand alone. `detector` knows detectors by their ids.
pub fn places<'d>(
    finding: &Finding,
    detector: &dyn Fn(&str) -> Option<&'d Detector>,
) -> Vec<Place> {
    let own = detector(&finding.detector);
    let variable = |of: Option<&Detector>, id: &str| {
        let own = of.and_then(|of| of.env.clone());
        let own = own.unwrap_or_else(|| id.to_ascii_uppercase().replace('-', "_"));
        // The code has the value itself, and not the path of a file with it.
        own.strip_suffix("_FILE").map(str::to_owned).unwrap_or(own)
    };
    let mut out = vec![Place {
        bytes: range(&finding.location.bytes),
        value: finding.secret.clone(),
        variable: variable(own, &finding.detector),
        fingerprint: finding.fingerprint.clone(),
        encodings: finding.encodings.clone(),
    }];
    for part in &finding.parts {
        let Some(id) = own.and_then(|own| own.parts.get(&part.name)) else { continue };
        let bytes = range(&part.location.bytes);
        if out.iter().any(|place| place.bytes == bytes) {
            continue;
        }
        out.push(Place {
            bytes,
            value: part.value.clone(),
            variable: variable(detector(id), id),
            fingerprint: finding.fingerprint.clone(),
            encodings: Vec::new(),
        });
    }
    out
}

fn range(bytes: &Range<u64>) -> Range<usize> {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    at(bytes.start)..at(bytes.end)
}
