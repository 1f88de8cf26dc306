//! The queue, the timers and fail-over, in fake time.

use std::time::Duration;

use jiff::Timestamp;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::Centre;
use super::calls::{CallEvent, CallOrder};
use super::cti::CtiError;
use super::history::EventKind;
use super::reasons::{Catalogue, ReasonSpec};
use super::state::{AgentState, By, Deployment, Via, Wish};
use super::user::{Cause, CtiPlan, Ending, Order, Stamp, UserSpec};

pub(super) const AGENT: &str = "1001";

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + millis).expect("in range")
}

pub(super) fn centre(deployment: Deployment) -> Centre {
    let mut rng = StdRng::seed_from_u64(7);
    let specs = [ReasonSpec::not_ready(1, "Lunch"), ReasonSpec::not_ready(2, "Break")];
    let reasons = Catalogue::new(deployment, &specs, &mut rng).expect("valid");
    let mut centre = Centre::new(deployment, reasons, Duration::from_secs(10));
    centre.put_team(1, "Sales");
    centre.add_user(UserSpec::agent(AGENT, "ann"), at(0)).expect("fits");
    centre
}

pub(super) fn order(by: By, wish: Wish) -> Order {
    let stamp = if by == By::Supervisor { Stamp::Supervisor } else { Stamp::Own };
    Order { wish, reason: None, stamp, cause: Cause::person(by, Via::Api, None) }
}

pub(super) fn state(centre: &Centre) -> AgentState {
    centre.user(AGENT).expect("there").now.state
}

pub(super) fn pending(centre: &Centre) -> Option<AgentState> {
    centre.user(AGENT).expect("there").pending_state()
}

pub(super) fn call(centre: &mut Centre, event: CallEvent, millis: i64) {
    let order = CallOrder { event, wrap_up: None, wrap_up_for: None, routed: None };
    centre.call(AGENT, &order, at(millis)).expect("fits");
}

fn plan(millis: u64, ending: Ending) -> CtiPlan {
    CtiPlan { delay: Duration::from_millis(millis), ending }
}

#[test]
fn the_next_request_starts_only_after_the_answer_to_the_one_before() {
    let mut centre = centre(Deployment::Ucce);
    let first = order(By::Agent, Wish::NotReady);
    let second = order(By::Agent, Wish::Ready);
    assert!(centre.submit(AGENT, first, plan(100, Ending::Table), at(0)));
    assert!(centre.submit(AGENT, second, plan(10, Ending::Table), at(1)));
    centre.advance(at(99));
    assert_eq!(state(&centre), AgentState::Ready);
    centre.advance(at(100));
    assert_eq!(state(&centre), AgentState::NotReady);
    centre.advance(at(109));
    assert_eq!(state(&centre), AgentState::NotReady);
    centre.advance(at(110));
    assert_eq!(state(&centre), AgentState::Ready);
    assert_eq!(centre.next_due(), None);
}

#[test]
fn a_late_look_dates_every_change_at_its_own_time() {
    let mut centre = centre(Deployment::Ucce);
    let away = order(By::Agent, Wish::NotReady);
    assert!(centre.submit(AGENT, away, plan(100, Ending::Table), at(0)));
    centre.advance(at(5_000));
    assert_eq!(centre.user(AGENT).expect("there").since, Some(at(100)));
}

#[test]
fn a_dropped_request_and_a_failed_one_leave_the_state_and_free_the_queue() {
    let mut centre = centre(Deployment::Ucce);
    for ending in [Ending::Dropped, Ending::Error(CtiError::of_code(33)), Ending::Table] {
        assert!(centre.submit(AGENT, order(By::Agent, Wish::NotReady), plan(1, ending), at(0)));
    }
    centre.advance(at(2));
    assert_eq!(state(&centre), AgentState::Ready);
    centre.advance(at(3));
    assert_eq!(state(&centre), AgentState::NotReady);
    let kinds: Vec<EventKind> =
        centre.user(AGENT).expect("there").history.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EventKind::Dropped, EventKind::Error, EventKind::State]);
}

#[test]
fn a_queue_has_an_end() {
    let mut centre = centre(Deployment::Ucce);
    let away = || order(By::Agent, Wish::NotReady);
    let taken =
        (0..1_000).filter(|_| centre.submit(AGENT, away(), plan(1, Ending::Table), at(0))).count();
    assert_eq!(taken, 256);
}

#[test]
fn fail_over_loses_what_is_pending_on_cce() {
    let mut centre = centre(Deployment::Ucce);
    call(&mut centre, CallEvent::Ring, 1);
    call(&mut centre, CallEvent::Answer, 2);
    centre.apply_now(AGENT, &order(By::Agent, Wish::NotReady), at(3)).expect("pending");
    assert_eq!(pending(&centre), Some(AgentState::NotReady));
    centre.fail_over(at(4));
    assert_eq!(pending(&centre), None);
    call(&mut centre, CallEvent::End, 5);
    assert_eq!(state(&centre), AgentState::Ready);
}

#[test]
fn fail_over_while_talking_leaves_logout_pending_on_ccx() {
    let mut centre = centre(Deployment::Uccx);
    call(&mut centre, CallEvent::Ring, 1);
    call(&mut centre, CallEvent::Answer, 2);
    centre.fail_over(at(3));
    assert_eq!(pending(&centre), Some(AgentState::Logout));
    call(&mut centre, CallEvent::End, 4);
    assert_eq!(state(&centre), AgentState::Logout);
}

#[test]
fn fail_over_loses_the_queue_and_publishes_the_states_again() {
    let mut centre = centre(Deployment::Ucce);
    let away = order(By::Agent, Wish::NotReady);
    assert!(centre.submit(AGENT, away, plan(100, Ending::Table), at(0)));
    centre.fail_over(at(1));
    centre.advance(at(1_000));
    assert_eq!(state(&centre), AgentState::Ready);
    let last = centre.user(AGENT).expect("there").history.back().expect("an entry").kind;
    assert_eq!(last, EventKind::Republished);
}

#[test]
fn a_removed_user_takes_their_timers_along() {
    let mut centre = centre(Deployment::Ucce);
    let away = order(By::Agent, Wish::NotReady);
    assert!(centre.submit(AGENT, away, plan(100, Ending::Table), at(0)));
    centre.remove_user(AGENT).expect("there");
    assert_eq!(centre.next_due(), None);
}
