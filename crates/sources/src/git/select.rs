//! Which commits to look at: revisions, ranges and dates.

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::revision::plumbing::Spec;

use super::objects::Objects;
use super::repo::{GitError, Repo};

/// Commits that can be reached from some and not from others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Where to begin: commits, or annotated tags, which are scanned too and
    /// then followed.
    pub tips: Vec<ObjectId>,
    /// Commits (or tags of such) that are left out, with everything that they
    /// lead to. Ones that this repository does not have hide nothing.
    pub hidden: Vec<ObjectId>,
    /// Leave out commits that were made before, in seconds since
    /// 1970-01-01T00:00:00Z, with everything that they lead to.
    pub since: Option<i64>,
    /// At most so many commits, the newest ones.
    pub max_commits: Option<usize>,
}

/// From where on to look, as it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// After this commit.
    Commit(ObjectId),
    /// From this time on, in seconds since 1970-01-01T00:00:00Z.
    Time(i64),
}

impl Selection {
    /// The same without what came before.
    #[must_use]
    pub fn since(mut self, since: Since) -> Selection {
        match since {
            Since::Commit(id) => self.hidden.push(id),
            Since::Time(time) => self.since = Some(time),
        }
        self
    }
}

impl Repo {
    /// The commit that a revision leads to, such as `main`, `HEAD~2` or
    /// `v1.0`; see <https://git-scm.com/docs/gitrevisions>.
    ///
    /// # Errors
    /// [`GitError::NoCommit`].
    pub fn resolve(&self, rev: &str) -> Result<ObjectId, GitError> {
        let id = self.object(rev)?;
        Objects::new(&self.local()).peel(id).map(|peeled| peeled.commit).map_err(|fault| {
            GitError::NoCommit { name: rev.to_owned(), reason: fault.reason(self) }
        })
    }

    /// The commits that `A..B`, `A...B` or a single revision name. An empty
    /// side is `HEAD`.
    ///
    /// # Errors
    /// [`GitError::NoCommit`].
    pub fn selection(&self, spec: &str) -> Result<Selection, GitError> {
        let repo = self.local();
        let fail = |reason: String| GitError::NoCommit { name: spec.to_owned(), reason };
        let parsed = repo
            .rev_parse(BStr::new(spec))
            .map_err(|error| fail(self.unknown(&error.to_string())))?;
        let mut selection = Selection::default();
        match parsed.detach() {
            Spec::Include(tip) => selection.tips.push(tip),
            Spec::Range { from, to } => {
                selection.tips.push(to);
                selection.hidden.push(from);
            }
            Spec::Merge { theirs, ours } => {
                let peel = |id| Objects::new(&repo).peel(id).map(|peeled| peeled.commit);
                let (theirs, ours) = match (peel(theirs), peel(ours)) {
                    (Ok(theirs), Ok(ours)) => (theirs, ours),
                    (Err(fault), _) | (_, Err(fault)) => return Err(fail(fault.reason(self))),
                };
                let bases = repo.merge_bases_many(theirs, &[ours]);
                let bases = bases.map_err(|error| fail(error.to_string()))?;
                selection.tips.extend([theirs, ours]);
                selection.hidden.extend(bases.into_iter().map(gix::Id::detach));
            }
            _ => return Err(fail("give one revision, A..B or A...B".to_owned())),
        }
        for tip in &selection.tips {
            Objects::new(&repo).peel(*tip).map_err(|fault| fail(fault.reason(self)))?;
        }
        Ok(selection)
    }

    /// Everything that references lead to: branches, tags, stashes, notes,
    /// remote branches, and `HEAD` if it is detached.
    ///
    /// # Errors
    /// [`GitError::Unreadable`] if references cannot be read.
    pub fn all_references(&self) -> Result<Selection, GitError> {
        let repo = self.local();
        let unreadable = |reason: String| GitError::Unreadable {
            what: "the list of references".to_owned(),
            reason,
        };
        let mut tips = Vec::new();
        let platform = repo.references().map_err(|error| unreadable(error.to_string()))?;
        for reference in platform.all().map_err(|error| unreadable(error.to_string()))? {
            let reference = reference.map_err(|error| unreadable(error.to_string()))?;
            tips.extend(reference.try_id().map(gix::Id::detach));
        }
        tips.extend(self.head()?);
        tips.sort();
        tips.dedup();
        Ok(Selection { tips, ..Selection::default() })
    }

    /// The commit that is checked out; none before the first commit.
    ///
    /// # Errors
    /// [`GitError::Unreadable`].
    pub fn head(&self) -> Result<Option<ObjectId>, GitError> {
        let repo = self.local();
        let unreadable = |reason: String| GitError::Unreadable { what: "HEAD".to_owned(), reason };
        let head = repo.head().map_err(|error| unreadable(error.to_string()))?;
        if head.is_unborn() {
            return Ok(None);
        }
        head.try_into_peeled_id()
            .map(|id| id.map(gix::Id::detach))
            .map_err(|error| unreadable(error.to_string()))
    }

    /// A local branch, or a remote's branch such as `origin/main`.
    ///
    /// # Errors
    /// [`GitError::NoCommit`].
    pub fn branch(&self, name: &str) -> Result<ObjectId, GitError> {
        let full = [format!("refs/heads/{name}"), format!("refs/remotes/{name}")];
        let found = full.iter().find_map(|full| self.resolve(full).ok());
        let given = || name.starts_with("refs/").then(|| self.resolve(name).ok()).flatten();
        found.or_else(given).ok_or_else(|| GitError::NoCommit {
            name: name.to_owned(),
            reason: "there is no such branch; `git branch --all` lists them".to_owned(),
        })
    }

    /// Where `--since` begins: a revision, else a date such as `2026-03-01`,
    /// `2026-03-01T12:00:00Z` or `2 weeks ago`.
    ///
    /// # Errors
    /// [`GitError::NoCommit`] if it is neither.
    pub fn since(&self, text: &str) -> Result<Since, GitError> {
        if let Ok(commit) = self.resolve(text) {
            return Ok(Since::Commit(commit));
        }
        date(text.trim()).map(Since::Time).ok_or_else(|| GitError::NoCommit {
            name: text.to_owned(),
            reason: "nor a date; give a revision, 2026-03-01, 2026-03-01T12:00:00Z or \
                     \"2 weeks ago\""
                .to_owned(),
        })
    }

    fn object(&self, rev: &str) -> Result<ObjectId, GitError> {
        let repo = self.local();
        let fail = |reason: String| GitError::NoCommit { name: rev.to_owned(), reason };
        // A range is no single revision, and neither are options.
        let single = repo
            .rev_parse_single(rev.as_bytes().as_bstr())
            .map_err(|error| fail(self.unknown(&error.to_string())))?;
        Ok(single.detach())
    }

    /// Why a revision is not known, with what to do about it.
    fn unknown(&self, reason: &str) -> String {
        let reason = reason.lines().next().unwrap_or("").trim();
        let hint = if self.is_shallow() {
            "; this clone is shallow, so run `git fetch --unshallow`, or `git fetch --deepen=N`"
        } else {
            "; check its spelling, or run `git fetch`"
        };
        format!("{reason}{hint}")
    }
}

/// Seconds since 1970 of a date, if it is one. A day begins at midnight UTC.
fn date(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_second());
    }
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    gix::date::parse(text, Some(now)).ok().map(|time| time.seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_understood_in_many_forms() {
        assert_eq!(date("2026-03-01"), Some(1_772_323_200));
        assert_eq!(date("2026-03-01T12:00:00Z"), Some(1_772_366_400));
        assert_eq!(date("2026-03-01T12:00:00+02:00"), Some(1_772_359_200));
        let weeks = date("2 weeks ago").unwrap();
        let now = jiff::Timestamp::now().as_second();
        assert!((now - 14 * 86_400 - weeks).abs() < 5, "{weeks}");
        assert_eq!(date("no date at all"), None);
    }
}
