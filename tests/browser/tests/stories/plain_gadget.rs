//! The desktop itself, proven by a plain gadget.

use finesse_sim::{
    Act, AgentState, By, CallEvent, Config, Deployment, Fault, FinesseSim, PendingShape,
    ReasonShape,
};
use lockstep_browser::{Browser, Desk, PROBE, PROBE_URL, layout, pictures};

const AGENT: &str = "agent1001";

async fn centre(config: Config) -> FinesseSim {
    let sim = FinesseSim::start(config).await.expect("starts");
    assert!(sim.upload("probe/probe.xml", PROBE));
    sim.set_layout(&layout(&[(PROBE_URL, false)], &[])).expect("a layout");
    sim
}

async fn usual() -> FinesseSim {
    centre(Config::new(Deployment::Ucce, 2)).await
}

/// The desktop of the agent, looking into the gadget.
async fn probe(sim: &FinesseSim) -> Desk {
    let desk = Desk::sign_in(Browser::start().await, sim, AGENT, "secret").await;
    desk.browser.enter_frame("probe.xml").await;
    desk
}

/// Waits until the gadget wrote this line down.
async fn hears(desk: &Desk, line: &str) {
    desk.browser.shows("#heard", line, |text| text.contains(line)).await;
}

/// How often the gadget wrote this line down.
async fn count(desk: &Desk, line: &str) -> usize {
    desk.browser.text("#heard").await.matches(line).count()
}

#[tokio::test]
async fn a_gadget_reads_the_user_hears_changes_and_sets_the_state() {
    let sim = usual().await;
    let desk = probe(&sim).await;
    hears(&desk, "onConnect").await;
    desk.browser.shows("#state", "READY", |text| text == "READY").await;
    assert_eq!(desk.browser.text("#who").await, "1001001");
    hears(&desk, "tab home").await;
    sim.set_state(AGENT, "NOT_READY", Some("Break"), By::Agent).expect("allowed");
    desk.browser.shows("#reason", "Break", |text| text == "Break").await;
    desk.browser.click("#ready").await;
    desk.browser.shows("#state", "READY", |text| text == "READY").await;
    desk.browser.click("#lunch").await;
    desk.browser.shows("#reason", "Lunch", |text| text == "Lunch").await;
    hears(&desk, "lunch success 202").await;
    assert_eq!(sim.state(AGENT), AgentState::NotReady);
    desk.browser.click("#other").await;
    hears(&desk, "second user error").await;
    desk.browser.leave_frame().await;
    desk.browser.shows("#state-label", "Lunch", |text| text == "Not Ready – Lunch").await;
    let log = desk.browser.run("return finesse.container.log.join();").await;
    assert!(log.as_str().expect("text").contains("probe"), "the client's log: {log}");
    desk.browser.picture(&pictures().join("desktop-probe.png")).await;
    assert_eq!(sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn success_and_then_an_error_reach_the_same_request() {
    let sim = usual().await;
    let desk = probe(&sim).await;
    hears(&desk, "codes").await;
    sim.fault(Fault::CtiError { code: 265, error_type: None, error_message: None });
    desk.browser.click("#lunch").await;
    hears(&desk, "lunch success 202").await;
    hears(&desk, "lunch error 400 CF_INVALID_AGENT_WORKMODE").await;
}

#[tokio::test]
async fn a_refusal_at_once_is_an_error_without_success() {
    let sim = usual().await;
    let desk = probe(&sim).await;
    hears(&desk, "codes").await;
    let lunch = Fault::Status {
        status: 400,
        error_type: Some("Invalid Input".to_owned()),
        error_data: Some("finesse.api.reasoncode.not_valid".to_owned()),
        error_message: Some("no such code".to_owned()),
        phase: finesse_sim::Phase::Before,
    };
    sim.fault(lunch);
    desk.browser.click("#lunch").await;
    hears(&desk, "lunch error 400 no such code").await;
    assert_eq!(count(&desk, "lunch success").await, 0);
}

#[tokio::test]
async fn the_hub_may_be_connected_before_the_gadget_asks() {
    let sim = usual().await;
    sim.fault(Fault::HubConnectedEarly);
    sim.fault(Fault::NoGetReasonCode);
    sim.fault(Fault::EmptyPendingState { shape: PendingShape::Object });
    let desk = probe(&sim).await;
    desk.browser.shows("#state", "READY", |text| text == "READY").await;
    hears(&desk, "early").await;
    assert_eq!(desk.browser.text("#reason").await, "no getReasonCode");
    assert_eq!(desk.browser.text("#pending").await, "{}");
    sim.set_state(AGENT, "NOT_READY", Some("Break"), By::Agent).expect("allowed");
    hears(&desk, "change NOT_READY").await;
    assert_eq!(count(&desk, "onConnect").await, 0);
}

#[tokio::test]
async fn reason_lists_come_in_every_shape() {
    let sim = usual().await;
    let desk = probe(&sim).await;
    hears(&desk, "codes [{\"label\":\"Lunch\",\"id\":").await;
    for (shape, shown) in [
        (ReasonShape::Undefined, "codes \"undefined\""),
        (ReasonShape::Empty, "codes []"),
        (ReasonShape::Single, "codes {\"label\":\"Lunch\",\"id\":"),
        (ReasonShape::UriOnly, "codes [{\"label\":\"Lunch\",\"code\":"),
    ] {
        let fault = sim.fault(Fault::ReasonList { shape });
        sim.desktop(Act::Reload, Some(AGENT)).expect("a user");
        desk.ready().await;
        desk.browser.enter_frame("probe.xml").await;
        hears(&desk, shown).await;
        sim.end_fault(fault);
    }
}

#[tokio::test]
async fn lower_case_events_are_heard_by_nobody_and_doubles_twice() {
    let sim = usual().await;
    let desk = probe(&sim).await;
    hears(&desk, "codes").await;
    let lower = sim.fault(Fault::LowerCaseEvents);
    sim.set_state(AGENT, "NOT_READY", Some("Break"), By::Agent).expect("allowed");
    sim.end_fault(lower);
    sim.fault(Fault::DuplicateNotifications);
    sim.set_state(AGENT, "READY", None, By::Agent).expect("allowed");
    let twice = |text: &str| text.matches("change READY").count() == 2;
    desk.browser.shows("#heard", "READY twice", twice).await;
    assert_eq!(count(&desk, "change NOT_READY").await, 0);
}

#[tokio::test]
async fn while_it_fails_nothing_is_heard_and_afterwards_the_user_is_read_again() {
    let sim = usual().await;
    let desk = probe(&sim).await;
    hears(&desk, "codes").await;
    sim.desktop(Act::Failing, None).expect("everybody");
    hears(&desk, "disconnected").await;
    sim.set_state(AGENT, "NOT_READY", Some("Break"), By::Agent).expect("allowed");
    sim.call("agent1002", CallEvent::Ring).expect("READY");
    desk.browser.leave_frame().await;
    desk.browser.shows("#banner", "failing", |text| text.contains("failing")).await;
    desk.browser.shows("#state-label", "Break", |text| text.contains("Break")).await;
    desk.browser.enter_frame("probe.xml").await;
    assert_eq!(count(&desk, "change").await, 0, "muted");
    sim.desktop(Act::Recovered, None).expect("everybody");
    hears(&desk, "change NOT_READY").await;
}

#[tokio::test]
async fn a_desktop_moves_to_the_other_node_when_its_own_goes_out_of_service() {
    let sim = centre(Config::new(Deployment::Ucce, 2).with_secondary()).await;
    let desk = probe(&sim).await;
    hears(&desk, "codes").await;
    let scope = finesse_sim::Scope {
        node: Some(finesse_sim::Node::Primary),
        ..finesse_sim::Scope::default()
    };
    sim.fault_in(Fault::OutOfService, scope);
    let other = sim.secondary_url().expect("two nodes");
    desk.at(&other).await;
    desk.ready().await;
    desk.browser.enter_frame("probe.xml").await;
    desk.browser.shows("#state", "READY", |text| text == "READY").await;
    sim.set_state(AGENT, "NOT_READY", Some("Break"), By::Agent).expect("allowed");
    hears(&desk, "change NOT_READY").await;
}

#[tokio::test]
async fn a_node_that_comes_back_is_recovered_from() {
    let sim = usual().await;
    let desk = probe(&sim).await;
    hears(&desk, "codes").await;
    let fault = sim.fault(Fault::OutOfService);
    hears(&desk, "disconnected").await;
    sim.end_fault(fault);
    hears(&desk, "change READY").await;
}

#[tokio::test]
async fn a_hidden_gadget_works_and_a_gadget_on_a_tab_waits_to_be_seen() {
    let sim = usual().await;
    let hidden = format!("{PROBE_URL}?as=hidden");
    let tab = format!("{PROBE_URL}?as=tab");
    sim.set_layout(&layout(&[(&hidden, true)], &[&tab])).expect("a layout");
    let desk = Desk::sign_in(Browser::start().await, &sim, AGENT, "secret").await;
    desk.browser.enter_frame("as=hidden").await;
    hears(&desk, "codes").await;
    desk.browser.leave_frame().await;
    let there = "return document.querySelectorAll('iframe').length;";
    assert_eq!(desk.browser.run(there).await, 1, "nobody looked at the other tab");
    desk.browser.click("#tab_more").await;
    desk.browser.enter_frame("as=tab").await;
    hears(&desk, "tab more").await;
    desk.browser.leave_frame().await;
    desk.browser.shows("#panel_more h2", "Gadget", |text| text == "Gadget").await;
}

#[tokio::test]
async fn the_state_menu_sets_the_state_and_says_what_is_refused() {
    let sim = usual().await;
    let desk = Desk::sign_in(Browser::start().await, &sim, AGENT, "secret").await;
    desk.browser.shows("#state-label", "Ready", |text| text == "Ready").await;
    desk.browser.click("#state").await;
    desk.browser.click("#state-menu li:nth-child(2)").await;
    desk.browser.shows("#state-label", "Lunch", |text| text == "Not Ready – Lunch").await;
    sim.fault(Fault::CtiError { code: 265, error_type: None, error_message: None });
    desk.browser.click("#state").await;
    desk.browser.click("#state-menu li:nth-child(1)").await;
    let refused = |text: &str| text.contains("CF_INVALID_AGENT_WORKMODE");
    desk.browser.shows("#banner", "the refusal", refused).await;
    desk.browser.click("#state").await;
    desk.browser.picture(&pictures().join("desktop-menu.png")).await;
}

#[tokio::test]
async fn a_wrong_password_is_said_and_asked_for_again() {
    let sim = usual().await;
    let browser = Browser::start().await;
    browser.open(&sim.desktop_url()).await;
    browser.types("#id", "1001001").await;
    browser.types("#password", "wrong").await;
    browser.types("#extension", "40001").await;
    browser.click("#go").await;
    browser.shows("#trouble", "wrong", |text| text.contains("wrong")).await;
    browser.picture(&pictures().join("desktop-sign-in.png")).await;
    let desk = Desk::sign_in(browser, &sim, AGENT, "secret").await;
    desk.browser.shows("#agent-name", "Ada", |text| text == "Ada Adler").await;
}

#[tokio::test]
async fn signing_in_and_out_is_the_contact_centres_too() {
    let mut config = Config::new(Deployment::Uccx, 1);
    config.users = finesse_sim::usual_users(1, 1, AgentState::Logout);
    let sim = centre(config).await;
    let desk = Desk::sign_in(Browser::start().await, &sim, AGENT, "secret").await;
    assert_eq!(sim.state(AGENT), AgentState::NotReady);
    desk.browser.shows("#state-label", "Not Ready", |text| text.starts_with("Not Ready")).await;
    desk.browser.click("#sign-out").await;
    desk.browser.shows("h1", "the sign-in page", |text| text.contains("Finesse")).await;
    lockstep_browser::until("the agent is signed out", async || match sim.state(AGENT) {
        AgentState::Logout => Ok(()),
        other => Err(other.to_string()),
    })
    .await;
}
