//! How many are found, and how many of those are right.

use std::fmt;

/// Counts of right and wrong.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    /// Secrets that were found.
    pub(crate) found: usize,
    /// Secrets that were not.
    pub(crate) missed: usize,
    /// What was reported and is none.
    pub(crate) wrong: usize,
}

impl Counts {
    /// What a threshold makes of probabilities.
    pub(crate) fn at(threshold: f64, scored: &[(f64, bool)]) -> Counts {
        let mut counts = Counts::default();
        for (probability, truth) in scored {
            match (*probability >= threshold, truth) {
                (true, true) => counts.found += 1,
                (false, true) => counts.missed += 1,
                (true, false) => counts.wrong += 1,
                (false, false) => {}
            }
        }
        counts
    }

    pub(crate) fn precision(&self) -> f64 {
        share(self.found, self.found + self.wrong)
    }

    pub(crate) fn recall(&self) -> f64 {
        share(self.found, self.found + self.missed)
    }

    /// The harmonic mean of both.
    pub(crate) fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r == 0.0 { 0.0 } else { 2.0 * p * r / (p + r) }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "precision {:.3}, recall {:.3}, F1 {:.3}",
            self.precision(),
            self.recall(),
            self.f1()
        )
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
