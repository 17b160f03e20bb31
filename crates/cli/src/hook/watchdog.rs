//! Ending the program in time, whatever a scan does.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Ends the program when its time is over, unless [`Watchdog::end`] was called
/// before.
pub(super) struct Watchdog {
    shared: Arc<Shared>,
    started: Instant,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    deadline: Instant,
    ended: bool,
}

impl Watchdog {
    /// Starts watching. When the time is over `late` tells what happens and
    /// gives the exit code; nothing else is written meanwhile by whoever asks
    /// [`Watchdog::end`] first.
    ///
    /// # Errors
    /// No thread can be started: nobody would end the program in time.
    pub(super) fn start(
        budget: Duration,
        late: impl FnOnce() -> i32 + Send + 'static,
    ) -> std::io::Result<Watchdog> {
        let started = Instant::now();
        let state = State { deadline: started + budget, ended: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let watched = Arc::clone(&shared);
        let watch = move || {
            // Held until the program is gone, so that the other side waits.
            if let Some(_state) = watched.wait() {
                leave(late());
            }
        };
        thread::Builder::new().name("watchdog".to_owned()).spawn(watch)?;
        Ok(Watchdog { shared, started })
    }

    /// Gives another budget, counted from the start too.
    pub(super) fn set(&self, budget: Duration) {
        self.shared.state().deadline = self.started + budget;
        self.shared.changed.notify_all();
    }

    /// The work is done in time: what is said now is the last word. Waits for
    /// ever if the time is just over.
    pub(super) fn end(&self) {
        self.shared.state().ended = true;
        self.shared.changed.notify_all();
    }

    /// Waits for the time to be over.
    pub(super) fn wait(&self) {
        while !self.shared.state().ended {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the deadline; none if the work was done before.
    fn wait(&self) -> Option<MutexGuard<'_, State>> {
        let mut state = self.state();
        loop {
            if state.ended {
                return None;
            }
            let left = state.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(state);
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Ends the program although other threads still work.
#[expect(clippy::exit, reason = "a scan that is stuck cannot be asked to stop")]
fn leave(code: i32) -> ! {
    std::process::exit(code)
}
