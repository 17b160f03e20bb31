//! What each decoder costs when it finds something and, far more often, when it does not.

use data_encoding::{BASE64, HEXLOWER};
use divan::{Bencher, black_box};
use stanch_scan::decode::{
    Decoded, Limits, concatenation_around, concatenation_at, entities_at, run, utf16, utf16_decode,
    utf16_strings,
};

const LIMITS: Limits = Limits { bytes: 1 << 20 };
const TEXT: &str = "password = synthetic-value-0123456789";

fn main() {
    divan::main();
}

/// Decodes the whole text as one run.
fn bench_run(bencher: Bencher, text: &str) {
    let mut out: Vec<Decoded> = Vec::new();
    bencher.bench_local(|| {
        out.clear();
        run(black_box(text.as_bytes()), 0..text.len(), &LIMITS, &mut out);
        out.len()
    });
}

#[divan::bench(args = [
    "some_long_function_name",
    "SomeLongTypeNameInCamelCaseWithManyWords",
    "SOME_LONG_CONSTANT_NAME_IN_CAPITALS",
    "src/decode/quoted_printable/mod.rs",
    "com.example.application.services.internal.Handler",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "0x0123456789abcdef0123456789abcdef",
    "tK4nQx7VbR2mZ9wLpY3sHd6fGc8jUa1e",
    "version=1.2.3-alpha.4+build.5678",
    r"C:\Windows\System32\drivers\etc\hosts",
    "========================================",
])]
fn run_no(bencher: Bencher, text: &str) {
    bench_run(bencher, text);
}

#[divan::bench]
fn run_yes_base64(bencher: Bencher) {
    bench_run(bencher, &BASE64.encode(TEXT.as_bytes()));
}

#[divan::bench]
fn run_yes_hex(bencher: Bencher) {
    bench_run(bencher, &HEXLOWER.encode(TEXT.as_bytes()));
}

#[divan::bench]
fn run_yes_percent(bencher: Bencher) {
    bench_run(bencher, "redirect=https%3A%2F%2Fexample.org%2Fsynthetic");
}

#[divan::bench]
fn run_yes_escapes(bencher: Bencher) {
    bench_run(bencher, r"token\u003dsynthetic\u0026value\u003d0123456789");
}

#[divan::bench]
fn run_yes_quoted_printable(bencher: Bencher) {
    bench_run(bencher, "token=3Dsynthetic-value-0123456789");
}

/// A body of 1,000 lines; each line is asked about, the first one answers.
#[divan::bench]
fn run_yes_base64_lines(bencher: Bencher) {
    let encoded = BASE64.encode(TEXT.repeat(1600).as_bytes());
    let lines: Vec<&[u8]> = encoded.as_bytes().chunks(76).collect();
    let text = lines.join(&b'\n');
    bencher.counter(divan::counter::BytesCount::of_slice(&text)).bench_local(|| {
        let mut out = Vec::new();
        for start in (0..text.len()).step_by(77) {
            run(black_box(&text), start..text.len().min(start + 76), &LIMITS, &mut out);
        }
        out.len()
    });
}

#[divan::bench(args = [r#"call("some_long_function_name_1", name)"#, r#"["some_long_function_name_1", "b"]"#])]
fn concatenation_around_no(bencher: Bencher, text: &str) {
    let start = text.find("some").unwrap_or_default();
    bencher.bench(|| {
        concatenation_around(black_box(text.as_bytes()), start..start + 25, &LIMITS).is_some()
    });
}

#[divan::bench]
fn concatenation_at_yes(bencher: Bencher) {
    let text = r#"key = "synthetic-" + "value-" + "0123456789""#;
    bencher.bench(|| concatenation_at(black_box(text.as_bytes()), 17, &LIMITS).is_some());
}

#[divan::bench]
fn concatenation_at_no(bencher: Bencher) {
    let text = r#"key = "synthetic-" + name + "0123456789""#;
    bencher.bench(|| concatenation_at(black_box(text.as_bytes()), 17, &LIMITS).is_some());
}

#[divan::bench]
fn entities_yes(bencher: Bencher) {
    let text = "<p> key=&#103;&#104;p&#95;synthetic ";
    bencher.bench(|| entities_at(black_box(text.as_bytes()), 8, &LIMITS).is_some());
}

#[divan::bench]
fn utf16_no(bencher: Bencher) {
    let text = TEXT.repeat(1000);
    bencher.bench(|| utf16(black_box(text.as_bytes())));
}

#[divan::bench]
fn utf16_decode_yes(bencher: Bencher) {
    let text: Vec<u8> = TEXT.repeat(1000).encode_utf16().flat_map(u16::to_le_bytes).collect();
    bencher.counter(divan::counter::BytesCount::of_slice(&text)).bench(|| {
        utf16(black_box(&text)).map(|encoding| utf16_decode(&text, encoding, &LIMITS).text.len())
    });
}

#[divan::bench(args = ["zeros", "sparse", "code"])]
fn utf16_strings_no(bencher: Bencher, kind: &str) {
    let text: Vec<u8> = (0..1_u32 << 20)
        .map(|n| match kind {
            "zeros" => 0,
            "sparse" => {
                if n % 4 == 0 {
                    0x41
                } else {
                    0
                }
            }
            _ => (n.wrapping_mul(2_654_435_761) >> 24) as u8,
        })
        .collect();
    bencher
        .counter(divan::counter::BytesCount::of_slice(&text))
        .bench(|| utf16_strings(black_box(&text), &LIMITS).is_some());
}
