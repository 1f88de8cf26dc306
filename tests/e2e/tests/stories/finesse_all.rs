//! Every fault that finesse-sim has is in a story's name.

/// The files with stories about Finesse's faults.
const STORIES: [&str; 8] = [
    include_str!("bad_input.rs"),
    include_str!("credentials.rs"),
    include_str!("failover.rs"),
    include_str!("identity.rs"),
    include_str!("outages.rs"),
    include_str!("refusals.rs"),
    include_str!("slowness.rs"),
    include_str!("teams.rs"),
];

#[test]
fn every_fault_of_the_simulated_finesse_has_a_story() {
    let lines = STORIES.iter().flat_map(|file| file.lines());
    let names: Vec<&str> = lines.filter(|line| line.starts_with("async fn f_")).collect();
    let untold = finesse_sim::fault_names();
    let untold: Vec<&str> =
        untold.filter(|fault| !names.iter().any(|name| name.contains(fault))).collect();
    assert!(untold.is_empty(), "no story is named after {untold:?}");
}
