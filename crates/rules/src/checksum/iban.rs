//! International bank account numbers: a country, two check digits and the
//! number at home, so that the whole as a number leaves 1 when divided by 97.
//!
//! Source: ISO 13616; lengths and examples are those of the public IBAN
//! registry, <https://www.swift.com/standards/data-standards/iban>.

use std::ops::Range;

use super::Input;

/// Groups of four have a blank between them.
const LONGEST: usize = 48;
const SHORTEST: usize = 15;

/// Holds for a country of the registry and its length, with single blanks or
/// hyphens between the characters.
pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    let text = plain(input.value)?;
    let (_, length, _) = country(&text)?;
    (text.len() == usize::from(*length) && rest(&text) == Some(1)).then_some("")
}

/// Sets the check digits, and a country whose numbers are as long as the
/// sample.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(mut text) = plain(value) else { return false };
    let fit = COUNTRIES.iter().filter(|(_, length, _)| usize::from(*length) == text.len());
    let seed: usize = text.iter().map(|b| usize::from(*b)).sum();
    let Some((code, ..)) = fit.clone().nth(seed % fit.count().max(1)) else { return false };
    let Some(head) = text.get_mut(..4) else { return false };
    head.copy_from_slice(&[code[0], code[1], b'0', b'0']);
    let Some(left) = rest(&text) else { return false };
    let digits = 98 - left;
    let mut head = [code[0], code[1], b'0' + digits / 10, b'0' + digits % 10].into_iter();
    for place in value.iter_mut().filter(|b| !matches!(b, b' ' | b'-')) {
        let Some(char) = head.next() else { break };
        *place = char;
    }
    true
}

/// The country of a number, and whether the number is the registry's own
/// example.
pub(crate) fn origin(value: &[u8]) -> Option<(&'static str, bool)> {
    let text = plain(value)?;
    let (code, _, example) = country(&text)?;
    Some((std::str::from_utf8(code.as_slice()).ok()?, text == *example))
}

/// The letters and digits; none where there is anything else in it.
fn plain(value: &[u8]) -> Option<Vec<u8>> {
    let between = |b: &u8| matches!(b, b' ' | b'-');
    if value.len() > LONGEST
        || value.windows(2).any(|pair| pair.iter().all(between))
        || !value.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || between(b))
    {
        return None;
    }
    let text: Vec<u8> = value.iter().copied().filter(|b| !between(b)).collect();
    (text.len() >= SHORTEST).then_some(text)
}

fn country(text: &[u8]) -> Option<&'static (&'static [u8; 2], u8, &'static [u8])> {
    let code = text.first_chunk::<2>()?;
    let at = COUNTRIES.binary_search_by(|(known, ..)| (*known).cmp(code)).ok()?;
    COUNTRIES.get(at)
}

/// What is left when all after the fourth character and then the first four,
/// letters as numbers from 10 on, are divided by 97.
fn rest(text: &[u8]) -> Option<u8> {
    let (head, body) = text.split_at_checked(4)?;
    let mut left: u32 = 0;
    for char in body.iter().chain(head) {
        let number = char::from(*char).to_digit(36)?;
        left = (left * if number < 10 { 10 } else { 100 } + number) % 97;
    }
    u8::try_from(left).ok()
}

/// Countries by their codes, with the length of their numbers and the
/// registry's example.
static COUNTRIES: [(&[u8; 2], u8, &[u8]); 87] = [
    (b"AD", 24, b"AD1200012030200359100100"),
    (b"AE", 23, b"AE070331234567890123456"),
    (b"AL", 28, b"AL47212110090000000235698741"),
    (b"AT", 20, b"AT611904300234573201"),
    (b"AZ", 28, b"AZ21NABZ00000000137010001944"),
    (b"BA", 20, b"BA391290079401028494"),
    (b"BE", 16, b"BE68539007547034"),
    (b"BG", 22, b"BG80BNBG96611020345678"),
    (b"BH", 22, b"BH67BMAG00001299123456"),
    (b"BI", 27, b"BI4210000100010000332045181"),
    (b"BR", 29, b"BR9700360305000010009795493P1"),
    (b"BY", 28, b"BY13NBRB3600900000002Z00AB00"),
    (b"CH", 21, b"CH9300762011623852957"),
    (b"CR", 22, b"CR05015202001026284066"),
    (b"CY", 28, b"CY17002001280000001200527600"),
    (b"CZ", 24, b"CZ6508000000192000145399"),
    (b"DE", 22, b"DE89370400440532013000"),
    (b"DJ", 27, b"DJ2100010000000154000100186"),
    (b"DK", 18, b"DK5000400440116243"),
    (b"DO", 28, b"DO28BAGR00000001212453611324"),
    (b"EE", 20, b"EE382200221020145685"),
    (b"EG", 29, b"EG380019000500000000263180002"),
    (b"ES", 24, b"ES9121000418450200051332"),
    (b"FI", 18, b"FI2112345600000785"),
    (b"FK", 18, b"FK88SC123456789012"),
    (b"FO", 18, b"FO6264600001631634"),
    (b"FR", 27, b"FR1420041010050500013M02606"),
    (b"GB", 22, b"GB29NWBK60161331926819"),
    (b"GE", 22, b"GE29NB0000000101904917"),
    (b"GI", 23, b"GI75NWBK000000007099453"),
    (b"GL", 18, b"GL8964710001000206"),
    (b"GR", 27, b"GR1601101250000000012300695"),
    (b"GT", 28, b"GT82TRAJ01020000001210029690"),
    (b"HR", 21, b"HR1210010051863000160"),
    (b"HU", 28, b"HU42117730161111101800000000"),
    (b"IE", 22, b"IE29AIBK93115212345678"),
    (b"IL", 23, b"IL620108000000099999999"),
    (b"IQ", 23, b"IQ98NBIQ850123456789012"),
    (b"IS", 26, b"IS140159260076545510730339"),
    (b"IT", 27, b"IT60X0542811101000000123456"),
    (b"JO", 30, b"JO94CBJO0010000000000131000302"),
    (b"KW", 30, b"KW81CBKU0000000000001234560101"),
    (b"KZ", 20, b"KZ86125KZT5004100100"),
    (b"LB", 28, b"LB62099900000001001901229114"),
    (b"LC", 32, b"LC55HEMM000100010012001200023015"),
    (b"LI", 21, b"LI21088100002324013AA"),
    (b"LT", 20, b"LT121000011101001000"),
    (b"LU", 20, b"LU280019400644750000"),
    (b"LV", 21, b"LV80BANK0000435195001"),
    (b"LY", 25, b"LY83002048000020100120361"),
    (b"MC", 27, b"MC5811222000010123456789030"),
    (b"MD", 24, b"MD24AG000225100013104168"),
    (b"ME", 22, b"ME25505000012345678951"),
    (b"MK", 19, b"MK07250120000058984"),
    (b"MN", 20, b"MN121234123456789123"),
    (b"MR", 27, b"MR1300020001010000123456753"),
    (b"MT", 31, b"MT84MALT011000012345MTLCAST001S"),
    (b"MU", 30, b"MU17BOMM0101101030300200000MUR"),
    (b"NI", 28, b"NI45BAPR00000013000003558124"),
    (b"NL", 18, b"NL91ABNA0417164300"),
    (b"NO", 15, b"NO9386011117947"),
    (b"OM", 23, b"OM810180000001299123456"),
    (b"PK", 24, b"PK36SCBL0000001123456702"),
    (b"PL", 28, b"PL61109010140000071219812874"),
    (b"PS", 29, b"PS92PALS000000000400123456702"),
    (b"PT", 25, b"PT50000201231234567890154"),
    (b"QA", 29, b"QA58DOHB00001234567890ABCDEFG"),
    (b"RO", 24, b"RO49AAAA1B31007593840000"),
    (b"RS", 22, b"RS35260005601001611379"),
    (b"RU", 33, b"RU0304452522540817810538091310419"),
    (b"SA", 24, b"SA0380000000608010167519"),
    (b"SC", 31, b"SC18SSCB11010000000000001497USD"),
    (b"SD", 18, b"SD8811123456789012"),
    (b"SE", 24, b"SE4550000000058398257466"),
    (b"SI", 19, b"SI56263300012039086"),
    (b"SK", 24, b"SK3112000000198742637541"),
    (b"SM", 27, b"SM86U0322509800000000270100"),
    (b"SO", 23, b"SO211000001001000100141"),
    (b"ST", 25, b"ST23000100010051845310146"),
    (b"SV", 28, b"SV62CENR00000000000000700025"),
    (b"TL", 23, b"TL380080012345678910157"),
    (b"TN", 24, b"TN5910006035183598478831"),
    (b"TR", 26, b"TR330006100519786457841326"),
    (b"UA", 29, b"UA213223130000026007233566001"),
    (b"VA", 22, b"VA59001123000012345678"),
    (b"VG", 24, b"VG96VPVG0000012345678901"),
    (b"XK", 20, b"XK051212012345678906"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &[u8]) -> bool {
        check(&Input { value: text, over: None, equals: None }).is_some()
    }

    #[test]
    fn accepts_the_examples_of_the_registry() {
        assert!(COUNTRIES.is_sorted_by_key(|(code, ..)| *code));
        for (code, _, example) in &COUNTRIES {
            assert!(holds(example), "{}", String::from_utf8_lossy(example));
            let told = origin(example).unwrap();
            assert_eq!(told, (std::str::from_utf8(code.as_slice()).unwrap(), true));
            let groups: Vec<&[u8]> = example.chunks(4).collect();
            assert!(holds(&groups.join(&b' ')));
            assert!(origin(&groups.join(&b'-')).unwrap().1);
        }
    }

    #[test]
    fn a_changed_digit_and_a_wrong_length_do_not_hold() {
        for (_, _, example) in &COUNTRIES {
            for at in (2..example.len()).filter(|at| example[*at].is_ascii_digit()) {
                let mut changed = example.to_vec();
                changed[at] = b'0' + (changed[at] - b'0' + 1 + (at % 8) as u8) % 10;
                assert!(!holds(&changed), "{}", String::from_utf8_lossy(&changed));
            }
            assert!(!holds(&example[..example.len() - 1]));
            assert!(!holds(&[*example, b"0"].concat()));
        }
        for bad in [
            &b"DE89  370400440532013000"[..],
            b"de89370400440532013000",
            b"ZZ89370400440532013000",
            b"",
        ] {
            assert!(!holds(bad), "{}", String::from_utf8_lossy(bad));
        }
    }
}
