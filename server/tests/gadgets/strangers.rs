//! Whoever has no token: what they send has no effect, and they are not kept for long.

use lockstep_core::protocol::{Refusal, RefusalCode};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::client::{PATIENCE, Tab};
use super::plain::Plain;
use super::rig::{ORIGIN, Rig, granted, wanted};

async fn stranger(rig: &Rig) -> Tab {
    let mut tab = Tab::open(rig.service.address(), Some(ORIGIN)).await.expect("upgraded");
    let open = tab.text().await.expect("the open packet");
    assert!(open.starts_with("0{"), "{open}");
    tab
}

/// What comes until the refusal of a bad token, which is asked for last, or until the end.
async fn hears(tab: &mut Tab) -> (Vec<String>, Option<Refusal>) {
    tab.send_text("40/gadget,{\"token\":\"x\"}").await;
    let mut told = Vec::new();
    let heard = timeout(PATIENCE, async {
        while let Some(text) = tab.text().await {
            let Some(refused) = text.strip_prefix("44/gadget,") else {
                told.push(text);
                continue;
            };
            let refused: Value = serde_json::from_str(refused).unwrap();
            return Some(serde_json::from_str(refused["message"].as_str().unwrap()).unwrap());
        }
        None
    });
    let refusal = heard.await.expect("refused or closed");
    (told, refusal)
}

/// Even if it answers every ping. This takes the ten seconds that it may.
#[tokio::test]
async fn a_connection_that_proves_nothing_is_closed_by_and_by() {
    let rig = Rig::start("gadget").await;
    let mut silent = stranger(&rig).await;
    let mut refused = stranger(&rig).await;
    let plain = Plain::open(rig.service.address(), Some(ORIGIN)).await.expect("opened");
    assert_eq!(hears(&mut refused).await.1.expect("refused").code, RefusalCode::Token);
    assert!(plain.poll().await.is_ok(), "it lives");
    let (silent, refused, ()) =
        tokio::join!(silent.until_over(), refused.until_over(), plain.until_over());
    assert_eq!((silent, refused), (vec![], vec![]), "a refusal is no proof");
    rig.service.stop().await;
}

#[tokio::test]
async fn without_a_token_nothing_that_is_sent_has_an_effect() {
    let mut rig = Rig::start("gadget").await;
    let mut other = rig.tab("0002").await;
    other.until("grant", granted).await;
    let huge = format!("42/gadget,[\"lockstep\",\"{}\"]", "x".repeat(20_000));
    let nested = format!("42/gadget,{}", "[".repeat(5_000));
    let texts = [
        "42[\"x\"]",
        "42/gadget,[\"lockstep\",{\"type\":\"hello\",\"version\":1}]",
        "42/gadget,[\"lockstep\",{\"type\":\"unsnooze\"}]",
        "42/other,[\"x\"]",
        "40",
        "40{\"token\":\"x\"}",
        "40/other,",
        "40/gadget/below,",
        "41/gadget,",
        "43/gadget,1[]",
        "44/gadget,{}",
        "451-/gadget,[\"lockstep\",{\"_placeholder\":true,\"num\":0}]",
        "45999999-/gadget,[\"lockstep\"]",
        "461-/gadget,1[{\"_placeholder\":true,\"num\":0}]",
        "47",
        "4",
        "2",
        "2probe",
        "3",
        "5",
        "6",
        "1",
        "0{}",
        "bAAAA",
        "garbage",
        "",
        "\u{1e}\u{1e}",
        &nested,
        &huge,
    ];
    let frames = [
        Message::binary(vec![]),
        Message::binary(vec![0; 64]),
        Message::binary(vec![4; 20_000]),
        Message::Ping(vec![0; 100].into()),
        Message::Pong(vec![0; 100].into()),
    ];
    let texts = texts.map(|text| Message::text(text.to_owned()));
    for frame in texts.into_iter().chain(frames) {
        let what = format!("{frame:.60?}");
        let mut tab = stranger(&rig).await;
        tab.send_frame(frame).await;
        let (told, refusal) = hears(&mut tab).await;
        // Closed, or still refused as anybody; told at most that there is nothing by that name.
        let refused = refusal.is_none_or(|refusal| refusal.code == RefusalCode::Token);
        let nothing = told.iter().all(|text| text.starts_with("44") || text == "1");
        assert!(refused && nothing, "{what}: {told:?}");
    }
    rig.says("0002", "dnd").await;
    other.until("a want", wanted("DND")).await;
    rig.service.stop().await;
}

#[tokio::test]
async fn without_a_token_nothing_that_is_posted_has_an_effect() {
    let mut rig = Rig::start("gadget").await;
    let mut other = rig.tab("0002").await;
    other.until("grant", granted).await;
    let huge = format!("42/gadget,[\"lockstep\",\"{}\"]", "x".repeat(20_000));
    for posted in [
        "",
        "42[\"x\"]",
        "42/gadget,[\"lockstep\",{\"type\":\"hello\",\"version\":1}]",
        "42/other,[\"x\"]",
        "40/other,",
        "45999999-/gadget,[\"lockstep\"]",
        "bAAAA",
        "b!",
        "garbage",
        "5",
        "2probe",
        "\u{1e}\u{1e}",
        &"40/other,\u{1e}".repeat(400),
        &"3\u{1e}".repeat(4_000),
        &huge,
    ] {
        let plain = Plain::open(rig.service.address(), Some(ORIGIN)).await.expect("opened");
        let status = plain.post(posted).await;
        assert!([200, 400, 413].contains(&status), "{posted:.40}: {status}");
        // Closed, or told at most that there is nothing by that name.
        let told = plain.poll().await.unwrap_or_default();
        let nothing = |packet: &String| {
            packet.starts_with("44") || ["", "1", "2", "6"].contains(&packet.as_str())
        };
        assert!(told.iter().all(nothing), "{posted:.40}: {told:?}");
    }
    rig.says("0002", "dnd").await;
    other.until("a want", wanted("DND")).await;
    rig.service.stop().await;
}

#[tokio::test]
async fn a_query_that_carries_the_token_or_no_end_of_words_opens_nothing() {
    let rig = Rig::start("gadget").await;
    let (server, token) = (rig.service.address(), rig.session("0001").await.token);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{server}/socket.io/?EIO=4&transport=polling&x={}", "x".repeat(4_000));
    let (status, _) = super::plain::ask(http.get(url), Some(ORIGIN)).await;
    assert_eq!(status, 414, "it would be kept for as long as the session lives");
    for tab in [
        Tab::with_query(server, ORIGIN, &format!("&token={token}")).await,
        Tab::with_query(server, ORIGIN, &format!("&auth={{\"token\":\"{token}\"}}")).await,
    ] {
        let Ok(tab) = tab else { continue };
        let refusal = tab.enter(&json!({})).await.err().expect("refused");
        assert_eq!(refusal.code, RefusalCode::Token);
    }
    rig.service.stop().await;
}
