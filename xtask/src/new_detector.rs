//! `cargo xtask new-detector NAME`: a detector file with places to fill.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::shell;
use crate::tidy::{PLACE_TO_FILL, is_kebab_case};

const TEMPLATE: &str = include_str!("../templates/detector.toml");

/// Start the detector file of a provider: detectors/NAME.toml.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The provider's id in kebab-case, for example `hugging-face`.
    name: String,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let name = &args.name;
    write(&shell::root(), name)?;
    println!("wrote detectors/{name}.toml. Next:");
    println!("  1. fill the places marked {PLACE_TO_FILL}:    $EDITOR detectors/{name}.toml");
    println!("  2. test its samples:                    cargo test -p stanch-detectors {name}");
    println!(
        "  3. see what users will see:             \
         cargo run -p stanch -- detectors show {name}-api-key"
    );
    println!("  4. write its page in docs/detectors:    cargo xtask gen");
    Ok(ExitCode::SUCCESS)
}

fn write(root: &Path, name: &str) -> Result<()> {
    if !is_kebab_case(name) {
        bail!(
            "`{name}` is not kebab-case: use lower-case letters and digits, with single dashes \
             between words, such as `hugging-face`"
        );
    }
    let path = root.join("detectors").join(format!("{name}.toml"));
    // One step, so that a file that appears meanwhile is not overwritten.
    let mut file = fs::File::create_new(&path).with_context(|| {
        format!("cannot make {}; to add to a provider, edit its file", path.display())
    })?;
    file.write_all(fill(name).as_bytes())?;
    Ok(())
}

fn fill(name: &str) -> String {
    let variable = name.to_ascii_uppercase().replace('-', "_");
    TEMPLATE.replace("{name}", name).replace("{NAME}", &variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_a_detector_file() {
        let source = stanch_rules::load::parse("a-b.toml", &fill("a-b")).unwrap();
        assert_eq!(source.content.provider.id, "a-b");
        assert_eq!(source.content.detectors[0].env.as_deref(), Some("A_B_API_KEY"));
        if let Err(errors) = stanch_rules::load::pack(&[source]) {
            let shown: Vec<String> = errors.iter().map(|e| e.to_string()).collect();
            panic!("{}", shown.join("\n"));
        }
    }

    #[test]
    fn the_template_marks_its_places_and_the_live_check_in_it_loads() {
        assert!(TEMPLATE.contains(PLACE_TO_FILL));
        let mut on = false;
        let text: String = fill("a-b")
            .replace("hosts    = []", "hosts    = [\"api.example.com\"]")
            .lines()
            .map(|line| {
                on = (on || line.starts_with("# [request")) && line.starts_with('#');
                format!("{}\n", if on { line.trim_start_matches("# ") } else { line })
            })
            .collect();
        let source = stanch_rules::load::parse("a-b.toml", &text).unwrap();
        assert_eq!(source.content.request.len(), 1);
        assert!(stanch_rules::load::pack(&[source]).is_ok());
    }

    #[test]
    fn a_name_that_is_taken_or_not_kebab_case_is_refused() {
        let root = std::env::temp_dir().join(format!("xtask-new-detector-{}", std::process::id()));
        fs::create_dir_all(root.join("detectors")).unwrap();
        write(&root, "a-b").unwrap();
        let taken = write(&root, "a-b").unwrap_err();
        assert!(taken.to_string().contains("edit its file"), "{taken}");
        for name in ["A", "a_b", "a--b", "-a", "a-", "", "../a", "a/b"] {
            assert!(write(&root, name).unwrap_err().to_string().contains("kebab-case"), "{name}");
        }
        fs::remove_dir_all(&root).unwrap();
    }
}
