//! `stanch scan git --cache`: the next scan says what a scan without it says.

mod support;

use support::{World, seeded};

const CACHE: &str = "--cache=../kept/cache.bin";

/// A repository with two secrets, one of which is gone.
fn with_past() -> World {
    let world = World::repository();
    world.write("a.env", format!("A={}\n", seeded("github-pat-classic", 11))).commit("first");
    world.write("b.env", format!("B={}\n", seeded("github-pat-classic", 12))).commit("second");
    world.write("a.env", "A=\n").commit("third");
    world
}

/// What is told of every finding, in order.
fn told(world: &World, args: &[&str]) -> Vec<String> {
    let keys = ["detector", "path", "line", "commit", "presence", "fingerprint", "masked"];
    let mut told: Vec<String> = world
        .findings(args)
        .iter()
        .map(|found| keys.map(|key| found[key].to_string()).join(" "))
        .collect();
    told.sort();
    told
}

#[test]
fn a_second_scan_says_what_the_first_said() {
    let world = with_past();
    let plain = told(&world, &["scan", "git"]);
    assert_eq!(plain.len(), 2);
    assert_eq!(told(&world, &["scan", "git", CACHE]), plain);
    assert_eq!(told(&world, &["scan", "git", CACHE]), plain);
}

#[test]
fn what_commits_brought_and_took_since_is_told() {
    let world = with_past();
    told(&world, &["scan", "git", CACHE]);
    world.write("c.env", format!("C={}\n", seeded("github-pat-classic", 13))).commit("fourth");
    world.write("b.env", "B=\n").commit("fifth");
    let plain = told(&world, &["scan", "git"]);
    assert_eq!(plain.len(), 3);
    assert_eq!(told(&world, &["scan", "git", CACHE]), plain);
    // A history that was written anew is read anew.
    world.git(&["reset", "-q", "--hard", "HEAD~3"]);
    world.commit("another third");
    assert_eq!(told(&world, &["scan", "git", CACHE]), told(&world, &["scan", "git"]));
}

#[test]
fn messages_and_names_say_the_same_however_they_are_read() {
    let world = with_past();
    let token = |seed| seeded("github-pat-classic", seed);
    world.commit(&format!("with {}", token(14)));
    told(&world, &["scan", "git", CACHE]);
    world.commit(&format!("use\n\nTOKEN={}\npassword: whatever it takes\n", token(15)));
    let author = format!("--author=A <{}@example.org>", token(16));
    world.git(&["commit", "-q", "--allow-empty", "-mplain", &author]);
    world.git(&["tag", "-a", &format!("v1-{}", token(17)), "-m", &token(18)]);
    world.git(&["branch", &format!("fix/{}", token(19))]);
    let plain = told(&world, &["scan", "git"]);
    for seed in 14..=19 {
        let masked = &token(seed)[36..];
        assert!(plain.iter().any(|found| found.contains(masked)), "{seed}: {plain:#?}");
    }
    assert_eq!(told(&world, &["scan", "git", CACHE]), plain);
}

#[test]
fn with_a_reference_that_cannot_be_read_nothing_is_kept() {
    let world = with_past();
    let plain = told(&world, &["scan", "git", CACHE]);
    let file = world.tree().join("../kept/cache.bin");
    let kept = std::fs::read(&file).unwrap();
    let broken = world.tree().join(".git/refs/heads/broken");
    std::fs::write(&broken, "no object\n").unwrap();
    world.write("f.env", format!("F={}\n", seeded("github-pat-classic", 20))).commit("more");
    assert_eq!(told(&world, &["scan", "git", CACHE]).len(), plain.len() + 1);
    let run = world.run(&["scan", "git", CACHE, "--format", "json"]);
    assert!(run.out.contains("refs/heads/broken"), "{}", run.out);
    assert!(run.out.contains("\"complete\": false"), "{}", run.out);
    assert_eq!(std::fs::read(&file).unwrap(), kept);
    std::fs::remove_file(broken).unwrap();
    assert_eq!(told(&world, &["scan", "git", CACHE]), told(&world, &["scan", "git"]));
    assert_ne!(std::fs::read(&file).unwrap(), kept);
}

#[test]
fn a_new_detector_reads_the_past() {
    let world = with_past();
    world.write("d.txt", "the code is zyxw-4711-4712-4713\n").commit("fourth");
    world.write("d.txt", "\n").commit("fifth");
    told(&world, &["scan", "git", CACHE]);
    let detector = r#"
[provider]
id       = "acme"
name     = "Acme"
category = "saas"

[[detector]]
id       = "acme-code"
name     = "Acme code"
severity = "high"
risk     = "Opens the warehouse."
keywords = ["zyxw-"]
pattern  = '''\b(?<secret>zyxw-[0-9]{4}-[0-9]{4}-[0-9]{4})\b'''
matches  = ["code = {sample}"]
rejects  = ["code = zyxw-<yours>"]
"#;
    std::fs::create_dir(world.tree().join("../own")).unwrap();
    std::fs::write(world.tree().join("../own/acme.toml"), detector).unwrap();
    let own = ["scan", "git", "--detectors", "../own"];
    let plain = told(&world, &own);
    assert_eq!(plain.len(), 3, "{plain:?}");
    assert_eq!(told(&world, &[&own[..], &[CACHE]].concat()), plain);
    // And without it again.
    assert_eq!(told(&world, &["scan", "git", CACHE]).len(), 2);
}

#[test]
fn the_file_holds_no_secret_and_a_broken_one_is_made_anew() {
    let world = with_past();
    let plain = told(&world, &["scan", "git", CACHE]);
    let file = world.tree().join("../kept/cache.bin");
    let bytes = std::fs::read(&file).unwrap();
    for seed in [11, 12] {
        let secret = seeded("github-pat-classic", seed);
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
    for broken in [&b""[..], b"nonsense", &bytes[..bytes.len() / 2]] {
        std::fs::write(&file, broken).unwrap();
        assert_eq!(told(&world, &["scan", "git", CACHE]), plain);
    }
}

#[cfg(unix)]
#[test]
fn a_scan_that_is_killed_leaves_a_usable_file() {
    let world = with_past();
    let plain = told(&world, &["scan", "git", CACHE]);
    for wait in [0, 2, 5, 10, 20, 40] {
        world.write("e.txt", format!("{wait}\n")).commit("more");
        let mut scan = world.command(&["scan", "git", CACHE]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        // Kill is SIGKILL, which nothing can catch.
        let _ = scan.kill();
        scan.wait().unwrap();
        assert_eq!(told(&world, &["scan", "git", CACHE]), plain, "after {wait} ms");
    }
}
