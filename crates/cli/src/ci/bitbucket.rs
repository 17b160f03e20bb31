//! Bitbucket Pipelines.
//!
//! Variables: <https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/>.
//! There is none for what was there before a push, nor for the main branch,
//! and a scheduled or custom pipeline looks like a push.

use super::build::{Build, Event, Surroundings, branch};
use super::platform::Platform;

/// The build, if this is one of Bitbucket's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    env.get("BITBUCKET_BUILD_NUMBER")?;
    let event = if env.get("BITBUCKET_PR_ID").is_some() {
        Event::PullRequest
    } else if env.get("BITBUCKET_TAG").is_some() {
        Event::Tag
    } else {
        Event::Push
    };
    let mut build = Build::new(Platform::Bitbucket, event);
    build.heads.extend(env.commit("BITBUCKET_COMMIT"));
    build.branch = env.owned("BITBUCKET_BRANCH");
    build.tag = env.owned("BITBUCKET_TAG");
    if event == Event::PullRequest {
        // Twelve digits of it.
        build.before.extend(env.commit("BITBUCKET_PR_DESTINATION_COMMIT"));
        build.target = env.get("BITBUCKET_PR_DESTINATION_BRANCH").map(branch);
    }
    Some(build)
}
