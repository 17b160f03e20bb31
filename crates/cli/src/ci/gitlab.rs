//! GitLab CI/CD.
//!
//! Variables: <https://docs.gitlab.com/ci/variables/predefined_variables/>.

use super::build::{Build, Event, Surroundings, branch};
use super::platform::Platform;

/// The build, if this is one of GitLab's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    if !env.is_set("GITLAB_CI") {
        return None;
    }
    let kind = env.get("CI_MERGE_REQUEST_EVENT_TYPE");
    let source = env.get("CI_PIPELINE_SOURCE");
    let merge_request = env.get("CI_MERGE_REQUEST_IID").is_some();
    let external = env.get("CI_EXTERNAL_PULL_REQUEST_IID").is_some();
    // A child pipeline has its parent's variables but another source.
    let event = match source {
        _ if kind == Some("merge_train") => Event::MergeQueue,
        _ if merge_request || external => Event::PullRequest,
        _ if env.get("CI_COMMIT_TAG").is_some() => Event::Tag,
        Some("schedule") => Event::Schedule,
        Some("push") | None => Event::Push,
        Some(_) => Event::Manual,
    };
    let mut build = Build::new(Platform::GitLab, event);
    build.heads.extend(env.commit("CI_COMMIT_SHA"));
    build.branch = env.owned("CI_COMMIT_BRANCH");
    build.default_branch = env.owned("CI_DEFAULT_BRANCH");
    build.tag = env.owned("CI_COMMIT_TAG");
    match event {
        Event::Push => build.before.extend(env.commit("CI_COMMIT_BEFORE_SHA")),
        Event::PullRequest | Event::MergeQueue => {
            // Only there where the two were merged.
            build.heads.extend(env.commit("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"));
            for name in [
                "CI_MERGE_REQUEST_TARGET_BRANCH_SHA",
                "CI_MERGE_REQUEST_DIFF_BASE_SHA",
                "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA",
            ] {
                build.before.extend(env.commit(name));
            }
            build.target = env
                .get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
                .or_else(|| env.get("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"))
                .map(branch);
            build.merged = matches!(kind, Some("merged_result" | "merge_train"));
        }
        Event::Tag | Event::Schedule | Event::Manual | Event::Unknown => {}
    }
    Some(build)
}
