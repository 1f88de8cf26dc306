//! Whose gadget it is: proved, or refused.

use lockstep::finesse::FinesseError;
use lockstep::finesse::fake::{Fake, Read};
use lockstep_core::protocol::{RefusalCode, ToGadget};
use serde_json::json;

use super::client::Tab;
use super::rig::{ORIGIN, Rig};

const WRONG: &str = "Basic MDAwMTp3cm9uZw=="; // 0001:wrong

async fn refused(rig: &Rig, agent: &str, authorization: Option<&str>) -> (u16, RefusalCode) {
    let refused = rig.ask_session(agent, authorization, Some(ORIGIN)).await;
    let (status, refusal) = refused.expect_err("refused");
    (status, refusal.code)
}

#[tokio::test]
async fn no_token_nothing() {
    let rig = Rig::start("gadget").await;
    let server = rig.service.address();
    for auth in [json!({}), json!({ "token": "" }), json!({ "token": "v1.e30.AA" }), json!("x")] {
        let tab = Tab::open(server, Some(ORIGIN)).await.expect("upgraded");
        let refusal = tab.enter(&auth).await.err().expect("refused");
        assert_eq!(refusal.code, RefusalCode::Token, "{auth}");
    }
    rig.service.stop().await;
}

#[tokio::test]
async fn a_token_that_somebody_else_made_or_changed_is_refused() {
    let (rig, other) = (Rig::start("gadget").await, Rig::start("gadget").await);
    // Both have their own key, in their own state.dir; the same seed makes them equal here.
    let session = rig.session("0001").await;
    let mut forged = session.token.clone().into_bytes();
    forged[10] ^= 1;
    for token in [String::from_utf8(forged).unwrap(), session.token.replace("v1", "v2")] {
        let tab = Tab::open(rig.service.address(), Some(ORIGIN)).await.expect("upgraded");
        let refusal = tab.enter(&json!({ "token": token })).await.err().expect("refused");
        assert_eq!(refusal.code, RefusalCode::Token);
    }
    rig.service.stop().await;
    other.service.stop().await;
}

/// Finesse notes 1.8: five failures lock the agent out of Finesse.
#[tokio::test]
async fn what_finesse_refused_is_asked_once_and_nobody_is_locked_out() {
    let rig = Rig::start("gadget").await;
    for _ in 0..4 {
        assert_eq!(refused(&rig, "0001", Some(WRONG)).await, (401, RefusalCode::NotSignedIn));
    }
    assert_eq!(rig.finesse.reads(Read::Identify), 1, "the same one is not repeated");
    for _ in 0..2 {
        let other = format!("Bearer another-{}", rig.finesse.reads(Read::Identify));
        assert_eq!(refused(&rig, "0001", Some(&other)).await, (401, RefusalCode::NotSignedIn));
    }
    assert_eq!(refused(&rig, "0001", Some("Bearer more")).await, (429, RefusalCode::TooMany));
    assert_eq!(rig.finesse.reads(Read::Identify), 3);
    // Nobody else is kept out.
    rig.session("0002").await;
    rig.service.stop().await;
}

#[tokio::test]
async fn a_session_is_the_agents_own_or_nobodys() {
    let rig = Rig::start("gadget").await;
    let theirs = Fake::authorization("0002");
    assert_eq!(refused(&rig, "0001", Some(&theirs)).await, (403, RefusalCode::SomebodyElse));
    assert_eq!(rig.finesse.reads(Read::Identify), 0, "0002's failures are not ours to make");
    assert_eq!(refused(&rig, "0001", None).await, (401, RefusalCode::NotSignedIn));
    assert_eq!(refused(&rig, "0001", Some("Digest x")).await, (401, RefusalCode::NotSignedIn));
    let stranger = Fake::authorization("9999");
    assert_eq!(refused(&rig, "9999", Some(&stranger)).await, (403, RefusalCode::NotWatched));
    assert_eq!(rig.finesse.reads(Read::Identify), 0);
    let away = FinesseError::Unavailable {
        detail: "scripted".to_owned(),
        not_sent: true,
        retry_after: None,
    };
    rig.finesse.next_read(Read::Identify, away);
    let own = Fake::authorization("0001");
    let unavailable = (503, RefusalCode::FinesseUnavailable);
    assert_eq!(refused(&rig, "0001", Some(&own)).await, unavailable);
    let session = rig.session("0001").await;
    assert_eq!(session.agent.as_str(), "0001");
    assert!(session.expires_at > session.now);
    rig.service.stop().await;
}

/// A restart sends nobody to Finesse: the key is kept, and so the token is good.
#[tokio::test]
async fn a_token_outlives_a_restart_of_the_server() {
    let rig = Rig::start("gadget").await;
    let session = rig.session("0001").await;
    let rig = rig.restart().await;
    let mut tab = Tab::with_token(rig.service.address(), ORIGIN, &session.token).await;
    tab.until("welcome", |message| matches!(message, ToGadget::Welcome { .. }).then_some(())).await;
    assert_eq!(rig.finesse.reads(Read::Identify), 1);
    rig.service.stop().await;
}
