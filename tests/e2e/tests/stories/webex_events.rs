//! Frames and events that are lost, late, double, out of order or broken (Webex notes 3.4, 3.5).

use finesse_sim::AgentState::NotReady;
use finesse_sim::Deployment::{Ucce, Uccx};
use lockstep_e2e::{Site, SiteConfig};
use webex_sim::Fault;

const AGENT: &str = "agent1001";

async fn site() -> Site {
    Site::start(SiteConfig::new(Uccx, 2)).await
}

/// What must not disturb: the agent is followed over the same socket, and nothing is lost.
async fn is_not_disturbed(site: Site) {
    site.follows(AGENT).await;
    assert_eq!(site.webex.counters().sockets_opened, 1);
    assert!(site.lines(&["webex feed is lost"]).is_empty());
    site.end().await;
}

#[tokio::test]
async fn sequence_gap_leads_to_a_fresh_look_over_the_same_socket() {
    let site = site().await;
    site.presence_unheard(AGENT, "dnd");
    site.webex_faults(Fault::SequenceGap { size: 3 }, 1);
    site.presence("agent1002", "call");
    site.taken(AGENT).await;
    site.taken("agent1002").await;
    assert!(site.get("/metrics").await.metric("lockstep_webex_sequence_gaps_total", "") >= 1.0);
    assert_eq!(site.webex.counters().sockets_opened, 1);
    site.end().await;
}

#[tokio::test]
async fn sequence_missing_is_no_gap() {
    let site = site().await;
    let before = site.webex.requests("apheleia.subscribe");
    site.webex_faults(Fault::SequenceMissing {}, 2);
    site.follows(AGENT).await;
    assert_eq!(site.webex.requests("apheleia.subscribe"), before);
    site.end().await;
}

#[tokio::test]
async fn malformed_frame_is_skipped() {
    let site = site().await;
    site.webex_fault(Fault::MalformedFrame { text: None });
    site.webex_fault(Fault::MalformedFrame { text: Some("[".repeat(50_000)) });
    site.webex_fault(Fault::MalformedFrame { text: Some("\u{0}null".to_owned()) });
    is_not_disturbed(site).await;
}

#[tokio::test]
async fn huge_frame_is_skipped_or_ends_the_socket_and_memory_stays_bounded() {
    let site = site().await;
    site.webex_fault(Fault::HugeFrame { bytes: 8 * 1024 * 1024 });
    site.follows(AGENT).await;
    assert_eq!(site.webex.counters().sockets_opened, 1, "eight megabytes are skipped");
    site.presence_unheard(AGENT, "dnd");
    site.webex_fault(Fault::HugeFrame { bytes: 17 * 1024 * 1024 });
    site.feed_returns_from("mercury").await;
    site.taken(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn unknown_event_is_acknowledged_and_skipped() {
    let site = site().await;
    for event in ["conversation.activity", "locus.participant_joined", ""] {
        site.webex_fault(Fault::UnknownEvent { event_type: event.to_owned() });
    }
    site.wait_for("everything is acknowledged", |site| {
        site.webex.sockets().iter().all(|socket| socket.unacknowledged == 0).then_some(())
    })
    .await;
    is_not_disturbed(site).await;
}

#[tokio::test]
async fn raw_frame_that_is_no_presence_moves_nobody() {
    let site = site().await;
    let id = site.webex.person(&Site::address(AGENT)).expect("a person").id;
    for text in [
        "null".to_owned(),
        "5".to_owned(),
        r#"{"data":null}"#.to_owned(),
        r#"{"data":{"eventType":"apheleia.subscription_update"}}"#.to_owned(),
        format!(r#"{{"data":{{"eventType":"apheleia.subscription_update","subject":"{id}"}}}}"#),
        r#"{"data":{"eventType":"apheleia.subscription_update","subject":"stranger","status":"dnd"}}"#
            .to_owned(),
    ] {
        site.webex_fault(Fault::RawFrame { text });
    }
    is_not_disturbed(site).await;
}

#[tokio::test]
async fn raw_frame_whose_headers_overlay_its_data_is_read_as_the_vendor_does() {
    let site = site().await;
    let id = site.webex.person(&Site::address(AGENT)).expect("a person").id;
    let text = format!(
        r#"{{"data":{{"eventType":"apheleia.subscription_update","subject":"{id}",
            "status":"active","headers":{{"status":"dnd","vectorCounters.counters":{{"x":9}}}}}}}}"#
    );
    site.webex_fault(Fault::RawFrame { text });
    site.reaches(AGENT, NotReady).await;
    site.end().await;
}

#[tokio::test]
async fn mercury_binary_frames_are_read_like_text() {
    let config = SiteConfig::new(Ucce, 1).under(Fault::MercuryBinaryFrames {});
    is_not_disturbed(Site::start(config).await).await;
}

#[tokio::test]
async fn mercury_event_before_ready_is_tolerated() {
    let config = SiteConfig::new(Ucce, 1).under(Fault::MercuryEventBeforeReady {});
    is_not_disturbed(Site::start(config).await).await;
}

#[tokio::test]
async fn event_lost_without_a_sign_is_found_by_the_reconcile() {
    let config = SiteConfig::new(Uccx, 2).set("sync", "reconcile_every", "2s");
    let site = Site::start(config).await;
    site.presence_unheard(AGENT, "dnd");
    site.taken(AGENT).await;
    assert!(site.lines(&["webex feed is lost"]).is_empty(), "one lost event is no deafness");
    site.end().await;
}

#[tokio::test]
async fn event_lost_again_and_again_is_a_deaf_feed_that_is_made_anew() {
    let config = SiteConfig::new(Uccx, 5).set("sync", "reconcile_every", "2s");
    let site = Site::start(config).await;
    site.webex_fault(Fault::EventLost { person: None });
    for agent in 1001..=1005 {
        site.presence(&format!("agent{agent}"), "dnd");
    }
    for agent in 1001..=1005 {
        site.taken(&format!("agent{agent}")).await;
    }
    site.feed_returns_from("webex tells no changes").await;
    let page = site.get("/metrics").await;
    assert!(page.metric("lockstep_webex_events_missed_total", "") >= 5.0);
    site.webex.clear_faults();
    site.presence(AGENT, "active");
    site.released(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn event_duplicate_asks_for_one_change() {
    let site = site().await;
    site.webex_fault(Fault::EventDuplicate { person: None });
    site.follows(AGENT).await;
    site.two_looks().await;
    assert_eq!(site.asked(AGENT), ["NOT_READY", "READY"]);
    site.end().await;
}

#[tokio::test]
async fn event_reordered_ends_in_what_was_said_last() {
    let site = site().await;
    site.webex_faults(Fault::EventReordered { person: Some(Site::address(AGENT)) }, 1);
    site.presence(AGENT, "active"); // held back until the next one is out
    site.presence(AGENT, "dnd");
    site.taken(AGENT).await;
    site.two_looks().await;
    site.stands(AGENT, NotReady);
    site.end().await;
}

#[tokio::test]
async fn event_stale_does_not_take_back_what_was_said_since() {
    let site = site().await;
    site.webex_fault(Fault::EventStale { person: Some(Site::address(AGENT)) });
    site.presence(AGENT, "dnd");
    site.taken(AGENT).await;
    site.two_looks().await;
    site.stands(AGENT, NotReady);
    assert_eq!(site.asked(AGENT), ["NOT_READY"]);
    site.end().await;
}

#[tokio::test]
async fn event_delayed_is_applied_when_it_comes() {
    let site = site().await;
    site.webex_faults(Fault::EventDelayed { person: Some(Site::address(AGENT)), ms: 700 }, 1);
    site.presence(AGENT, "dnd");
    site.presence("agent1002", "dnd");
    site.taken("agent1002").await;
    site.taken(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn event_status_that_nobody_knows_is_left_alone_and_told() {
    let site = site().await;
    let fault =
        Fault::EventStatus { person: Some(Site::address(AGENT)), status: "Levitating".to_owned() };
    site.webex_faults(fault, 1);
    site.presence(AGENT, "dnd");
    site.two_looks().await;
    assert!(site.asked(AGENT).is_empty());
    site.presence(AGENT, "call");
    site.taken(AGENT).await;
    site.end().await;
}

/// What is said when, is compared among Webex's own times only.
#[tokio::test]
async fn clock_skew_of_webex_in_either_direction_disturbs_nobody() {
    for seconds in [3_600, -3_600] {
        let site = site().await;
        site.webex_fault(Fault::ClockSkew { seconds });
        is_not_disturbed(site).await;
    }
}
