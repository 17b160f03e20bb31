//! What a push brings: which commits the other side has not seen.

use gix::ObjectId;

use super::repo::{GitError, Repo};
use super::select::Selection;

/// How much is known of what a remote has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Its remote-tracking references tell, or what it says itself.
    Remote,
    /// There are none; those of other remotes stand for them.
    Others,
    /// Nothing is known, so that everything is new to it.
    Nothing,
}

impl Repo {
    /// What a push to `remote` would bring there: what `tips` lead to without
    /// what the remote has as far as is known here, `old` among it, which the
    /// remote itself names and this repository may not have.
    ///
    /// # Errors
    /// [`GitError::Unreadable`] if references cannot be read.
    pub fn unpushed(
        &self,
        tips: Vec<ObjectId>,
        old: &[ObjectId],
        remote: &str,
    ) -> Result<(Selection, Known), GitError> {
        let mut hidden = self.under(&format!("refs/remotes/{remote}/"))?;
        hidden.extend(old.iter().copied().filter(|id| self.has(*id)));
        let mut known = Known::Remote;
        if hidden.is_empty() {
            hidden = self.under("refs/remotes/")?;
            known = if hidden.is_empty() { Known::Nothing } else { Known::Others };
        }
        Ok((Selection { tips, hidden, ..Selection::default() }, known))
    }

    /// What a push that is being received brings: what `tips` lead to without
    /// what any reference here does.
    ///
    /// # Errors
    /// [`GitError::Unreadable`] if references cannot be read.
    pub fn received(&self, tips: Vec<ObjectId>) -> Result<Selection, GitError> {
        let hidden = self.all_references()?.tips;
        Ok(Selection { tips, hidden, ..Selection::default() })
    }

    /// A path that Git's configuration names, such as `stanch.config`. What a
    /// command line or the environment says does not count: on a server it
    /// could come from whoever pushes.
    pub fn configured_path(&self, key: &str) -> Option<std::path::PathBuf> {
        use gix::config::Source;
        let repo = self.local();
        let trusted = |meta: &gix::config::file::Metadata| {
            meta.trust == gix::sec::Trust::Full
                && !matches!(
                    meta.source,
                    Source::Env | Source::Cli | Source::Api | Source::EnvOverride
                )
        };
        let value = repo.config_snapshot().plumbing().string_filter(key, trusted)?;
        let path = gix::path::from_bstring(value).ok()?;
        Some(path).filter(|path| !path.as_os_str().is_empty()).map(|path| repo.git_dir().join(path))
    }

    /// The folder of this repository, which a linked work tree has for itself.
    pub fn git_dir(&self) -> std::path::PathBuf {
        self.local().git_dir().to_owned()
    }

    fn under(&self, prefix: &str) -> Result<Vec<ObjectId>, GitError> {
        let repo = self.local();
        let unreadable = |reason: String| GitError::Unreadable {
            what: "the list of references".to_owned(),
            reason,
        };
        let platform = repo.references().map_err(|error| unreadable(error.to_string()))?;
        // The address of a remote without a name is no prefix that could be.
        let Ok(references) = platform.prefixed(prefix) else { return Ok(Vec::new()) };
        let mut ids = Vec::new();
        for reference in references {
            let reference = reference.map_err(|error| unreadable(error.to_string()))?;
            ids.extend(reference.try_id().map(gix::Id::detach));
        }
        ids.sort();
        ids.dedup();
        Ok(ids)
    }
}
