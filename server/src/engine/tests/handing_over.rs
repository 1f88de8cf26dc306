//! `mode = "auto"`: the gadget where one is alive, the server otherwise; never both.

use lockstep_core::agent::Claim;

use super::tab::{Tab, held};
use super::*;
use crate::engine::Said;
use crate::engine::gadget::GRACE;

#[tokio::test(start_paused = true)]
async fn without_a_gadget_the_server_acts_and_a_gadget_that_comes_takes_over_its_hold() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    bench.until("the gadget acts", "0001", |row| row.by_gadget).await;
    tab.all().await;
    assert!(tab.ledger.as_ref().unwrap().hold.is_some(), "with the hold");
    assert!(tab.want.as_ref().unwrap().wanted.is_busy());
    let asked = bench.finesse.changes().len();
    bench.says("0001", "active").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(bench.finesse.changes().len(), asked, "the server asks for nothing more");
}

/// Law 4: one request at a time, whoever asks for it.
#[tokio::test(start_paused = true)]
async fn law_4_a_gadget_waits_for_the_servers_request_that_is_under_way() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    bench.finesse.next_change("0001", Script::AnswerAfter(Duration::from_secs(2)));
    bench.says("0001", "dnd").await;
    bench.finesse.until("the request is at Finesse", |fake| fake.changes().len() == 1).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    assert!(!bench.row("0001").await.by_gadget);
    bench.until("the gadget acts", "0001", |row| row.by_gadget).await;
    tab.all().await;
    assert!(tab.ledger.as_ref().unwrap().hold.is_some(), "it is told how that ended");
    assert_eq!(bench.finesse.most_in_flight("0001"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_gadget_that_goes_is_waited_for_and_then_the_server_acts_as_after_a_restart() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    tab.say(Said::Gone).await;
    bench.says("0001", "dnd").await;
    tokio::time::sleep(GRACE.mul_f32(0.9)).await;
    assert_eq!(bench.finesse.changes(), [], "a desktop that is loaded anew comes back");
    bench.until_held("0001", true).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
    assert!(!bench.row("0001").await.by_gadget);
    let mut again = Tab::open(&bench, "0001", 2).await;
    bench.until("the gadget acts again", "0001", |row| row.by_gadget).await;
    again.all().await;
    assert!(again.term > tab.term && again.ledger.as_ref().unwrap().hold.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_gadget_that_comes_back_within_the_grace_keeps_acting() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    tab.say(Said::Gone).await;
    tokio::time::sleep(GRACE / 2).await;
    let mut again = Tab::open(&bench, "0001", 2).await;
    again.all().await;
    assert!(again.term > tab.term);
    bench.says("0001", "dnd").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(bench.finesse.changes(), []);
}

/// A frozen tab holds its connection and does nothing: the server acts until it wakes up.
#[tokio::test(start_paused = true)]
async fn a_gadget_that_does_not_answer_is_no_gadget() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    tab.report(LedgerEntry::default(), None).await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
    tab.all().await;
    tab.term = None;
    tab.report(LedgerEntry::default(), None).await;
    bench.until("it acts again", "0001", |row| row.by_gadget).await;
    tab.all().await;
    assert!(tab.ledger.as_ref().unwrap().hold.is_some());
}

/// The hold that a gadget reported is released by the server, once the gadget is gone.
#[tokio::test(start_paused = true)]
async fn a_hold_outlives_the_gadget_that_made_it() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    bench.says("0001", "dnd").await;
    bench.finesse.set_by_agent("0001", AgentState::NotReady, Some("Webex DND"));
    tab.all().await;
    let mut ledger = held();
    let hold = ledger.hold.as_mut().unwrap();
    hold.changed_at = bench.finesse.view("0001").changed_at;
    tab.report(ledger, None).await;
    tab.say(Said::Gone).await;
    tokio::time::sleep(GRACE).await;
    bench.says("0001", "active").await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.finesse.state("0001"), AgentState::Ready);
}

/// The gadget asks for another reason under its hold, and the server dies before it is told. The next
/// one finds what its ledger cannot explain, and does nothing: the account that the tab kept is
/// still the newest, and must be able to say whose the reason is.
#[tokio::test(start_paused = true)]
async fn a_hold_that_the_server_merely_saw_to_be_another_is_still_the_tabs_to_explain() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    bench.says("0001", "dnd").await;
    bench.finesse.set_by_agent("0001", AgentState::NotReady, Some("Webex DND"));
    tab.all().await;
    let mut ledger = held();
    ledger.hold.as_mut().unwrap().changed_at = bench.finesse.view("0001").changed_at;
    tab.report(ledger, None).await;
    bench.until_held("0001", true).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    bench.finesse.set_by_agent("0001", AgentState::NotReady, Some("Webex Meeting"));
    let mut bench = bench.restart().await;
    bench.says("0001", "presenting").await;
    bench.until_held("0001", false).await;
    let mut again = Tab::open(&bench, "0001", 2).await;
    bench.until("the gadget acts", "0001", |row| row.by_gadget).await;
    again.all().await;
    assert_eq!(again.ledger.as_ref().map(|ledger| ledger.term), tab.term, "what the tab kept wins");
    assert_eq!(bench.targets("0001"), []);
}

/// The same, and the server was told that the gadget asks, but not what became of it: the label that
/// shows is the one that was asked for.
#[tokio::test(start_paused = true)]
async fn a_reason_that_a_gadget_exchanged_while_the_server_died_is_known_by_its_label() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    bench.says("0001", "dnd").await;
    bench.finesse.set_by_agent("0001", AgentState::NotReady, Some("Webex DND"));
    tab.all().await;
    let mut ledger = held();
    let before = bench.finesse.view("0001").changed_at;
    ledger.hold.as_mut().unwrap().changed_at = before;
    let now = bench.clock.now();
    ledger.claim = Some(Claim {
        ready: false,
        reason: "Webex Meeting".into(),
        since: now,
        last: now,
        until: now.after(Duration::from_secs(23)),
        from: AgentState::NotReady,
        before,
        clock_ahead_ms: Some(0),
    });
    tab.report(ledger, None).await;
    bench.until("the intent is kept", "0001", |row| row.ledger.claim.is_some()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    bench.finesse.set_by_agent("0001", AgentState::NotReady, Some("Webex Meeting"));
    let mut bench = bench.restart().await;
    let exchanged =
        |row: &Row| row.ledger.hold.as_ref().is_some_and(|hold| &*hold.reason == "Webex Meeting");
    bench.until("it is held for the other reason", "0001", exchanged).await;
    bench.says("0001", "active").await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.targets("0001"), [Target::Ready]);
}

/// Simulated seed 1281: a request that is given up as lost, because Finesse failed over, lands after
/// all. To the gadget it would be a human supervisor's choice.
#[tokio::test(start_paused = true)]
async fn law_4_a_gadget_waits_for_what_the_servers_request_may_yet_do() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    bench.finesse.next_change("0001", Script::ApplyAfter(Duration::from_secs(8)));
    bench.finesse.next_change("0001", Script::Lose);
    bench.says("0001", "dnd").await;
    bench.finesse.until("the request is at Finesse", |fake| fake.changes().len() == 1).await;
    bench.engine.send(Message::FailedOver { at: bench.clock.now() }).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    bench.until("the gadget acts", "0001", |row| row.by_gadget).await;
    tab.all().await;
    assert!(tab.ledger.as_ref().unwrap().hold.is_some(), "{:?}", tab.ledger);
    assert!(tab.ledger.as_ref().unwrap().claim.is_none());
}

/// The same request never has an effect: the gadget is not kept waiting for ever.
#[tokio::test(start_paused = true)]
async fn a_gadget_does_not_wait_for_ever_for_what_never_comes() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    for _ in 0..40 {
        bench.finesse.next_change("0001", Script::Lose);
    }
    bench.says("0001", "dnd").await;
    bench.finesse.until("the request is at Finesse", |fake| fake.changes().len() == 1).await;
    let _tab = Tab::open(&bench, "0001", 1).await;
    bench.until("the gadget acts", "0001", |row| row.by_gadget).await;
}

/// Law 1: whoever is deleted in Finesse and made anew under the same id is somebody else.
#[tokio::test(start_paused = true)]
async fn law_1_a_gadgets_claim_and_hold_end_with_the_user() {
    let bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    let claim = Claim {
        ready: false,
        reason: Arc::from("Webex DND"),
        since: bench.clock.now(),
        last: bench.clock.now(),
        until: bench.clock.now().after(Duration::from_secs(23)),
        from: AgentState::Ready,
        before: None,
        clock_ahead_ms: None,
    };
    tab.report(LedgerEntry { claim: Some(claim), ..held() }, None).await;
    tab.say(Said::Gone).await;
    bench.until("it is told", "0001", |row| row.ledger.claim.is_some()).await;
    bench.engine.send(Message::NotKnown(AgentId::new("0001"))).await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.row("0001").await.ledger.claim, None);
    bench.until("the server acts", "0001", |row| row.decided.is_some()).await;
    assert_eq!(bench.targets("0001"), []);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let kept = bench.on_disk().remove(&AgentId::new("0001")).expect("an entry");
    assert_eq!((kept.claim, kept.hold), (None, None));
}

/// The same, and the request lands only when the next one has looked: it seems a human's choice.
#[tokio::test(start_paused = true)]
async fn what_lands_before_the_eyes_of_the_next_server_is_still_the_tabs_to_explain() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    bench.says("0001", "dnd").await;
    bench.finesse.set_by_agent("0001", AgentState::NotReady, Some("Webex DND"));
    tab.all().await;
    let mut ledger = held();
    ledger.hold.as_mut().unwrap().changed_at = bench.finesse.view("0001").changed_at;
    tab.report(ledger, None).await;
    bench.until_held("0001", true).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut bench = bench.restart().await;
    bench.says("0001", "dnd").await;
    bench.until("it is seen", "0001", |row| row.decided == Some("stays_held")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    bench.finesse.set_by_agent("0001", AgentState::NotReady, Some("Webex Meeting"));
    bench.poll().await;
    bench.until_held("0001", false).await;
    let mut again = Tab::open(&bench, "0001", 2).await;
    bench.until("the gadget acts", "0001", |row| row.by_gadget).await;
    again.all().await;
    assert_eq!(again.ledger.as_ref().map(|ledger| ledger.term), tab.term, "what the tab kept wins");
    assert_eq!(bench.targets("0001"), []);
}
