//! `cargo xtask bench git`: histories and hooks. Writes docs/benchmarks-git.md.

use std::fmt::Write as _;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use super::measure::{Run, measure, spread};
use super::tools;
use super::{Args, Series, compare, report};
use crate::shell;

/// Files of a generated repository.
const FILES: usize = 2000;
/// Runs of a hook, of which the median counts.
const HOOK_RUNS: usize = 15;

pub(super) fn run(args: &Args, home: &Path, binary: &Path) -> Result<ExitCode> {
    let decode = build_decode()?;
    let commits = if args.quick { 20_000 } else { 100_000 };
    let mut repositories = Vec::new();
    for given in &args.history {
        repositories.push(mirror(home, given)?);
    }
    let plain = generate(home, "generated", commits, 0)?;
    let planted = generate(home, "generated-1000-secrets", commits, 1000)?;
    repositories.push(plain.clone());
    repositories.push(planted);

    let tools = tools::for_git(home, binary, &decode)?;
    let rounds = if args.quick { 3 } else { 5 };
    let mut page = format!(
        "# Benchmarks of histories and hooks\n\n\
         Written by `cargo xtask bench git{}` on {}; do not edit by hand.\n\n- Machine: {}\n",
        if args.quick { " --quick" } else { "" },
        shell::output(Command::new("date").args(["-u", "+%F"]))?,
        report::machine(),
    );
    for tool in &tools {
        let _ = writeln!(page, "- {}: `{}`, run as `{}`", tool.name, tool.version, tool.command());
    }
    page.push_str(
        "\n## Whole histories\n\nAfter one warm-up, the tools run one after the other in every \
         round; medians are compared.\nDecoding alone reads every object once with gix-pack and \
         does nothing with it.\n",
    );
    for repository in &repositories {
        let results = compare(home, &tools, repository, rounds)?;
        histories(&mut page, repository, &results)?;
    }
    page.push_str(&cached(home, binary, &plain)?);
    page.push_str(&hooks(home, binary, &plain)?);
    let path = shell::root().join("docs").join("benchmarks-git.md");
    fs::write(&path, &page)?;
    println!("{page}\nwrote docs/benchmarks-git.md");
    Ok(ExitCode::SUCCESS)
}

/// The program that decodes alone.
fn build_decode() -> Result<PathBuf> {
    let build = ["build", "--release", "-p", "stanch-sources", "--example", "history"];
    shell::run(shell::cargo().args(build))?;
    Ok(shell::target_dir()?.join("release").join("examples").join("history"))
}

fn git(dir: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(dir).args(["-c", "user.name=Ada Example", "-c", "user.email=a@example.org"]);
    git
}

/// A mirror of a bundle or repository.
fn mirror(home: &Path, given: &Path) -> Result<PathBuf> {
    let given = fs::canonicalize(given).with_context(|| given.display().to_string())?;
    let name = given.file_stem().unwrap_or_default();
    let dir = home.join("git").join(name).with_extension("git");
    if !dir.exists() {
        let mut clone = Command::new("git");
        shell::run(clone.args(["clone", "--quiet", "--mirror"]).arg(&given).arg(&dir))?;
    }
    Ok(dir)
}

/// A repository with many commits, each of which changes a few lines of one of
/// many files, on many branches; some of them with a secret in it.
fn generate(home: &Path, name: &str, commits: usize, secrets: usize) -> Result<PathBuf> {
    let dir = home.join("git").join(format!("{name}-{commits}"));
    if dir.join("done").exists() {
        return Ok(dir);
    }
    println!("generating {commits} commits");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir)?;
    shell::run(git(&dir).args(["init", "--quiet", "--initial-branch", "main"]))?;
    let mut import = git(&dir)
        .args(["fast-import", "--quiet", "--depth=50"])
        .stdin(Stdio::piped())
        .spawn()
        .context("git fast-import")?;
    {
        let mut out = BufWriter::new(import.stdin.take().context("no pipe to git")?);
        write_history(&mut out, commits, secrets)?;
    }
    ensure!(import.wait()?.success(), "git fast-import failed");
    shell::run(git(&dir).args(["reset", "--quiet", "--hard", "main"]))?;
    fs::write(dir.join("done"), "")?;
    Ok(dir)
}

fn write_history(out: &mut impl std::io::Write, commits: usize, secrets: usize) -> Result<()> {
    // A small generator is all the chance that is needed, and it repeats.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let line = |n: usize| format!("    let value_{} = compute({}, other_{});", n % 9973, n, n % 31);
    let mut files: Vec<Vec<String>> =
        (0..FILES).map(|file| (0..120).map(|n| line(file * 131 + n)).collect()).collect();
    let every = commits.checked_div(secrets).unwrap_or(usize::MAX).max(1);
    for commit in 0..commits {
        let file = random(FILES);
        for _ in 0..1 + random(3) {
            let at = random(files[file].len());
            files[file][at] = line(random(1 << 20));
        }
        let mut text = files[file].join("\n");
        if secrets > 0 && commit % every == 0 {
            let value: String = (0..20)
                .map(|_| {
                    char::from(
                        b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"[random(54)],
                    )
                })
                .collect();
            let _ = write!(text, "\n    db_password = \"{value}\"");
        }
        let branch =
            if commit % 50 == 49 { format!("side-{}", commit / 50 % 200) } else { "main".into() };
        let time = 1_500_000_000 + commit * 600;
        write!(
            out,
            "commit refs/heads/{branch}\nmark :{}\ncommitter Ada Example <a@example.org> {time} +0000\n\
             data 8\nchange\n\n",
            commit + 1
        )?;
        if branch != "main" {
            writeln!(out, "from :{}", commit)?;
        } else if commit > 0 && commit % 50 == 0 {
            writeln!(out, "from :{}", commit - 1)?;
        }
        writeln!(
            out,
            "M 100644 inline src/part{}/file{file}.rs\ndata {}\n{text}",
            file % 40,
            text.len()
        )?;
    }
    writeln!(out, "done")?;
    Ok(())
}

fn histories(page: &mut String, repository: &Path, results: &[Series]) -> Result<()> {
    let count = |what: &[&str]| shell::output(git(repository).args(what));
    let commits = count(&["rev-list", "--all", "--count"])?;
    let name = repository.file_name().unwrap_or_default().to_string_lossy();
    let _ = write!(
        page,
        "\n### {name}\n\n{} commits.\n\n\
         | tool | runs | wall, median (min–max) | CPU, median | peak memory, median | findings | wall beside Stanch |\n\
         |---|--:|--:|--:|--:|--:|--:|\n",
        commits.trim()
    );
    let ours = results.first().map_or(0.0, |series| median(&series.runs, |run| run.wall).1);
    for series in results {
        let (least, middle, most) = median(&series.runs, |run| run.wall);
        let _ = writeln!(
            page,
            "| {} | {} | {middle:.2} s ({least:.2}–{most:.2}) | {:.2} s | {:.0} MiB | {} | {:.2} × |",
            series.tool,
            series.runs.len(),
            median(&series.runs, |run| run.cpu).1,
            median(&series.runs, |run| run.peak_kib as f64).1 / 1024.0,
            series.runs.last().map_or(0, |run| run.findings),
            middle / ours,
        );
    }
    Ok(())
}

fn median(runs: &[Run], of: impl Fn(&Run) -> f64) -> (f64, f64, f64) {
    spread(runs.iter().map(of))
}

/// A second scan after ten new commits.
fn cached(home: &Path, binary: &Path, repository: &Path) -> Result<String> {
    let work = home.join("git").join("cached");
    let _ = fs::remove_dir_all(&work);
    let mut clone = Command::new("git");
    shell::run(clone.args(["clone", "--quiet"]).arg(repository).arg(&work))?;
    let file = home.join("git").join("cache.bin");
    let _ = fs::remove_file(&file);
    let cache = format!("--cache={}", file.display());
    let scan = || {
        let args =
            ["scan", "git", "--quiet", "--threads", "2", &cache].map(std::ffi::OsString::from);
        measure(
            binary,
            args.into_iter().chain([work.clone().into()]),
            &home.join("out").join("stdout"),
        )
    };
    let first = scan()?;
    for n in 0..10 {
        fs::write(work.join("new.txt"), format!("line {n}\n"))?;
        shell::run(git(&work).args(["add", "-A"]))?;
        shell::run(git(&work).args(["commit", "--quiet", "-m", "more"]))?;
    }
    let second = scan()?;
    Ok(format!(
        "\n## With a cache\n\nThe first scan takes {:.2} s; after ten new commits the second takes \
         {:.3} s, {:.1} % of it.\n",
        first.wall,
        second.wall,
        100.0 * second.wall / first.wall
    ))
}

/// Hooks as whole processes, in a clone of the repository.
fn hooks(home: &Path, binary: &Path, repository: &Path) -> Result<String> {
    let work = home.join("git").join("hooks");
    let _ = fs::remove_dir_all(&work);
    let mut clone = Command::new("git");
    shell::run(clone.args(["clone", "--quiet"]).arg(repository).arg(&work))?;
    let mut page = format!(
        "\n## Hooks\n\nWhole processes, {HOOK_RUNS} runs each, in a clone of the same repository; \
         `sh` that starts them included.\n\n| hook | what changed | wall, median (min–max) | peak memory |\n\
         |---|---|--:|--:|\n"
    );
    let mut row = |hook: &str, what: &str, script: &str| -> Result<()> {
        let script = format!("cd \"$0\" && {script}");
        let runs: Vec<Run> = (0..HOOK_RUNS)
            .map(|_| {
                let args = ["-c".as_ref(), script.as_ref(), work.as_os_str()];
                measure(Path::new("sh"), args, &home.join("out").join("stdout"))
            })
            .collect::<Result<_>>()?;
        ensure!(runs.iter().all(|run| run.exit == 0), "{hook} with {what} ended with an error");
        let (least, middle, most) = median(&runs, |run| run.wall * 1000.0);
        let peak = median(&runs, |run| run.peak_kib as f64).1 / 1024.0;
        let _ = writeln!(
            page,
            "| {hook} | {what} | {middle:.1} ms ({least:.1}–{most:.1}) | {peak:.0} MiB |"
        );
        Ok(())
    };
    let run = format!("exec '{}' hook run", binary.display());
    row("none", "nothing: what starting `sh` costs", "exec true")?;
    row("pre-commit", "nothing", &format!("{run} pre-commit"))?;
    let change = |count: usize| -> Result<()> {
        for file in 0..count {
            let path = work.join(format!("src/part{}/file{file}.rs", file % 40));
            let text = fs::read_to_string(&path)?;
            fs::write(&path, format!("{text}\n// changed\n"))?;
        }
        shell::run(git(&work).args(["add", "-A"]))
    };
    change(1)?;
    row("pre-commit", "1 file", &format!("{run} pre-commit"))?;
    change(200)?;
    row("pre-commit", "200 files", &format!("{run} pre-commit"))?;
    shell::run(git(&work).args(["commit", "--quiet", "-m", "many"]))?;
    for _ in 0..49 {
        change(3)?;
        shell::run(git(&work).args(["commit", "--quiet", "-m", "some"]))?;
    }
    let id = |name: &str| shell::output(git(&work).args(["rev-parse", name]));
    let (new, old) = (id("HEAD")?, id("origin/main")?);
    let (new, old) = (new.trim(), old.trim());
    let push = format!("echo refs/heads/main {new} refs/heads/main {old} |");
    row("pre-push", "50 commits", &format!("{push} {} pre-push origin url", &run[5..]))?;
    // What a server has before it takes a push: the objects, and the old reference.
    let receive = format!("echo {old} {new} refs/heads/main |");
    shell::run(git(&work).args(["update-ref", "refs/heads/main", old]))?;
    row("pre-receive", "50 commits", &format!("{receive} {} pre-receive", &run[5..]))?;
    Ok(page)
}
