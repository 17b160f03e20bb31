//! Build servers: how each is recognised, and how it clones more of the past.

use super::build::{Build, Event, Surroundings};
use super::{azure, bitbucket, buildkite, circleci, drone, github, gitlab, jenkins, teamcity};
use super::{travis, woodpecker};

/// A build server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Platform {
    /// GitHub Actions, and those that act like it: Gitea, Forgejo.
    GitHub,
    /// GitLab CI/CD.
    GitLab,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Azure Pipelines.
    Azure,
    /// CircleCI.
    CircleCi,
    /// Travis CI.
    Travis,
    /// Woodpecker.
    Woodpecker,
    /// Drone, and Harness, which sets the same variables.
    Drone,
    /// Buildkite.
    Buildkite,
    /// TeamCity.
    TeamCity,
    /// Jenkins.
    Jenkins,
    /// Any other that sets `CI`.
    Other,
}

/// The build that an environment tells of; none outside of build servers.
///
/// Those that set variables of others, as Woodpecker once did with Drone's,
/// come before them.
pub(crate) fn recognise(env: &Surroundings<'_>) -> Option<Build> {
    let known: [fn(&Surroundings<'_>) -> Option<Build>; 11] = [
        github::build,
        gitlab::build,
        bitbucket::build,
        azure::build,
        circleci::build,
        travis::build,
        woodpecker::build,
        drone::build,
        buildkite::build,
        teamcity::build,
        jenkins::build,
    ];
    let other = || env.is_set("CI").then(|| Build::new(Platform::Other, Event::Unknown));
    let mut build = known.iter().find_map(|build| build(env)).or_else(other)?;
    // What a configuration says stands above what the server says.
    if let Some(base) = env.commit("STANCH_CI_BASE") {
        build.before = vec![base];
        build.merged = false;
        if matches!(build.event, Event::Schedule | Event::Manual | Event::Unknown) {
            build.event = Event::Push;
        }
    }
    if let Some(target) = env.get("STANCH_CI_TARGET") {
        build.target = Some(super::build::branch(target));
        if !matches!(build.event, Event::MergeQueue) {
            build.event = Event::PullRequest;
        }
    }
    Some(build)
}

impl Platform {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Platform::GitHub => "GitHub Actions",
            Platform::GitLab => "GitLab CI/CD",
            Platform::Bitbucket => "Bitbucket Pipelines",
            Platform::Azure => "Azure Pipelines",
            Platform::CircleCi => "CircleCI",
            Platform::Travis => "Travis CI",
            Platform::Woodpecker => "Woodpecker",
            Platform::Drone => "Drone",
            Platform::Buildkite => "Buildkite",
            Platform::TeamCity => "TeamCity",
            Platform::Jenkins => "Jenkins",
            Platform::Other => "a build server",
        }
    }

    /// What to change in its configuration, so that it clones everything.
    pub(crate) fn deepen(self) -> &'static str {
        match self {
            Platform::GitHub => "give actions/checkout `with: {fetch-depth: 0}`",
            Platform::GitLab => "set `variables: {GIT_DEPTH: \"0\"}` in the job",
            Platform::Bitbucket => "set `clone: {depth: full}` in bitbucket-pipelines.yml",
            Platform::Azure => {
                "begin the job with the step `- checkout: self` with `fetchDepth: 0`"
            }
            Platform::CircleCi => "give the checkout step `method: full`",
            Platform::Travis => "set `git: {depth: false}` in .travis.yml",
            Platform::Woodpecker => {
                "set `partial: false` and no `depth` in the settings of the clone step"
            }
            Platform::Drone => "take `depth` out of the pipeline's `clone` section",
            Platform::Buildkite => {
                "take `--depth` out of BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS"
            }
            Platform::TeamCity => {
                "check out on the agent, with the VCS root's checkout policy `Use mirrors`"
            }
            Platform::Jenkins => {
                "take `Shallow clone` out of the job's Git behaviours (`cloneOption(shallow: \
                 false)`)"
            }
            Platform::Other => "run `git fetch --unshallow`",
        }
    }
}
