//! Servers that fail again and again, in simulated hours: nobody is hammered (Webex notes 3.7, 9.2).

use std::time::Duration;

use lockstep::webex::PresenceSource;
use tokio::time::Instant;
use webex_sim::{Config, Fault, When};

use crate::rig::Rig;

const HOUR: Duration = Duration::from_hours(1);

/// How often a feed that backs off may come in an hour: every 15 to 30 s, and some more at first.
const PER_HOUR: std::ops::RangeInclusive<u64> = 120..=260;

#[tokio::test(start_paused = true)]
async fn a_server_that_accepts_and_drops_is_asked_ever_more_rarely() {
    for fault in [
        Fault::MercuryClose { code: 1000, reason: "idle".into(), when: When::Ready },
        Fault::MercuryDrop { when: When::Ready },
    ] {
        let mut rig = Rig::simulated_with(
            Config::default(),
            |_| {},
            |sim| {
                sim.inject(fault.clone()).unwrap();
            },
        )
        .await;
        rig.pass(Duration::from_mins(1)).await;
        let first_minute = rig.sim.counters().sockets_opened;
        assert!((4..=9).contains(&first_minute), "{first_minute} in the first minute");
        rig.pass(HOUR).await;
        let opened = rig.sim.counters().sockets_opened;
        assert!(PER_HOUR.contains(&opened), "{opened} in an hour");
        let registered = rig.sim.requests("wdm.register");
        assert_eq!(registered, 1, "the same device all the time");
        rig.sim.clear_faults();
        rig.live().await;
        rig.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_lives_for_five_seconds_again_and_again_is_no_healthy_one() {
    let mut rig = Rig::simulated().await;
    let mut lost_for = Vec::new();
    rig.live().await;
    for _ in 0..40 {
        rig.pass(Duration::from_secs(5)).await;
        rig.sim.inject(Fault::close(1000, "idle")).unwrap();
        rig.lost().await;
        let lost_at = Instant::now();
        rig.live().await;
        lost_for.push(lost_at.elapsed().as_secs_f64());
    }
    assert!(lost_for[0] < 2.0, "the first time at once: {lost_for:?}");
    assert!(lost_for[6..].iter().all(|lost| (14.9..31.0).contains(lost)), "{lost_for:?}");
    // A minute of health, and the next loss is a first one again.
    rig.pass(Duration::from_secs(61)).await;
    rig.sim.inject(Fault::close(1000, "idle")).unwrap();
    rig.lost().await;
    let lost_at = Instant::now();
    rig.live().await;
    assert!(lost_at.elapsed() < Duration::from_secs(2), "{:?}", lost_at.elapsed());
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_dead_address_is_given_up_now_and_then_and_never_hammered() {
    let mut rig = Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            sim.inject(Fault::MercuryUpgradeStatus { status: 404, retry_after: None }).unwrap();
        },
    )
    .await;
    rig.pass(HOUR).await;
    let refused = rig.sim.counters().refused["mercury.upgrade"];
    assert!(PER_HOUR.contains(&refused), "{refused} upgrades in an hour");
    let registered = rig.sim.requests("wdm.register");
    assert!((5..=25).contains(&registered), "{registered} registrations in an hour");
    assert_eq!(rig.sim.devices().len(), 1, "what is given up is removed");
    rig.sim.clear_faults();
    rig.live().await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn servers_that_announce_their_end_as_soon_as_we_come_do_not_make_us_run() {
    for close_after_ms in [30_000, 100] {
        let mut rig = Rig::simulated().await;
        rig.live().await;
        let fault = Fault::MercuryShutdown { close_after_ms, linger_ms: 0, when: When::Ready };
        rig.sim.inject(fault).unwrap();
        rig.sim.inject(Fault::shutdown(close_after_ms)).unwrap();
        rig.pass(HOUR).await;
        let opened = rig.sim.counters().sockets_opened;
        assert!(opened <= 2 * PER_HOUR.end(), "{opened} in an hour");
        if close_after_ms == 30_000 {
            assert_eq!(rig.losses(), 0, "there was always a socket");
        }
        let subscribed = rig.sim.requests("apheleia.subscribe");
        assert!(subscribed <= opened + 20, "{subscribed} subscriptions, {opened} sockets");
        rig.sim.clear_faults();
        rig.pass(Duration::from_mins(2)).await;
        let settled = rig.sim.counters().sockets_opened;
        rig.pass(HOUR).await;
        assert_eq!(rig.sim.counters().sockets_opened, settled, "and then it is quiet");
        rig.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn where_neither_subscriptions_nor_polling_work_nobody_is_hammered() {
    let mut rig = Rig::simulated_with(
        Config::default(),
        |_| {},
        |sim| {
            sim.inject(Fault::SubscriptionsRefused { status: 403 }).unwrap();
            sim.inject(Fault::status("hydra", 500)).unwrap();
        },
    )
    .await;
    rig.pass(HOUR).await;
    let opened = rig.sim.counters().sockets_opened;
    assert!((100..=200).contains(&opened), "{opened} sockets in an hour");
    let people = rig.sim.requests("hydra.person");
    assert!(people <= 5 * opened + 5, "{people} questions, {opened} sockets");
    rig.sim.clear_faults();
    rig.live().await;
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn gaps_that_never_end_do_not_read_everybody_all_the_time() {
    let mut rig = Rig::simulated().await;
    rig.live().await;
    rig.sim.inject(Fault::SequenceGap { size: 1 }).unwrap();
    let before = rig.sim.requests("apheleia.subscribe");
    rig.pass(HOUR).await;
    // Every frame is a gap, a pong every 15 s among them; renewals alone would be 12 to 14.
    let read = rig.sim.requests("apheleia.subscribe") - before;
    assert!((14..=40).contains(&read), "{read} snapshots in an hour");
    assert_eq!(rig.losses(), 0);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn s1_18_clients_that_were_dropped_together_do_not_come_back_together() {
    use crate::rig::{simulated, simulated_client, simulated_settings};

    let sim = simulated(Config { agents: 1, ..Config::default() }).await;
    let mut tasks = Vec::new();
    let (_people, list) = tokio::sync::watch::channel(std::sync::Arc::from([]));
    let stop = tokio_util::sync::CancellationToken::new();
    for seed in 0..60 {
        let mut settings = simulated_settings(&sim);
        settings.device_name = format!("client-{seed}");
        let client =
            simulated_client(settings, std::sync::Arc::new(lockstep::webex::KeepNothing), seed);
        let (events_in, mut events) = tokio::sync::mpsc::channel(8);
        let (list, stop) = (list.clone(), stop.clone());
        tasks.push(tokio::spawn(async move { client.watch(list, events_in, stop).await }));
        tasks.push(tokio::spawn(async move { while events.recv().await.is_some() {} }));
    }
    let hour = Duration::from_hours(1);
    sim.wait_for("everybody", hour, |sim| sim.sockets().len() == 60).await.unwrap();
    sim.drop_connections();
    sim.wait_for("nobody", hour, |sim| sim.sockets().is_empty()).await.unwrap();
    let dropped = Instant::now();
    let mut quarters = Vec::new();
    for back in [15, 30, 45, 60] {
        let what = format!("{back} are back");
        sim.wait_for(&what, hour, |sim| sim.sockets().len() >= back).await.unwrap();
        quarters.push(dropped.elapsed().as_millis());
    }
    assert!(quarters[3] >= quarters[0] + 250, "{quarters:?} ms");
    stop.cancel();
    for task in tasks {
        task.await.unwrap();
    }
}
