//! Builds as each server tells of them, by its documented variables.

use std::collections::BTreeMap;
use std::path::Path;

use super::build::{Build, Event, Surroundings};
use super::platform::{Platform, recognise};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";
const ZERO: &str = "0000000000000000000000000000000000000000";

fn build(vars: &[(&str, &str)], files: &[(&str, String)]) -> Option<Build> {
    let vars: BTreeMap<String, String> =
        vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let read = |path: &Path| {
        files.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| text.clone())
    };
    recognise(&Surroundings { vars: &vars, read: &read })
}

fn check(
    vars: &[(&str, &str)],
    files: &[(&str, String)],
    is: (Platform, Event),
    heads: &[&str],
    before: &[&str],
    rest: (bool, Option<&str>, Option<&str>, Option<&str>),
) {
    let build = build(vars, files).unwrap();
    assert_eq!((build.platform, build.event), is, "{vars:?}");
    assert_eq!(build.heads, heads, "{vars:?}");
    assert_eq!(build.before, before, "{vars:?}");
    let found = (
        build.merged,
        build.target.as_deref(),
        build.branch.as_deref(),
        build.default_branch.as_deref(),
    );
    assert_eq!(found, rest, "{vars:?}");
}

const NONE: (bool, Option<&str>, Option<&str>, Option<&str>) = (false, None, None, None);

#[test]
fn no_variables_are_no_build() {
    assert_eq!(build(&[], &[]), None);
    assert_eq!(build(&[("CI", "false")], &[]), None);
    assert_eq!(build(&[("CI", "")], &[]), None);
    check(&[("CI", "true")], &[], (Platform::Other, Event::Unknown), &[], &[], NONE);
    check(&[("CI", "1")], &[], (Platform::Other, Event::Unknown), &[], &[], NONE);
}

#[test]
fn a_configuration_may_say_what_no_server_does() {
    let ci = ("CI", "true");
    let base = ("STANCH_CI_BASE", A);
    check(&[ci, base], &[], (Platform::Other, Event::Push), &[], &[A], NONE);
    // A pipeline value is empty for the first build of a branch.
    let none = ("STANCH_CI_BASE", "");
    check(&[ci, none], &[], (Platform::Other, Event::Unknown), &[], &[], NONE);
    let target = ("STANCH_CI_TARGET", "refs/heads/main");
    let rest = (false, Some("main"), None, None);
    check(&[ci, target], &[], (Platform::Other, Event::PullRequest), &[], &[], rest);
}

#[test]
fn github_actions() {
    let event = |text: String| [("/event.json", text)];
    let common = [("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_PATH", "/event.json")];
    let with = |more: &[(&'static str, &'static str)]| [&common[..], more].concat();

    let push = with(&[
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_SHA", B),
        ("GITHUB_REF", "refs/heads/topic/x"),
    ]);
    let told = |before: &str| {
        event(format!(
            r#"{{"before": "{before}", "after": "{B}", "ref": "refs/heads/topic/x",
                "repository": {{"default_branch": "main"}}}}"#
        ))
    };
    let rest = (false, None, Some("topic/x"), Some("main"));
    check(&push, &told(A), (Platform::GitHub, Event::Push), &[B], &[A], rest);
    check(&push, &told(ZERO), (Platform::GitHub, Event::Push), &[B], &[], rest);
    // Some that act like GitHub mount no file into a container.
    let rest = (false, None, Some("topic/x"), None);
    check(&push, &[], (Platform::GitHub, Event::Push), &[B], &[], rest);
    check(&push, &event("no JSON".into()), (Platform::GitHub, Event::Push), &[B], &[], rest);

    let pull = event(format!(
        r#"{{"pull_request": {{"base": {{"sha": "{A}", "ref": "main"}}, "head": {{"sha": "{C}"}}}}}}"#
    ));
    let request = with(&[
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_SHA", B),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_BASE_REF", "main"),
        ("GITHUB_HEAD_REF", "topic"),
    ]);
    let rest = (true, Some("main"), None, None);
    check(&request, &pull, (Platform::GitHub, Event::PullRequest), &[B, C], &[A], rest);
    // There the commit is the target's, and the change is the request's head.
    let target = with(&[
        ("GITHUB_EVENT_NAME", "pull_request_target"),
        ("GITHUB_SHA", A),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_BASE_REF", "main"),
    ]);
    let rest = (false, Some("main"), Some("main"), None);
    check(&target, &pull, (Platform::GitHub, Event::PullRequest), &[C], &[A], rest);

    let queue = event(format!(
        r#"{{"merge_group": {{"base_sha": "{A}", "head_sha": "{B}", "base_ref": "refs/heads/main"}}}}"#
    ));
    let group = with(&[
        ("GITHUB_EVENT_NAME", "merge_group"),
        ("GITHUB_SHA", B),
        ("GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-7-aaaa"),
    ]);
    let rest = (false, Some("main"), Some("gh-readonly-queue/main/pr-7-aaaa"), None);
    check(&group, &queue, (Platform::GitHub, Event::MergeQueue), &[B], &[A], rest);

    for (name, reference, is) in [
        ("push", "refs/tags/v1", Event::Tag),
        ("release", "refs/tags/v1", Event::Tag),
        ("schedule", "refs/heads/main", Event::Schedule),
        ("workflow_dispatch", "refs/heads/main", Event::Manual),
    ] {
        let vars =
            [&common[..], &[("GITHUB_EVENT_NAME", name), ("GITHUB_REF", reference)]].concat();
        let build = build(&vars, &[]).unwrap();
        assert_eq!(build.event, is, "{name}");
        assert!(build.before.is_empty());
    }
}

#[test]
fn gitlab_ci() {
    let common = [("CI", "true"), ("GITLAB_CI", "true"), ("CI_COMMIT_SHA", B)];
    let with = |more: &[(&'static str, &'static str)]| [&common[..], more].concat();
    let push = with(&[
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_COMMIT_BEFORE_SHA", A),
        ("CI_COMMIT_BRANCH", "topic"),
        ("CI_DEFAULT_BRANCH", "main"),
    ]);
    let rest = (false, None, Some("topic"), Some("main"));
    check(&push, &[], (Platform::GitLab, Event::Push), &[B], &[A], rest);
    let request = |kind: &'static str| {
        with(&[
            ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_MERGE_REQUEST_EVENT_TYPE", kind),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", A),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_COMMIT_BEFORE_SHA", ZERO),
        ])
    };
    let rest = |merged| (merged, Some("main"), None, None);
    let gitlab = |event| (Platform::GitLab, event);
    check(&request("detached"), &[], gitlab(Event::PullRequest), &[B], &[A], rest(false));
    check(&request("merged_result"), &[], gitlab(Event::PullRequest), &[B], &[A], rest(true));
    check(&request("merge_train"), &[], gitlab(Event::MergeQueue), &[B], &[A], rest(true));
    let merged =
        [&request("merged_result")[..], &[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", C)]].concat();
    check(&merged, &[], gitlab(Event::PullRequest), &[B, C], &[A], rest(true));
    let other = |source, more| {
        build(&[&with(&[("CI_PIPELINE_SOURCE", source)])[..], more].concat(), &[]).unwrap().event
    };
    assert_eq!(other("push", &[("CI_COMMIT_TAG", "v1")]), Event::Tag);
    assert_eq!(other("schedule", &[]), Event::Schedule);
    assert_eq!(other("web", &[]), Event::Manual);
    assert_eq!(other("parent_pipeline", &[("CI_MERGE_REQUEST_IID", "7")]), Event::PullRequest);
}

#[test]
fn bitbucket_pipelines() {
    let common = [("CI", "true"), ("BITBUCKET_BUILD_NUMBER", "3"), ("BITBUCKET_COMMIT", B)];
    let with = |more: &[(&'static str, &'static str)]| [&common[..], more].concat();
    let is = |event| (Platform::Bitbucket, event);
    let branch = ("BITBUCKET_BRANCH", "topic");
    let rest = (false, None, Some("topic"), None);
    check(&with(&[branch]), &[], is(Event::Push), &[B], &[], rest);
    let request = with(&[
        branch,
        ("BITBUCKET_PR_ID", "7"),
        ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
        ("BITBUCKET_PR_DESTINATION_COMMIT", "aaaaaaaaaaaa"),
    ]);
    let rest = (false, Some("main"), Some("topic"), None);
    check(&request, &[], is(Event::PullRequest), &[B], &["aaaaaaaaaaaa"], rest);
    check(&with(&[("BITBUCKET_TAG", "v1")]), &[], is(Event::Tag), &[B], &[], NONE);
}

#[test]
fn azure_pipelines() {
    let common = [("TF_BUILD", "True"), ("BUILD_SOURCEVERSION", B)];
    let with = |more: &[(&'static str, &'static str)]| [&common[..], more].concat();
    let is = |event| (Platform::Azure, event);
    let push = with(&[("BUILD_REASON", "IndividualCI"), ("BUILD_SOURCEBRANCH", "refs/heads/t")]);
    check(&push, &[], is(Event::Push), &[B], &[], (false, None, Some("t"), None));
    let request = with(&[
        ("BUILD_REASON", "PullRequest"),
        ("BUILD_SOURCEBRANCH", "refs/pull/7/merge"),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
        ("SYSTEM_PULLREQUEST_SOURCECOMMITID", C),
    ]);
    let rest = (true, Some("main"), None, None);
    check(&request, &[], is(Event::PullRequest), &[B, C], &[], rest);
    let tag = with(&[("BUILD_REASON", "IndividualCI"), ("BUILD_SOURCEBRANCH", "refs/tags/v1")]);
    check(&tag, &[], is(Event::Tag), &[B], &[], NONE);
    for (reason, event) in [("Schedule", Event::Schedule), ("Manual", Event::Manual)] {
        let vars = [&common[..], &[("BUILD_REASON", reason)]].concat();
        check(&vars, &[], is(event), &[B], &[], NONE);
    }
}

#[test]
fn circleci_with_the_base_from_its_configuration() {
    let common = [("CI", "true"), ("CIRCLECI", "true"), ("CIRCLE_SHA1", B)];
    let is = |event| (Platform::CircleCi, event);
    let rest = (false, None, Some("topic"), None);
    let branch = [&common[..], &[("CIRCLE_BRANCH", "topic")]].concat();
    check(&branch, &[], is(Event::Push), &[B], &[], rest);
    let based = [&branch[..], &[("STANCH_CI_BASE", A)]].concat();
    check(&based, &[], is(Event::Push), &[B], &[A], rest);
    let tag = [&common[..], &[("CIRCLE_TAG", "v1")]].concat();
    check(&tag, &[], is(Event::Tag), &[B], &[], NONE);
}

#[test]
fn travis_ci() {
    let common = [("CI", "true"), ("TRAVIS", "true"), ("TRAVIS_COMMIT", B)];
    let with = |more: &[(&'static str, &'static str)]| [&common[..], more].concat();
    let is = |event| (Platform::Travis, event);
    let push = |range: &'static str| {
        with(&[
            ("TRAVIS_EVENT_TYPE", "push"),
            ("TRAVIS_BRANCH", "topic"),
            ("TRAVIS_COMMIT_RANGE", range),
            ("TRAVIS_PULL_REQUEST", "false"),
            ("TRAVIS_TAG", ""),
        ])
    };
    let rest = (false, None, Some("topic"), None);
    let range = "aaaaaaaaaaaa...bbbbbbbbbbbb";
    check(&push(range), &[], is(Event::Push), &[B], &["aaaaaaaaaaaa"], rest);
    check(&push(""), &[], is(Event::Push), &[B], &[], rest);
    let request = with(&[
        ("TRAVIS_EVENT_TYPE", "pull_request"),
        ("TRAVIS_BRANCH", "main"),
        ("TRAVIS_PULL_REQUEST", "7"),
        ("TRAVIS_PULL_REQUEST_SHA", C),
    ]);
    let rest = (true, Some("main"), None, None);
    check(&request, &[], is(Event::PullRequest), &[B, C], &[], rest);
    let cron = with(&[("TRAVIS_EVENT_TYPE", "cron")]);
    check(&cron, &[], is(Event::Schedule), &[B], &[], NONE);
}

#[test]
fn drone() {
    let common = [("CI", "true"), ("DRONE", "true"), ("DRONE_COMMIT_SHA", B)];
    let with = |more: &[(&'static str, &'static str)]| [&common[..], more].concat();
    let is = |event| (Platform::Drone, event);
    let push = with(&[
        ("DRONE_BUILD_EVENT", "push"),
        ("DRONE_BRANCH", "topic"),
        ("DRONE_REPO_BRANCH", "main"),
        ("DRONE_COMMIT_BEFORE", A),
        ("DRONE_COMMIT_AFTER", B),
    ]);
    check(&push, &[], is(Event::Push), &[B], &[A], (false, None, Some("topic"), Some("main")));
    let request = with(&[
        ("DRONE_BUILD_EVENT", "pull_request"),
        ("DRONE_BRANCH", "main"),
        ("DRONE_TARGET_BRANCH", "main"),
        ("DRONE_SOURCE_BRANCH", "topic"),
    ]);
    check(&request, &[], is(Event::PullRequest), &[B], &[], (false, Some("main"), None, None));
}

#[test]
fn woodpecker() {
    let common = [("CI", "woodpecker"), ("CI_COMMIT_SHA", B), ("CI_REPO_DEFAULT_BRANCH", "main")];
    let is = |event| (Platform::Woodpecker, event);
    let push = |status: &'static str| {
        let more = [
            ("CI_PIPELINE_EVENT", "push"),
            ("CI_COMMIT_BRANCH", "topic"),
            ("CI_PREV_COMMIT_SHA", A),
            ("CI_PREV_PIPELINE_STATUS", status),
        ];
        [&common[..], &more].concat()
    };
    let rest = (false, None, Some("topic"), Some("main"));
    check(&push("success"), &[], is(Event::Push), &[B], &[A], rest);
    check(&push("failure"), &[], is(Event::Push), &[B], &[], rest);
    let more = [("CI_PIPELINE_EVENT", "pull_request"), ("CI_COMMIT_TARGET_BRANCH", "main")];
    let request = [&common[..], &more].concat();
    let rest = (false, Some("main"), None, Some("main"));
    check(&request, &[], is(Event::PullRequest), &[B], &[], rest);
}

#[test]
fn buildkite() {
    let common = [
        ("CI", "true"),
        ("BUILDKITE", "true"),
        ("BUILDKITE_COMMIT", B),
        ("BUILDKITE_BRANCH", "topic"),
        ("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "main"),
        ("BUILDKITE_SOURCE", "webhook"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&common[..], more].concat();
    let is = |event| (Platform::Buildkite, event);
    let push = with(&[("BUILDKITE_PULL_REQUEST", "false")]);
    check(&push, &[], is(Event::Push), &[B], &[], (false, None, Some("topic"), Some("main")));
    let request =
        with(&[("BUILDKITE_PULL_REQUEST", "7"), ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "dev")]);
    let rest = (false, Some("dev"), Some("topic"), Some("main"));
    check(&request, &[], is(Event::PullRequest), &[B], &[], rest);
    let queue = with(&[
        ("BUILDKITE_MERGE_QUEUE_BASE_BRANCH", "main"),
        ("BUILDKITE_MERGE_QUEUE_BASE_COMMIT", A),
    ]);
    let rest = (false, Some("main"), Some("topic"), Some("main"));
    check(&queue, &[], is(Event::MergeQueue), &[B], &[A], rest);
}

#[test]
fn teamcity_by_its_files_of_parameters() {
    let vars = [
        ("TEAMCITY_VERSION", "2025.11 (build 1)"),
        ("BUILD_VCS_NUMBER", B),
        ("TEAMCITY_BUILD_PROPERTIES_FILE", "/build.properties"),
    ];
    let is = |event| (Platform::TeamCity, event);
    let files = |text: &str| {
        [
            ("/build.properties", "teamcity.configuration.properties.file=/c\\:onf\n".to_owned()),
            ("/c:onf", text.to_owned()),
        ]
    };
    let request = files("teamcity.pullRequest.target.branch=main\nteamcity.build.branch=pull/7\n");
    let rest = (false, Some("main"), Some("pull/7"), None);
    check(&vars, &request, is(Event::PullRequest), &[B], &[], rest);
    let main = files("teamcity.build.branch=main\nteamcity.build.branch.is_default=true\n");
    let rest = (false, None, Some("main"), Some("main"));
    check(&vars, &main, is(Event::Push), &[B], &[], rest);
    check(&vars, &[], is(Event::Push), &[B], &[], NONE);
    let asked = files("teamcity.build.triggeredBy.username=jo\n");
    check(&vars, &asked, is(Event::Manual), &[B], &[], NONE);
}

#[test]
fn jenkins() {
    let common = [("JENKINS_URL", "https://ci.example/"), ("GIT_COMMIT", B)];
    let with = |more: &[(&'static str, &'static str)]| [&common[..], more].concat();
    let is = |event| (Platform::Jenkins, event);
    let push = with(&[
        ("BRANCH_NAME", "main"),
        ("BRANCH_IS_PRIMARY", "true"),
        ("GIT_PREVIOUS_COMMIT", C),
        ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", A),
    ]);
    check(&push, &[], is(Event::Push), &[B], &[A], (false, None, Some("main"), Some("main")));
    let plain = with(&[("GIT_BRANCH", "origin/topic")]);
    check(&plain, &[], is(Event::Push), &[B], &[], (false, None, Some("topic"), None));
    let request = with(&[("CHANGE_ID", "7"), ("CHANGE_TARGET", "main"), ("BRANCH_NAME", "PR-7")]);
    check(&request, &[], is(Event::PullRequest), &[B], &[], (false, Some("main"), None, None));
    check(&with(&[("TAG_NAME", "v1")]), &[], is(Event::Tag), &[B], &[], NONE);
}
