//! PKCS#12 key stores, raw or in base64: which password opens them, whose
//! certificate is inside, and whether the key belongs to it.

use super::{
    Fact, Input, Reading, certificate, fact, key,
    pbe::{Budget, Failure, Password},
    pem,
    pfx::{self, Contents, Pfx},
};

const MOST_WORDS: usize = 24;
/// Certificates and keys that are looked into.
const MOST: usize = 16;
const NEIGHBOURHOOD: usize = 2048;

pub(super) fn read(input: &Input<'_>) -> Reading {
    of_value(input.value, input).map_or(Reading::Rejected("not a PKCS#12 file"), Reading::Facts)
}

/// Facts of the file in `value`, raw or in base64; passwords are also looked
/// for in the text around.
pub(super) fn of_value(value: &[u8], input: &Input<'_>) -> Option<Vec<Fact>> {
    let der = pem::der(value)?;
    let file = pfx::parse(&der)?;
    let mut facts = Vec::new();
    facts.extend(file.mac_name().map(|name| fact("MAC", name)));
    match open(&file, input) {
        Ok((how, contents)) => {
            facts.push(fact("opened", how));
            of_contents(&contents, &mut facts);
        }
        Err(Failure::Wrong) => facts.push(fact("opened", "no: password needed")),
        Err(Failure::Unsupported) => facts.push(fact("opened", "no: unknown encryption")),
        Err(Failure::TooManyRounds) => facts.push(fact("opened", "no: too many iterations")),
    }
    Some(facts)
}

fn open(file: &Pfx<'_>, input: &Input<'_>) -> Result<(&'static str, Contents), Failure> {
    let mut budget = Budget::new();
    let empty = [Password::new(""), Password::absent()];
    let words = words(input);
    let well_known = ["changeit", "password", "pass", "secret", "1234", "123456", "test"];
    let tries = empty
        .into_iter()
        .map(|password| ("with the empty password", password))
        .chain(words.iter().map(|word| ("with a word beside it", Password::new(word))))
        .chain(well_known.map(|word| ("with a well-known password", Password::new(word))));
    let mut last = None;
    for (how, password) in tries {
        match file.open(&password, &mut budget) {
            Ok(contents) => return Ok((how, contents)),
            // What was tried before has used up the budget.
            Err(Failure::TooManyRounds) => return Err(last.unwrap_or(Failure::TooManyRounds)),
            Err(failure) => last = Some(failure),
        }
    }
    Err(last.unwrap_or(Failure::Wrong))
}

fn of_contents(contents: &Contents, facts: &mut Vec<Fact>) {
    facts.extend(contents.schemes.iter().map(|name| fact("encryption", &**name)));
    facts.extend(contents.names.iter().take(4).map(|name| fact("friendly name", &**name)));
    facts.extend(contents.provider.as_deref().map(|name| fact("key provider", name)));
    let certificates: Vec<_> =
        contents.certificates.iter().take(MOST).filter_map(|der| certificate::parse(der)).collect();
    let keys: Vec<_> = contents.keys.iter().take(MOST).filter_map(|der| key::parse(der)).collect();
    let spki = keys.first().and_then(|key| key.spki.as_deref());
    let own = certificates.iter().find(|certificate| Some(&*certificate.spki) == spki);
    facts.push(fact("private key inside", if contents.keys.is_empty() { "no" } else { "yes" }));
    if spki.is_some() && !certificates.is_empty() {
        facts.push(fact("key matches certificate", if own.is_some() { "yes" } else { "no" }));
    }
    if let Some(certificate) = own.or(certificates.first()) {
        facts.extend(generator(&certificate.subject).map(|name| fact("generator", name)));
        facts.extend(certificate.facts());
    }
}

fn generator(subject: &str) -> Option<&'static str> {
    if subject.contains("CN=Windows Azure Tools") {
        Some("Azure publish settings download")
    } else if subject.contains("CN=Windows Azure Authentication Certificate") {
        Some("Visual Studio")
    } else {
        None
    }
}

/// Words near the value: first those on a line that speaks of a password.
fn words(input: &Input<'_>) -> Vec<String> {
    let text = input.text;
    let start = input.span.start.min(text.len());
    let end = input.span.end.clamp(start, text.len());
    let before = text.get(start.saturating_sub(NEIGHBOURHOOD)..start).unwrap_or_default();
    let after = text.get(end..end.saturating_add(NEIGHBOURHOOD).min(text.len()));
    let around = [before, after.unwrap_or_default()].join(&b'\n');
    let around = String::from_utf8_lossy(&around);
    let speaks = |line: &str| {
        let line = line.to_ascii_lowercase();
        ["pass", "pwd", "pin", "secret", "changeit"].iter().any(|word| line.contains(word))
    };
    let mut found: Vec<String> = Vec::new();
    for wanted in [true, false] {
        for line in around.lines().filter(|line| speaks(line) == wanted) {
            for word in line.split(|c: char| c.is_whitespace() || "\"'`=,;<>()[]{}".contains(c)) {
                let tail = word.rsplit_once(':').map_or(word, |(_, tail)| tail);
                for word in [tail, word] {
                    let fits = (1..=64).contains(&word.len());
                    if fits && !found.iter().any(|old| old == word) && found.len() < MOST_WORDS {
                        found.push(word.to_owned());
                    }
                }
            }
        }
    }
    found
}
