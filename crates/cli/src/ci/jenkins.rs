//! Jenkins.
//!
//! Variables: <https://plugins.jenkins.io/git/#plugin-content-environment-variables>
//! and <https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables>.

use super::build::{Build, Event, Surroundings, branch};
use super::platform::Platform;

/// The build, if this is one of Jenkins's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    // The address is there only where an administrator has set it.
    env.get("JENKINS_URL").or_else(|| env.get("JENKINS_HOME"))?;
    let event = if env.get("CHANGE_ID").is_some() {
        Event::PullRequest
    } else if env.get("TAG_NAME").is_some() {
        Event::Tag
    } else {
        Event::Push
    };
    let mut build = Build::new(Platform::Jenkins, event);
    build.heads.extend(env.commit("GIT_COMMIT"));
    build.tag = env.owned("TAG_NAME");
    match event {
        Event::PullRequest => build.target = env.get("CHANGE_TARGET").map(branch),
        Event::Push => {
            // A pipeline without branches names the remote one.
            let remote = || env.get("GIT_BRANCH").map(|b| b.strip_prefix("origin/").unwrap_or(b));
            build.branch = env.get("BRANCH_NAME").or_else(remote).map(branch);
            // The commit of a build that failed for a secret was not cleared.
            build.before.extend(env.commit("GIT_PREVIOUS_SUCCESSFUL_COMMIT"));
            if env.is_set("BRANCH_IS_PRIMARY") {
                build.default_branch.clone_from(&build.branch);
            }
        }
        _ => {}
    }
    Some(build)
}
