//! The key that fingerprints are made with, and where it comes from.
//!
//! Fingerprints in a committed baseline are safe to publish only because
//! nobody without this key can test guesses against them.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, bail};
use stanch_scan::FingerprintKey;

/// Variable that holds the key itself.
pub(crate) const KEY_VARIABLE: &str = "STANCH_FINGERPRINT_KEY";
/// Variable that names a file with the key.
pub(crate) const KEY_FILE_VARIABLE: &str = "STANCH_FINGERPRINT_KEY_FILE";

/// Fewest bytes of a key that is given as text.
const TEXT_MIN: usize = 16;
/// Most bytes that a key file may have.
const FILE_MAX: u64 = 4096;

/// A key with its origin.
#[derive(Clone)]
pub(crate) struct Loaded {
    /// The key.
    pub(crate) key: FingerprintKey,
    /// Where it came from.
    pub(crate) origin: KeyOrigin,
}

/// Where a key came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyOrigin {
    /// The variable [`KEY_VARIABLE`].
    Variable,
    /// A file, given or the user's own.
    File(PathBuf),
    /// Random for this run, because no folder of the user's can be written;
    /// the text tells why. Fingerprints made with it fit no later run.
    ThisRun(String),
}

/// The key of this process: from [`KEY_VARIABLE`], else from the file that
/// [`KEY_FILE_VARIABLE`] names, else from the user's data folder, where it is
/// created at first use. Every call gives the same key.
///
/// # Errors
/// A key that is too short, and a key file that cannot be read or that others
/// can write.
pub(crate) fn load() -> anyhow::Result<FingerprintKey> {
    Ok(loaded()?.key.clone())
}

/// Like [`load`], with the key's origin.
pub(crate) fn loaded() -> anyhow::Result<&'static Loaded> {
    static LOADED: OnceLock<Loaded> = OnceLock::new();
    if let Some(loaded) = LOADED.get() {
        return Ok(loaded);
    }
    let loaded = resolve(&|name| std::env::var_os(name).filter(|value| !value.is_empty()))?;
    // Threads that come here together settle on the key of the first.
    Ok(LOADED.get_or_init(|| loaded))
}

/// Names the key in force and its origin in one sentence, without giving it
/// away.
pub(crate) fn describe() -> String {
    match loaded() {
        Ok(loaded) => loaded.describe(),
        Err(error) => format!("there is no fingerprint key: {error:#}"),
    }
}

impl Loaded {
    fn describe(&self) -> String {
        let id = self.key.id();
        match &self.origin {
            KeyOrigin::Variable => format!("the fingerprint key is {id}, from {KEY_VARIABLE}"),
            KeyOrigin::File(path) => {
                format!("the fingerprint key is {id}, from {}", path.display())
            }
            KeyOrigin::ThisRun(why) => {
                format!("the fingerprint key is {id}, made up for this run only, because {why}")
            }
        }
    }
}

fn resolve(env: &dyn Fn(&str) -> Option<OsString>) -> anyhow::Result<Loaded> {
    // An empty variable is how CI systems pass a secret that a fork may not see.
    if let Some(value) = env(KEY_VARIABLE) {
        let text = value.into_string().unwrap_or_default();
        let key = parse(text.as_bytes()).with_context(|| KEY_VARIABLE.to_owned())?;
        return Ok(Loaded { key, origin: KeyOrigin::Variable });
    }
    if let Some(path) = env(KEY_FILE_VARIABLE) {
        let path = PathBuf::from(path);
        let key =
            read(&path).with_context(|| format!("{KEY_FILE_VARIABLE}: {}", path.display()))?;
        return Ok(Loaded { key, origin: KeyOrigin::File(path) });
    }
    let Some(folder) = data_folder(env) else {
        return for_this_run("there is no home folder".to_owned());
    };
    let path = folder.join("stanch").join("fingerprint.key");
    match create(&path) {
        Ok(()) => {}
        Err(error) if path.exists() => return Err(error).context(path.display().to_string()),
        Err(error) => {
            return for_this_run(format!("{} cannot be written ({error})", path.display()));
        }
    }
    let key = read(&path).with_context(|| path.display().to_string())?;
    Ok(Loaded { key, origin: KeyOrigin::File(path) })
}

fn for_this_run(why: String) -> anyhow::Result<Loaded> {
    Ok(Loaded { key: FingerprintKey::new(&random()?), origin: KeyOrigin::ThisRun(why) })
}

/// The folder for an application's data, as each system has it.
fn data_folder(env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |value: OsString| Some(PathBuf::from(value)).filter(|path| path.is_absolute());
    if let Some(folder) = env("XDG_DATA_HOME").and_then(absolute) {
        return Some(folder);
    }
    if cfg!(windows) {
        return env("LOCALAPPDATA").or_else(|| env("APPDATA")).and_then(absolute);
    }
    let home = env("HOME").and_then(absolute)?;
    Some(home.join(if cfg!(target_os = "macos") {
        "Library/Application Support"
    } else {
        ".local/share"
    }))
}

/// Creates a key file, unless there is one. Of processes that do so at once
/// one wins, and none ever sees half a key under the final name.
fn create(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    let random = random().map_err(io::Error::other)?;
    let text = format!("{}\n", hex(&random));
    let name = random.iter().rev().take(4).fold(String::new(), |s, b| format!("{s}{b:02x}"));
    let draft = folder.join(format!("fingerprint.key.{}.{name}", std::process::id()));
    let written = write_private(&draft, text.as_bytes());
    // A rename would replace the winner's key; a link fails where one stands.
    let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // File systems without links; readers wait for the end of the line.
        Err(_) => write_private(path, text.as_bytes()),
        Ok(()) => Ok(()),
    });
    // A draft that stays behind does no harm.
    let _ = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// How often, and how long apart, a file that is still being written is read.
const RETRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(10);

fn read(path: &Path) -> anyhow::Result<FingerprintKey> {
    for _ in 0..RETRIES {
        let bytes = read_checked(path)?;
        if !bytes.is_empty() {
            return parse(&bytes);
        }
        std::thread::sleep(PAUSE);
    }
    bail!("the file is empty; delete it to have a new key made")
}

fn read_checked(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if meta.len() > FILE_MAX {
        bail!("the file has more than {FILE_MAX} bytes; a key is 64 hex digits");
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&meta) & 0o022 != 0 {
        bail!(
            "others can write this file, and who chooses the key can test guesses against your \
             baselines; run `chmod go-w` on it"
        );
    }
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, FILE_MAX), &mut bytes)?;
    Ok(bytes)
}

/// A key from 64 hex digits, or from any text that is long enough.
fn parse(text: &[u8]) -> anyhow::Result<FingerprintKey> {
    let text = text.trim_ascii();
    let digits: Option<Vec<u8>> = text
        .iter()
        .map(|b| char::from(*b).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    if let Some(digits) = digits.filter(|digits| digits.len() == 64) {
        let bytes: Vec<u8> =
            digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |n, d| n << 4 | d)).collect();
        return Ok(FingerprintKey::new(&bytes));
    }
    if text.len() < TEXT_MIN {
        bail!(
            "a fingerprint key has at least {TEXT_MIN} bytes, this one has {}; \
             make one with `openssl rand -hex 32`",
            text.len()
        );
    }
    Ok(FingerprintKey::new(text))
}

fn random() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => bail!("the system gives no random numbers: {error}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_home(home: &Path) -> impl Fn(&str) -> Option<OsString> {
        let home = home.to_owned();
        move |name| (name == "XDG_DATA_HOME").then(|| home.clone().into_os_string())
    }

    #[test]
    fn a_key_is_made_once_and_read_ever_after() {
        let home = tempfile::tempdir().unwrap();
        let first = resolve(&with_home(home.path())).unwrap();
        let second = resolve(&with_home(home.path())).unwrap();
        assert_eq!(first.key.id(), second.key.id());
        assert!(matches!(first.origin, KeyOrigin::File(_)));
        let folder = home.path().join("stanch");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft stays behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = folder.join("fingerprint.key");
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
            let error = resolve(&with_home(home.path())).err().unwrap();
            assert!(format!("{error:#}").contains("others can write"), "{error:#}");
        }
    }

    #[test]
    fn the_variable_goes_before_the_file_and_short_keys_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        fs::write(&file, format!("{}\n", "0a".repeat(32))).unwrap();
        let env = |key: Option<&'static str>| {
            let file = file.clone();
            move |name: &str| match name {
                KEY_VARIABLE => key.map(OsString::from),
                KEY_FILE_VARIABLE => Some(file.clone().into_os_string()),
                _ => None,
            }
        };
        let text = resolve(&env(Some("sixteen bytes ok"))).unwrap();
        assert_eq!(text.key.id(), FingerprintKey::new(b"sixteen bytes ok").id());
        assert_eq!(text.origin, KeyOrigin::Variable);
        let from_file = resolve(&env(None)).unwrap();
        assert_eq!(from_file.key.id(), FingerprintKey::new(&[10; 32]).id());
        let error = resolve(&env(Some("short"))).err().unwrap();
        assert!(format!("{error:#}").contains("at least 16 bytes"), "{error:#}");
    }

    #[test]
    fn without_a_writable_home_the_key_is_for_this_run() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("no-folder");
        fs::write(&file, "x").unwrap();
        let loaded = resolve(&with_home(&file)).unwrap();
        assert!(matches!(loaded.origin, KeyOrigin::ThisRun(_)));
        assert!(loaded.describe().contains("for this run only"));
    }

    const RACE: &str = "STANCH_TEST_KEY_RACE";

    /// The other process of the race; does nothing in an ordinary run.
    #[test]
    fn a_racing_process_tells_its_key() {
        let Some(home) = std::env::var_os(RACE) else { return };
        let loaded = resolve(&with_home(Path::new(&home))).unwrap();
        println!("key={}", loaded.key.id());
    }

    #[test]
    fn racing_processes_agree_on_the_key() {
        let home = tempfile::tempdir().unwrap();
        let spawn = |_| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["policy::key::tests::a_racing_process_tells_its_key", "--exact"])
                .arg("--nocapture")
                .env(RACE, home.path())
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        };
        let children: Vec<_> = (0..8).map(spawn).collect();
        let keys: std::collections::BTreeSet<String> = children
            .into_iter()
            .map(|child| {
                let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
                let at = output.find("key=").expect("the process tells its key") + 4;
                output[at..at + 8].to_owned()
            })
            .collect();
        assert_eq!(keys.len(), 1);
    }
}
