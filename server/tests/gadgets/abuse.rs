//! Gadgets that misbehave, by accident or not: each costs itself a connection.

use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use lockstep_core::agent::LedgerEntry;
use lockstep_core::protocol::{Report, ToGadget, ToServer};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::client::Tab;
use super::plain::Plain;
use super::rig::{ORIGIN, Rig, granted, report, wanted};

#[tokio::test]
async fn one_bad_message_closes_one_link() {
    let mut rig = Rig::start("gadget").await;
    let mut other = rig.tab("0002").await;
    let huge = "x".repeat(20_000);
    for bad in [
        "42/gadget,[\"lockstep\",{\"type\":\"report\"}]",
        "42/gadget,[\"lockstep\",7]",
        "42/gadget,[\"lockstep\"]",
        "42/gadget,[\"other\",{}]",
        "42/gadget,{}",
        "42/gadget,[[[[[[[[[[[[[[[[",
        "42/gadget,",
        "4",
        "9",
        "",
        "451-/gadget,[\"lockstep\",{\"_placeholder\":true,\"num\":0}]",
        "42/gadget,[\"lockstep\",{\"type\":\"hello\",\"version\":1}]", // twice
        &format!("42/gadget,[\"lockstep\",\"{huge}\"]"),
    ] {
        let mut tab = rig.tab("0001").await;
        tab.send_text(bad).await;
        assert!(tab.ends().await.is_some(), "{bad:.60}");
    }
    rig.says("0002", "dnd").await;
    other.until("a want", wanted("DND")).await;
    rig.service.stop().await;
}

/// Messages of the flood are neither kept nor answered beyond what a link may send at once.
#[tokio::test]
async fn a_flood_gets_as_far_as_its_allowance_and_ends_its_link_with_the_reason() {
    let rig = Rig::start("gadget").await;
    for at_once in [1, 500] {
        let before = rig.ended(&["too_fast", "too_much"]).await;
        let mut tab = rig.tab("0001").await;
        let (term, _) = tab.until("grant", granted).await;
        let began = Instant::now();
        for number in (1..=2_000).step_by(at_once) {
            let reports = (number..).take(at_once).map(|number| {
                let report = Report { number, ..report(term, None, LedgerEntry::default()) };
                ToServer::Report(Box::new(report))
            });
            if !tab.say_all(reports).await {
                break;
            }
        }
        let told = tab.until_over().await;
        let taken =
            told.iter().filter(|told| matches!(told, ToGadget::Received { .. })).count() as u64;
        let allowed = 60 + 10 * (began.elapsed().as_secs() + 1);
        assert!(taken <= allowed, "{taken} of {allowed}, {at_once} at once");
        assert!(rig.ended(&["too_fast", "too_much"]).await > before, "{at_once} at once");
    }
    rig.service.stop().await;
}

/// The same by plain requests, where many messages come in one.
#[tokio::test]
async fn a_flood_by_plain_requests_ends_its_link_too() {
    let rig = Rig::start("gadget").await;
    let before = rig.ended(&["too_fast", "too_much"]).await;
    let token = rig.session("0001").await.token;
    let plain = Plain::open(rig.service.address(), Some(ORIGIN)).await.expect("opened");
    plain.enter(&token).await;
    let hello = "42/gadget,[\"lockstep\",{\"type\":\"hello\",\"version\":1}]";
    let unsnooze = "\u{1e}42/gadget,[\"lockstep\",{\"type\":\"unsnooze\"}]";
    plain.post(&format!("{hello}{}", unsnooze.repeat(200))).await;
    plain.until("41/gadget").await;
    assert!(rig.ended(&["too_fast", "too_much"]).await > before);
    rig.service.stop().await;
}

/// Compared with how fast they were a moment before, on the same machine.
#[tokio::test]
async fn floods_leave_the_others_as_fast_as_before() {
    let mut rig = Rig::start("gadget").await;
    let mut other = rig.tab("0002").await;
    other.until("grant", granted).await;
    let calm = usual_delay(&mut rig, &mut other).await;
    let (server, token) = (rig.service.address(), rig.session("0001").await.token);
    let over = CancellationToken::new();
    let flood = flood(server, token, over.clone());
    let before = rig.ended(&["too_fast", "too_much"]).await;
    rig.until_ended(&["too_fast", "too_much"], before + 1).await;
    let stormy = usual_delay(&mut rig, &mut other).await;
    rig.until_ended(&["too_fast", "too_much"], before + 2).await;
    over.cancel();
    flood.join().unwrap();
    // As far as the machine lets one tell, which does other things too.
    let most = calm * 4 + Duration::from_millis(20);
    assert!(stormy < most, "{stormy:?}, and {calm:?} without the flood");
    rig.service.stop().await;
}

/// Link after link, each of which says as much as it can. In a thread of its own, so that nobody
/// waits for what it costs to make a flood.
fn flood(server: SocketAddr, token: String, over: CancellationToken) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let unsnooze = std::iter::repeat_n(ToServer::Unsnooze, 50);
        let flood = async {
            loop {
                let mut tab = Tab::with_token(server, ORIGIN, &token).await;
                while tab.say_all(unsnooze.clone()).await {}
                tab.until_over().await;
            }
        };
        runtime.block_on(over.run_until_cancelled(flood));
    })
}

/// From what Webex says to what the gadget hears, at the median of many.
async fn usual_delay(rig: &mut Rig, tab: &mut Tab) -> Duration {
    let mut delays = Vec::new();
    for _ in 0..40 {
        for (status, label) in [("dnd", "DND"), ("active", "free")] {
            let began = Instant::now();
            rig.says("0002", status).await;
            tab.until("a want", wanted(label)).await;
            delays.push(began.elapsed());
        }
    }
    delays.sort_unstable();
    delays[delays.len() / 2]
}

/// Whoever never says hello is no gadget.
#[tokio::test]
async fn a_report_before_the_hello_ends_the_link() {
    let rig = Rig::start("gadget").await;
    let token = rig.session("0001").await.token;
    let tab = Tab::open(rig.service.address(), Some(ORIGIN)).await.expect("upgraded");
    let mut tab = tab.enter(&json!({ "token": token })).await.expect("let in");
    tab.report(report(serde_json::from_str("1").unwrap(), None, LedgerEntry::default())).await;
    assert_eq!(tab.until_over().await, []);
    rig.service.stop().await;
}

#[tokio::test]
async fn another_version_is_told_in_words_and_closed() {
    let rig = Rig::start("gadget").await;
    let token = rig.session("0001").await.token;
    let tab = Tab::open(rig.service.address(), Some(ORIGIN)).await.expect("upgraded");
    let mut tab = tab.enter(&json!({ "token": token })).await.expect("let in");
    tab.say(&ToServer::Hello { version: 0 }).await;
    let told = tab.until_over().await;
    assert!(
        matches!(&told[..], [ToGadget::Incompatible { message, .. }] if message.contains("reload"))
    );
    rig.service.stop().await;
}
