//! Whose turn it is, what is told before it is done, answers in every order, the snooze.

use super::bench::{Bench, DND, grant, policy, view, want};
use crate::Time;
use crate::agent::{Code, LedgerEntry, Snooze};
use crate::desk::{DeskInput, DeskOutput, MOST_DECISIONS};
use crate::finesse::{AgentState, Target};
use crate::protocol::{Policy, Term, ToGadget, ToServer};

const TAKE: (Target, Option<&str>) = (Target::NotReady, Some("7"));
const RELEASE: (Target, Option<&str>) = (Target::Ready, None);

#[test]
fn a_gadget_without_a_grant_asks_for_nothing() {
    let mut bench = Bench::watching();
    bench.wants("dnd");
    bench.sees(view(AgentState::NotReady, Some("Lunch"), 2));
    assert_eq!((bench.sets(), bench.reports().count()), (vec![], 0));
    assert_eq!(bench.desk.next_wake(), None);
}

/// Law 1: tab and server know of the intent before Finesse does.
#[test]
fn an_intent_is_kept_and_told_before_it_is_asked_for() {
    let mut bench = Bench::writing();
    bench.out.clear();
    bench.wants("dnd");
    let place = |is_it: fn(&DeskOutput) -> bool| bench.out.iter().position(is_it).expect("there");
    let set = place(|output| matches!(output, DeskOutput::Set { .. }));
    let kept = place(|output| matches!(output, DeskOutput::Keep(k) if k.claim.is_some()));
    let told = place(
        |output| matches!(output, DeskOutput::Tell(ToServer::Report(r)) if r.ledger.claim.is_some()),
    );
    assert!(kept < set && told < set, "{:?}", bench.out);
    assert_eq!(bench.sets(), [TAKE]);
}

#[test]
fn a_hold_ends_with_what_it_was_for() {
    let mut bench = Bench::held();
    bench.wants("active");
    assert_eq!(bench.sets(), [RELEASE]);
}

/// Finesse notes 6, 17: of a success and an error for one request the error counts.
#[test]
fn an_error_after_the_success_counts() {
    let mut bench = Bench::writing();
    bench.wants("dnd");
    let request = bench.request();
    bench.replies(request, 202, "", "");
    bench.replies(request, 400, "Invalid State", "265");
    assert_eq!(bench.last_code(), Some(Code::RefusedByState));
    assert!(bench.hold().is_none());
}

#[test]
fn an_error_that_comes_after_the_effect_changes_nothing() {
    let mut bench = Bench::writing();
    bench.wants("dnd");
    let request = bench.request();
    bench.replies(request, 202, "", "");
    bench.sees(view(AgentState::NotReady, Some(DND), 2));
    bench.replies(request, 400, "Generic Error", "33");
    assert!(bench.decisions().contains(&Code::Taken));
    assert!(bench.hold().is_some());
}

#[test]
fn an_effect_that_shows_before_the_success_counts_with_it() {
    let mut bench = Bench::writing();
    bench.wants("dnd");
    let request = bench.request();
    bench.sees(view(AgentState::NotReady, Some(DND), 2));
    bench.replies(request, 202, "", "");
    assert!(bench.decisions().contains(&Code::Taken));
}

#[test]
fn without_a_link_nobody_acts_and_afterwards_the_tab_remembers() {
    let mut bench = Bench::held();
    let hold = bench.hold().cloned();
    bench.step(DeskInput::LinkDown);
    bench.wants("active");
    assert!(bench.sets().is_empty() && !bench.desk.is_writer());
    bench.links(policy());
    // The journal never heard of the hold: the last reports were lost with the link.
    bench.hears(grant(2, Some(LedgerEntry::default())));
    // The server that came back may have another clock than what was seen before.
    assert!(bench.sets().is_empty() && bench.out.contains(&DeskOutput::Look));
    bench.sees(view(AgentState::NotReady, Some(DND), 2));
    assert_eq!(bench.sets(), [RELEASE]);
    assert_eq!(bench.reports().last().and_then(|report| report.ledger.hold.clone()), hold);
}

#[test]
fn a_tab_that_was_away_for_several_terms_believes_the_journal() {
    let mut bench = Bench::held();
    bench.step(DeskInput::LinkDown);
    bench.links(policy());
    let term = Term::from_number(2);
    bench.hears(grant(3, Some(LedgerEntry { term, ..LedgerEntry::default() })));
    assert_eq!(bench.hold(), None);
}

/// The server was killed before it could keep what the gadget told of its request: nobody has acted
/// since, so the tab knows more than the journal.
#[test]
fn a_tab_whose_account_was_lost_with_the_server_believes_itself() {
    let mut bench = Bench::writing();
    bench.wants("dnd");
    bench.step(DeskInput::LinkDown);
    bench.sees(view(AgentState::NotReady, Some(DND), bench.now.as_millis()));
    bench.links(policy());
    bench.hears(grant(1_000, Some(LedgerEntry::default())));
    bench.wants("dnd");
    bench.sees(view(AgentState::NotReady, Some(DND), bench.now.as_millis() - 60));
    assert!(bench.hold().is_some(), "{:?}", bench.desk.ledger());
}

/// What the gadget has asked for a moment before crosses the word that another tab acts now.
#[test]
fn who_is_revoked_tells_its_last_account_with_its_intent() {
    let mut bench = Bench::writing();
    bench.wants("dnd");
    bench.out.clear();
    bench.hears(ToGadget::Revoke { term: Term::from_number(1) });
    let last = bench.reports().last().expect("an account").clone();
    assert!(last.last && last.term == Some(Term::from_number(1)));
    assert!(last.ledger.claim.is_some(), "{last:?}");
    bench.out.clear();
    bench.hears(ToGadget::Revoke { term: Term::from_number(1) });
    assert_eq!(bench.reports().count(), 0, "once");
}

#[test]
fn a_reload_finds_what_the_tab_kept() {
    let old = Bench::held();
    let ledger = old.desk.ledger().cloned().expect("a ledger");
    let mut bench = Bench::new(Some(ledger));
    bench.links(policy());
    bench.sees(view(AgentState::NotReady, Some(DND), 2));
    bench.hears(grant(2, None));
    bench.wants("active");
    assert_eq!(bench.sets(), [RELEASE]);
}

#[test]
fn a_revoke_of_an_older_term_takes_nothing() {
    let mut bench = Bench::writing();
    bench.hears(grant(5, Some(LedgerEntry::default())));
    bench.hears(ToGadget::Revoke { term: Term::from_number(4) });
    assert!(bench.desk.is_writer());
    bench.hears(ToGadget::Revoke { term: Term::from_number(5) });
    assert!(!bench.desk.is_writer());
}

#[test]
fn a_snooze_of_a_tab_that_only_shows_is_the_writers_to_do() {
    let mut bench = Bench::watching();
    bench.step(DeskInput::Snooze(Snooze::UntilSignIn));
    bench.step(DeskInput::Unsnooze);
    let until = Snooze::UntilSignIn.as_time();
    let told = |wanted: ToServer| bench.count(|output| *output == DeskOutput::Tell(wanted.clone()));
    assert_eq!((told(ToServer::Snooze { until }), told(ToServer::Unsnooze)), (1, 1));
    assert_eq!(bench.reports().count(), 0);
}

#[test]
fn undo_of_a_snooze_gives_the_hold_back() {
    let mut bench = Bench::held();
    let hold = bench.hold().cloned();
    bench.step(DeskInput::Snooze(Snooze::UntilPresenceChanges));
    assert_eq!(bench.hold(), None);
    bench.step(DeskInput::Unsnooze);
    assert_eq!(bench.hold().cloned(), hold);
    bench.wants("active");
    assert_eq!(bench.sets(), [RELEASE]);
}

#[test]
fn each_snooze_ends_by_what_it_waits_for() {
    let snoozed = |snooze| {
        let mut bench = Bench::writing();
        bench.wants("active");
        bench.step(DeskInput::Snooze(snooze));
        bench
    };
    let runs = |bench: &Bench| bench.desk.ledger().expect("known").snoozed_until.is_some();
    let mut timed = snoozed(Snooze::Until(Time::from_millis(1_060_000)));
    timed.waits(30_000);
    assert!(runs(&timed));
    timed.waits(60_000);
    assert!(!runs(&timed));
    let mut until_change = snoozed(Snooze::UntilPresenceChanges);
    until_change.waits(7_200_000);
    until_change.wants("active");
    assert!(runs(&until_change), "the same presence is no change");
    until_change.wants("dnd");
    assert!(!runs(&until_change));
    assert_eq!(until_change.sets(), [TAKE]);
    let mut until_sign_in = snoozed(Snooze::UntilSignIn);
    until_sign_in.wants("dnd");
    until_sign_in.sees(view(AgentState::Logout, None, 3));
    assert!(runs(&until_sign_in) && until_sign_in.sets().is_empty());
    until_sign_in.sees(view(AgentState::NotReady, None, 4));
    assert!(!runs(&until_sign_in));
}

#[test]
fn a_trial_run_tells_and_asks_for_nothing() {
    let mut bench = Bench::new(None);
    bench.links(Policy { dry_run: true, ..policy() });
    bench.lists(&[("7", DND)]);
    bench.sees(view(AgentState::Ready, None, 1));
    bench.hears(grant(1, Some(LedgerEntry::default())));
    bench.wants("dnd");
    assert_eq!((bench.sets(), bench.last_code()), (vec![], Some(Code::DryRun)));
}

#[test]
fn another_version_leaves_and_stays_away() {
    let mut bench = Bench::writing();
    let message = "the server is newer; reload the desktop".to_owned();
    bench.hears(ToGadget::Incompatible { version: 99, message });
    bench.wants("dnd");
    assert_eq!(bench.count(|output| *output == DeskOutput::Leave), 1);
    assert!(bench.sets().is_empty() && !bench.desk.is_writer());
}

#[test]
fn no_more_than_the_last_decisions_are_kept() {
    let mut bench = Bench::writing();
    bench.wants("active");
    for _ in 0..10 {
        bench.step(DeskInput::Snooze(Snooze::UntilSignIn));
        bench.step(DeskInput::Unsnooze);
    }
    assert_eq!(bench.desk.decisions.len(), MOST_DECISIONS);
}

/// A notice that was on its way while a look was answered shows what is over already.
#[test]
fn what_is_told_late_is_looked_up_and_costs_no_hold() {
    let mut bench = Bench::held();
    let late = view(AgentState::Ready, None, 1);
    bench.step(DeskInput::Pushed { view: late, clock_ahead_ms: 0 });
    assert!(bench.hold().is_some());
    assert_eq!(bench.out, [DeskOutput::Look]);
}

/// What was wanted long ago waited in a suspended browser, and so may the word that it is somebody
/// else's turn by now.
#[test]
fn a_browser_that_has_slept_asks_whether_it_is_still_its_turn() {
    let slept = || {
        let mut bench = Bench::writing();
        let want = want(9, "dnd", bench.now);
        bench.now = bench.now.after(std::time::Duration::from_secs(20));
        bench.out.clear();
        bench.hears(ToGadget::Wanted { sequence: 9, want });
        assert_eq!(bench.sets(), [], "not before the server has said so");
        bench
    };
    let mut bench = slept();
    let report = bench.reports().next().expect("it asks").number;
    bench.hears(ToGadget::Received { report });
    assert_eq!(bench.sets(), [TAKE]);

    let mut bench = slept();
    bench.hears(ToGadget::Revoke { term: Term::from_number(1) });
    bench.hears(ToGadget::Received { report: 99 });
    assert_eq!(bench.sets(), []);
}

/// A slow look that comes in last must not be what a new turn begins with: the hold would be lost.
#[test]
fn an_old_look_that_comes_late_is_not_what_the_next_turn_sees() {
    let mut bench = Bench::held();
    let ledger = bench.desk.ledger().cloned();
    let asked_at = Time::from_millis(bench.now.as_millis() - 25);
    let view = view(AgentState::Ready, None, 1);
    bench.step(DeskInput::Seen { view, asked_at, clock_ahead_ms: 0 });
    bench.step(DeskInput::LinkDown);
    bench.links(policy());
    bench.hears(grant(9, ledger));
    assert!(bench.hold().is_some());
}
