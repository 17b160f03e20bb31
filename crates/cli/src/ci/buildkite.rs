//! Buildkite.
//!
//! Variables: <https://buildkite.com/docs/pipelines/configure/environment-variables>;
//! merge queues: <https://buildkite.com/docs/pipelines/tutorials/github-merge-queue>.
//! There is none for what was there before a push.

use super::build::{Build, Event, Surroundings, branch};
use super::platform::Platform;

/// The build, if this is one of Buildkite's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    if !env.is_set("BUILDKITE") {
        return None;
    }
    let queue = env.get("BUILDKITE_MERGE_QUEUE_BASE_BRANCH").is_some();
    let event = if queue {
        Event::MergeQueue
    } else if env.is_set("BUILDKITE_PULL_REQUEST") {
        Event::PullRequest
    } else if env.get("BUILDKITE_TAG").is_some() {
        Event::Tag
    } else {
        match env.get("BUILDKITE_SOURCE") {
            Some("schedule") => Event::Schedule,
            Some("webhook") => Event::Push,
            _ => Event::Manual,
        }
    };
    let mut build = Build::new(Platform::Buildkite, event);
    // A build that somebody asks for may have the word HEAD there.
    build.heads.extend(env.commit("BUILDKITE_COMMIT").filter(|id| id != "HEAD"));
    build.branch = env.owned("BUILDKITE_BRANCH");
    build.tag = env.owned("BUILDKITE_TAG");
    build.default_branch = env.owned("BUILDKITE_PIPELINE_DEFAULT_BRANCH");
    match event {
        Event::MergeQueue => {
            build.before.extend(env.commit("BUILDKITE_MERGE_QUEUE_BASE_COMMIT"));
            build.target = env.get("BUILDKITE_MERGE_QUEUE_BASE_BRANCH").map(branch);
        }
        Event::PullRequest => {
            build.target = env.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH").map(branch);
        }
        _ => {}
    }
    Some(build)
}
