//! What stands around a leak and says whose it is: the organisation in a
//! remote's address, in a pipeline, in the configuration of a feed.

use std::collections::BTreeMap;

use super::leak::Fact;
use super::supplement;

/// A text near a leak, such as the file that it stands in.
#[derive(Debug, Clone)]
pub struct Text {
    /// What it is called, as a person reads it.
    pub name: String,
    /// Its content; what is long may be cut.
    pub content: String,
}

/// Most characters of a name that is looked for.
const LONGEST: usize = 64;

/// Facts about a leak of this detector that texts around it tell, in the order
/// of the texts. None of the detector's data says what to look for: no facts.
pub fn neighbourhood(detector: &str, texts: &[Text]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for finder in supplement::finders(detector) {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for text in texts {
            for name in finder.names(&text.content) {
                seen.entry(name).or_insert_with(|| text.name.clone());
            }
        }
        facts.extend(seen.into_iter().map(|(value, found_in)| Fact {
            name: finder.name.clone(),
            value,
            found_in: Some(found_in),
        }));
    }
    facts
}

/// Whether anything is looked for around a leak of this detector.
pub fn wanted(detector: &str) -> bool {
    supplement::finders(detector).next().is_some()
}

impl supplement::Finder {
    /// Names that stand behind or before one of the marks, in lower case.
    fn names(&self, text: &str) -> Vec<String> {
        let lower = text.to_ascii_lowercase();
        let mut names = Vec::new();
        for mark in &self.after {
            for (at, _) in lower.match_indices(mark.as_str()) {
                let rest = lower.get(at + mark.len()..).unwrap_or_default();
                let name: String = rest.chars().take_while(|c| part(*c)).take(LONGEST).collect();
                names.push(name);
            }
        }
        for mark in &self.before {
            for (at, _) in lower.match_indices(mark.as_str()) {
                let rest = lower.get(..at).unwrap_or_default();
                let name: String =
                    rest.chars().rev().take_while(|c| part(*c)).take(LONGEST).collect();
                names.push(name.chars().rev().collect());
            }
        }
        names.retain(|name| {
            let sound = |c: char| c.is_ascii_alphanumeric();
            name.starts_with(sound) && name.ends_with(sound) && !self.except.contains(name)
        });
        names
    }
}

fn part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organisation_is_read_from_addresses_of_every_form() {
        let texts: Vec<Text> = [
            ("remote", "https://dev.azure.com/Contoso/Payments/_git/api"),
            ("feed", "https://pkgs.dev.azure.com/fabrikam/_packaging/main/nuget/v3/index.json"),
            ("old", "https://adatum.visualstudio.com/DefaultCollection"),
            ("ssh", "git@ssh.dev.azure.com:v3/tailspin/p/r"),
            (
                "api",
                "https://app.vssps.visualstudio.com/_apis https://dev.azure.com/{organization}/",
            ),
        ]
        .map(|(name, content)| Text { name: name.into(), content: content.into() })
        .into();
        let found = neighbourhood("azure-devops-pat", &texts);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|fact| (fact.value.as_str(), fact.found_in.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(
            found,
            [("adatum", "old"), ("contoso", "remote"), ("fabrikam", "feed"), ("tailspin", "ssh")]
        );
        assert_eq!(neighbourhood("github-pat-classic", &texts), []);
    }
}
