//! docs/benchmarks.md: what was measured, on what, and how to do it again.

use std::fmt::Write;
use std::fs;
use std::thread;

use super::Series;
use super::corpus::Corpus;
use super::measure::{Run, spread};
use super::special::Special;
use super::tools::Tool;

/// Everything that the page says.
pub(super) struct Facts<'a> {
    /// As in 2026-01-31.
    pub(super) date: String,
    pub(super) machine: String,
    pub(super) command: String,
    pub(super) rounds: usize,
    /// Stanch first.
    pub(super) tools: &'a [Tool],
    pub(super) corpora: &'a [Corpus],
    /// For each corpus, for each tool.
    pub(super) results: &'a [Vec<Series>],
    pub(super) special: &'a [Special],
    pub(super) binary_bytes: u64,
}

/// The page in Markdown.
pub(super) fn page(facts: &Facts<'_>) -> String {
    let mut page = format!(
        "# Benchmarks\n\n\
         Written by `{}` on {}; do not edit by hand.\n\n\
         - Machine: {}\n\
         - Size of the `stanch` binary: {:.1} MB\n",
        facts.command,
        facts.date,
        facts.machine,
        mega(facts.binary_bytes),
    );
    for tool in facts.tools {
        line(
            &mut page,
            &format!("- {}: `{}`, run as `{}`", tool.name, tool.version, tool.command()),
        );
    }
    line(
        &mut page,
        &format!(
            "\n## Real source code\n\n\
             After one warm-up, {} rounds in which each tool runs once, one after the other; \
             Kingfisher in the first two only.\n\
             Files are in the file cache.\n\
             ripgrep looks for one word and is here as the measure of what reading alone costs.\n\
             Each tool counts findings in its own way: ripgrep counts lines.",
            facts.rounds
        ),
    );
    for (corpus, results) in facts.corpora.iter().zip(facts.results) {
        one_corpus(&mut page, corpus, results);
    }
    if !facts.special.is_empty() {
        special(&mut page, facts.special);
    }
    page
}

fn one_corpus(page: &mut String, corpus: &Corpus, results: &[Series]) {
    let Corpus { name, package, files, bytes, .. } = corpus;
    line(
        page,
        &format!(
            "\n### {name}\n\nDebian package {package}: {files} files, {:.0} MB.\n\n\
             | tool | runs | wall, median (min–max) | CPU, median | peak memory, median | MB/s | \
             findings | wall beside Stanch |\n|---|--:|--:|--:|--:|--:|--:|--:|",
            mega(*bytes)
        ),
    );
    let wall = |series: &Series| spread(series.runs.iter().map(|run| run.wall));
    let ours = results.first().map_or(0.0, |series| wall(series).1);
    for series in results {
        let (least, median, most) = wall(series);
        let cpu = spread(series.runs.iter().map(|run| run.cpu)).1;
        let peak = spread(series.runs.iter().map(|run| run.peak_kib as f64)).1;
        line(
            page,
            &format!(
                "| {} | {} | {median:.2} s ({least:.2}–{most:.2}) | {cpu:.2} s | {:.0} MiB | \
                 {:.0} | {} | {} |",
                series.tool,
                series.runs.len(),
                peak / 1024.0,
                ratio(mega(*bytes), median),
                series.runs.last().map_or(0, |run| run.findings),
                times(ratio(median, ours)),
            ),
        );
    }
}

fn special(page: &mut String, special: &[Special]) {
    line(
        page,
        "\n## Files made to hurt\n\n\
         Stanch alone, one run each. Time must grow with the size and with nothing else.\n\n\
         | file | size | wall | MB/s | peak memory | findings | exit code |\n\
         |---|--:|--:|--:|--:|--:|--:|",
    );
    for Special { name, bytes, run } in special {
        let Run { wall, peak_kib, findings, exit, .. } = run;
        let size = mega(*bytes);
        let shown = if *bytes < 1_000_000 { format!("{bytes} B") } else { format!("{size:.0} MB") };
        let speed =
            if *bytes < 1_000_000 { "–".to_owned() } else { format!("{:.0}", size / wall) };
        line(
            page,
            &format!(
                "| {name} | {shown} | {wall:.3} s | {speed} | {} MiB | {findings} | {exit} |",
                peak_kib / 1024
            ),
        );
    }
    line(
        page,
        "\nExit code 0: nothing found; 1: findings; 2: nothing found, and a limit was reached or \
         something could not be read; 124: ended after 20 minutes.",
    );
}

/// Processor, cores, the vector instructions that matter here, and memory; no
/// name of the machine.
pub(super) fn machine() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = field(&cpu, "model name").unwrap_or("unknown processor");
    let flags = field(&cpu, "flags").unwrap_or_default();
    let known = ["sse4_2", "avx2", "avx512f", "avx512bw", "avx512vbmi"];
    let flags: Vec<&str> = flags.split(' ').filter(|flag| known.contains(flag)).collect();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = field(&memory, "MemTotal").and_then(|total| total.split(' ').next()?.parse().ok());
    let gib = kib.unwrap_or(0.0_f64) / 1024.0 / 1024.0;
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let system = system.unwrap_or("unknown system").trim_matches('"');
    format!("{cores} cores, {model} ({}), {gib:.0} GiB of memory, {system}", flags.join(", "))
}

/// The value of `name : value` in the files of /proc.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim())
    })
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Zero where there is nothing to compare with.
fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

fn times(ratio: f64) -> String {
    if ratio >= 10.0 { format!("{ratio:.0} ×") } else { format!("{ratio:.2} ×") }
}

fn line(page: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{text}");
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn the_page_says_medians_and_ratios() {
        let run = |wall| Run { wall, cpu: 2.0 * wall, peak_kib: 2048, exit: 1, findings: 3 };
        let corpora = [Corpus {
            name: "go",
            dir: PathBuf::new(),
            package: "golang-src 1".into(),
            files: 7,
            bytes: 100_000_000,
        }];
        let results = [vec![
            Series { tool: "Stanch".into(), runs: vec![run(1.0), run(4.0), run(2.0)] },
            Series { tool: "Other".into(), runs: vec![run(30.0)] },
        ]];
        let page = page(&Facts {
            date: "2026-01-31".into(),
            machine: "2 cores".into(),
            command: "cargo xtask bench".into(),
            rounds: 3,
            tools: &[],
            corpora: &corpora,
            results: &results,
            special: &[Special { name: "zeros".into(), bytes: 1_000_000_000, run: run(0.5) }],
            binary_bytes: 12_340_000,
        });
        for part in [
            "12.3 MB",
            "| Stanch | 3 | 2.00 s (1.00–4.00) | 4.00 s | 2 MiB | 50 | 3 | 1.00 × |",
            "| Other | 1 | 30.00 s (30.00–30.00) | 60.00 s | 2 MiB | 3 | 3 | 15 × |",
            "| zeros | 1000 MB | 0.500 s | 2000 | 2 MiB | 3 | 1 |",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
    }

    #[test]
    fn the_machine_is_described_without_its_name() {
        let text = machine();
        assert!(text.contains("cores"), "{text}");
        if let Ok(name) = fs::read_to_string("/etc/hostname") {
            assert!(name.trim().len() < 4 || !text.contains(name.trim()), "{text}");
        }
    }
}
