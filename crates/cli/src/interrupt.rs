//! Tidying up when the program is told to stop.
//!
//! A scan has no way to be stopped in its midst, so Ctrl-C and its kin end the
//! program. What must not be left behind is told here beforehand.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

/// What is removed before the program ends.
struct Leftovers {
    file: Option<PathBuf>,
    progress: Option<ProgressBar>,
    watched: bool,
}

static LEFTOVERS: Mutex<Leftovers> =
    Mutex::new(Leftovers { file: None, progress: None, watched: false });

/// Makes a file that is removed when the program is interrupted, until
/// [`keep`] is called. No interruption comes between its making and that.
///
/// # Errors
/// What `make` fails with.
pub(crate) fn guarded<T>(
    make: impl FnOnce() -> std::io::Result<T>,
    path: impl Fn(&T) -> &Path,
) -> std::io::Result<T> {
    let mut leftovers = leftovers();
    let made = make()?;
    leftovers.file = Some(path(&made).to_owned());
    Ok(made)
}

/// Calls `finish`, after which the file is there to stay or gone already.
pub(crate) fn keep<T>(finish: impl FnOnce() -> T) -> T {
    let mut leftovers = leftovers();
    leftovers.file = None;
    finish()
}

/// Wipes this bar off the terminal when the program is interrupted.
pub(crate) fn wipe(bar: &ProgressBar) {
    leftovers().progress = Some(bar.clone());
}

/// Locked, with the watch begun.
fn leftovers() -> MutexGuard<'static, Leftovers> {
    let mut leftovers = LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner);
    if !leftovers.watched {
        leftovers.watched = true;
        #[cfg(unix)]
        unix::watch();
    }
    leftovers
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::sync::PoisonError;
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::LEFTOVERS;

    /// Waits for a signal on a thread of its own.
    pub(super) fn watch() {
        let ignored = ignored();
        let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| {
            // `nohup`, and shells that put a program into the background, mean it.
            ignored & (1 << (signal - 1)) == 0
        });
        // Without a watch the program still ends, though less tidily.
        let Ok(mut signals) = Signals::new(wanted) else { return };
        let watch = move || {
            for signal in signals.forever() {
                // Held to the end, so that nothing new appears meanwhile.
                let mut leftovers = LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(bar) = leftovers.progress.take() {
                    bar.finish_and_clear();
                }
                if let Some(file) = leftovers.file.take() {
                    let _ = fs::remove_file(file);
                }
                // Shells tell a program that a signal ended from one that failed.
                let _ = emulate_default_handler(signal);
            }
        };
        let _ = thread::Builder::new().name("signals".to_owned()).spawn(watch);
    }

    /// Signals that this program was started to ignore, as bits from 1 on; none
    /// where the system does not say.
    fn ignored() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }
}
