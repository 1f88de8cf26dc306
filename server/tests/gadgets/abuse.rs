//! Gadgets that misbehave, by accident or not: each costs itself a connection.

use std::time::Duration;

use lockstep_core::agent::LedgerEntry;
use lockstep_core::protocol::{ToGadget, ToServer};
use serde_json::json;
use tokio::time::Instant;

use super::client::Tab;
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

#[tokio::test]
async fn a_flood_ends_its_link_and_leaves_the_others_as_fast_as_before() {
    let mut rig = Rig::start("gadget").await;
    let mut other = rig.tab("0002").await;
    other.until("grant", granted).await;
    let server = rig.service.address();
    let token = rig.session("0001").await.token;
    let flood = tokio::spawn(async move {
        let mut ended = 0;
        let until = Instant::now() + Duration::from_secs(3);
        while Instant::now() < until {
            let mut tab = Tab::with_token(server, ORIGIN, &token).await;
            let text = json!(["lockstep", ToServer::Unsnooze]).to_string();
            while tab.send_text(&format!("42/gadget,{text}")).await {}
            tab.until_over().await;
            ended += 1;
        }
        ended
    });
    let mut slowest = Duration::ZERO;
    let mut status = ["dnd", "active"].into_iter().cycle();
    while !flood.is_finished() {
        let began = Instant::now();
        let status = status.next().unwrap();
        rig.says("0002", status).await;
        let label = if status == "dnd" { "DND" } else { "free" };
        other.until("a want", wanted(label)).await;
        slowest = slowest.max(began.elapsed());
    }
    assert!(flood.await.unwrap() > 0);
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    rig.service.stop().await;
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
