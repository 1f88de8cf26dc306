//! What Webex and Finesse should never send is counted and skipped, and nobody is moved by it.

use finesse_sim::AgentState::Ready;
use finesse_sim::{Deployment, Endpoint, Scope};
use lockstep_e2e::{Site, SiteConfig, on_both};
use webex_sim::Fault;

const SKIPPED: &str = "lockstep_webex_frames_skipped_total";

/// Waits until that many frames were skipped for this reason.
async fn skipped(site: &Site, reason: &str, count: f64) {
    let label = format!("reason=\"{reason}\"");
    let what = format!("{count} frames are counted as {reason}");
    site.page("/metrics", &what, |page| page.metric(SKIPPED, &label) >= count).await;
}

#[tokio::test]
async fn s1_41_frames_that_cannot_be_read_are_counted_and_the_feed_stays() {
    let site = Site::start(SiteConfig::new(Deployment::Uccx, 2)).await;
    for text in ["", "null", "[]", "{", "\u{0}\u{1}", "{\"data\":7}", "\"dnd\""] {
        site.webex.inject(Fault::RawFrame { text: text.to_owned() }).expect("a fault");
    }
    site.webex.inject(Fault::MalformedFrame { text: None }).expect("a fault");
    skipped(&site, "malformed", 5.0).await;
    site.webex.inject(Fault::HugeFrame { bytes: 2 * 1024 * 1024 }).expect("a fault");
    skipped(&site, "huge", 1.0).await;
    let event_type = "apheleia.something_new".to_owned();
    site.webex.inject(Fault::UnknownEvent { event_type }).expect("a fault");
    skipped(&site, "unknown", 1.0).await;
    assert_eq!(site.webex.counters().sockets_opened, 1, "the feed went on");
    site.presence("agent1001", "dnd");
    site.taken("agent1001").await;
    site.stands("agent1002", Ready);
    let decided = site.lines(&["agent1002", "decision.code"]);
    assert!(decided.iter().all(|line| line.field("decision.code") == "nothing_to_do"));
    site.end().await;
}

#[tokio::test]
async fn a_frame_beyond_every_limit_costs_the_connection_and_nothing_else() {
    let site = Site::start(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.presence("agent1001", "dnd");
    site.taken("agent1001").await;
    site.webex.inject(Fault::HugeFrame { bytes: 40 * 1024 * 1024 }).expect("a fault");
    site.presence("agent1001", "active");
    site.released("agent1001").await;
    let page = site.get("/readyz").await;
    assert_eq!((page.status, &page.json()["webex"]["feed"]), (200, &"live".into()));
    site.end().await;
}

#[tokio::test]
async fn an_unknown_status_is_left_alone_by_name() {
    let site = Site::start(SiteConfig::new(Deployment::Uccx, 1)).await;
    for status in ["hologram", "dnd-2", "dnd,call", "аctive"] {
        site.presence("agent1001", status);
        let decision = site.decides("agent1001", "left_by_rule").await;
        assert!(decision.text.contains(status), "{decision:?}");
    }
    site.two_looks().await;
    assert!(site.asked("agent1001").is_empty());
    site.end().await;
}

#[tokio::test]
async fn f_malformed_xml_html_error_and_huge_body_move_nobody_and_end() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        let reading = Scope { method: Some("GET".to_owned()), ..Scope::default() };
        for fault in [
            finesse_sim::Fault::MalformedXml,
            finesse_sim::Fault::HtmlError { status: 500 },
            finesse_sim::Fault::HugeBody { bytes: 32 * 1024 * 1024 },
        ] {
            let looks = Scope { endpoint: Some(Endpoint::Team), ..reading.clone() };
            let id = site.finesse.fault_in(fault, looks);
            let struck = |site: &Site| site.finesse.fault_struck(id).filter(|times| *times >= 2);
            site.wait_for("two polls are struck", struck).await;
            site.finesse.end_fault(id);
            site.two_looks().await;
        }
        assert_eq!(site.asked("agent1001"), ["NOT_READY"]);
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn f_unknown_state_is_left_alone_until_it_is_known_again() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        let strange = finesse_sim::Fault::UnknownState { state: "PAUSED".to_owned() };
        let id = site.finesse.fault(strange);
        site.two_looks().await;
        site.presence("agent1001", "dnd");
        site.decides("agent1001", "left_signed_out").await;
        site.two_looks().await;
        assert!(site.asked("agent1001").is_empty());
        site.finesse.end_fault(id);
        site.taken("agent1001").await;
        site.end().await;
    })
    .await;
}
