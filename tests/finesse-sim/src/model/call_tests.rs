//! Calls and wrap-up on both deployments, in fake time.

use std::time::Duration;

use super::calls::{CallEvent, CallOrder};
use super::queue_tests::{AGENT, at, call, centre, order, pending, state};
use super::state::{AgentState as S, By, Deployment, Wish};
use super::{Centre, cti};

const BOTH: [Deployment; 2] = [Deployment::Ucce, Deployment::Uccx];

fn talking(deployment: Deployment) -> Centre {
    let mut centre = centre(deployment);
    call(&mut centre, CallEvent::Ring, 1);
    call(&mut centre, CallEvent::Answer, 2);
    assert_eq!(state(&centre), S::Talking);
    centre
}

fn ends_with_wrap_up(centre: &mut Centre) {
    let order = CallOrder {
        event: CallEvent::End,
        wrap_up: Some(true),
        wrap_up_for: Some(Duration::from_secs(5)),
        routed: None,
    };
    centre.call(AGENT, &order, at(1_000)).expect("fits");
}

fn asks(centre: &mut Centre, wish: Wish) -> Result<(), cti::CtiError> {
    centre.apply_now(AGENT, &order(By::Agent, wish), at(500))
}

fn label(centre: &Centre) -> Option<String> {
    centre.user(AGENT).expect("there").now.reason.view().map(|reason| reason.label)
}

fn begins(centre: &mut Centre, event: CallEvent, routed: bool) -> Result<(), String> {
    let order = CallOrder { event, wrap_up: None, wrap_up_for: None, routed: Some(routed) };
    centre.call(AGENT, &order, at(1))
}

#[test]
fn a_call_rings_talks_and_leads_back_to_ready() {
    for deployment in BOTH {
        let mut centre = centre(deployment);
        call(&mut centre, CallEvent::Ring, 1);
        assert_eq!(state(&centre), S::Reserved);
        call(&mut centre, CallEvent::Answer, 2);
        assert_eq!(state(&centre), S::Talking);
        call(&mut centre, CallEvent::End, 3);
        assert_eq!(state(&centre), S::Ready);
    }
}

#[test]
fn a_withdrawn_call_leads_back_to_ready() {
    let mut centre = centre(Deployment::Uccx);
    call(&mut centre, CallEvent::Ring, 1);
    call(&mut centre, CallEvent::End, 2);
    assert_eq!(state(&centre), S::Ready);
}

#[test]
fn a_call_not_answered_is_stamped_by_the_deployment() {
    for (deployment, code) in [(Deployment::Ucce, 32_767), (Deployment::Uccx, 32_763)] {
        let mut centre = centre(deployment);
        call(&mut centre, CallEvent::Ring, 1);
        call(&mut centre, CallEvent::Rona, 2);
        assert_eq!(state(&centre), S::NotReady);
        let reason = centre.user(AGENT).expect("there").now.reason.view().expect("stamped");
        assert_eq!(reason.code, code);
    }
}

#[test]
fn hold_is_a_state_on_cce_only() {
    for (deployment, shown) in [(Deployment::Ucce, S::Hold), (Deployment::Uccx, S::Talking)] {
        let mut centre = talking(deployment);
        call(&mut centre, CallEvent::Hold, 3);
        assert_eq!(state(&centre), shown);
        call(&mut centre, CallEvent::Resume, 4);
        assert_eq!(state(&centre), S::Talking);
    }
}

#[test]
fn pending_survives_hold_and_resume() {
    let mut centre = talking(Deployment::Ucce);
    asks(&mut centre, Wish::NotReady).expect("pending");
    call(&mut centre, CallEvent::Hold, 501);
    assert_eq!(pending(&centre), Some(S::NotReady));
    call(&mut centre, CallEvent::Resume, 502);
    call(&mut centre, CallEvent::End, 503);
    assert_eq!(state(&centre), S::NotReady);
}

#[test]
fn wrap_up_after_ready_is_work_ready_on_cce_and_work_on_ccx_and_ends_ready() {
    for (deployment, wrap_up) in [(Deployment::Ucce, S::WorkReady), (Deployment::Uccx, S::Work)] {
        let mut centre = talking(deployment);
        ends_with_wrap_up(&mut centre);
        assert_eq!(state(&centre), wrap_up);
        centre.advance(at(5_999));
        assert_eq!(state(&centre), wrap_up);
        centre.advance(at(6_000));
        assert_eq!(state(&centre), S::Ready);
    }
}

#[test]
fn wrap_up_after_not_ready_is_work_and_ends_not_ready_with_the_reason() {
    for deployment in BOTH {
        let mut centre = talking(deployment);
        let mut wished = order(By::Agent, Wish::NotReady);
        wished.reason = centre.reasons.named(super::reasons::Category::NotReady, "Lunch");
        centre.apply_now(AGENT, &wished, at(500)).expect("pending");
        ends_with_wrap_up(&mut centre);
        assert_eq!(state(&centre), S::Work);
        centre.advance(at(6_000));
        assert_eq!((state(&centre), label(&centre).as_deref()), (S::NotReady, Some("Lunch")));
    }
}

#[test]
fn a_request_ends_wrap_up_at_once_and_the_timer_does_not_strike_later() {
    let mut centre = talking(Deployment::Ucce);
    ends_with_wrap_up(&mut centre);
    centre.apply_now(AGENT, &order(By::Agent, Wish::NotReady), at(1_500)).expect("applied");
    assert_eq!(state(&centre), S::NotReady);
    centre.advance(at(60_000));
    assert_eq!(state(&centre), S::NotReady);
}

#[test]
fn on_ccx_only_one_pending_change_per_call() {
    let mut centre = talking(Deployment::Uccx);
    asks(&mut centre, Wish::NotReady).expect("pending");
    assert_eq!(asks(&mut centre, Wish::NotReady).expect_err("once").error_data, "265");
    assert_eq!(asks(&mut centre, Wish::Ready).expect_err("never").error_data, "265");
    call(&mut centre, CallEvent::End, 600);
    assert_eq!(state(&centre), S::NotReady);
}

#[test]
fn on_cce_the_last_pending_change_wins() {
    let mut centre = talking(Deployment::Ucce);
    asks(&mut centre, Wish::NotReady).expect("pending");
    asks(&mut centre, Wish::NotReady).expect("again");
    asks(&mut centre, Wish::Ready).expect("pending");
    assert_eq!(pending(&centre), Some(S::Ready));
    call(&mut centre, CallEvent::End, 600);
    assert_eq!(state(&centre), S::Ready);
}

#[test]
fn an_own_call_shows_as_talking_on_cce_and_nowhere_on_ccx() {
    for (deployment, shown) in [(Deployment::Ucce, S::Talking), (Deployment::Uccx, S::NotReady)] {
        let mut centre = centre(deployment);
        asks(&mut centre, Wish::NotReady).expect("applied");
        let since = centre.user(AGENT).expect("there").since;
        begins(&mut centre, CallEvent::Dial, false).expect("dials");
        assert_eq!(state(&centre), shown);
        let user = centre.user(AGENT).expect("there");
        assert!(user.busy_elsewhere());
        assert_eq!(user.since == since, deployment == Deployment::Uccx);
        call(&mut centre, CallEvent::End, 9);
        assert_eq!(state(&centre), S::NotReady);
        assert!(!centre.user(AGENT).expect("there").busy_elsewhere());
    }
}

#[test]
fn ready_during_an_own_call_on_ccx_is_refused_with_33() {
    let mut centre = centre(Deployment::Uccx);
    asks(&mut centre, Wish::NotReady).expect("applied");
    begins(&mut centre, CallEvent::Ring, false).expect("rings");
    call(&mut centre, CallEvent::Answer, 600);
    assert_eq!(asks(&mut centre, Wish::Ready).expect_err("busy").error_data, "33");
    call(&mut centre, CallEvent::End, 700);
    asks(&mut centre, Wish::Ready).expect("free again");
}

#[test]
fn only_ready_agents_are_rung() {
    let mut centre = centre(Deployment::Ucce);
    asks(&mut centre, Wish::NotReady).expect("applied");
    let sentence = begins(&mut centre, CallEvent::Ring, true).expect_err("not READY");
    assert!(sentence.contains("only READY agents are rung"), "{sentence}");
}

#[test]
fn events_that_do_not_fit_are_explained() {
    let mut centre = centre(Deployment::Ucce);
    for event in [CallEvent::Answer, CallEvent::End, CallEvent::Rona, CallEvent::Hold] {
        assert!(begins(&mut centre, event, true).is_err(), "{event:?}");
    }
    call(&mut centre, CallEvent::Ring, 1);
    assert!(begins(&mut centre, CallEvent::Ring, true).is_err());
    assert!(begins(&mut centre, CallEvent::Resume, true).is_err());
}

#[test]
fn a_preview_takes_not_ready_as_pending_and_closes_into_it() {
    let mut centre = centre(Deployment::Ucce);
    call(&mut centre, CallEvent::Preview, 1);
    assert_eq!(state(&centre), S::ReservedOutboundPreview);
    asks(&mut centre, Wish::NotReady).expect("pending");
    assert_eq!(pending(&centre), Some(S::NotReady));
    call(&mut centre, CallEvent::End, 600);
    assert_eq!(state(&centre), S::NotReady);
}

#[test]
fn a_reservation_gives_way_on_cce() {
    let mut centre = centre(Deployment::Ucce);
    call(&mut centre, CallEvent::Reserve, 1);
    assert_eq!(state(&centre), S::ReservedOutbound);
    asks(&mut centre, Wish::NotReady).expect("applied");
    assert_eq!(state(&centre), S::NotReady);
    assert!(centre.user(AGENT).expect("there").call.is_none());
}

#[test]
fn a_supervisor_signs_out_somebody_who_talks() {
    let mut centre = talking(Deployment::Ucce);
    let out = order(By::Supervisor, Wish::Logout);
    centre.apply_now(AGENT, &out, at(500)).expect("applied");
    assert_eq!(state(&centre), S::Logout);
    assert!(centre.user(AGENT).expect("there").call.is_none());
}
