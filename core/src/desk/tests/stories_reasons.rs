//! Reasons by label: late, missing, refused, none at all, and the one that stands in.

use super::bench::{Bench, DND, grant, policy, view};
use crate::agent::{Code, LedgerEntry};
use crate::desk::{DeskInput, DeskOutput};
use crate::finesse::{AgentState, Target};
use crate::protocol::Policy;

/// A writer with this policy whose reasons are not read yet; READY.
fn unread(policy: Policy) -> Bench {
    let mut bench = Bench::new(None);
    bench.links(policy);
    bench.sees(view(AgentState::Ready, None, 1));
    bench.hears(grant(1, Some(LedgerEntry::default())));
    bench
}

fn reads(bench: &Bench) -> usize {
    bench.count(|output| *output == DeskOutput::ReadReasons)
}

#[test]
fn a_request_waits_for_a_list_that_is_late() {
    let mut bench = unread(policy());
    bench.wants("dnd");
    assert_eq!((bench.sets(), reads(&bench)), (vec![], 1));
    bench.lists(&[("7", DND)]);
    assert_eq!(bench.sets(), [(Target::NotReady, Some("7"))]);
}

#[test]
fn a_list_that_cannot_be_read_is_tried_again_later() {
    let mut bench = unread(policy());
    bench.wants("dnd");
    bench.step(DeskInput::ReasonsFailed);
    assert_eq!(bench.last_code(), Some(Code::FinesseUnavailable));
    bench.waits(2_000);
    bench.lists(&[("7", DND)]);
    assert_eq!(bench.sets(), [(Target::NotReady, Some("7"))]);
}

/// A label that is missing is looked for once more, and then named.
#[test]
fn a_missing_label_is_named_and_nothing_is_asked_for() {
    let mut bench = unread(policy());
    bench.lists(&[("1", "Lunch"), ("8", "Webex Meeting")]);
    bench.wants("dnd");
    bench.lists(&[("1", "Lunch"), ("8", "Webex Meeting")]);
    assert_eq!((bench.sets(), reads(&bench)), (vec![], 1));
    assert_eq!(bench.last_code(), Some(Code::ReasonMissing));
    assert_eq!(bench.desk.missing_labels(), [DND]);
    let told = bench.reports().filter_map(|report| report.decision.as_ref());
    assert!(told.last().is_some_and(|decision| decision.text.contains(DND)), "named to the server");
    bench.waits(60_000);
    assert_eq!(reads(&bench), 1, "never in a loop");
}

/// Finesse notes 6, 23: refused once, read again once, asked for once more.
#[test]
fn a_reason_that_is_refused_is_read_again_once() {
    let mut bench = Bench::writing();
    bench.wants("dnd");
    let first = bench.request();
    bench.replies(first, 400, "Invalid Input", "finesse.api.reasoncode.not_valid");
    assert_eq!(reads(&bench), 1);
    bench.lists(&[("70", DND)]);
    assert_eq!(
        (bench.sets().last(), bench.request()),
        (Some(&(Target::NotReady, Some("70"))), first)
    );
    bench.replies(first, 400, "Invalid Input", "finesse.api.reasoncode.not_valid");
    assert_eq!((bench.sets().len(), reads(&bench)), (2, 1));
    assert_eq!(bench.last_code(), Some(Code::ReasonMissing));
}

/// Finesse notes 6, 25.
#[test]
fn where_no_reasons_are_configured_none_is_sent() {
    let mut bench = unread(policy());
    bench.lists(&[]);
    bench.wants("dnd");
    assert_eq!(bench.sets(), [(Target::NotReady, None)]);
    let request = bench.request();
    bench.replies(request, 202, "", "");
    bench.sees(view(AgentState::NotReady, None, 2));
    assert!(bench.decisions().contains(&Code::Taken));
}

fn with_default() -> Policy {
    Policy { default_reason: Some("Not available".into()), ..policy() }
}

#[test]
fn the_configured_reason_stands_in_for_a_missing_one() {
    let mut bench = unread(with_default());
    bench.lists(&[("8", "Webex Meeting"), ("9", "Not available")]);
    bench.wants("dnd");
    assert_eq!(bench.sets(), [(Target::NotReady, Some("9"))]);
    let request = bench.request();
    bench.replies(request, 202, "", "");
    bench.sees(view(AgentState::NotReady, Some("Not available"), 2));
    assert!(bench.decisions().contains(&Code::Taken));
    assert_eq!(bench.desk.missing_labels(), [DND], "still named");
    bench.wants("active");
    assert_eq!(bench.sets().last(), Some(&(Target::Ready, None)));
}

#[test]
fn a_list_that_comes_late_names_the_label_and_then_uses_the_default() {
    let mut bench = unread(with_default());
    bench.wants("dnd");
    bench.lists(&[("9", "Not available")]);
    assert!(bench.decisions().contains(&Code::ReasonMissing));
    assert_eq!(bench.sets(), [(Target::NotReady, Some("9"))]);
}

#[test]
fn a_label_that_is_there_is_never_replaced() {
    let mut bench = unread(with_default());
    bench.lists(&[("7", DND), ("9", "Not available")]);
    bench.wants("dnd");
    assert_eq!(bench.sets(), [(Target::NotReady, Some("7"))]);
}

#[test]
fn a_default_that_is_missing_too_leaves_alone() {
    let mut bench = unread(with_default());
    bench.lists(&[("1", "Lunch")]);
    bench.wants("dnd");
    bench.lists(&[("1", "Lunch")]);
    assert_eq!((bench.sets(), bench.last_code()), (vec![], Some(Code::ReasonMissing)));
}

/// Simulated seed 972, law 8: the list is slow, and the agent signs out meanwhile.
#[test]
fn law_8_what_waits_for_the_list_is_not_asked_for_in_another_state() {
    let mut bench = Bench::watching();
    bench.lists(&[("1", "Lunch")]);
    bench.hears(grant(1, Some(LedgerEntry::default())));
    bench.wants("dnd");
    assert!(bench.out.contains(&DeskOutput::ReadReasons));
    bench.sees(view(AgentState::Logout, None, 2));
    bench.lists(&[("7", DND)]);
    bench.waits(10_000);
    assert_eq!(bench.sets(), []);
    bench.wants("active");
    bench.sees(view(AgentState::Ready, None, 20));
    bench.wants("dnd");
    assert_eq!(bench.sets(), [(Target::NotReady, Some("7"))]);
}
