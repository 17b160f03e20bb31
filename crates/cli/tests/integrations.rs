//! The ready configurations: the script in each is run as its build server
//! would run it, with the variables that the server documents.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "only tests are here")]

mod clones;
mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clones::{Depth, Upstream};
use serde_json::Value;
use support::{Run, seeded, token};

/// A build server, and what is expected of its configuration.
struct Server {
    name: &'static str,
    /// The script in its configuration.
    script: fn() -> String,
    /// What it checks out: the topic, or the merge of it.
    builds: &'static str,
    /// Its variables, as `name=value`; `{main}`, `{topic}`, `{merge}` are
    /// commits and `{files}` is a folder of the server's own.
    vars: &'static [&'static str],
    /// Its files in that folder, with the same marks.
    files: &'static [(&'static str, &'static str)],
    /// What is printed of a finding.
    shows: &'static [&'static str],
    /// What is written of a finding, in the clone or in the server's folder.
    writes: &'static [(&'static str, &'static str)],
    /// How more of the past is cloned.
    deepens: &'static str,
}

const PLACE: &str = "src/app.env:1:14  GitHub personal access token (classic)";

const FAILED: (&str, &str) = ("clone/stanch.xml", "<failure type=\"critical\"");

const SERVERS: &[Server] = &[
    Server {
        name: "github",
        script: github,
        builds: "refs/pull/7/merge",
        vars: &[
            "CI=true",
            "GITHUB_ACTIONS=true",
            "GITHUB_EVENT_NAME=pull_request",
            "GITHUB_EVENT_PATH={files}/event.json",
            "GITHUB_SHA={merge}",
            "GITHUB_REF=refs/pull/7/merge",
            "GITHUB_BASE_REF=main",
            "GITHUB_STEP_SUMMARY={files}/summary.md",
            "GITHUB_OUTPUT={files}/output",
            "GITHUB_ACTION_PATH=/nowhere",
        ],
        files: &[(
            "event.json",
            r#"{"pull_request": {"base": {"sha": "{main}", "ref": "main"}, "head": {"sha": "{topic}"}}}"#,
        )],
        shows: &[
            PLACE,
            "::error file=src/app.env,line=1,endLine=1,col=14,endColumn=54,title=GitHub personal \
             access token (classic)::ghp_********",
        ],
        writes: &[
            ("files/summary.md", "| critical | GitHub personal access token"),
            ("files/output", "findings=1\nsecrets=1\ncomplete=true\n"),
        ],
        deepens: "fetch-depth: 0",
    },
    Server {
        name: "gitlab",
        script: || strings(&yaml("gitlab/stanch.gitlab-ci.yml")["stanch"]["script"]),
        builds: "refs/heads/topic",
        vars: &[
            "CI=true",
            "GITLAB_CI=true",
            "CI_PIPELINE_SOURCE=merge_request_event",
            "CI_COMMIT_SHA={topic}",
            "CI_COMMIT_BEFORE_SHA=0000000000000000000000000000000000000000",
            "CI_DEFAULT_BRANCH=main",
            "CI_MERGE_REQUEST_IID=7",
            "CI_MERGE_REQUEST_EVENT_TYPE=detached",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA={main}",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main",
        ],
        files: &[],
        shows: &[PLACE],
        writes: &[
            ("clone/gl-secret-detection-report.json", "\"type\": \"secret_detection\""),
            ("clone/gl-code-quality-report.json", "\"check_name\": \"github-pat-classic\""),
            FAILED,
        ],
        deepens: "GIT_DEPTH: \"0\"",
    },
    Server {
        name: "bitbucket",
        script: bitbucket,
        builds: "refs/heads/topic",
        vars: &[
            "CI=true",
            "BITBUCKET_BUILD_NUMBER=3",
            "BITBUCKET_COMMIT={topic}",
            "BITBUCKET_BRANCH=topic",
            "BITBUCKET_REPO_FULL_NAME=team/app",
            "BITBUCKET_PR_ID=7",
            "BITBUCKET_PR_DESTINATION_BRANCH=main",
            "BITBUCKET_PR_DESTINATION_COMMIT={main:12}",
        ],
        files: &[],
        shows: &[PLACE, "To show it at the pull request:\n    curl --fail --proxy"],
        writes: &[
            ("clone/stanch-report.json", "\"result\": \"FAILED\""),
            ("clone/stanch-annotations.json", "\"path\": \"src/app.env\""),
            ("clone/test-results/stanch.xml", "<failure type=\"critical\""),
            ("files/called", "curl --silent --show-error --fail --proxy http://localhost:29418"),
            ("files/called", "/2.0/repositories/team/app/commit/"),
            ("files/called", "/reports/stanch/annotations"),
        ],
        deepens: "clone: {depth: full}",
    },
    Server {
        name: "azure",
        script: || strings(&yaml("azure/azure-pipelines.yml")["steps"][1]["script"]),
        builds: "refs/pull/7/merge",
        vars: &[
            "TF_BUILD=True",
            "AGENT_TEMPDIRECTORY={files}",
            "BUILD_REASON=PullRequest",
            "BUILD_SOURCEVERSION={merge}",
            "BUILD_SOURCEBRANCH=refs/pull/7/merge",
            "SYSTEM_PULLREQUEST_TARGETBRANCH=refs/heads/main",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID={topic}",
        ],
        files: &[],
        shows: &[
            PLACE,
            "##vso[task.logissue type=error;sourcepath=src/app.env;linenumber=1;columnnumber=14;\
             code=github-pat-classic;]GitHub personal access token (classic): ghp_********",
            "##vso[task.uploadsummary]/",
        ],
        writes: &[
            ("files/stanch.md", "| critical | GitHub personal access token"),
            ("files/stanch.xml", "<failure type=\"critical\""),
        ],
        deepens: "fetchDepth: 0",
    },
    Server {
        name: "jenkins",
        script: || between("jenkins/Jenkinsfile", "sh '''", "'''"),
        builds: "refs/heads/topic",
        vars: &[
            "JENKINS_URL=https://ci.example.com/",
            "CI=true",
            "BRANCH_NAME=PR-7",
            "CHANGE_ID=7",
            "CHANGE_TARGET=main",
            "GIT_COMMIT={topic}",
        ],
        files: &[],
        shows: &[PLACE],
        writes: &[("clone/stanch.sarif", "\"ruleId\": \"github-pat-classic\""), FAILED],
        deepens: "Shallow clone",
    },
    Server {
        name: "circleci",
        script: circleci,
        builds: "refs/heads/topic",
        vars: &[
            "CI=true",
            "CIRCLECI=true",
            "CIRCLE_SHA1={topic}",
            "CIRCLE_BRANCH=topic",
            // What the configuration makes of << pipeline.git.base_revision >>.
            "STANCH_CI_BASE={main}",
        ],
        files: &[],
        shows: &[PLACE],
        writes: &[("clone/test-results/stanch/results.xml", "<failure type=\"critical\"")],
        deepens: "method: full",
    },
    Server {
        name: "travis",
        script: || strings(&yaml("travis/travis.yml")["script"]),
        builds: "refs/pull/7/merge",
        vars: &[
            "CI=true",
            "TRAVIS=true",
            "TRAVIS_EVENT_TYPE=pull_request",
            "TRAVIS_COMMIT={merge}",
            "TRAVIS_BRANCH=main",
            "TRAVIS_PULL_REQUEST=7",
            "TRAVIS_PULL_REQUEST_SHA={topic}",
        ],
        files: &[],
        shows: &[PLACE],
        writes: &[],
        deepens: "git: {depth: false}",
    },
    Server {
        name: "drone",
        script: || strings(&yaml("drone/drone.yml")["steps"][0]["commands"]),
        builds: "refs/heads/topic",
        vars: &[
            "CI=true",
            "DRONE=true",
            "DRONE_BUILD_EVENT=pull_request",
            "DRONE_COMMIT_SHA={topic}",
            "DRONE_BRANCH=main",
            "DRONE_TARGET_BRANCH=main",
            "DRONE_SOURCE_BRANCH=topic",
            "DRONE_REPO_BRANCH=main",
        ],
        files: &[],
        shows: &[PLACE],
        writes: &[FAILED],
        deepens: "take `depth` out of the pipeline's `clone` section",
    },
    Server {
        name: "woodpecker",
        script: || strings(&yaml("woodpecker/stanch.yaml")["steps"][0]["commands"]),
        builds: "refs/heads/topic",
        vars: &[
            "CI=woodpecker",
            "CI_PIPELINE_EVENT=pull_request",
            "CI_COMMIT_SHA={topic}",
            "CI_COMMIT_TARGET_BRANCH=main",
            "CI_REPO_DEFAULT_BRANCH=main",
        ],
        files: &[],
        shows: &[PLACE],
        writes: &[FAILED],
        deepens: "partial: false",
    },
    Server {
        name: "buildkite",
        // A dollar is doubled so that it is not replaced when steps are uploaded.
        script: || {
            strings(&yaml("buildkite/pipeline.yml")["steps"][0]["command"]).replace("$$", "$")
        },
        builds: "refs/heads/topic",
        vars: &[
            "CI=true",
            "BUILDKITE=true",
            "BUILDKITE_COMMIT={topic}",
            "BUILDKITE_BRANCH=topic",
            "BUILDKITE_SOURCE=webhook",
            "BUILDKITE_PULL_REQUEST=7",
            "BUILDKITE_PULL_REQUEST_BASE_BRANCH=main",
            "BUILDKITE_PIPELINE_DEFAULT_BRANCH=main",
        ],
        files: &[],
        shows: &[PLACE],
        writes: &[
            ("clone/stanch.md", "| critical | GitHub personal access token"),
            ("files/called", "buildkite-agent annotate --context stanch --style error"),
            FAILED,
        ],
        deepens: "BUILDKITE_GIT_CLONE_FLAGS",
    },
    Server {
        name: "teamcity",
        script: || between("teamcity/settings.kts", "scriptContent = \"\"\"", "\"\"\""),
        builds: "refs/heads/topic",
        vars: &[
            "TEAMCITY_VERSION=2025.11",
            "BUILD_VCS_NUMBER={topic}",
            "TEAMCITY_BUILD_PROPERTIES_FILE={files}/build.properties",
        ],
        files: &[
            (
                "build.properties",
                "teamcity.configuration.properties.file={files}/conf.properties\n",
            ),
            (
                "conf.properties",
                "teamcity.build.branch=pull/7\nteamcity.pullRequest.target.branch=main\n",
            ),
        ],
        shows: &[
            PLACE,
            "##teamcity[inspectionType id='github-pat-classic'",
            "##teamcity[inspection typeId='github-pat-classic' message='ghp_********",
            "file='src/app.env' line='1' SEVERITY='ERROR']",
        ],
        writes: &[("clone/stanch.sarif", "\"ruleId\": \"github-pat-classic\""), FAILED],
        deepens: "Use mirrors",
    },
    Server {
        name: "any other",
        script: || text("generic.sh"),
        builds: "refs/heads/topic",
        vars: &["CI=true", "STANCH_CI_TARGET=main"],
        files: &[],
        shows: &[PLACE],
        writes: &[("clone/stanch.sarif", "\"ruleId\": \"github-pat-classic\""), FAILED],
        deepens: "git fetch --unshallow",
    },
];

#[test]
fn every_configuration_fails_for_a_secret_and_tells_of_it() {
    let old = format!("GITHUB_TOKEN={}\n", seeded("github-pat-classic", 7));
    let token = token();
    let up = Upstream::new(&old, &format!("GITHUB_TOKEN={token}\n"));
    for server in SERVERS {
        let run = run(server, &up, Depth::Full);
        let (name, told) = (server.name, format!("{}{}", run.out, run.err));
        assert_eq!(run.code, 1, "{name}: {told}");
        assert!(!told.contains(&token) && !told.contains("old.env"), "{name}: {told}");
        for shown in server.shows {
            assert!(run.out.contains(shown), "{name}: {shown} is not in\n{told}");
        }
        for (file, content) in server.writes {
            let path = up.home().parent().unwrap().join(file);
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(text.contains(content), "{name}: {content} is not in {file}: {text}\n{told}");
            assert!(!text.contains(&token), "{name}: {file}");
        }
    }
}

#[test]
fn every_configuration_passes_where_nothing_new_is_a_secret() {
    let old = format!("GITHUB_TOKEN={}\n", seeded("github-pat-classic", 7));
    let up = Upstream::new(&old, "nothing\n");
    for server in SERVERS {
        let run = run(server, &up, Depth::Full);
        assert_eq!(run.code, 0, "{}: {}{}", server.name, run.out, run.err);
        assert!(run.out.contains("No secrets found."), "{}: {}", server.name, run.out);
        for mark in ["::error", "##vso[task.logissue", "##teamcity["] {
            assert!(!run.out.contains(mark), "{}: {}", server.name, run.out);
        }
    }
}

#[test]
fn every_configuration_fails_where_the_clone_is_too_shallow_and_says_how_to_mend_it() {
    let up = Upstream::new("nothing\n", "nothing\n");
    for server in SERVERS {
        let run = run(server, &up, Depth::One);
        let told = format!("{}{}", run.out, run.err);
        assert_eq!(run.code, 2, "{}: {told}", server.name);
        assert!(run.err.contains(server.deepens), "{}: {told}", server.name);
        assert!(run.err.contains("--deepen"), "{}: {told}", server.name);
    }
}

#[test]
fn the_image_holds_git_does_not_run_as_root_and_names_no_registry() {
    let file = text("container/Containerfile");
    let images: Vec<&str> = file.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    assert_eq!(images, ["rust:1.95-slim AS build", "debian:stable-slim"]);
    assert!(file.contains(" git ") && file.contains("\nUSER 10001\n"));
    assert!(file.contains("ENTRYPOINT [\"stanch\"]"));
}

#[test]
fn the_actions_inputs_reach_the_command_line() {
    let action = yaml("github/action.yml");
    let inputs: Vec<&String> = action["inputs"].as_object().unwrap().keys().collect();
    let env = action["runs"]["steps"][1]["env"].as_object().unwrap();
    assert_eq!(inputs.len(), env.len());
    for input in inputs {
        let asked = format!("${{{{ inputs.{input} }}}}");
        assert!(env.values().any(|value| value == asked.as_str()), "{asked}");
    }
    let script = action["runs"]["steps"][1]["run"].as_str().unwrap();
    assert!(!script.contains("${{"), "an input would become a command");
}

/// Runs a server's script in a clone, with nothing in the environment but what
/// the server sets.
fn run(server: &Server, up: &Upstream, depth: Depth) -> Run {
    let clone = up.clone(server.builds, depth);
    let files = up.home().parent().unwrap().join("files");
    let _ = std::fs::remove_dir_all(&files);
    let files = up.folder("files");
    let fill = |text: &str| {
        text.replace("{main:12}", &up.main[..12])
            .replace("{main}", &up.main)
            .replace("{topic}", &up.topic)
            .replace("{merge}", &up.merge)
            .replace("{files}", &files.display().to_string())
    };
    for (name, text) in server.files {
        std::fs::write(files.join(name), fill(text)).unwrap();
    }
    let bin = up.folder("bin");
    let stanch = bin.join("stanch");
    if !stanch.exists() {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_stanch"), stanch).unwrap();
    }
    // These would talk to a server.
    for name in ["curl", "buildkite-agent"] {
        let note = format!("#!/bin/sh\necho {name} \"$@\" >> '{}/called'\n", files.display());
        std::fs::write(bin.join(name), note).unwrap();
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(bin.join(name), executable).unwrap();
    }
    let mut command = Command::new("sh");
    command
        .args(["-e", "-c", &(server.script)()])
        .env_clear()
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()))
        .env("HOME", up.folder("home"))
        .current_dir(&clone)
        .stdin(Stdio::null());
    for var in server.vars {
        let (name, value) = var.split_once('=').unwrap();
        command.env(name, fill(value));
    }
    Run::from(command.output().unwrap())
}

fn integrations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(integrations().join(file)).unwrap()
}

fn yaml(file: &str) -> Value {
    serde_saphyr::from_str(&text(file)).unwrap()
}

/// One command or a list of them, as one script.
fn strings(value: &Value) -> String {
    match value {
        Value::String(command) => command.clone(),
        Value::Array(commands) => {
            let commands: Vec<&str> = commands.iter().map(|c| c.as_str().unwrap()).collect();
            commands.join("\n")
        }
        other => panic!("no script: {other}"),
    }
}

fn between(file: &str, from: &str, to: &str) -> String {
    let text = text(file);
    let (_, rest) = text.split_once(from).unwrap();
    rest.split_once(to).unwrap().0.to_owned()
}

/// Both steps of the action, with the defaults of its inputs.
fn github() -> String {
    let action = yaml("github/action.yml");
    let mut script = String::new();
    for step in action["runs"]["steps"].as_array().unwrap() {
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            let input = value.as_str().unwrap().trim_start_matches("${{ inputs.");
            let input = input.trim_end_matches(" }}");
            let default = action["inputs"][input]["default"].as_str().unwrap();
            script.push_str(&format!("export {name}='{default}'\n"));
        }
        assert_eq!(step["shell"], "sh");
        script.push_str(step["run"].as_str().unwrap());
        script.push('\n');
    }
    script
}

fn bitbucket() -> String {
    strings(&yaml("bitbucket/bitbucket-pipelines.yml")["definitions"]["steps"][0]["step"]["script"])
}

fn circleci() -> String {
    let config = yaml("circleci/config.yml");
    let run = &config["jobs"]["secrets"]["steps"][1]["run"];
    let base = run["environment"]["STANCH_CI_BASE"].as_str().unwrap();
    assert_eq!(base, "<< pipeline.git.base_revision >>");
    strings(&run["command"])
}
