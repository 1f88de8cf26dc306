//! What overtakes a request between its answer and its effect, and looks that come late.

use super::world::{World, gadget_settings};
use crate::Time;
use crate::agent::{Agent, AgentSettings, Answer, Input, LedgerEntry, Output};
use crate::finesse::{AgentState, AgentView, Deployment, ReasonSeen, Target};
use crate::presence::{Facts, Want};
use crate::rules::Wanted;

use AgentState::{NotReady, Ready, Talking};

/// Laws 4 and 5: a call that comes between acceptance and effect costs the request, which is asked
/// for again as soon as the call is over and not only when its effect has been missed for long.
#[test]
fn law_4_a_request_that_a_call_overtook_is_repeated_right_after_the_call() {
    for mut world in World::servers() {
        world.says("dnd");
        world.run_ms(50); // heard, asked for and accepted, not yet carried out
        assert_eq!(world.sent.len(), 1);
        world.ring();
        world.run_secs(1);
        world.answer();
        world.run_secs(4);
        assert_eq!(world.state(), Talking);
        world.end();
        world.run_secs(4); // one team reading
        assert_eq!((world.state(), world.sent.len()), (NotReady, 2));
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

fn view(state: AgentState, changed_at: u64) -> AgentView {
    let reason = (state == NotReady).then(|| ReasonSeen {
        id: Some("51".to_owned()),
        code: Some(999),
        label: Some("Supervisor Initiated".to_owned()),
    });
    let changed_at = Some(Time::from_millis(changed_at));
    AgentView { state, pending: None, reason, changed_at, busy_elsewhere: None }
}

fn seen(state: AgentState, changed_at: u64, asked_at: u64) -> Input {
    let asked_at = Time::from_millis(asked_at);
    Input::Seen { view: view(state, changed_at), asked_at, clock_ahead_ms: 0 }
}

/// `NOT_READY` without a reason.
fn unlabelled(changed_at: u64, asked_at: u64) -> Input {
    let view = AgentView { reason: None, ..view(NotReady, changed_at) };
    Input::Seen { view, asked_at: Time::from_millis(asked_at), clock_ahead_ms: 0 }
}

fn want(seq: u64, wanted: Wanted, at: u64) -> Want {
    let at = Time::from_millis(at);
    let facts = Facts::new().with("status", "dnd");
    let rule = "a rule".into();
    Want { seq, wanted, rule, facts, since: at, at, may_be_contact_call: false, spared: false }
}

/// An agent seen READY at 990 and wanted busy at 1,100; `NOT_READY` is asked for.
fn asking() -> (Agent, u64) {
    let mut agent = Agent::new(AgentSettings::default(), LedgerEntry::default());
    let at = Time::from_millis;
    agent.step(at(1_000), seen(Ready, 500, 990));
    let busy = want(1, Wanted::not_ready("Webex DND"), 1_100);
    let request = sent(&agent.step(at(1_100), Input::Want(busy)), Target::NotReady);
    (agent, request)
}

fn sent(outputs: &[Output], target: Target) -> u64 {
    let request = outputs.iter().find_map(|output| match output {
        Output::Send(request) if request.target == target => Some(request.number),
        _ => None,
    });
    request.unwrap_or_else(|| panic!("{target:?} is not asked for in {outputs:?}"))
}

/// Law 4: a look from before the request, answered after it, says nothing about what the request
/// lands on.
#[test]
fn law_4_a_late_look_from_before_the_request_does_not_cost_the_hold() {
    let (mut agent, request) = asking();
    let at = Time::from_millis;
    agent.step(at(1_200), seen(NotReady, 400, 1_050));
    agent.step(at(1_300), Input::Answered { request, answer: Answer::Accepted });
    agent.step(at(1_400), seen(NotReady, 1_250, 1_350));
    assert!(agent.ledger().hold.is_some(), "{:?}", agent.last_code());
}

/// Law 1: a state that Finesse does not tell, or that we do not know, is nobody's change.
#[test]
fn law_1_a_passing_unknown_state_does_not_cost_the_hold() {
    let (mut agent, request) = asking();
    let at = Time::from_millis;
    agent.step(at(1_200), Input::Answered { request, answer: Answer::Accepted });
    agent.step(at(1_300), seen(NotReady, 1_150, 1_250));
    agent.step(at(4_300), seen(AgentState::Unknown, 1_150, 4_250));
    let outputs = agent.step(at(5_000), Input::Want(want(2, Wanted::Free, 5_000)));
    assert!(!outputs.iter().any(|output| matches!(output, Output::Send(_))), "{outputs:?}");
    let outputs = agent.step(at(7_300), seen(NotReady, 1_150, 7_250));
    sent(&outputs, Target::Ready);
}

/// Simulated seed 1131: the agent signs out and in again between two looks, which CCE shows as a
/// `NOT_READY` without a reason. Law 1: that is no effect of ours, and is not made READY.
#[test]
fn law_1_who_signs_in_without_a_reason_is_not_held() {
    let (mut agent, request) = asking();
    let at = Time::from_millis;
    agent.step(at(1_300), Input::Answered { request, answer: Answer::Accepted });
    agent.step(at(8_600), unlabelled(8_000, 8_500));
    assert!(agent.ledger().hold.is_none(), "{:?}", agent.last_code());
    agent.step(at(9_000), Input::Want(want(2, Wanted::Free, 9_000)));
    let outputs = agent.step(at(40_000), unlabelled(8_000, 39_900));
    assert!(!outputs.iter().any(|output| matches!(output, Output::Send(_))), "{outputs:?}");
}

/// `NOT_READY` for a reason of ours.
fn labelled(label: &str, changed_at: u64, asked_at: u64) -> Input {
    let reason = Some(ReasonSeen { id: None, code: Some(7), label: Some(label.to_owned()) });
    let view = AgentView { reason, ..view(NotReady, changed_at) };
    Input::Seen { view, asked_at: Time::from_millis(asked_at), clock_ahead_ms: 0 }
}

/// Law 4: a READY by hand that is seen only when the exchange of our reason is under way already;
/// the request lands on it, and what it makes is ours as any.
#[test]
fn law_4_a_reason_that_lands_on_ready_is_held() {
    let at = Time::from_millis;
    let mut agent = Agent::new(gadget_settings(Deployment::Cce), LedgerEntry::default());
    agent.step(at(1_000), seen(Ready, 500, 990));
    let dnd = want(1, Wanted::not_ready("Webex DND"), 1_100);
    let request = sent(&agent.step(at(1_100), Input::Want(dnd)), Target::NotReady);
    agent.step(at(1_200), Input::Answered { request, answer: Answer::Accepted });
    agent.step(at(1_300), labelled("Webex DND", 1_150, 1_250));
    assert!(agent.ledger().hold.is_some());
    let meeting = want(2, Wanted::not_ready("Webex Meeting"), 9_000);
    let request = sent(&agent.step(at(9_000), Input::Want(meeting)), Target::NotReady);
    agent.step(at(9_010), seen(Ready, 8_990, 8_995));
    assert!(agent.ledger().hold.is_none());
    agent.step(at(9_100), Input::Answered { request, answer: Answer::Accepted });
    agent.step(at(9_300), labelled("Webex Meeting", 9_200, 9_250));
    assert!(agent.ledger().hold.is_some(), "{:?}", agent.last_code());
}

/// What the panel promises (you were Ready and will be again) survives another reason.
#[test]
fn where_an_agent_was_taken_from_survives_another_reason() {
    for world in World::gadgets() {
        let mut world = world.held();
        for status in ["meeting", "call"] {
            world.says(status);
            world.run_secs(4);
        }
        let hold = world.ledger.hold.as_ref().expect("held");
        assert_eq!((&*hold.reason, hold.from), ("Webex Call", Ready));
    }
}
