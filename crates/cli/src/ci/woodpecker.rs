//! Woodpecker.
//!
//! Variables: <https://woodpecker-ci.org/docs/usage/environment>.

use super::build::{Build, Event, Surroundings, branch};
use super::platform::Platform;

/// The build, if this is one of Woodpecker's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    if ![env.get("CI"), env.get("CI_SYSTEM_NAME")].contains(&Some("woodpecker")) {
        return None;
    }
    let event = match env.get("CI_PIPELINE_EVENT") {
        Some("push") => Event::Push,
        Some("tag" | "release") => Event::Tag,
        Some("cron") => Event::Schedule,
        Some(name) if name.starts_with("pull_request") => Event::PullRequest,
        Some(_) => Event::Manual,
        None => Event::Unknown,
    };
    let mut build = Build::new(Platform::Woodpecker, event);
    build.heads.extend(env.commit("CI_COMMIT_SHA"));
    build.default_branch = env.owned("CI_REPO_DEFAULT_BRANCH");
    build.tag = env.owned("CI_COMMIT_TAG");
    match event {
        Event::Push => {
            build.branch = env.owned("CI_COMMIT_BRANCH");
            // That of the pipeline before, which may have failed for a secret.
            let passed = env.get("CI_PREV_PIPELINE_STATUS") == Some("success");
            build.before.extend(env.commit("CI_PREV_COMMIT_SHA").filter(|_| passed));
        }
        Event::PullRequest => {
            build.target = env.get("CI_COMMIT_TARGET_BRANCH").map(branch);
        }
        _ => {}
    }
    Some(build)
}
