//! Configuration: what a file's own format offers to name a value that stands
//! elsewhere.

mod dockerfile;
mod dotenv;
mod known;
mod kubernetes;
mod lines;
mod pipeline;
mod terraform;
mod yaml;

use super::Names;
use super::draft::{Doc, Draft, Spot};

pub(super) use known::reason;

/// Rewrites a file of a known format; false if it is none of these.
pub(super) fn rewrite(
    doc: &Doc<'_>,
    spots: &[Spot<'_>],
    names: &mut Names,
    draft: &mut Draft,
) -> bool {
    let name = doc.file_name();
    if dotenv::is(&name) {
        dotenv::rewrite(doc, spots, names, draft);
    } else if dockerfile::is(&name) {
        dockerfile::rewrite(doc, spots, names, draft);
    } else if name.ends_with(".tf") || name.ends_with(".tfvars") || name.ends_with(".hcl") {
        terraform::rewrite(doc, spots, names, draft);
    } else if let Some(syntax) = known::syntax(doc) {
        lines::rewrite(doc, spots, names, draft, syntax);
    } else if name.ends_with(".yml") || name.ends_with(".yaml") {
        yaml::rewrite(doc, spots, names, draft);
    } else {
        return false;
    }
    true
}
