fn main() {
    for r in stanch_detectors::pack().rules {
        match r.trigger {
            stanch_rules::pattern::Trigger::Root { back } => println!(
                "root {} back {back} {:?} {}",
                r.id,
                r.keywords,
                &r.pattern[..r.pattern.len().min(100)]
            ),
            stanch_rules::pattern::Trigger::Near => {
                println!("near {} {:?} {}", r.id, r.near, &r.pattern[..r.pattern.len().min(100)])
            }
            _ => {}
        }
    }
}
