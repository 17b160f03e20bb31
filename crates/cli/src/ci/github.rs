//! GitHub Actions.
//!
//! Variables: <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>.
//! Events: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>, in the
//! file that `GITHUB_EVENT_PATH` names.

use serde_json::Value;

use super::build::{Build, Event, Surroundings, branch, commit};
use super::platform::Platform;

/// The build, if this is one of GitHub's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    if !env.is_set("GITHUB_ACTIONS") {
        return None;
    }
    // Without the file the variables still name the branches.
    let told = env.file("GITHUB_EVENT_PATH").and_then(|text| serde_json::from_str(&text).ok());
    let told: Value = told.unwrap_or_default();
    let text = |at: &str| told.pointer(at).and_then(Value::as_str);
    let id = |at: &str| text(at).and_then(commit);
    let reference = env.get("GITHUB_REF").unwrap_or_default();
    let name = env.get("GITHUB_EVENT_NAME").unwrap_or_default();
    let event = match name {
        "push" | "create" if reference.starts_with("refs/tags/") => Event::Tag,
        "push" | "create" => Event::Push,
        "release" => Event::Tag,
        "merge_group" => Event::MergeQueue,
        "schedule" => Event::Schedule,
        _ if name.starts_with("pull_request") => Event::PullRequest,
        _ => Event::Manual,
    };
    let mut build = Build::new(Platform::GitHub, event);
    build.default_branch = text("/repository/default_branch").map(branch);
    build.branch = reference.strip_prefix("refs/heads/").map(str::to_owned);
    build.tag = reference.strip_prefix("refs/tags/").map(str::to_owned);
    // Runs of `pull_request_target` have the target's commit there.
    let built = env.commit("GITHUB_SHA").filter(|_| name != "pull_request_target");
    build.heads.extend(built);
    match event {
        Event::Push => build.before.extend(id("/before")),
        Event::PullRequest => {
            build.heads.extend(id("/pull_request/head/sha"));
            build.before.extend(id("/pull_request/base/sha"));
            build.target =
                env.get("GITHUB_BASE_REF").or_else(|| text("/pull_request/base/ref")).map(branch);
            build.merged = reference.starts_with("refs/pull/") && reference.ends_with("/merge");
        }
        Event::MergeQueue => {
            build.before.extend(id("/merge_group/base_sha"));
            build.target = text("/merge_group/base_ref").map(branch);
        }
        Event::Tag | Event::Schedule | Event::Manual | Event::Unknown => {}
    }
    Some(build)
}
