//! One run of one program: time, memory, exit code.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// Elapsed seconds.
    pub(super) wall: f64,
    /// Seconds of all processors, user and system.
    pub(super) cpu: f64,
    /// Peak resident memory in KiB.
    pub(super) peak_kib: u64,
    /// Exit code; 124 where the time limit ended it.
    pub(super) exit: i32,
    /// What the tool reports, in its own way of counting.
    pub(super) findings: u64,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { wall, cpu, peak_kib, exit, findings } = self;
        let peak = peak_kib / 1024;
        write!(f, "{wall:.3} s, CPU {cpu:.2} s, {peak} MiB, {findings} found, exit code {exit}")
    }
}

/// Longest run, in seconds.
const LIMIT: &str = "1200";

/// Runs a program with its standard output in `stdout`. GNU time asks the
/// kernel for the resources of the process that it waited for.
pub(super) fn measure<I, S>(program: &Path, args: I, stdout: &Path) -> Result<Run>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let usage = stdout.with_extension("usage");
    let mut command = Command::new("/usr/bin/time");
    command
        .args(["--quiet", "--format=%U %S %M %x", "--output"])
        .arg(&usage)
        .args(["timeout", LIMIT])
        .arg(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(File::create(stdout)?)
        .stderr(Stdio::null());
    let start = Instant::now();
    command.status().context("cannot run /usr/bin/time")?;
    let wall = start.elapsed().as_secs_f64();
    let text = fs::read_to_string(&usage)?;
    let run = parse(&text, wall).with_context(|| format!("GNU time said {text:?}"))?;
    // What could not be started, and what a signal ended, was not measured.
    if (125..=127).contains(&run.exit) {
        bail!("{} could not be run", program.display());
    }
    Ok(run)
}

fn parse(text: &str, wall: f64) -> Option<Run> {
    let mut fields = text.lines().next_back()?.split_whitespace();
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    let peak_kib = fields.next()?.parse().ok()?;
    let exit = fields.next()?.parse().ok()?;
    Some(Run { wall, cpu: user + system, peak_kib, exit, findings: 0 })
}

/// Least, middle and greatest of some numbers; of an even count the mean of the
/// middle two. All zero for none.
pub(super) fn spread(numbers: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    let last = sorted.len().saturating_sub(1);
    (at(0), f64::midpoint(at(last / 2), at(last.div_ceil(2))), at(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_numbers_is_least_middle_greatest() {
        assert_eq!(spread([3.0, 1.0, 2.0].into_iter()), (1.0, 2.0, 3.0));
        assert_eq!(spread([4.0, 1.0, 2.0, 3.0].into_iter()), (1.0, 2.5, 4.0));
        assert_eq!(spread([7.0].into_iter()), (7.0, 7.0, 7.0));
        assert_eq!(spread(std::iter::empty()), (0.0, 0.0, 0.0));
    }

    #[test]
    fn what_time_says_is_read_from_its_last_line() {
        let run = parse("Command exited\n1.50 0.25 2048 3\n", 1.0).unwrap();
        assert_eq!((run.cpu, run.peak_kib, run.exit), (1.75, 2048, 3));
        assert!(parse("", 1.0).is_none() && parse("1 2 x 4", 1.0).is_none());
    }
}
