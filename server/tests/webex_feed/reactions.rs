//! Every way in which a socket ends or is refused, and how soon the feed is back, with the product's
//! own waits in simulated time (Webex notes 3.6, 9).

use std::ops::Range;
use std::time::Duration;

use lockstep::webex::FeedEvent;
use tokio::time::Instant;
use webex_sim::{Config, Fault, When};

use crate::rig::Rig;

const AGENT: &str = "agent1001@example.com";

/// In seconds.
type Seconds = Range<f64>;

/// The first delay of the backoff, without anything before it.
const SOON: Seconds = 0.5..1.1;
/// No delay.
const AT_ONCE: Seconds = 0.0..0.1;
/// Another instance is there.
const STOOD_DOWN: Seconds = 45.0..60.1;
/// A person must cure it.
const SLOWLY: Seconds = 75.0..90.1;

/// How long the feed was away, and whether its device was refreshed.
async fn away(rig: &mut Rig) -> (f64, bool) {
    let refreshed = rig.sim.requests("wdm.refresh");
    rig.lost().await;
    let lost_at = Instant::now();
    rig.sim.set_presence(AGENT, "meeting").unwrap();
    rig.live().await;
    let seconds = lost_at.elapsed().as_secs_f64();
    rig.sim.set_presence(AGENT, "active").unwrap();
    rig.status(AGENT, "active").await;
    (seconds, rig.sim.requests("wdm.refresh") > refreshed)
}

#[tokio::test(start_paused = true)]
async fn every_close_of_a_live_socket_has_its_own_reaction() {
    let table: [(u16, &str, Seconds, bool); 20] = [
        (1000, "", SOON, false),
        (1000, "idle", SOON, false),
        (1000, "done (forced)", SOON, false),
        (1000, "whatever", SOON, false),
        (1001, "going away", SOON, false),
        (1003, "rejected last message", SOON, false),
        (1008, "authentication failed", SOON, false),
        (1011, "", SOON, false),
        (1012, "", SOON, false),
        (3000, "of another world", SOON, false),
        (4000, "Replaced", STOOD_DOWN, false),
        (4000, "replaced", STOOD_DOWN, false),
        (4000, "rebalancing", SOON, false),
        (4000, "", SOON, false),
        (4001, "", SOON, false),
        (4400, "", SLOWLY, false),
        (4401, "", SOON, false), // the bot's token is accepted elsewhere
        (4403, "", SLOWLY, false),
        (4404, "", AT_ONCE, true),
        (4999, "new", SOON, false),
    ];
    for (code, reason, expected, refreshes) in table {
        let mut rig = Rig::simulated().await;
        rig.live().await;
        rig.sim.inject(Fault::close(code, reason)).unwrap();
        let (seconds, refreshed) = away(&mut rig).await;
        assert!(expected.contains(&seconds), "{code} {reason:?}: back after {seconds} s");
        assert_eq!(refreshed, refreshes, "{code} {reason:?}");
        assert_eq!(rig.losses(), 1, "{code} {reason:?}");
        rig.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_break_without_a_close_frame_is_like_any_other() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    rig.sim.inject(Fault::MercuryDrop { when: When::Now }).unwrap();
    let (seconds, refreshed) = away(&mut rig).await;
    assert!(SOON.contains(&seconds) && !refreshed, "{seconds}");
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn every_close_before_ready_has_its_own_reaction() {
    let table: [(u16, Seconds, bool); 11] = [
        (1000, SOON, false),
        (1008, SOON, false),
        (1011, SOON, false),
        (1012, SOON, false),
        (4000, SOON, false),
        (4001, SOON, false),
        (4400, SLOWLY, false),
        (4401, SOON, false),
        (4403, SLOWLY, false),
        (4404, AT_ONCE, true),
        (4999, SOON, false),
    ];
    for (code, expected, refreshes) in table {
        let mut rig = Rig::simulated_with(
            Config::default(),
            |_| {},
            |sim| {
                let refused = Fault::MercuryAuthRefused { code, reason: String::new() };
                sim.inject_times(refused, 1).unwrap();
            },
        )
        .await;
        let (seconds, refreshed) = away(&mut rig).await;
        assert!(expected.contains(&seconds), "{code}: back after {seconds} s");
        assert_eq!(refreshed, refreshes, "{code}");
        rig.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_refused_upgrade_has_its_own_reaction() {
    let table: [(u16, Option<u64>, Seconds, bool); 13] = [
        (400, None, SOON, false),
        (401, None, SOON, false), // the bot's token is accepted elsewhere
        (403, None, SLOWLY, false),
        (404, None, AT_ONCE, true),
        (410, None, AT_ONCE, true),
        (429, None, 59.9..60.1, false),
        (429, Some(7), 6.9..7.1, false),
        (429, Some(999_999), 3_599.0..3_600.1, false),
        (451, None, SLOWLY, false),
        (500, None, SOON, false),
        (502, None, SOON, false),
        (503, None, SOON, false),
        (503, Some(9), 8.9..9.1, false),
    ];
    for (status, retry_after, expected, refreshes) in table {
        for by_date in [false, true] {
            let mut rig = Rig::simulated().await;
            rig.live().await;
            if by_date {
                rig.sim.inject(Fault::RetryAfterDate {}).unwrap();
            }
            let refused = Fault::MercuryUpgradeStatus { status, retry_after };
            rig.sim.inject_times(refused, 1).unwrap();
            rig.sim.inject(Fault::close(4404, "")).unwrap(); // leads to an upgrade at once
            rig.lost().await;
            rig.sees("the refusal", |sim| sim.counters().refused.contains_key("mercury.upgrade"))
                .await;
            let (refused_at, before) = (Instant::now(), rig.sim.requests("wdm.refresh"));
            rig.live().await;
            // The second failure: twice the delay, and nothing is prompt any more.
            let expected = match expected.clone() {
                soon if soon == SOON || soon == AT_ONCE => 1.0..2.1,
                other => other,
            };
            let seconds = refused_at.elapsed().as_secs_f64();
            // Dates are whole seconds.
            let near = expected.start - 1.0..expected.end + 1.0;
            let fits = if by_date { near.contains(&seconds) } else { expected.contains(&seconds) };
            assert!(fits, "{status} {retry_after:?}: back after {seconds} s, {expected:?}");
            assert_eq!(rig.sim.requests("wdm.refresh") > before, refreshes, "{status}");
            rig.finish().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_leads_elsewhere_is_not_followed() {
    let mut rig = Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            let endpoint = Some("mercury.upgrade".into());
            let location = "ws://127.0.0.1:9/elsewhere".into();
            sim.inject_times(Fault::Redirect { endpoint, location }, 1).unwrap();
        },
    )
    .await;
    let why = rig.lost().await;
    assert!(why.contains("302"), "{why}");
    rig.live().await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn one_4401_costs_a_bot_a_second_and_a_refused_token_is_probed_slowly() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    rig.pass(Duration::from_mins(2)).await;
    rig.sim.inject(Fault::close(4401, "")).unwrap();
    let (seconds, _) = away(&mut rig).await;
    assert!(SOON.contains(&seconds), "{seconds}");
    assert_eq!(rig.sim.requests("hydra.me"), 1, "one probe");

    rig.pass(Duration::from_mins(2)).await;
    rig.sim.inject(Fault::TokenRevoked {}).unwrap();
    rig.sim.inject(Fault::close(4401, "")).unwrap();
    let why = rig.lost().await;
    assert!(why.contains("a person must cure this"), "{why}");
    rig.pass(Duration::from_hours(1)).await;
    let uses = rig.sim.counters().dead_token_uses;
    assert!((40..=60).contains(&uses), "{uses} in an hour");
    assert_eq!(rig.losses(), 2, "told once");
    rig.sim.clear_faults();
    rig.live().await;
    rig.finish().await;
}

/// Sockets that refuse a token which the rest of Webex accepts.
#[tokio::test(start_paused = true)]
async fn a_socket_that_goes_on_refusing_a_good_token_needs_a_person() {
    let mut rig = Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            let refused = Fault::MercuryAuthRefused { code: 4401, reason: String::new() };
            sim.inject(refused).unwrap();
        },
    )
    .await;
    rig.pass(Duration::from_hours(1)).await;
    let opened = rig.sim.counters().sockets_opened;
    assert!((40..=60).contains(&opened), "{opened} in an hour");
    let whys: Vec<bool> = rig
        .seen
        .iter()
        .filter_map(|event| match event {
            FeedEvent::Lost { why } => Some(why.contains("a person must cure this")),
            _ => None,
        })
        .collect();
    assert_eq!(whys, [false, true]);
    assert!(rig.sim.requests("hydra.me") <= 3, "{:?}", rig.sim.counters().requests);
    rig.sim.clear_faults();
    rig.live().await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_refuses_a_good_bots_token_once_costs_a_second() {
    let mut rig = Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            sim.inject_times(Fault::status("wdm.list", 401), 1).unwrap();
        },
    )
    .await;
    let (seconds, _) = away(&mut rig).await;
    assert!(SOON.contains(&seconds), "{seconds}");
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn silence_a_missing_pong_and_a_wrong_one_are_noticed_in_their_time() {
    let table = [
        (Fault::MercuryNoPong {}, 14.0..29.1, "a ping was not answered"),
        (Fault::MercuryStall {}, 14.0..29.1, "a ping was not answered"),
        (Fault::MercuryWrongPongId {}, 0.0..15.1, "a pong was not for our ping"),
        (Fault::MercuryNoReady {}, 0.0..0.0, ""),
    ];
    for (fault, expected, words) in &table[..3] {
        let mut rig = Rig::simulated().await;
        rig.live().await;
        rig.pass(Duration::from_secs(40)).await;
        rig.sim.inject_times(fault.clone(), 1).unwrap();
        let began = Instant::now();
        let why = rig.lost().await;
        let seconds = began.elapsed().as_secs_f64();
        assert!(why.contains(words) && expected.contains(&seconds), "{why} after {seconds} s");
        rig.sim.clear_faults();
        rig.live().await;
        rig.finish().await;
    }
    let mut rig = Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            sim.inject_times(table[3].0.clone(), 1).unwrap();
        },
    )
    .await;
    let began = Instant::now();
    let why = rig.lost().await;
    assert!(why.contains("not ready in time"), "{why}");
    assert_eq!(began.elapsed().as_secs(), 30);
    rig.live().await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_quiet_hour_is_pinged_acknowledged_and_never_lost() {
    for without_pings in [false, true] {
        let mut rig = Rig::simulated().await;
        rig.live().await;
        if without_pings {
            rig.sim.inject(Fault::MercuryNoPing {}).unwrap();
        }
        rig.pass(Duration::from_hours(1)).await;
        let counters = rig.sim.counters();
        assert_eq!((rig.losses(), counters.sockets_opened), (0, 1));
        assert!((239..=242).contains(&counters.pings), "every 15 s: {}", counters.pings);
        if !without_pings {
            assert!(counters.pongs >= 239, "Webex's own pings are answered: {}", counters.pongs);
        }
        let unacknowledged: usize = rig.sim.sockets().iter().map(|s| s.unacknowledged).sum();
        assert_eq!(unacknowledged, 0, "pongs are acknowledged too");
        rig.finish().await;
    }
}
