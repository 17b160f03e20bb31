//! How programs of each language are built and started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use stanch_remedy::{Language, Manager};
use stanch_test_servers::tools;

use crate::run::written;

/// A program that can be started.
pub(crate) struct Program {
    pub(crate) command: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
}

/// The managers that programs are run against.
const RUN: [Manager; 5] = [
    Manager::Env,
    Manager::AwsSecretsManager,
    Manager::Vault,
    Manager::Conjur,
    Manager::Kubernetes,
];

/// Whether there is all that is needed to run this combination.
pub(crate) fn runs(language: Language, manager: Manager) -> bool {
    let runnable = matches!(
        language,
        Language::Python | Language::JavaScript | Language::Java | Language::Go | Language::Ruby
    );
    runnable && RUN.contains(&manager)
}

/// What prints the value and nothing else.
fn printing(language: Language) -> &'static str {
    match language {
        Language::Python => "print(secret, end=\"\")",
        Language::JavaScript | Language::TypeScript => "process.stdout.write(secret);",
        Language::Java => "System.out.print(secret);",
        Language::Go => "fmt.Print(secret)",
        Language::Ruby => "print secret",
        _ => unreachable!("it is not run"),
    }
}

fn text(language: Language, manager: Manager, prints: bool) -> String {
    let written = written(language, manager);
    if prints { written.program_using(printing(language)) } else { written.program() }
}

/// A name for a variant of a program.
fn name(manager: Manager, prints: bool) -> String {
    format!("{}_{}", manager.id(), if prints { "print" } else { "plain" })
}

/// A folder of this process in a folder of tools, where programs find their
/// libraries.
fn own(tools: &Path) -> PathBuf {
    let folder = tools.join(format!("run-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The program of a combination, built if need be.
pub(crate) fn program(
    language: Language,
    manager: Manager,
    prints: bool,
) -> Result<Program, String> {
    let file = |folder: &Path, ending: &str| {
        let path = folder.join(format!("{}.{ending}", name(manager, prints)));
        fs::write(&path, text(language, manager, prints)).unwrap();
        path.display().to_string()
    };
    let command = match language {
        Language::Python => {
            let venv = tools::python_libraries();
            vec![venv.join("bin/python").display().to_string(), file(&own(&venv), "py")]
        }
        Language::JavaScript => {
            vec!["node".to_owned(), "--no-warnings".to_owned(), file(&own(&tools::npm()), "mjs")]
        }
        Language::Java => {
            let classes = java()?;
            let path = format!("{}/lib/*:{}", tools::maven().display(), classes.display());
            let main = format!("{}.Example", name(manager, prints));
            let quick = ["-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp"];
            let mut command = vec!["java".to_owned()];
            command.extend(quick.map(str::to_owned));
            command.extend([path, main]);
            command
        }
        Language::Go => vec![go()?.join(name(manager, prints)).display().to_string()],
        Language::Ruby => vec!["ruby".to_owned(), file(&own(&tools::folder()), "rb")],
        _ => unreachable!("it is not run"),
    };
    let variables = match language {
        Language::Ruby => vec![("RUBYLIB".to_owned(), tools::ruby().display().to_string())],
        _ => Vec::new(),
    };
    Ok(Program { command, variables })
}

/// Runs a compiler; what it says if it does not like the programs.
pub(crate) fn compile(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("cannot run {name}: {error}; `cargo xtask test` installs it"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{name}: {}", String::from_utf8_lossy(&said)))
}

/// Classes of all Java programs, each in a package of its own.
pub(crate) fn java() -> Result<PathBuf, String> {
    static CLASSES: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    CLASSES
        .get_or_init(|| {
            let maven = tools::maven();
            let folder = own(&maven);
            let mut sources = Vec::new();
            for manager in Manager::ALL {
                for prints in [false, true] {
                    let name = name(manager, prints);
                    fs::create_dir_all(folder.join(&name)).unwrap();
                    let path = folder.join(&name).join("Example.java");
                    let text = text(Language::Java, manager, prints);
                    fs::write(&path, format!("package {name};\n{text}")).unwrap();
                    sources.push(path);
                }
            }
            let classes = folder.join("classes");
            let jars = format!("{}/lib/*", maven.display());
            let options = ["-Xlint:all,-processing,-classfile", "-Werror", "-proc:none", "-cp"];
            compile(
                Command::new("javac").args(options).arg(jars).arg("-d").arg(&classes).args(sources),
            )?;
            Ok(classes)
        })
        .clone()
}

/// The folder of all Go programs.
pub(crate) fn go() -> Result<PathBuf, String> {
    static BINARIES: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BINARIES
        .get_or_init(|| {
            let module = tools::go();
            let folder = own(&module);
            for manager in Manager::ALL {
                for prints in [false, true] {
                    let program = folder.join(name(manager, prints));
                    fs::create_dir_all(&program).unwrap();
                    fs::write(program.join("main.go"), text(Language::Go, manager, prints))
                        .unwrap();
                }
            }
            let binaries = folder.join("bin");
            fs::create_dir_all(&binaries).unwrap();
            let all = format!("./{}/...", folder.file_name().unwrap().to_string_lossy());
            let mut build = Command::new("go");
            build.args(["build", "-mod=readonly", "-ldflags=-s -w", "-o"]);
            // Stripped of what debuggers need, they link in half the time.
            compile(build.arg(&binaries).arg(all).current_dir(module))?;
            Ok(binaries)
        })
        .clone()
}
