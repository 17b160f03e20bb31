//! Every detector has a complete leak page.

#[test]
fn every_detector_has_a_complete_runbook() {
    let book = stanch_detectors::book();
    assert!(book.pages.len() > 400, "only {} pages", book.pages.len());
    let gaps: Vec<String> = book
        .pages
        .iter()
        .filter(|page| !page.runbook.missing().is_empty())
        .map(|page| format!("{}: {}", page.id, page.runbook.missing().join(", ")))
        .collect();
    assert!(
        gaps.is_empty(),
        "{} of {} detectors lack texts of their leak page; write them into `[provider.runbook]` or \
         `[detector.runbook]`, see docs/detectors.md:\n{}",
        gaps.len(),
        book.pages.len(),
        gaps.join("\n")
    );
}
