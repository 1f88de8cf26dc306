//! Requests that crossed what the agent did: events in Finesse's order, and late (laws 1, 5, 10).

use super::bench::{Bench, DND, grant, policy, view};
use crate::agent::{Code, LedgerEntry};
use crate::desk::DeskOutput;
use crate::finesse::{AgentState, AgentView, ReasonSeen, Target};

use AgentState::{NotReady, Ready, Talking, WorkReady};

const DND_ASKED: (Target, Option<&str>) = (Target::NotReady, Some("7"));
const LUNCH_ASKED: (Target, Option<&str>) = (Target::NotReady, Some("9"));

/// A writer whose list has a lunch, too.
fn writing() -> Bench {
    let mut bench = Bench::writing();
    bench.lists(&[("7", DND), ("8", "Webex Meeting"), ("9", "Lunch")]);
    bench
}

/// The answer, and then Finesse's events in the order of the changes.
fn tells(bench: &mut Bench, views: &[AgentView]) {
    let request = bench.request();
    bench.replies(request, 202, "", "");
    for view in views {
        bench.sees(view.clone());
    }
}

fn looks(bench: &Bench) -> usize {
    bench.count(|output| *output == DeskOutput::Look)
}

/// The last event is from long ago: the call may be over by now.
#[test]
fn during_a_call_a_look_comes_before_the_request() {
    let mut bench = writing();
    bench.sees(view(Talking, None, 2));
    bench.waits(30_000);
    bench.wants("dnd");
    assert_eq!((bench.sets(), looks(&bench)), (vec![], 1));
    bench.sees(view(WorkReady, None, 31));
    assert_eq!((bench.sets(), bench.last_code()), (vec![], Some(Code::WaitsForWrapUp)));
    bench.sees(view(Ready, None, 60));
    assert_eq!(bench.sets(), [DND_ASKED]);
}

/// Before READY, too: the agent may have chosen lunch since.
#[test]
fn a_look_comes_before_ready() {
    let mut bench = Bench::held();
    bench.waits(30_000);
    bench.wants("active");
    assert_eq!((bench.sets(), looks(&bench)), (vec![], 1));
    bench.sees(view(NotReady, Some("Lunch"), 31));
    assert_eq!((bench.sets(), bench.last_code()), (vec![], Some(Code::LeftNotOurs)));
}

#[test]
fn wrap_up_that_was_cut_short_is_said_and_never_held() {
    let mut bench = writing();
    bench.sees(view(Talking, None, 2));
    bench.wants("dnd");
    tells(&mut bench, &[view(WorkReady, None, 3), view(NotReady, Some(DND), 4)]);
    assert_eq!((bench.hold(), bench.last_code()), (None, Some(Code::Crossed)));
    bench.wants("active");
    bench.waits(60_000);
    assert_eq!((bench.sets(), bench.last_code()), (vec![DND_ASKED], Some(Code::Crossed)));
}

#[test]
fn a_lunch_that_was_replaced_is_asked_for_by_its_own_id() {
    let mut bench = writing();
    bench.wants("dnd");
    let lunch = view(NotReady, Some("Lunch"), 3);
    tells(&mut bench, &[lunch, view(NotReady, Some(DND), 4)]);
    assert_eq!(bench.sets(), [DND_ASKED, LUNCH_ASKED]);
    tells(&mut bench, &[view(NotReady, Some("Lunch"), 5)]);
    assert_eq!((bench.hold(), bench.last_code()), (None, Some(Code::LeftNotOurs)));
    bench.wants("active");
    bench.waits(60_000);
    assert_eq!(bench.sets().len(), 2);
}

#[test]
fn a_lunch_that_was_made_ready_is_asked_for_again() {
    let mut bench = Bench::held();
    bench.lists(&[("7", DND), ("9", "Lunch")]);
    bench.wants("active");
    let lunch = view(NotReady, Some("Lunch"), 3);
    tells(&mut bench, &[lunch, view(Ready, None, 4)]);
    assert_eq!(bench.sets(), [(Target::Ready, None), LUNCH_ASKED]);
    tells(&mut bench, &[view(NotReady, Some("Lunch"), 5)]);
    bench.waits(60_000);
    assert_eq!((bench.sets().len(), bench.hold()), (2, None));
}

/// The effect may be told before the answer is.
#[test]
fn the_order_of_answer_and_events_changes_nothing() {
    let mut bench = writing();
    bench.wants("dnd");
    bench.sees(view(NotReady, Some("Lunch"), 3));
    bench.sees(view(NotReady, Some(DND), 4));
    assert_eq!(bench.sets(), [DND_ASKED], "one request at a time (law 4)");
    tells(&mut bench, &[]);
    assert_eq!((bench.sets(), bench.hold()), (vec![DND_ASKED, LUNCH_ASKED], None));
}

/// A reason that only the platform gives is told of, not asked for.
#[test]
fn what_nobody_can_choose_is_left_as_it_became() {
    let mut bench = writing();
    bench.wants("dnd");
    let code = Some(50_002);
    let failure = ReasonSeen { id: None, code, label: Some("Connection Failure".to_owned()) };
    let failed = AgentView { reason: Some(failure), ..view(NotReady, None, 3) };
    tells(&mut bench, &[failed, view(NotReady, Some(DND), 4)]);
    assert_eq!((bench.sets(), bench.last_code()), (vec![DND_ASKED], Some(Code::Crossed)));
    assert_eq!(bench.hold(), None);
}

/// A reload in between forgets what to put back, and still holds nothing.
#[test]
fn a_reload_in_between_does_not_make_it_a_hold() {
    let mut bench = writing();
    bench.wants("dnd");
    bench.sees(view(NotReady, Some("Lunch"), 3));
    let ledger = bench.desk.ledger().cloned().expect("a ledger");
    assert_ne!(ledger, LedgerEntry::default(), "the intent is there");
    let mut bench = Bench::new(None);
    bench.links(policy());
    bench.sees(view(NotReady, Some(DND), 4));
    bench.hears(grant(2, Some(ledger)));
    bench.wants("active");
    bench.waits(60_000);
    assert_eq!((bench.sets(), bench.hold()), (vec![], None));
}
