//! TeamCity.
//!
//! Parameters: <https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html>
//! and <https://www.jetbrains.com/help/teamcity/pull-requests.html>. Those of
//! branches are no variables; they stand in a file that is named in the file
//! that a variable names. There is none for what was there before.

use std::path::Path;

use super::build::{Build, Event, Surroundings, branch};
use super::platform::Platform;

/// The build, if this is one of TeamCity's.
pub(crate) fn build(env: &Surroundings<'_>) -> Option<Build> {
    env.get("TEAMCITY_VERSION")?;
    let system = env.file("TEAMCITY_BUILD_PROPERTIES_FILE").unwrap_or_default();
    let configuration = property(&system, "teamcity.configuration.properties.file")
        .and_then(|path| (env.read)(Path::new(&path)))
        .unwrap_or_default();
    let parameter = |name: &str| property(&configuration, name);
    let target = parameter("teamcity.pullRequest.target.branch");
    let event = match &target {
        Some(_) => Event::PullRequest,
        // Of builds that nobody asked for it is not there, or not applicable.
        None => match parameter("teamcity.build.triggeredBy.username").as_deref() {
            None | Some("n/a") => Event::Push,
            Some(_) => Event::Manual,
        },
    };
    let mut build = Build::new(Platform::TeamCity, event);
    build.heads.extend(env.commit("BUILD_VCS_NUMBER"));
    build.target = target.as_deref().map(branch);
    let is_default = parameter("teamcity.build.branch.is_default").as_deref() == Some("true");
    build.branch = parameter("teamcity.build.branch")
        .filter(|name| name != "<default>")
        .map(|name| branch(&name));
    if is_default {
        build.default_branch.clone_from(&build.branch);
    }
    Some(build)
}

/// A value of a file of Java properties
/// (<https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader->),
/// as TeamCity writes it: one line each, a backslash before what is special.
fn property(text: &str, name: &str) -> Option<String> {
    let value = text.lines().find_map(|line| {
        let rest = line.trim_start().strip_prefix(name)?.trim_start();
        rest.strip_prefix(['=', ':']).map(str::trim_start)
    })?;
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_properties_are_read() {
        let text = "#x\na.b.c=no\na.b=C\\:\\\\x y\nempty=\n";
        assert_eq!(property(text, "a.b").as_deref(), Some("C:\\x y"));
        assert_eq!(property(text, "empty"), None);
        assert_eq!(property(text, "a"), None);
    }
}
