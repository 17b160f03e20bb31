//! Installs ahead what tests would install when they come to it.
#![expect(clippy::print_stdout, reason = "a developer's tool talks to its terminal")]

fn main() {
    for (name, why, install) in stanch_test_servers::tools::ALL {
        println!("test tools: {name}: {why}");
        install();
    }
}
