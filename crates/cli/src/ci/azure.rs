//! Azure Pipelines.
//!
//! Variables: <https://learn.microsoft.com/azure/devops/pipelines/build/variables>;
//! in the environment dots are underscores and letters upper case. There is
//! none for what was there before a push, nor for the main branch.

use super::build::{Build, Event, Surroundings, branch};
use super::platform::Platform;

/// The build, if this is one of Azure's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    if !env.is_set("TF_BUILD") {
        return None;
    }
    let source = env.get("BUILD_SOURCEBRANCH").unwrap_or_default();
    let event = match env.get("BUILD_REASON").unwrap_or_default() {
        "PullRequest" => Event::PullRequest,
        // Of hosts whose pull requests have no policy, only the branch tells.
        _ if env.get("SYSTEM_PULLREQUEST_TARGETBRANCH").is_some() => Event::PullRequest,
        _ if source.starts_with("refs/tags/") => Event::Tag,
        "Schedule" => Event::Schedule,
        "IndividualCI" | "BatchedCI" => Event::Push,
        _ => Event::Manual,
    };
    let mut build = Build::new(Platform::Azure, event);
    build.heads.extend(env.commit("BUILD_SOURCEVERSION"));
    build.branch = source.strip_prefix("refs/heads/").map(str::to_owned);
    build.tag = source.strip_prefix("refs/tags/").map(str::to_owned);
    if event == Event::PullRequest {
        build.heads.extend(env.commit("SYSTEM_PULLREQUEST_SOURCECOMMITID"));
        build.target = env.get("SYSTEM_PULLREQUEST_TARGETBRANCH").map(branch);
        build.merged = source.starts_with("refs/pull/") && source.ends_with("/merge");
    }
    Some(build)
}
