//! Connections that end, and how the feed comes back.

use std::time::Duration;

use lockstep::webex::FeedEvent;
use tokio::time::Instant;
use webex_sim::{Fault, When};

use crate::rig::Rig;

const AGENT: &str = "agent1001@example.com";

/// Lives, meets the fault, is lost, lives again in a later generation, and knows what changed
/// meanwhile.
async fn comes_back_from(fault: Fault, times: Option<u32>) -> String {
    let mut rig = Rig::new().await;
    let first = rig.live().await;
    match times {
        Some(times) => rig.sim.inject_times(fault, times).unwrap(),
        None => rig.sim.inject(fault).unwrap(),
    };
    let why = rig.lost().await;
    rig.sim.set_presence(AGENT, "meeting").unwrap();
    rig.sim.clear_faults();
    let second = rig.live().await;
    assert!(second > first);
    let known = rig.seen.iter().filter_map(crate::rig::observed).any(|(_, seen)| {
        seen.epoch == second && seen.facts.as_ref().and_then(|f| f.get("status")) == Some("meeting")
    });
    if !known {
        rig.status(AGENT, "meeting").await;
    }
    rig.finish().await;
    why
}

#[tokio::test]
async fn any_close_code_is_survived() {
    for (code, reason) in
        [(1000, ""), (1000, "idle"), (1003, "x"), (1011, ""), (4000, "rebalancing"), (4999, "?")]
    {
        let why = comes_back_from(Fault::close(code, reason), None).await;
        assert!(why.contains(&code.to_string()), "{why}");
    }
}

#[tokio::test]
async fn a_reset_is_survived() {
    comes_back_from(Fault::MercuryDrop { when: When::Now }, None).await;
}

#[tokio::test]
async fn replaced_stands_down_then_comes_back() {
    let why = comes_back_from(Fault::MercuryReplaced {}, None).await;
    assert!(why.contains("another instance took over"), "{why}");
}

#[tokio::test]
async fn a_stalled_socket_is_noticed() {
    let why = comes_back_from(Fault::MercuryStall {}, Some(1)).await;
    assert!(why.contains("ping was not answered") || why.contains("nothing came in"), "{why}");
}

#[tokio::test]
async fn a_missing_or_wrong_pong_is_noticed() {
    let why = comes_back_from(Fault::MercuryNoPong {}, Some(1)).await;
    assert!(why.contains("ping was not answered"), "{why}");
    let why = comes_back_from(Fault::MercuryWrongPongId {}, Some(1)).await;
    assert!(why.contains("not for our ping"), "{why}");
}

#[tokio::test]
async fn an_expired_registration_is_renewed() {
    let why = comes_back_from(Fault::close(4404, ""), None).await;
    assert!(why.contains("4404"), "{why}");
}

#[tokio::test]
async fn a_device_that_vanished_is_registered_anew() {
    let mut rig = Rig::new().await;
    rig.live().await;
    let old = rig.sim.devices();
    rig.sim.inject(Fault::DevicesLost {}).unwrap();
    rig.sim.inject(Fault::MercuryDrop { when: When::Now }).unwrap();
    rig.lost().await;
    rig.live().await;
    assert_ne!(rig.sim.devices(), old);
    rig.finish().await;
}

#[tokio::test]
async fn a_server_that_accepts_and_drops_makes_no_storm() {
    let mut rig = Rig::new().await;
    rig.live().await;
    let before = rig.sim.counters().sockets_opened;
    rig.sim
        .inject(Fault::MercuryClose { code: 1000, reason: "idle".into(), when: When::Ready })
        .unwrap();
    rig.sim.inject(Fault::close(1000, "idle")).unwrap();
    rig.lost().await;
    let lost_at = Instant::now();
    rig.sees("eight more sockets", |sim| sim.counters().sockets_opened >= before + 8).await;
    // 20, 40, 80, 160, 300, 300, 300 and 300 ms, each at least halved.
    assert!(lost_at.elapsed() >= Duration::from_millis(700), "{:?}", lost_at.elapsed());
    rig.sim.clear_faults();
    rig.live().await;
    rig.finish().await;
}

#[tokio::test]
async fn upgrades_that_are_refused_are_retried_as_told() {
    for (status, retry_after) in [(404, None), (429, Some(1)), (500, None), (503, Some(1))] {
        let mut rig = Rig::new().await;
        rig.live().await;
        rig.sim.inject_times(Fault::MercuryUpgradeStatus { status, retry_after }, 2).unwrap();
        rig.sim.inject(Fault::close(1001, "")).unwrap();
        rig.lost().await;
        let lost_at = Instant::now();
        rig.live().await;
        if let Some(seconds) = retry_after {
            assert!(lost_at.elapsed() >= 2 * Duration::from_secs(seconds));
        }
        rig.finish().await;
    }
}

#[tokio::test]
async fn a_webex_that_is_away_for_a_while_is_found_again() {
    let mut rig = Rig::new().await;
    rig.live().await;
    rig.sim.inject(Fault::Offline { ms: 1_000 }).unwrap();
    rig.lost().await;
    rig.live().await;
    let losses = rig.seen.iter().filter(|e| matches!(e, FeedEvent::Lost { .. })).count();
    assert_eq!(losses, 1, "told once");
    rig.finish().await;
}

#[tokio::test]
async fn a_shutdown_is_survived_without_a_loss() {
    let mut rig = Rig::new().await;
    let epoch = rig.live().await;
    rig.sim.inject(Fault::shutdown(10_000)).unwrap();
    rig.sees("the second socket alone", |sim| {
        sim.counters().sockets_ready == 2 && sim.sockets().len() == 1
    })
    .await;
    rig.sim.set_presence(AGENT, "dnd").unwrap();
    let delta = rig.status(AGENT, "dnd").await;
    assert_eq!(delta.epoch, epoch);
    assert!(!rig.seen.iter().any(|event| matches!(event, FeedEvent::Lost { .. })));
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn subscriptions_that_webex_forgot_are_made_again_by_the_reconcile() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    rig.sim.inject(Fault::SubscriptionsLost {}).unwrap();
    rig.sim.set_presence(AGENT, "call").unwrap();
    let changed = Instant::now();
    rig.status(AGENT, "call").await;
    assert!(changed.elapsed() <= Duration::from_mins(5), "{:?}", changed.elapsed());
    assert_eq!(rig.sim.subscriptions(), 2);
    rig.finish().await;
}
