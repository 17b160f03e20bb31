//! Every snippet that can be run is run, against the servers of
//! `stanch-test-servers`: it has to give what was planted, and to end with a
//! clear message where the value is missing, may not be read, or where nobody
//! answers. The rest is at least compiled or parsed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here is a failed test")]

mod languages;
mod parsed;
mod peers;
mod run;
mod shape;

use libtest_mimic::{Arguments, Trial};
use stanch_remedy::{Language, Manager};

fn main() {
    let mut trials = shape::trials();
    trials.extend(parsed::trials());
    for language in Language::ALL {
        for manager in Manager::ALL {
            let name = format!("{} reads from {}", language.id(), manager.id());
            if languages::runs(language, manager) {
                trials.push(Trial::test(name, move || run::check(language, manager)));
            }
        }
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    // Statics are not dropped, and moto is a process of its own.
    peers::stop();
    languages::clean();
    conclusion.exit();
}
