//! Reports: what a scan found and what it read, in several forms.

pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod sarif;
pub(crate) mod style;

use stanch_rules::{Pack, Severity};
use stanch_scan::printable;

use crate::collect::{Receipt, Reported, Tally};

/// What is reported.
pub(crate) struct Report<'r> {
    /// Findings by path and position; empty when they were streamed.
    pub(crate) findings: &'r [Reported],
    /// How many there are.
    pub(crate) tally: &'r Tally,
    /// What was read.
    pub(crate) receipt: &'r Receipt,
    /// The detectors that ran.
    pub(crate) pack: &'r Pack,
}

/// How to report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Write the secrets themselves.
    pub(crate) show_secrets: bool,
    /// Findings only.
    pub(crate) quiet: bool,
}

/// All severities, worst first.
pub(crate) const SEVERITIES: [Severity; 4] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// A severity as it is written in detector files.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// A confidence in a word.
pub(crate) fn confidence(confidence: f32) -> &'static str {
    match confidence {
        0.8.. => "high",
        0.5.. => "medium",
        _ => "low",
    }
}

/// A confidence with two decimals, which is as exact as it is.
pub(crate) fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 100.0).round() / 100.0
}

/// A number of bytes as people read it.
pub(crate) fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    for unit in ["kB", "MB", "GB"] {
        value /= 1000.0;
        if value < 999.5 {
            return if value < 10.0 {
                format!("{value:.1} {unit}")
            } else {
                format!("{value:.0} {unit}")
            };
        }
    }
    format!("{:.1} TB", value / 1000.0)
}

/// A number with its noun.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {}", if n == 1 { one } else { many })
}

/// The value as text that a terminal can show.
pub(crate) fn plain(secret: &stanch_scan::Secret) -> String {
    let text = String::from_utf8_lossy(secret.expose());
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}
