//! What a build server is told: the log, its own annotations and summary, and
//! the reports that were asked for.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::args::CiArgs;
use super::build::Surroundings;
use super::log::harmless;
use super::platform::Platform;
use crate::args::Format;
use crate::output::Output;
use crate::report::{self, Options, Report};

/// Who tells whom, and how.
pub(crate) struct Teller<'t> {
    /// What was asked for.
    pub(crate) args: &'t CiArgs,
    /// Variables that name places to write to.
    pub(crate) env: &'t Surroundings<'t>,
    /// The build server, if there is one.
    pub(crate) platform: Option<Platform>,
    /// How to report.
    pub(crate) options: Options,
}

impl Teller<'_> {
    /// Opens the files that were asked for, before a scan that would be for
    /// nothing if one of them could not be written.
    ///
    /// # Errors
    /// Places where nothing may be written.
    pub(crate) fn open(&self) -> anyhow::Result<Vec<(Format, Output)>> {
        let outputs = self.args.report.iter().map(|(format, file)| {
            Ok((*format, Output::open(Some(file), self.options.show_secrets)?))
        });
        outputs.collect()
    }

    /// Tells everything.
    ///
    /// # Errors
    /// What cannot be written.
    pub(crate) fn tell(
        &self,
        report: &Report<'_>,
        outputs: Vec<(Format, Output)>,
    ) -> anyhow::Result<()> {
        for (format, output) in outputs {
            output.write(format, report, self.options)?;
        }
        let mut plain = anstream::StripStream::new(Vec::new());
        report::human::write(&mut plain, report, self.options)?;
        let told = String::from_utf8_lossy(&plain.into_inner()).into_owned();
        let mut out = io::stdout().lock();
        out.write_all(harmless(&told).as_bytes())?;
        if !self.args.no_annotations {
            self.annotate(&mut out, report)?;
        }
        out.flush()?;
        Ok(())
    }

    /// What only this build server understands.
    fn annotate(&self, out: &mut dyn Write, report: &Report<'_>) -> anyhow::Result<()> {
        match self.platform {
            Some(Platform::GitHub) => {
                report::github::write(out, report, self.options)?;
                self.summarise(report)?;
            }
            Some(Platform::Azure) => {
                report::azure::write(out, report, self.options)?;
                // The agent takes absolute paths only.
                if let Some(file) = self.file(Format::Markdown) {
                    let file = std::path::absolute(file)?;
                    report::azure::summary(out, &file.to_string_lossy())?;
                }
            }
            Some(Platform::TeamCity) => report::teamcity::write(out, report, self.options)?,
            Some(Platform::Bitbucket) if !self.options.quiet => self.post(out)?,
            Some(Platform::Buildkite) if !self.options.quiet => {
                if let Some(file) = self.file(Format::Markdown) {
                    let style = if report.tally.total > 0 { "error" } else { "info" };
                    writeln!(
                        out,
                        "To show it on the build: buildkite-agent annotate --context stanch \
                         --style {style} < {}",
                        shell(file)
                    )?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The summary page and the outputs of a step of GitHub Actions
    /// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).
    fn summarise(&self, report: &Report<'_>) -> anyhow::Result<()> {
        if let Some(path) = self.env.get("GITHUB_STEP_SUMMARY") {
            let mut text = Vec::new();
            report::markdown::write(&mut text, report, self.options)?;
            append(Path::new(path), &text)?;
        }
        if let Some(path) = self.env.get("GITHUB_OUTPUT") {
            let mut text = format!(
                "findings={}\nsecrets={}\ncomplete={}\n",
                report.tally.total,
                report.tally.secrets,
                report.receipt.is_complete()
            );
            if let Some(sarif) = self.file(Format::Sarif) {
                // A line break would begin another output.
                let sarif = sarif.to_string_lossy().replace(['\r', '\n'], "");
                text.push_str(&format!("sarif={sarif}\n"));
            }
            append(Path::new(path), text.as_bytes())?;
        }
        Ok(())
    }

    /// How to post to Code Insights, through the proxy that signs requests:
    /// <https://support.atlassian.com/bitbucket-cloud/docs/code-insights/>.
    fn post(&self, out: &mut dyn Write) -> io::Result<()> {
        let (Some(report), Some(annotations)) =
            (self.file(Format::BitbucketReport), self.file(Format::BitbucketAnnotations))
        else {
            return Ok(());
        };
        let curl = "curl --fail --proxy http://localhost:29418 --header 'Content-Type: \
                    application/json'";
        let to = "\"http://api.bitbucket.org/2.0/repositories/$BITBUCKET_REPO_FULL_NAME/commit/\
                  $BITBUCKET_COMMIT/reports/stanch";
        writeln!(
            out,
            "To show it at the pull request:\n    {curl} --request PUT --data @{} {to}\"\n    \
             {curl} --request POST --data @{} {to}/annotations\"",
            shell(report),
            shell(annotations)
        )
    }

    /// The file that a format is written to.
    fn file(&self, format: Format) -> Option<&PathBuf> {
        self.args.report.iter().find(|(asked, _)| *asked == format).map(|(_, file)| file)
    }
}

fn append(path: &Path, text: &[u8]) -> anyhow::Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text))
        .with_context(|| format!("cannot write to {}", path.display()))
}

fn shell(path: &Path) -> String {
    report::quoted(&stanch_scan::printable(&path.to_string_lossy()))
}
