//! What is not run is built, or at least read, by the language's own tool.
//!
//! A tool that no package manager here has is named in the name of the trial.

use std::process::Command;

use libtest_mimic::{Failed, Trial};
use stanch_remedy::{Language, Manager};
use stanch_test_servers::tools;
use tree_sitter::Parser;

use crate::languages::{self, compile, file, own};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for language in Language::ALL {
        let (how, check): (_, fn() -> Result<(), Failed>) = match language {
            Language::Python => ("start, with their libraries", python),
            Language::JavaScript => ("start, with their libraries", javascript),
            Language::TypeScript => ("pass tsc --strict", || done(languages::typescript())),
            Language::Java => ("pass javac -Xlint:all", || done(languages::java())),
            Language::Go => ("are built", || done(languages::go())),
            Language::Ruby => ("pass ruby -wc", || each(Language::Ruby, "ruby", &["-wc"])),
            Language::CSharp => ("pass mcs --parse (their libraries are out of reach)", || {
                each(Language::CSharp, "mcs", &["--parse"])
            }),
            Language::Php => ("pass php -l", || each(Language::Php, "php", &["-l"])),
            Language::Rust => ("are parsed by rustfmt", || {
                each(Language::Rust, "rustfmt", &["--edition", "2024", "--emit", "stdout"])
            }),
            Language::Kotlin => ("pass kotlinc -Werror", || done(languages::kotlin())),
            Language::Shell => ("pass shellcheck", || {
                each(Language::Shell, "shellcheck", &["--shell=sh", "--severity=style"])
            }),
            Language::PowerShell => {
                ("are parsed by tree-sitter (no package manager here has PowerShell)", power_shell)
            }
        };
        trials.push(Trial::test(format!("{} snippets {how}", language.id()), check));
    }
    trials
}

fn done<T>(result: Result<T, String>) -> Result<(), Failed> {
    result.map(drop).map_err(Failed::from)
}

/// Has a tool look at every program of a language.
fn each(language: Language, tool: &str, options: &[&str]) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    for manager in Manager::ALL {
        let path = file(folder.path(), language, manager, false);
        compile(Command::new(tool).args(options).arg(path))?;
    }
    Ok(())
}

/// Starts programs whose servers are not there: without settings they must say
/// what is not set, and to get there they have loaded their libraries.
fn start(language: Language, program: &[String]) -> Result<(), Failed> {
    for (manager, variable) in [
        (Manager::AzureKeyVault, "AZURE_KEYVAULT_URL"),
        (Manager::GcpSecretManager, "GOOGLE_CLOUD_PROJECT"),
    ] {
        let folder = match language {
            Language::JavaScript => own(&tools::npm()),
            _ => own(&tools::folder()),
        };
        let path = file(&folder, language, manager, false);
        let (first, rest) = program.split_first().ok_or("no program")?;
        let output = Command::new(first)
            .args(rest)
            .arg(path)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() || !said.contains(&format!("{variable} is not set")) {
            return Err(format!("{}: {said}", manager.id()).into());
        }
    }
    Ok(())
}

fn python() -> Result<(), Failed> {
    let python = tools::python_libraries().join("bin/python");
    start(Language::Python, &[python.display().to_string()])
}

fn javascript() -> Result<(), Failed> {
    start(Language::JavaScript, &["node".to_owned()])
}

fn power_shell() -> Result<(), Failed> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into())?;
    for manager in Manager::ALL {
        let text = languages::text(Language::PowerShell, manager, false);
        let tree = parser.parse(&text, None).ok_or("nothing was parsed")?;
        if tree.root_node().has_error() {
            return Err(format!("{}: {}", manager.id(), tree.root_node().to_sexp()).into());
        }
    }
    Ok(())
}
