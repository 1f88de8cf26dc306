//! Every fault that webex-sim has is in a story's name.

/// The files with the stories about Webex.
const STORIES: [&str; 7] = [
    include_str!("webex_closes.rs"),
    include_str!("webex_devices.rs"),
    include_str!("webex_events.rs"),
    include_str!("webex_limits.rs"),
    include_str!("webex_subscriptions.rs"),
    include_str!("webex_tokens.rs"),
    include_str!("webex_upgrades.rs"),
];

#[test]
fn every_fault_of_the_simulated_webex_has_a_story() {
    let lines = STORIES.iter().flat_map(|file| file.lines());
    let names: Vec<&str> = lines.filter(|line| line.starts_with("async fn ")).collect();
    let untold = webex_sim::catalogue().iter().map(|entry| entry.fault);
    let untold: Vec<&str> =
        untold.filter(|fault| !names.iter().any(|name| name.contains(fault))).collect();
    assert!(untold.is_empty(), "no story is named after {untold:?}");
}
