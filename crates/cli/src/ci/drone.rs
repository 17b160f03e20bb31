//! Drone, and Harness in its place.
//!
//! Variables: <https://docs.drone.io/pipeline/environment/reference/>. For a
//! pull request Drone checks out the target and merges the change into it, so
//! the local branch of that name holds the change as well.

use super::build::{Build, Event, Surroundings, branch};
use super::platform::Platform;

/// The build, if this is one of Drone's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    if !env.is_set("DRONE") {
        return None;
    }
    let event = match env.get("DRONE_BUILD_EVENT") {
        Some("push") => Event::Push,
        Some("pull_request") => Event::PullRequest,
        Some("tag") => Event::Tag,
        Some("cron") => Event::Schedule,
        Some(_) => Event::Manual,
        None => Event::Unknown,
    };
    let mut build = Build::new(Platform::Drone, event);
    build.heads.extend(env.commit("DRONE_COMMIT_SHA"));
    build.default_branch = env.owned("DRONE_REPO_BRANCH");
    build.tag = env.owned("DRONE_TAG");
    match event {
        Event::Push => {
            build.branch = env.owned("DRONE_BRANCH");
            build.before.extend(env.commit("DRONE_COMMIT_BEFORE"));
        }
        Event::PullRequest => {
            build.target = env.get("DRONE_TARGET_BRANCH").map(branch);
        }
        _ => {}
    }
    Some(build)
}
