//! What tests see to again and again: that a value arrives, or why it does not,
//! and that nothing secret is shown in either case.

use std::fmt::Write;

use stanch_live::{Error, Problem, Settings, Stored, Value, Written, open, store, wait};

use super::rig::Rig;
use super::value;

impl Rig {
    /// Stores a value, and sees that nothing shows it: neither what comes of
    /// it nor what passed the door in an URL.
    pub(crate) fn put(&self, value: &str) -> Result<Stored, Error> {
        self.put_with(&self.settings(), value)
    }

    /// The same with other settings, of which no variable that is a secret
    /// may be shown either.
    pub(crate) fn put_with(&self, settings: &Settings, value: &str) -> Result<Stored, Error> {
        self.door.expect(value.as_bytes());
        let result = open(self.kind(), settings, Some(&self.address)).and_then(|manager| {
            wait(store(&*manager, &self.address, &Value::from(value), None)).unwrap()
        });
        let mut shown = self.door.seen().join("\n");
        match &result {
            Ok(stored) => write!(shown, "{stored:?}").unwrap(),
            Err(error) => write!(shown, "{error} {error:?} {error:#}").unwrap(),
        }
        let encoded = data_encoding::BASE64.encode(value.as_bytes());
        for part in [&value[..8], &value[value.len() - 8..], &encoded[..12]] {
            assert!(!shown.contains(part), "{}: the value is shown in {shown}", self.name);
        }
        for secret in self.secrets() {
            assert!(!shown.contains(secret), "{}: a credential is shown in {shown}", self.name);
        }
        result
    }

    /// Stores a value, and sees that it arrived.
    pub(crate) fn stores(&self, settings: &Settings) -> Stored {
        let new = value();
        let name = self.name;
        let stored = self.put_with(settings, &new).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(self.held(), Some(new), "{name}");
        stored
    }

    /// Sees that nothing is sent because of a setting, and that it is told
    /// which, why, and what to do.
    pub(crate) fn lacks(&self, settings: &Settings, place: &str, why: &str) {
        let (name, seen) = (self.name, self.door.seen());
        let error = self.put_with(settings, &value()).expect_err(name);
        assert!(matches!(error.problem, Problem::Setting(_)), "{name}: {error}");
        assert!(error.place.contains(place), "{name}: {error}");
        assert!(error.to_string().contains(why), "{name}: {error}");
        assert!(!error.next.is_empty(), "{name}: {error}");
        assert_eq!(self.door.seen(), seen, "{name}");
    }

    /// Sees that the server does not accept the credential, and that it is
    /// told which one that is.
    pub(crate) fn is_unauthorised(&self, settings: &Settings) -> Error {
        let (name, before) = (self.name, self.held());
        let error = self.put_with(settings, &value()).expect_err(name);
        assert_eq!(error.problem, Problem::Unauthorised, "{name}: {error}");
        assert_eq!(error.written, Written::No, "{name}: {error}");
        assert!(!error.next.is_empty(), "{name}: {error}");
        assert_eq!(self.held(), before, "{name}");
        error
    }

    /// The values of variables that are credentials.
    fn secrets(&self) -> impl Iterator<Item = &str> {
        let words = ["TOKEN", "SECRET", "API_KEY", "PASSWORD"];
        let secret = move |name: &str| words.iter().any(|word| name.contains(word));
        let kept = self.vars().iter().filter(move |(name, value)| {
            secret(name) && value.len() >= 8 && !value.contains("//") && !value.starts_with('/')
        });
        kept.map(|(_, value)| value.as_str())
    }
}
