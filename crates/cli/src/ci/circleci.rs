//! CircleCI.
//!
//! Variables: <https://circleci.com/docs/reference/variables/>. What was there
//! before is a pipeline value, `pipeline.git.base_revision`, which a
//! configuration hands on as `STANCH_CI_BASE`.

use super::build::{Build, Event, Surroundings};
use super::platform::Platform;

/// The build, if this is one of CircleCI's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    if !env.is_set("CIRCLECI") {
        return None;
    }
    let tag = env.get("CIRCLE_TAG").is_some();
    let mut build = Build::new(Platform::CircleCi, if tag { Event::Tag } else { Event::Push });
    build.heads.extend(env.commit("CIRCLE_SHA1"));
    build.branch = env.owned("CIRCLE_BRANCH");
    build.tag = env.owned("CIRCLE_TAG");
    Some(build)
}
