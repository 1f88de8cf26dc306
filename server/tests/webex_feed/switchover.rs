//! Mercury announces its end: make before break (Webex notes 3.8), in simulated time.

use std::time::Duration;

use lockstep::webex::FeedEvent;
use lockstep_core::presence::Kind;
use tokio::time::Instant;
use webex_sim::{Fault, When};

use crate::rig::{Rig, observed};

const AGENT: &str = "agent1001@example.com";

/// A feed that has lived for a while.
async fn settled() -> (Rig, u64) {
    let mut rig = Rig::simulated().await;
    let epoch = rig.live().await;
    rig.pass(Duration::from_secs(90)).await;
    (rig, epoch)
}

/// A change comes as an event, in the generation of before: nothing was lost.
async fn told(rig: &mut Rig, status: &str, epoch: u64) {
    rig.sim.set_presence(AGENT, status).unwrap();
    let seen = rig.status(AGENT, status).await;
    assert_eq!((seen.kind, seen.epoch), (Kind::Delta, epoch));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_lost_and_subscriptions_stay() {
    let (mut rig, epoch) = settled().await;
    rig.sim.inject(Fault::shutdown(30_000)).unwrap();
    told(&mut rig, "dnd", epoch).await;
    rig.pass(Duration::from_mins(2)).await;
    told(&mut rig, "call", epoch).await;
    let counters = rig.sim.counters();
    assert_eq!((rig.losses(), counters.sockets_ready, rig.sim.sockets().len()), (0, 2, 1));
    assert_eq!((rig.sim.devices().len(), rig.sim.subscriptions()), (1, 2));
    assert_eq!(counters.events_unheard, 0);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_over_both_sockets_is_told_once_and_acknowledged_twice() {
    let (mut rig, epoch) = settled().await;
    let drain =
        Fault::MercuryShutdown { close_after_ms: 30_000, linger_ms: 20_000, when: When::Now };
    rig.sim.inject(drain).unwrap();
    rig.sees("both sockets", |sim| sim.counters().sockets_ready == 2).await;
    assert_eq!(rig.sim.sockets().len(), 2);
    rig.seen.clear();
    for status in ["dnd", "call", "active"] {
        told(&mut rig, status, epoch).await;
    }
    rig.pass(Duration::from_secs(10)).await;
    let deltas = rig.seen.iter().filter_map(observed).filter(|(_, o)| o.kind == Kind::Delta);
    assert_eq!(deltas.count(), 3);
    assert_eq!(rig.sim.counters().events_sent, 6);
    assert!(rig.sim.sockets().iter().all(|socket| socket.unacknowledged == 0));
    rig.sees("the old one is gone", |sim| sim.sockets().len() == 1).await;
    assert_eq!(rig.losses(), 0);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_forgets_to_end_the_old_socket_is_left_by_us() {
    let (rig, _) = settled().await;
    let drain =
        Fault::MercuryShutdown { close_after_ms: 3_600_000, linger_ms: 3_600_000, when: When::Now };
    rig.sim.inject(drain).unwrap();
    rig.sees("both sockets", |sim| sim.sockets().len() == 2).await;
    let both = Instant::now();
    rig.sees("one socket", |sim| sim.sockets().len() == 1).await;
    assert_eq!(both.elapsed().as_secs(), 30);
    let goodbye = rig.sim.log().iter().any(|entry| entry.text.contains("closed by the client"));
    assert!(goodbye, "with a close frame");
    assert_eq!(rig.losses(), 0);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn the_drop_after_a_move_is_an_ordinary_one() {
    let (mut rig, epoch) = settled().await;
    rig.sim.inject(Fault::shutdown(30_000)).unwrap();
    rig.sees("the second socket alone", |sim| {
        sim.counters().sockets_ready == 2 && sim.sockets().len() == 1
    })
    .await;
    rig.pass(Duration::from_secs(30)).await;
    rig.sim.inject(Fault::close(1000, "idle")).unwrap();
    rig.lost().await;
    let lost_at = Instant::now();
    let next = rig.live().await;
    assert!(next > epoch && lost_at.elapsed() < Duration::from_millis(1_100));
    told(&mut rig, "dnd", next).await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_new_socket_that_fails_is_tried_again_while_the_old_one_lives() {
    let (mut rig, epoch) = settled().await;
    for status in [503, 404, 500] {
        let refusal = Fault::MercuryUpgradeStatus { status, retry_after: None };
        rig.sim.inject_times(refusal, 1).unwrap();
    }
    rig.sim.inject(Fault::shutdown(30_000)).unwrap();
    told(&mut rig, "dnd", epoch).await;
    rig.sees("the second socket", |sim| sim.counters().sockets_ready == 2).await;
    told(&mut rig, "call", epoch).await;
    assert_eq!(rig.losses(), 0);
    assert_eq!(rig.sim.counters().refused["mercury.upgrade"], 3);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_old_socket_that_ends_first_is_no_loss_for_two_seconds() {
    for (late_ms, lost) in [(1_500, false), (6_000, true)] {
        let (mut rig, epoch) = settled().await;
        let endpoint = Some("mercury.upgrade".into());
        rig.sim.inject_times(Fault::Latency { endpoint, ms: late_ms, jitter_ms: 0 }, 1).unwrap();
        rig.sim.inject(Fault::shutdown(200)).unwrap();
        rig.sees("the old socket is gone", |sim| sim.sockets().is_empty()).await;
        // Said while there is no socket at all: the snapshot after the move brings it.
        rig.sim.set_presence(AGENT, "dnd").unwrap();
        let seen = rig.status(AGENT, "dnd").await;
        assert_eq!((seen.epoch > epoch, rig.losses() > 0), (lost, lost), "{late_ms} ms");
        if lost {
            rig.until("live again", |event| matches!(event, FeedEvent::Live { .. })).await;
        }
        rig.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_announcement_moves_again_after_a_pause() {
    let (mut rig, epoch) = settled().await;
    for sockets in 2..=6 {
        rig.sim.inject(Fault::shutdown(60_000)).unwrap();
        rig.sees("the next socket alone", |sim| {
            sim.counters().sockets_ready == sockets && sim.sockets().len() == 1
        })
        .await;
    }
    told(&mut rig, "dnd", epoch).await;
    assert_eq!(rig.losses(), 0);
    rig.finish().await;
}
