//! Of several tabs exactly one acts, and no intent is lost between them.

use lockstep_core::protocol::ToGadget;
use lockstep_core::writer::TABS;

use super::tab::{Tab, held, kinds, of};
use super::*;
use crate::engine::Said;
use crate::engine::tabs::{ACK_WITHIN, LAST_WORD_WITHIN};

#[tokio::test(start_paused = true)]
async fn of_two_tabs_the_newer_acts_and_the_other_is_shown_what_it_reports() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    assert_eq!(kinds(&new.all().await), ["welcome", "wanted"]);
    assert_eq!(kinds(&old.all().await), ["revoke"]);
    old.report(LedgerEntry::default(), None).await;
    assert_eq!(kinds(&old.all().await), ["received"]);
    assert_eq!(kinds(&new.all().await), ["shown", "wanted", "grant"]);
    new.report(held(), None).await;
    assert_eq!(kinds(&new.all().await), ["received"]);
    let shown = old.all().await;
    assert!(matches!(&shown[..], [ToGadget::Shown(report)] if report.ledger == of(new.term)));
    new.say(Said::Gone).await;
    let came = old.all().await;
    assert_eq!(kinds(&came), ["wanted", "grant"]);
    assert_eq!(old.ledger, Some(of(new.term)), "what the other had reported");
}

/// The last account crosses the new tab's hello: the next turn begins with what it tells.
#[tokio::test(start_paused = true)]
async fn an_intent_that_crosses_a_hand_over_is_the_next_ones() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    // On its way before it heard of the other one.
    old.report(held(), None).await;
    new.all().await;
    assert_eq!(new.term, None, "more may come");
    old.yields(held()).await;
    new.all().await;
    assert!(new.term > old.term);
    assert_eq!(new.ledger, Some(of(old.term)));
}

/// A frozen tab answers nothing; its account is the newest until somebody else acts.
#[tokio::test(start_paused = true)]
async fn a_last_account_that_does_not_come_is_waited_for_by_a_bound() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    tokio::time::sleep(LAST_WORD_WITHIN.mul_f32(0.9)).await;
    new.all().await;
    assert_eq!(new.term, None);
    tokio::time::sleep(LAST_WORD_WITHIN.mul_f32(0.2)).await;
    new.all().await;
    assert!(new.term > old.term);
    old.yields(held()).await;
    assert_eq!(bench.row("0001").await.ledger, LedgerEntry::default(), "too late");
}

/// Nobody acts meanwhile; what the agent wishes then is not forgotten.
#[tokio::test(start_paused = true)]
async fn a_snooze_while_the_last_account_is_awaited_is_kept() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    let until = Time::from_millis(9_000_000);
    new.say(Said::Snooze { until }).await;
    old.yields(held()).await;
    new.all().await;
    let ledger = new.ledger.expect("a ledger");
    assert_eq!((ledger.snoozed_until, ledger.hold), (Some(until), None));
    assert!(ledger.lent.is_some());
}

/// The one whose turn ends does not know of it either.
#[tokio::test(start_paused = true)]
async fn a_snooze_that_is_taken_back_while_the_last_account_is_awaited_is_over() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let until = Time::from_millis(9_000_000);
    let mut snoozed = held();
    snoozed.snooze(until);
    old.report(snoozed.clone(), None).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    new.say(Said::Unsnooze).await;
    old.yields(snoozed).await;
    new.all().await;
    let ledger = new.ledger.clone().expect("a ledger");
    assert_eq!((ledger.snoozed_until, ledger.lent), (None, None));
    assert!(ledger.hold.is_some(), "what was lent is a hold again");
    // What was wished then is done with: the next one's own account counts.
    let mut third = Tab::open(&bench, "0001", 3).await;
    let mut again = held();
    again.snooze(until);
    new.yields(again).await;
    third.all().await;
    assert_eq!(third.ledger.expect("a ledger").snoozed_until, Some(until));
}

/// Whose turn is over is told nothing any more, and its account keeps to the policy all the same.
#[tokio::test(start_paused = true)]
async fn a_snooze_of_a_last_account_is_no_longer_than_may_be() {
    for (longest, allowed) in [(60, Some(60)), (0, None)] {
        let bench = Bench::start_in(Mode::Gadget).await;
        let mut policy = policy_in(Mode::Gadget);
        policy.gadget.longest_snooze = Some(Duration::from_secs(longest));
        bench.engine.send(Message::Policies(Box::new(policy.into()))).await;
        let mut old = Tab::open(&bench, "0001", 1).await;
        old.all().await;
        let mut new = Tab::open(&bench, "0001", 2).await;
        let mut snoozed = LedgerEntry::default();
        snoozed.snooze(bench.clock.now().after(Duration::from_hours(5)));
        old.yields(snoozed).await;
        new.all().await;
        let until = allowed.map(|secs| bench.clock.now().after(Duration::from_secs(secs)));
        let told = new.ledger.map(|ledger| ledger.snoozed_until);
        assert_eq!(told, Some(until), "{longest} s");
    }
}

/// A writer that was, or never was, is heard and not believed.
#[tokio::test(start_paused = true)]
async fn a_report_of_an_older_term_changes_nothing() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    old.all().await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    let stale = old.term;
    old.yields(LedgerEntry::default()).await;
    old.all().await;
    new.all().await;
    old.report(held(), None).await;
    let told = old.all().await;
    assert!(matches!(told[..], [ToGadget::Revoke { term }] if Some(term) == stale), "{told:?}");
    // Nor with the other's term.
    old.term = new.term;
    old.report(held(), None).await;
    assert_eq!(kinds(&old.all().await), ["revoke"]);
    assert_eq!(new.all().await, []);
    assert_eq!(bench.row("0001").await.ledger, LedgerEntry::default());
    assert_eq!(bench.row("0002").await.ledger, LedgerEntry::default());
}

#[tokio::test(start_paused = true)]
async fn a_tab_that_does_not_answer_gives_way_to_one_that_does() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    old.yields(LedgerEntry::default()).await;
    new.all().await;
    new.report(LedgerEntry::default(), None).await;
    old.all().await;
    bench.says("0001", "dnd").await;
    tokio::time::sleep(ACK_WITHIN + LAST_WORD_WITHIN + Duration::from_secs(1)).await;
    assert_eq!(kinds(&new.all().await), ["received", "wanted", "revoke"]);
    assert_eq!(kinds(&old.all().await), ["wanted", "wanted", "grant"]);
    // The frozen tab wakes up, and is the newest that is well again.
    new.term = None;
    new.is_revoked = false;
    new.report(LedgerEntry::default(), None).await;
    assert_eq!(kinds(&new.all().await), ["received"]);
    old.yields(LedgerEntry::default()).await;
    assert_eq!(kinds(&new.all().await), ["shown", "wanted", "grant"]);
}

#[tokio::test(start_paused = true)]
async fn a_late_goodbye_of_an_old_connection_changes_nothing() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    old.yields(LedgerEntry::default()).await;
    new.all().await;
    old.say(Said::Gone).await;
    old.say(Said::Gone).await;
    assert_eq!(new.all().await, []);
    new.report(held(), None).await;
    assert_eq!(bench.row("0001").await.ledger, of(new.term));
}

#[tokio::test(start_paused = true)]
async fn law_12_nine_tabs_are_one_too_many() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut tabs = Vec::new();
    for link in 0..TABS as u64 {
        tabs.push(Tab::open(&bench, "0001", link).await);
    }
    let mut one_more = Tab::open(&bench, "0001", 99).await;
    assert_eq!(kinds(&one_more.all().await), ["bye"]);
    assert!(one_more.next().await.is_none(), "its connection ends");
    assert_eq!(bench.row("0001").await.gadgets, TABS);
}
