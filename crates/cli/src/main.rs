//! prototype
mod baseline;
mod policy;
use stanch_scan::*;
use std::sync::Mutex;
struct S(Mutex<(u64, u64)>);
impl Sink for S {
    fn findings(&self, f: Vec<Finding>) {
        let mut g = self.0.lock().unwrap();
        g.0 += f.len() as u64;
        for x in f {
            println!(
                "{}:{}:{} {} {} {:.2} {}",
                x.origin,
                x.location.line,
                x.location.column,
                x.detector,
                x.masked,
                x.confidence,
                x.excerpt
            );
        }
    }
    fn scanned(&self, _o: &Origin, b: u64) {
        self.0.lock().unwrap().1 += b;
    }
    fn gap(&self, g: Gap) {
        eprintln!("{} {}", g.origin, g.reason);
    }
}
fn main() {
    let engine = Engine::new(stanch_detectors::pack());
    let key = FingerprintKey::new(&[1; 32]);
    let s = S(Mutex::new((0, 0)));
    let mut o = stanch_sources::PathOptions::default();
    o.threads = 2;
    let src = stanch_sources::Paths {
        paths: std::env::args_os().skip(1).map(Into::into).collect(),
        options: o,
    };
    src.scan(Scanner { engine: &engine, key: &key }, &s);
    eprintln!("{:?}", s.0.lock().unwrap());
}
