//! How long a token lasts, and what happens when it ends.

use std::time::Duration;

use lockstep::finesse::fake::Read;
use lockstep_core::protocol::{Refusal, RefusalCode, SessionReply, ToGadget};
use serde_json::json;

use super::client::Tab;
use super::rig::{EVERYBODY, ORIGIN, Rig};

/// What a token lasts, and then some.
const OVER: Duration = Duration::from_mins(16);
/// From a renewal until the token before it has ended.
const REST: Duration = Duration::from_mins(5);
/// When a token is to be renewed, and then some.
const RENEWAL: Duration = Duration::from_mins(11);

async fn enters(rig: &Rig, token: &str) -> Result<Tab, Refusal> {
    let tab = Tab::open(rig.service.address(), Some(ORIGIN)).await.expect("upgraded");
    tab.enter(&json!({ "token": token })).await
}

fn renewed(message: &ToGadget) -> Option<SessionReply> {
    match message {
        ToGadget::Renewed(reply) => Some(reply.clone()),
        _ => None,
    }
}

fn welcomed(message: &ToGadget) -> Option<()> {
    matches!(message, ToGadget::Welcome { .. }).then_some(())
}

#[tokio::test]
async fn a_token_that_has_ended_opens_nothing_and_the_gadget_is_told_what_to_do() {
    let rig = Rig::start("gadget").await;
    let old = rig.session("0001").await;
    let rig = rig.restart_after(OVER, EVERYBODY).await;
    let refusal = enters(&rig, &old.token).await.err().expect("refused");
    assert_eq!(refusal.code, RefusalCode::Token, "the word on which a gadget asks for another");
    assert!(refusal.message.contains("expired"), "{refusal:?}");
    let new = rig.session("0001").await;
    assert!(enters(&rig, &new.token).await.is_ok());
    rig.service.stop().await;
}

/// Finesse is asked once: the link itself brings the next token, and in time.
#[tokio::test]
async fn a_token_is_renewed_over_the_link_and_the_new_one_opens_the_next() {
    let rig = Rig::start("gadget").await;
    let old = rig.session("0001").await;
    let rig = rig.restart_after(RENEWAL, EVERYBODY).await;
    let new = renewal(&rig, &old.token).await;
    assert_eq!(new.agent, old.agent);
    assert!(new.now < old.expires_at, "in time: {new:?}");
    assert!(new.expires_at > old.expires_at);

    let rig = rig.restart_after(REST, EVERYBODY).await;
    assert_eq!(enters(&rig, &old.token).await.err().expect("refused").code, RefusalCode::Token);
    let mut tab = Tab::with_token(rig.service.address(), ORIGIN, &new.token).await;
    tab.until("welcome", welcomed).await;
    assert_eq!(rig.finesse.reads(Read::Identify), 1);
    rig.service.stop().await;
}

/// The token that the link brings, where that of its beginning is due.
async fn renewal(rig: &Rig, token: &str) -> SessionReply {
    let mut tab = Tab::with_token(rig.service.address(), ORIGIN, token).await;
    tab.until("a new token", renewed).await
}

/// However often it is renewed, a proof is good for a shift; then the desktop proves itself anew.
#[tokio::test]
async fn after_a_shift_the_link_ends_and_no_token_is_left() {
    let mut rig = Rig::start("gadget").await;
    let mut last = rig.session("0001").await;
    let (shift_ends, mut renewals) = (last.now.after(Duration::from_hours(12)), 0);
    while last.expires_at < shift_ends {
        rig = rig.restart_after(RENEWAL, EVERYBODY).await;
        last = renewal(&rig, &last.token).await;
        renewals += 1;
    }
    assert_eq!(last.expires_at, shift_ends);
    assert!(renewals > 40, "{renewals}");
    // It is good for some minutes, and due: the link that it opens ends for want of another.
    let left = last.expires_at.since(rig.clock.now()).checked_sub(Duration::from_mins(1));
    let rig = rig.restart_after(left.expect("minutes"), EVERYBODY).await;
    let mut tab = Tab::with_token(rig.service.address(), ORIGIN, &last.token).await;
    let told = tab.until_over().await;
    assert!(told.iter().all(|message| renewed(message).is_none()), "nothing more: {told:?}");
    let rig = rig.restart_after(Duration::from_mins(1), EVERYBODY).await;
    assert_eq!(enters(&rig, &last.token).await.err().expect("refused").code, RefusalCode::Token);
    assert_eq!(rig.finesse.reads(Read::Identify), 1);
    rig.service.stop().await;
}

#[tokio::test]
async fn nobody_who_is_watched_no_longer_gets_another_token() {
    let rig = Rig::start("gadget").await;
    let old = rig.session("0001").await;
    // Still good, and to be renewed at once.
    let rig = rig.restart_after(RENEWAL, &["0002"]).await;
    let before = rig.count("lockstep_gadget_ends_total", "proof_over").await;
    let mut tab = enters(&rig, &old.token).await.expect("the token is good");
    assert_eq!(tab.until_over().await, []);
    assert!(rig.count("lockstep_gadget_ends_total", "proof_over").await > before);
    rig.service.stop().await;
}

#[tokio::test]
async fn who_leaves_the_list_loses_the_link_and_the_others_keep_theirs() {
    let mut rig = Rig::start("gadget").await;
    let (mut gone, mut stays) = (rig.tab("0001").await, rig.tab("0002").await);
    rig.watches_only(&["0002"]);
    gone.until_over().await;
    rig.says("0002", "dnd").await;
    stays.until("a want", super::rig::wanted("DND")).await;
    let refused = rig.ask_session("0001", Some("Basic MDAwMTp4"), Some(ORIGIN)).await;
    assert_eq!(refused.expect_err("refused").1.code, RefusalCode::NotWatched);
    rig.service.stop().await;
}
