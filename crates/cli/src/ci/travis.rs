//! Travis CI.
//!
//! Variables: <https://docs.travis-ci.com/user/environment-variables/#default-environment-variables>.

use super::build::{Build, Event, Surroundings, branch, commit};
use super::platform::Platform;

/// The build, if this is one of Travis's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    if !env.is_set("TRAVIS") {
        return None;
    }
    let event = match env.get("TRAVIS_EVENT_TYPE") {
        Some("pull_request") => Event::PullRequest,
        _ if env.get("TRAVIS_TAG").is_some() => Event::Tag,
        Some("push") => Event::Push,
        Some("cron") => Event::Schedule,
        _ => Event::Manual,
    };
    let mut build = Build::new(Platform::Travis, event);
    build.heads.extend(env.commit("TRAVIS_COMMIT"));
    build.tag = env.owned("TRAVIS_TAG");
    match event {
        Event::PullRequest => {
            build.heads.extend(env.commit("TRAVIS_PULL_REQUEST_SHA"));
            build.target = env.get("TRAVIS_BRANCH").map(branch);
            build.merged = true;
        }
        Event::Push => {
            build.branch = env.owned("TRAVIS_BRANCH");
            // Empty for the first build of a branch.
            let range = env.get("TRAVIS_COMMIT_RANGE").and_then(|range| range.split_once(".."));
            build.before.extend(range.and_then(|(before, _)| commit(before)));
        }
        _ => {}
    }
    Some(build)
}
