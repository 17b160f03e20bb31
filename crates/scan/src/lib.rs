//! The engine: bytes in, matches out.
//!
//! Start at [`Engine`], which finds matches in a text, and [`Scanner`], which
//! turns them into [`Finding`]s. [`Source`] and [`Sink`] are what the rest of
//! the world plugs into.
//!
//! This crate never touches files, network, clock or global state, and cannot
//! fail on any input.

mod anchors;
mod assigned;
mod carry;
mod confirm;
pub mod decode;
mod engine;
mod events;
mod finding;
mod fingerprint;
pub mod generic;
mod heads;
mod layer;
mod matched;
mod near;
mod origin;
mod recognize;
mod resolve;
mod roots;
mod secret;
mod shapes;
mod simd;
mod source;
mod suppress;

pub use carry::{Copied, Found};
pub use engine::{Context, DEPTH_MAX, Engine, MATCHES_MAX};
pub use finding::{Base, Certificate, Finding, FindingPart, Location, Outcome, Scanner};
pub use fingerprint::FingerprintKey;
pub use layer::Scratch;
pub use matched::{Limits, Match, Part, Trace};
pub use origin::{Commit, GitOrigin, GitPlace, Origin, Presence};
pub use recognize::certificates;
pub use secret::{Secret, mask, printable};
pub use source::{Gap, GapKind, Sink, Source};
pub use stanch_rules::Severity;
pub use stanch_rules::facts::Fact;
