//! Packs `detectors/*.toml` of the repository into the binary.

use std::path::{Path, PathBuf};
use std::{env, fs};

use stanch_rules::book::Book;
use stanch_rules::load;

fn main() {
    if let Err(faults) = pack() {
        for fault in faults {
            println!("cargo::error={fault}");
        }
    }
}

fn pack() -> Result<(), Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../detectors");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut paths: Vec<PathBuf> = fs::read_dir(&root)
        .map_err(|e| vec![format!("{}: {e}", root.display())])?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();

    let mut sources = Vec::new();
    let mut faults = Vec::new();
    let mut listing = String::from("&[\n");
    for path in paths {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = format!("detectors/{}", path.file_name().unwrap_or_default().to_string_lossy());
        match fs::read_to_string(&path) {
            Err(e) => faults.push(format!("{name}: {e}")),
            Ok(text) => match load::parse(&name, &text) {
                Err(e) => faults.push(e.to_string()),
                Ok(source) => {
                    listing.push_str(&format!("    ({name:?}, include_str!({:?})),\n", path));
                    sources.push(source);
                }
            },
        }
    }
    listing.push(']');
    let pack = match load::pack(&sources) {
        Ok(pack) => pack,
        Err(errors) => {
            faults.extend(errors.iter().map(ToString::to_string));
            return Err(faults);
        }
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let bytes = pack.to_bytes().map_err(|e| vec![e.to_string()])?;
    fs::write(out.join("pack.bin"), bytes).map_err(|e| vec![e.to_string()])?;
    // Apart from the pack, so that a scan does not read what it does not need.
    let book = Book::of(sources.iter().map(|source| &source.content));
    let bytes = book.to_bytes().map_err(|e| vec![e.to_string()])?;
    fs::write(out.join("book.bin"), bytes).map_err(|e| vec![e.to_string()])?;
    fs::write(out.join("files.rs"), listing).map_err(|e| vec![e.to_string()])?;
    Ok(())
}
