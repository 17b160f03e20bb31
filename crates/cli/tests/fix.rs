//! `stanch fix`, with real repositories.
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod support;

use std::process::Command;

use support::{World, secret, seeded, token};

/// A repository with a program that has a token in it.
fn leaky() -> (World, String) {
    let world = World::repository();
    let token = token();
    world.write("src/app.py", format!("import sys\n\ndeploy_token = \"{token}\"\n"));
    world.write("readme", "words\n");
    world.commit("first");
    (world, token)
}

/// The binary, with `git` to be found and an identity.
fn stanch(world: &World, args: &[&str]) -> support::Run {
    let mut command: Command = world.command(args);
    command
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Ada Example")
        .env("GIT_AUTHOR_EMAIL", "ada@example.org")
        .env("GIT_COMMITTER_NAME", "Ada Example")
        .env("GIT_COMMITTER_EMAIL", "ada@example.org");
    support::Run::from(command.output().unwrap())
}

fn read(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.tree().join(name)).unwrap()
}

#[test]
fn a_literal_is_replaced_and_the_rest_of_the_file_stays() {
    let (world, token) = leaky();
    let run = stanch(&world, &["fix", "src/app.py:3:16"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(
        read(&world, "src/app.py"),
        "import os\nimport sys\n\ndeploy_token = os.environ[\"DEPLOY_TOKEN\"]\n"
    );
    assert!(run.out.contains("now reads DEPLOY_TOKEN"), "{}", run.out);
    assert!(!run.out.contains(&token) && !run.err.contains(&token));
    // A second run has nothing to do.
    let again = stanch(&world, &["fix", "src/app.py:4"]);
    assert_eq!(again.code, 2, "{}", again.out);
}

#[test]
fn two_secrets_never_get_one_name_or_one_place() {
    let (world, _) = leaky();
    let two = format!(
        "import sys\n\na = \"{}\"\nb = \"{}\"\n",
        token(),
        support::seeded("github-pat-classic", 2)
    );
    world.write("src/app.py", &two);
    let run = stanch(&world, &["fix", "src/app.py", "--to", "vault", "--path", "ci/github"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("ci/github is the place of one secret"), "{}", run.err);
    assert_eq!(read(&world, "src/app.py"), two);

    // In runs of their own neither knows of the other.
    for line in ["src/app.py:3", "src/app.py:5"] {
        let run = stanch(&world, &["fix", "--force", line]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
    let text = read(&world, "src/app.py");
    assert!(text.contains("a = os.environ[\"GITHUB_TOKEN\"]"), "{text}");
    assert!(text.contains("b = os.environ[\"GITHUB_TOKEN_2\"]"), "{text}");
}

#[test]
fn a_diff_shows_no_value_and_changes_nothing() {
    let (world, token) = leaky();
    let before = read(&world, "src/app.py");
    let run = stanch(&world, &["fix", "src/app.py", "--diff"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.starts_with("# For reading only"), "{}", run.out);
    assert!(run.out.contains("+deploy_token = os.environ[\"DEPLOY_TOKEN\"]"), "{}", run.out);
    assert!(run.out.contains("-deploy_token = \"ghp_"), "{}", run.out);
    assert!(!run.out.contains(&token) && !run.err.contains(&token));
    assert_eq!(read(&world, "src/app.py"), before);
}

#[test]
fn a_diff_masks_what_stays_as_well() {
    let world = World::repository();
    let (one, two) = (token(), secret("slack-bot-token"));
    world.write("app.js", format!("const a = \"{one}\";\nconst b = {{ \"{two}\": 1 }};\n"));
    world.commit("first");
    let run = stanch(&world, &["fix", "app.js", "--diff"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(!run.out.contains(&one) && !run.out.contains(&two), "{}", run.out);
    assert!(run.out.contains("name of a property"), "{}", run.out);
}

#[test]
fn a_fingerprint_fixes_every_place_with_one_name() {
    let world = World::repository();
    let token = token();
    world.write("a.rb", format!("token = '{token}'\n"));
    world.write("b/c.sh", format!("#!/bin/sh\ncurl -u ci:{token} https://example.com\n"));
    world.commit("first");
    let print = world.findings(&["scan", "."])[0]["fingerprint"].as_str().unwrap().to_owned();
    let run = stanch(&world, &["fix", &print[..12]]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(read(&world, "a.rb"), "token = ENV.fetch(\"GITHUB_TOKEN\")\n");
    assert_eq!(
        read(&world, "b/c.sh"),
        "#!/bin/sh\ncurl -u ci:\"${GITHUB_TOKEN:?}\" https://example.com\n"
    );
}

#[test]
fn files_that_git_could_not_bring_back_are_not_changed_without_force() {
    let (world, token) = leaky();
    world.write("src/app.py", format!("deploy_token = \"{token}\"\n"));
    let run = stanch(&world, &["fix", "src/app.py"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("src/app.py") && run.err.contains("--force"), "{}", run.err);
    assert!(read(&world, "src/app.py").contains(&token));
    let run = stanch(&world, &["fix", "src/app.py", "--force"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!read(&world, "src/app.py").contains(&token));
}

#[test]
fn without_a_repository_force_is_needed() {
    let world = World::new();
    world.write("app.rb", format!("token = '{}'\n", token()));
    let run = stanch(&world, &["fix", "app.rb"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--force"), "{}", run.err);
    assert_eq!(stanch(&world, &["fix", "app.rb", "--force"]).code, 0);
}

#[test]
fn a_branch_gets_one_commit_and_nothing_else_changes() {
    let (world, token) = leaky();
    world.write("readme", "changed words\n");
    let head = world.git(&["rev-parse", "HEAD"]);
    let run = stanch(&world, &["fix", "src/app.py", "--branch", "remove-secrets"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(read(&world, "src/app.py").contains(&token));
    assert_eq!(world.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(world.git(&["status", "--porcelain"]), " M readme\n");
    assert_eq!(world.git(&["diff", "--name-only", "main", "remove-secrets"]), "src/app.py\n");
    assert_eq!(world.git(&["rev-parse", "remove-secrets^"]), head);
    let shown = world.git(&["cat-file", "commit", "remove-secrets"]);
    assert!(shown.contains("fingerprint ") && shown.contains("Ada Example"), "{shown}");
    assert!(!shown.contains(&token));
    assert!(run.out.contains("--history"), "{}", run.out);
    let again = stanch(&world, &["fix", "src/app.py", "--branch", "remove-secrets"]);
    assert!(again.code == 2 && again.err.contains("already"), "{}", again.err);
}

#[test]
fn a_dotenv_file_leaves_the_repository_and_keeps_its_values() {
    let world = World::repository();
    let token = token();
    let text = format!("A=1\nGITHUB_TOKEN={token}\n");
    world.write("app/.env", &text);
    world.commit("first");
    let run = stanch(&world, &["fix", "app/.env"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(read(&world, "app/.env"), text);
    assert_eq!(read(&world, "app/.env.example"), "A=1\nGITHUB_TOKEN=\n");
    assert_eq!(read(&world, "app/.gitignore"), "/.env\n");
    assert_eq!(world.git(&["ls-files"]), "");
    world.git(&["add", "-A"]);
    assert_eq!(world.git(&["ls-files"]), "app/.env.example\napp/.gitignore\n");
}

#[test]
fn a_dotenv_file_leaves_in_a_branch_too() {
    let world = World::repository();
    world.write(".env", format!("GITHUB_TOKEN={}\n", token()));
    world.write(".gitignore", "target\n");
    world.commit("first");
    let run = stanch(&world, &["fix", ".env", "--branch", "fixed"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(world.git(&["ls-tree", "--name-only", "fixed"]), ".env.example\n.gitignore\n");
    assert_eq!(world.git(&["show", "fixed:.gitignore"]), "target\n/.env\n");
}

#[test]
fn what_cannot_be_expressed_is_left_with_a_reason() {
    let world = World::repository();
    world.write("config.json", format!("{{ \"token\": \"{}\" }}\n", token()));
    world.commit("first");
    let run = stanch(&world, &["fix", "config.json"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("JSON has no way"), "{}", run.out);
    assert_eq!(world.git(&["status", "--porcelain"]), "");
}

#[cfg(unix)]
#[test]
fn the_mode_of_a_file_stays() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::repository();
    world.write("deploy.sh", format!("#!/bin/sh\nTOKEN={}\n", token()));
    let path = world.tree().join("deploy.sh");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
    world.commit("first");
    assert_eq!(stanch(&world, &["fix", "deploy.sh"]).code, 0);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o750);
}

#[test]
fn two_files_of_a_go_package_share_one_function() {
    let world = World::repository();
    for (name, seed) in [("a.go", 1), ("b.go", 2)] {
        let token = seeded("github-pat-classic", seed);
        let variable = &name[..1];
        world.write(name, format!("package main\n\nvar {variable} = \"{token}\"\n"));
    }
    world.commit("first");
    let run = stanch(&world, &["fix", "."]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let all = read(&world, "a.go") + &read(&world, "b.go");
    assert_eq!(all.matches("func requireEnv(").count(), 1, "{all}");
    assert!(
        all.contains("requireEnv(\"GITHUB_TOKEN\")")
            && all.contains("requireEnv(\"GITHUB_TOKEN_2\")")
    );
}

/// A repository in whose past a token is everywhere.
fn past() -> (World, String) {
    let world = World::repository();
    let token = token();
    world.write("app.py", format!("token = \"{token}\"\n"));
    world.write("data/list.txt", (0..200).map(|n| format!("line {n}\n")).collect::<String>());
    world.commit("first");
    world.git(&["tag", "-a", "v1", "-m", &format!("uses {token}")]);
    world.git(&["checkout", "-q", "-b", "side"]);
    world.write("other.sh", format!("curl -u ci:{token} https://example.com\n"));
    world.commit(&format!("curl with {token}"));
    world.git(&["checkout", "-q", "main"]);
    world.write("app.py", "import os\ntoken = os.environ[\"GITHUB_TOKEN\"]\n");
    let head = world.commit("second");
    world.git(&["notes", "add", "-m", &format!("was {token}"), &head]);
    (world, token)
}

#[test]
fn a_plan_for_the_history_names_what_it_touches() {
    let (world, token) = past();
    world.git(&["remote", "add", "origin", "https://ada:not-a-secret@example.com/a.git"]);
    let run = stanch(&world, &["fix", "--history"]);
    assert_eq!(run.code, 1, "{}", run.err);
    for words in [
        "of 4 commits",
        "refs/heads/main",
        "refs/heads/side",
        "refs/tags/v1",
        "Ada Example",
        "https://example.com/a.git",
        "Revoke every secret first",
        "app.py",
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    assert!(!run.out.contains(&token) && !run.out.contains("not-a-secret@"), "{}", run.out);
}

#[test]
fn a_mirror_is_rewritten_and_proven_clean() {
    let (world, token) = past();
    let before = world.git(&["for-each-ref"]);
    let run = stanch(&world, &["fix", "--history", "--run", "--mirror", "mirror.git"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("Proven:"), "{}", run.out);
    assert!(!run.out.contains(&token) && !run.err.contains(&token));
    // The repository itself is as it was.
    assert_eq!(world.git(&["for-each-ref"]), before);
    // Looked at with other eyes.
    let all = world.git_in("mirror.git", &["log", "--all", "-p", "--format=%H%n%B%n%N"]);
    let objects = world.git_in("mirror.git", &["cat-file", "--batch-all-objects", "--batch"]);
    assert!(!all.contains(&token) && !objects.contains(&token));
    assert!(all.contains("***REMOVED-"), "{all}");
    let list = world.git(&["show", "main:data/list.txt"]);
    assert_eq!(world.git_in("mirror.git", &["show", "main:data/list.txt"]), list);
    // A folder that is there is never written into.
    let again = stanch(&world, &["fix", "--history", "--run", "--mirror", "mirror.git"]);
    assert!(again.code == 2 && again.err.contains("there already"), "{}", again.err);
}

#[test]
fn a_history_without_secrets_needs_nothing() {
    let world = World::repository();
    world.write("a", "words\n");
    world.commit("first");
    let run = stanch(&world, &["fix", "--history"]);
    assert_eq!((run.code, run.out.as_str()), (0, "The history has no secrets.\n"), "{}", run.err);
}
