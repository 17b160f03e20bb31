//! Logistic regression by gradient descent (Adam,
//! <https://arxiv.org/abs/1412.6980>) with L2 regularisation.

use std::fs;
use std::path::Path;

use stanch_scan::generic::{FEATURES, Features};

use crate::Result;
use crate::corpus::Example;

const STEPS: i32 = 6000;
const RATE: f64 = 0.02;
const SHRINKAGE: f64 = 0.02;

/// Weights that fit the examples.
pub(crate) fn fit(examples: &[&Example]) -> [f64; FEATURES] {
    let mut weights = [0.0; FEATURES];
    let (mut mean, mut square) = ([0.0; FEATURES], [0.0; FEATURES]);
    let total: f64 = examples.iter().map(|example| example.weight).sum();
    for step in 1..=STEPS {
        let mut slope = [0.0; FEATURES];
        for example in examples {
            let truth = if example.truth { 1.0 } else { 0.0 };
            let error = (probability(&weights, &example.features) - truth) * example.weight;
            for (slope, feature) in slope.iter_mut().zip(example.features) {
                *slope += error * f64::from(feature);
            }
        }
        for at in 0..FEATURES {
            // The first feature is always 1: its weight is no evidence.
            let shrinkage = if at == 0 { 0.0 } else { SHRINKAGE * weights[at] };
            let slope = slope[at] / total * 10.0 + shrinkage;
            mean[at] = 0.9 * mean[at] + 0.1 * slope;
            square[at] = 0.999 * square[at] + 0.001 * slope * slope;
            let (mean, square) =
                (mean[at] / (1.0 - 0.9_f64.powi(step)), square[at] / (1.0 - 0.999_f64.powi(step)));
            weights[at] -= RATE * mean / (square.sqrt() + 1e-8);
        }
    }
    weights
}

/// The probability that weights give to features.
pub(crate) fn probability(weights: &[f64; FEATURES], features: &Features) -> f64 {
    let sum: f64 = weights.iter().zip(features).map(|(w, f)| w * f64::from(*f)).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// Puts weights into the source that has them, and leaves the labels.
pub(crate) fn write(path: &Path, weights: &[f64; FEATURES]) -> Result<()> {
    let text = fs::read_to_string(path)?;
    let mut left = weights.iter();
    let mut out = String::new();
    for line in text.lines() {
        let entry = line.strip_prefix("    w(").and_then(|rest| rest.split_once(", "));
        match entry {
            Some((_, label)) => {
                let weight = left.next().ok_or("more labels than features")?;
                out.push_str(&format!("    w({weight:.2}, {label}\n"));
            }
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    if left.next().is_some() {
        return Err("fewer labels than features".into());
    }
    fs::write(path, out)?;
    Ok(())
}
