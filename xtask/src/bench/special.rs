//! Files made to hurt: huge ones, empty ones, and text on which a scanner that
//! is not linear never ends.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::corpus::Corpus;
use super::measure::Run;
use super::tools::Tool;

/// One file and what scanning it took.
pub(super) struct Special {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) run: Run,
}

const MB: u64 = 1_000_000;

/// Texts that look like the beginning of something at every place. Each is
/// repeated to 100 MB.
const WORST: &[(&str, &str)] = &[
    ("key id prefixes", "AKIA-AKIA-"),
    ("token beginnings", "eyJ-eyJ-"),
    ("assignments without end", "key=key=password=secret="),
    ("joined strings", "\"a\"+\"a\"+"),
    ("percent signs", "%41%41"),
    ("unicode escapes", "\\u0041\\u0061"),
    ("character references", "&#65;&#x41;"),
    ("URL beginnings", "a://b:c@"),
    ("PEM beginnings", "-----BEGIN PRIVATE KEY-----\nAAAA\n"),
    ("gzip beginnings in base64", "H4sIAAAAAAAA/"),
];

/// Makes what is not there yet and scans each file once.
pub(super) fn measure(home: &Path, corpora: &[Corpus], tool: &Tool) -> Result<Vec<Special>> {
    let dir = home.join("special");
    fs::create_dir_all(&dir)?;
    let real = &corpora.first().context("no corpus")?.dir;
    let mut files = vec![("one short line".to_owned(), dir.join("one-line.txt"))];
    make(&files[0].1, |file| Ok(file.write_all(b"let answer = 42;\n")?))?;

    let mut add = |name: &str, file: &str, write: &dyn Fn(&mut dyn Write) -> Result<()>| {
        let path = dir.join(file);
        make(&path, |file| write(file))?;
        files.push((name.to_owned(), path));
        anyhow::Ok(())
    };
    add("one file of source code", "huge.txt", &|file| real_text(file, real, 2000 * MB, false))?;
    add("one line", "line.txt", &|file| real_text(file, real, 100 * MB, true))?;
    add("zeros", "zeros.bin", &|file| repeat(file, &[0; 4096], 1000 * MB))?;
    for (name, text) in WORST {
        let file = format!("worst-{}.txt", name.replace(' ', "-"));
        add(&format!("worst text: {name}"), &file, &|file| {
            repeat(file, text.as_bytes(), 100 * MB)
        })?;
    }
    add("worst text: base64 in base64", "worst-nested.txt", &|file| {
        repeat(file, format!("{}\n", nested(8)).as_bytes(), 100 * MB)
    })?;

    let mut results = Vec::new();
    for (name, path) in files {
        let bytes = fs::metadata(&path)?.len();
        let run = tool.run(home, &path)?;
        println!("{name}: {run}");
        results.push(Special { name, bytes, run });
    }
    Ok(results)
}

/// Writes a file under another name first, so that half a file is never taken
/// for a whole one.
fn make(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    if path.is_file() {
        return Ok(());
    }
    println!("making {}", path.display());
    let part = path.with_extension("part");
    let mut file = BufWriter::new(File::create(&part)?);
    write(&mut file)?;
    file.flush()?;
    fs::rename(part, path)?;
    Ok(())
}

/// `text` again and again, cut at `bytes`.
fn repeat(file: &mut dyn Write, text: &[u8], bytes: u64) -> Result<()> {
    let block = text.repeat(1 + 65536 / text.len().max(1));
    let mut left = bytes;
    while left > 0 {
        let part = block.get(..left.try_into().unwrap_or(usize::MAX)).unwrap_or(&block);
        file.write_all(part)?;
        left -= part.len() as u64;
    }
    Ok(())
}

/// The files of a folder in the order of their names, again and again, cut at
/// `bytes`; in one line if asked.
fn real_text(file: &mut dyn Write, dir: &Path, bytes: u64, one_line: bool) -> Result<()> {
    let mut left = bytes;
    while left > 0 {
        let before = left;
        append(file, dir, &mut left, one_line)?;
        anyhow::ensure!(left < before, "{} holds nothing", dir.display());
    }
    Ok(())
}

fn append(file: &mut dyn Write, dir: &Path, left: &mut u64, one_line: bool) -> Result<()> {
    let mut entries: Vec<_> = fs::read_dir(dir)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        if *left == 0 {
            break;
        } else if kind.is_dir() {
            append(file, &entry.path(), left, one_line)?;
        } else if kind.is_file() {
            let mut text = fs::read(entry.path())?;
            text.truncate((*left).try_into().unwrap_or(usize::MAX));
            if one_line {
                text.iter_mut().filter(|b| matches!(b, b'\n' | b'\r')).for_each(|b| *b = b' ');
            }
            file.write_all(&text)?;
            *left -= text.len() as u64;
        }
    }
    Ok(())
}

/// A text in base64, in base64, and so on.
fn nested(depth: usize) -> String {
    let mut text = "password = nothing to be seen here; ".repeat(20);
    for _ in 0..depth {
        text = data_encoding::BASE64.encode(text.as_bytes());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_text_has_the_size_asked_for() {
        let mut out = Vec::new();
        repeat(&mut out, b"abc", 200_000).unwrap();
        assert_eq!(out.len(), 200_000);
        assert!(out.starts_with(b"abcabc"));
        assert!(out[65_500..].starts_with(&out[65_500 % 3..65_500 % 3 + 300]));
    }
}
