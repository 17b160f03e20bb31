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

/// Whether there is all that is needed to run this combination. What does not
/// run is compiled or parsed: see `parsed.rs`.
pub(crate) fn runs(language: Language, manager: Manager) -> bool {
    use Manager::{
        AwsSecretsManager, AzureKeyVault, Conjur, Env, GcpSecretManager, Kubernetes, Vault,
    };
    match (language, manager) {
        // There is no server for these two.
        (_, AzureKeyVault | GcpSecretManager) => false,
        (_, Env | Kubernetes) => language != Language::PowerShell,
        (Language::Php, AwsSecretsManager) => false,
        (Language::Shell, AwsSecretsManager | Vault) => false,
        // Their libraries come from registries that tests do not reach, or
        // are more to build than a test may cost.
        (Language::CSharp | Language::Rust | Language::PowerShell, _) => false,
        (_, AwsSecretsManager | Vault | Conjur) => true,
    }
}

/// What prints the value and nothing else.
fn printing(language: Language) -> &'static str {
    match language {
        Language::Python => "print(secret, end=\"\")",
        Language::JavaScript | Language::TypeScript => "process.stdout.write(secret);",
        Language::Java => "System.out.print(secret);",
        Language::Go => "fmt.Print(secret)",
        Language::Ruby => "print secret",
        Language::CSharp => "Console.Write(secret);",
        Language::Php => "echo $secret;",
        Language::Rust => "print!(\"{secret}\");",
        Language::Kotlin => "print(secret)",
        Language::Shell => "printf '%s' \"$secret\"",
        Language::PowerShell => "[Console]::Write($secret)",
    }
}

pub(crate) fn text(language: Language, manager: Manager, prints: bool) -> String {
    let written = written(language, manager);
    if prints { written.program_using(printing(language)) } else { written.program() }
}

/// A name for a variant of a program.
pub(crate) fn name(manager: Manager, prints: bool) -> String {
    format!("{}_{}", manager.id(), if prints { "print" } else { "plain" })
}

/// A folder of this process in a folder of tools, where programs find their
/// libraries.
pub(crate) fn own(tools: &Path) -> PathBuf {
    let folder = tools.join(format!("run-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Takes away what this process put into the folders of tools.
pub(crate) fn clean() {
    let all = tools::folder();
    let run = format!("run-{}", std::process::id());
    for folder in [all.clone(), all.join("npm"), all.join("maven"), all.join("go")] {
        // Most of them were never made.
        let _ = fs::remove_dir_all(folder.join(&run));
    }
}

/// Writes a program's variant into a folder.
pub(crate) fn file(folder: &Path, language: Language, manager: Manager, prints: bool) -> PathBuf {
    let ending = if language == Language::JavaScript { "mjs" } else { language.extension() };
    let path = folder.join(format!("{}.{ending}", name(manager, prints)));
    fs::write(&path, text(language, manager, prints)).unwrap();
    path
}

/// The program of a combination, built if need be.
pub(crate) fn program(
    language: Language,
    manager: Manager,
    prints: bool,
) -> Result<Program, String> {
    let name = name(manager, prints);
    let plain = |interpreter: &str| {
        let path = file(&own(&tools::folder()), language, manager, prints);
        Ok::<_, String>(vec![interpreter.to_owned(), shown(&path)])
    };
    let command = match language {
        Language::Python => plain(&shown(&tools::python_libraries().join("bin/python")))?,
        Language::Ruby => plain("ruby")?,
        Language::Php => {
            let path = file(&own(&tools::folder()), language, manager, prints);
            let php = ["php", "-d", "display_errors=stderr"].map(str::to_owned);
            php.into_iter().chain([shown(&path)]).collect()
        }
        Language::Shell => plain("sh")?,
        Language::JavaScript => {
            let path = file(&own(&tools::npm()), language, manager, prints);
            vec!["node".to_owned(), "--no-warnings".to_owned(), shown(&path)]
        }
        Language::TypeScript => {
            let path = typescript()?.join(format!("{name}.js"));
            vec!["node".to_owned(), "--no-warnings".to_owned(), shown(&path)]
        }
        Language::Java => virtual_machine(&java()?, &format!("{name}.Example")),
        Language::Kotlin => {
            // Kotlin names the class of a file's functions after the file.
            let class = format!("{}{}Kt", name[..1].to_ascii_uppercase(), &name[1..]);
            virtual_machine(&kotlin()?, &format!("{name}.{class}"))
        }
        Language::Go => vec![shown(&go()?.join(name))],
        Language::CSharp => {
            let path = file(&own(&tools::folder()), language, manager, prints);
            let built = path.with_extension("exe");
            compile(Command::new("mcs").arg(format!("-out:{}", built.display())).arg(path))?;
            vec!["mono".to_owned(), shown(&built)]
        }
        Language::Rust => {
            let path = file(&own(&tools::folder()), language, manager, prints);
            let built = path.with_extension("");
            let mut rustc = Command::new("rustc");
            rustc.args(["--edition", "2024", "-D", "warnings", "-o"]).arg(&built).arg(path);
            compile(&mut rustc)?;
            vec![shown(&built)]
        }
        Language::PowerShell => return Err("no package manager here has PowerShell".to_owned()),
    };
    let variables = match language {
        Language::Ruby => vec![("RUBYLIB".to_owned(), shown(&tools::ruby()))],
        _ => Vec::new(),
    };
    Ok(Program { command, variables })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn virtual_machine(classes: &Path, main: &str) -> Vec<String> {
    let path = format!("{}/lib/*:{}", tools::maven().display(), classes.display());
    // The programs live for a moment, so that optimising them costs more than
    // it gives.
    let all = ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", &path, main];
    all.map(str::to_owned).to_vec()
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

type Built = OnceLock<Result<PathBuf, String>>;

/// Classes of all Java programs, each in a package of its own.
pub(crate) fn java() -> Result<PathBuf, String> {
    static CLASSES: Built = OnceLock::new();
    let build = || {
        let maven = tools::maven();
        let folder = own(&maven).join("java");
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
        let options = [
            "-Xlint:all,-processing,-classfile,-path",
            "-Werror",
            "-proc:none",
            "-cp",
            &jars,
            "-d",
        ];
        compile(Command::new("javac").args(options).arg(&classes).args(sources))?;
        Ok(classes)
    };
    CLASSES.get_or_init(build).clone()
}

/// Classes of all Kotlin programs, each in a package of its own.
pub(crate) fn kotlin() -> Result<PathBuf, String> {
    static CLASSES: Built = OnceLock::new();
    let build = || {
        let maven = tools::maven();
        let folder = own(&maven).join("kotlin");
        fs::create_dir_all(&folder).unwrap();
        let mut sources = Vec::new();
        for manager in Manager::ALL {
            for prints in [false, true] {
                let path = file(&folder, Language::Kotlin, manager, prints);
                let text = fs::read_to_string(&path).unwrap();
                fs::write(&path, format!("package {}\n{text}", name(manager, prints))).unwrap();
                sources.push(path);
            }
        }
        let jars: Vec<String> = fs::read_dir(maven.join("lib"))
            .unwrap()
            .map(|entry| shown(&entry.unwrap().path()))
            .collect();
        let classes = folder.join("classes");
        let compiler = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler";
        let mut kotlinc = Command::new("java");
        kotlinc.arg("-cp").arg(format!("{}/lib/*", maven.display())).arg(compiler);
        kotlinc.args(["-no-stdlib", "-no-reflect", "-Werror", "-cp", &jars.join(":")]);
        compile(kotlinc.arg("-d").arg(&classes).args(sources))?;
        Ok(classes)
    };
    CLASSES.get_or_init(build).clone()
}

/// The JavaScript of all TypeScript programs.
pub(crate) fn typescript() -> Result<PathBuf, String> {
    static SCRIPTS: Built = OnceLock::new();
    let build = || {
        let npm = tools::npm();
        let folder = own(&npm).join("typescript");
        fs::create_dir_all(&folder).unwrap();
        for manager in Manager::ALL {
            for prints in [false, true] {
                file(&folder, Language::TypeScript, manager, prints);
            }
        }
        let options = serde_json::json!({ "compilerOptions": {
            "target": "es2022", "module": "nodenext", "strict": true, "skipLibCheck": true,
            "types": ["node"], "outDir": "out",
        } });
        fs::write(folder.join("tsconfig.json"), options.to_string()).unwrap();
        let tsc = npm.join("node_modules/typescript/bin/tsc");
        compile(Command::new("node").arg(tsc).arg("-p").arg(&folder))?;
        Ok(folder.join("out"))
    };
    SCRIPTS.get_or_init(build).clone()
}

/// The folder of all Go programs.
pub(crate) fn go() -> Result<PathBuf, String> {
    static BINARIES: Built = OnceLock::new();
    let build = || {
        let module = tools::go();
        let folder = own(&module);
        for manager in Manager::ALL {
            for prints in [false, true] {
                let program = folder.join(name(manager, prints));
                fs::create_dir_all(&program).unwrap();
                fs::write(program.join("main.go"), text(Language::Go, manager, prints)).unwrap();
            }
        }
        let binaries = folder.join("bin");
        fs::create_dir_all(&binaries).unwrap();
        let all = format!("./{}/...", folder.file_name().unwrap().to_string_lossy());
        let mut build = Command::new(tools::go_program());
        // Without what debuggers need they link in half the time.
        build.args(["build", "-mod=readonly", "-ldflags=-s -w", "-o"]);
        compile(build.arg(&binaries).arg(all).current_dir(module))?;
        Ok(binaries)
    };
    BINARIES.get_or_init(build).clone()
}
