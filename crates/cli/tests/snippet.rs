//! `stanch snippet`.

mod support;

use support::World;

#[test]
fn a_program_says_what_it_needs_and_reads_by_the_names_of_the_detector() {
    let world = World::new();
    let args = ["snippet", "azure-devops-pat", "--manager", "vault", "--language", "python"];
    let run = world.run(&args);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains("# Needs: pip install hvac=="), "{}", run.out);
    assert!(run.out.contains("VAULT_ADDR"), "{}", run.out);
    assert!(
        run.out.contains(r#"secret = read_secret("secret/azure-devops/pat", "api_key")"#),
        "{}",
        run.out
    );
    let run = world.run(&["snippet", "azure-devops-pat", "-m", "env", "-l", "js"]);
    assert!(run.out.contains(r#"readVariable("AZURE_DEVOPS_PAT")"#), "{}", run.out);
}

#[test]
fn names_can_be_chosen() {
    let world = World::new();
    let args = [
        "snippet",
        "azure-devops-pat",
        "-m",
        "aws",
        "-l",
        "go",
        "--path",
        "ci/build",
        "--field",
        "token",
        "--format",
        "json",
    ];
    let run = world.run(&args);
    let said: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(said["expression"], r#"mustReadSecret("ci/build", "token")"#);
    assert!(said["program"].as_str().unwrap().contains(r#"mustReadSecret("ci/build", "token")"#));
    assert_eq!(said["needs"][1]["manager"], "go");
    let run =
        world.run(&["snippet", "azure-devops-pat", "-m", "aws", "-l", "python", "--field", ""]);
    assert!(run.out.contains(r#"read_secret("azure-devops/pat")"#), "{}", run.out);
    let run =
        world.run(&["snippet", "azure-devops-pat", "-m", "env", "-l", "go", "--variable", "PAT"]);
    assert!(run.out.contains(r#"mustReadVariable("PAT")"#), "{}", run.out);
}

#[test]
fn names_that_could_break_out_of_code_are_refused() {
    let world = World::new();
    for (flag, value) in [("--path", "a\")+evil(\""), ("--field", "a'b"), ("--variable", "A B")] {
        let run =
            world.run(&["snippet", "azure-devops-pat", "-m", "env", "-l", "python", flag, value]);
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.contains("not fit for code"), "{}", run.err);
    }
}

#[test]
fn without_a_choice_it_lists_what_there_is() {
    let world = World::new();
    let run = world.run(&["snippet", "azure-devops-pat", "--language", "java"]);
    assert_eq!(run.code, 0, "{}", run.err);
    for word in ["kubernetes", "conjur", "powershell", "--manager vault --language java"] {
        assert!(run.out.contains(word), "{word}: {}", run.out);
    }
}

#[test]
fn unknown_ids_get_suggestions() {
    let world = World::new();
    for (args, hint) in [
        (["azure-devops-pta", "env", "go"], "did you mean `azure-devops-pat`?"),
        (["azure-devops-pat", "vaul", "go"], "`vault`"),
        (["azure-devops-pat", "env", "cobol"], "`python`"),
    ] {
        let run = world.run(&["snippet", args[0], "--manager", args[1], "--language", args[2]]);
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.contains(hint), "{}", run.err);
    }
}
