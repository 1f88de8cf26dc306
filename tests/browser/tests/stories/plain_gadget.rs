//! The desktop itself, proven by a plain gadget.

use finesse_sim::{AgentState, By, Config, Deployment, FinesseSim};
use lockstep_browser::{Browser, Desk, PROBE, PROBE_URL, layout};

const AGENT: &str = "agent1001";

async fn centre() -> FinesseSim {
    let sim = FinesseSim::start(Config::new(Deployment::Ucce, 2)).await.expect("starts");
    assert!(sim.upload("probe/probe.xml", PROBE));
    sim.set_layout(&layout(&[(PROBE_URL, false)], &[])).expect("a layout");
    sim
}

#[tokio::test]
async fn a_gadget_reads_the_user_hears_changes_and_sets_the_state() {
    let sim = centre().await;
    let desk = Desk::sign_in(Browser::start().await, &sim, AGENT, "secret").await;
    desk.browser.enter_frame("probe.xml").await;
    desk.browser.shows("#state", "READY", |text| text == "READY").await;
    assert_eq!(desk.browser.text("#who").await, "1001001");
    sim.set_state(AGENT, "NOT_READY", Some("Break"), By::Agent).expect("allowed");
    desk.browser.shows("#reason", "Break", |text| text == "Break").await;
    desk.browser.click("#ready").await;
    desk.browser.shows("#state", "READY", |text| text == "READY").await;
    desk.browser.click("#lunch").await;
    desk.browser.shows("#reason", "Lunch", |text| text == "Lunch").await;
    assert_eq!(sim.state(AGENT), AgentState::NotReady);
    desk.browser.leave_frame().await;
    desk.browser.shows("#state-label", "Lunch", |text| text == "Not Ready – Lunch").await;
    desk.browser.picture(&lockstep_browser::pictures().join("desktop-probe.png")).await;
    assert_eq!(sim.violations(), Vec::<String>::new());
}
