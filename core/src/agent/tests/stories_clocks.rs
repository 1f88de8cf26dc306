//! What the simulation found: clocks that are set, looks that fail for long, and states that the
//! platform ends.

use crate::Time;
use crate::agent::{Agent, AgentSettings, Answer, Code, Input, LedgerEntry, Output};
use crate::finesse::{AgentState, AgentView, Deployment, ReasonSeen, Target};
use crate::presence::{Facts, Want};
use crate::rules::Wanted;

use AgentState::{NotReady, Ready};

const NOON: u64 = 1_000_000;

fn at(ms: u64) -> Time {
    Time::from_millis(NOON + ms)
}

fn view(state: AgentState, changed_at: u64, code: i64) -> AgentView {
    let reason = (state == NotReady).then(|| ReasonSeen {
        id: None,
        code: Some(code),
        label: Some("a label".to_owned()),
    });
    AgentView {
        state,
        pending: None,
        reason,
        changed_at: Some(at(changed_at)),
        busy_elsewhere: None,
    }
}

/// A view of Finesse, whose clock is so far ahead, asked for and answered at `now`.
fn see(agent: &mut Agent, now: Time, view: AgentView, clock_ahead_ms: i64) -> Vec<Output> {
    agent.step(now, Input::Seen { view, asked_at: now, clock_ahead_ms })
}

fn want(seq: u64, wanted: Wanted, at: Time) -> Input {
    let facts = Facts::new().with("status", "dnd");
    let rule = "a rule".into();
    Input::Want(Want {
        seq,
        wanted,
        rule,
        facts,
        since: at,
        at,
        may_be_contact_call: false,
        spared: false,
    })
}

fn busy(now: Time) -> Input {
    want(1, Wanted::not_ready("Webex DND"), now)
}

/// READY at 0, wanted busy at 1,000; asked for and accepted.
fn asked() -> Agent {
    let mut agent = Agent::new(AgentSettings::default(), LedgerEntry::default());
    see(&mut agent, at(0), view(Ready, 0, 0), 0);
    let outputs = agent.step(at(1_000), busy(at(1_000)));
    let sent = outputs.iter().find_map(|output| match output {
        Output::Send(request) => Some(request.number),
        _ => None,
    });
    let request = sent.expect("NOT_READY is asked for");
    agent.step(at(1_100), Input::Answered { request, answer: Answer::Accepted });
    agent
}

/// Law 1: our machine's clock was set back while we were down, by 43 s of which 16 had passed. What
/// our request did is ours all the same, and what somebody did a minute later is not.
#[test]
fn law_1_a_clock_that_was_set_while_we_were_down_costs_no_hold_and_makes_none() {
    for (changed_at, ours) in [(5_000, true), (66_000, false)] {
        for set_by in [-43_000_i64, 43_000] {
            let ledger = asked().ledger().clone();
            assert!(ledger.claim.is_some());
            let mut agent = Agent::new(AgentSettings::default(), ledger);
            let now = at(70_000).shifted(set_by);
            see(&mut agent, now, view(NotReady, changed_at, 999), -set_by);
            assert_eq!(agent.ledger().hold.is_some(), ours, "set by {set_by} ms");
        }
    }
}

/// Law 7: our request had its effect, and Finesse could not be asked for a minute.
#[test]
fn law_7_a_claim_waits_for_the_look_that_shows_its_effect() {
    let mut agent = asked();
    for second in 2..60 {
        agent.step(at(second * 1_000), Input::LookFailed);
        agent.step(at(second * 1_000 + 1), Input::Wake);
    }
    see(&mut agent, at(61_000), view(NotReady, 8_000, 999), 0);
    assert!(agent.ledger().hold.is_some(), "{:?}", agent.last_code());
}

/// Law 1: once a look from after its time showed nothing, a claim explains nothing any more.
#[test]
fn law_1_a_claim_ends_with_the_first_look_after_its_time() {
    let mut agent = asked();
    see(&mut agent, at(40_000), view(Ready, 0, 0), 0);
    agent.step(at(40_001), want(2, Wanted::Free, at(40_001)));
    see(&mut agent, at(50_000), view(NotReady, 45_000, 999), 0);
    assert_eq!(agent.ledger().hold, None);
}

/// Law 10: the end of the agent's own call is nobody's choice. (CCX shows such a call as a `NOT_READY`
/// of its own and ends it by itself.)
#[test]
fn law_10_a_ready_that_ends_a_call_of_the_agents_own_is_no_choice() {
    let settings = AgentSettings { deployment: Deployment::Ccx, ..AgentSettings::default() };
    for (code, chosen) in [(32_761, false), (7, true)] {
        let mut agent = Agent::new(settings.clone(), LedgerEntry::default());
        see(&mut agent, at(0), view(NotReady, 0, code), 0);
        agent.step(at(1_000), busy(at(1_000)));
        let outputs = see(&mut agent, at(9_000), view(Ready, 8_000, 0), 0);
        let taken = outputs.iter().any(|output| match output {
            Output::Send(request) => request.target == Target::NotReady,
            _ => false,
        });
        assert_eq!(taken, !chosen, "after {code}: {outputs:?}");
        assert_eq!(agent.last_code() == Some(Code::LeftHumanChose), chosen);
    }
}

/// A hold for DND since 2,000, with a supervisor's rights.
fn held() -> Agent {
    let mut agent = asked();
    see(&mut agent, at(2_500), view(NotReady, 2_000, 999), 0);
    assert!(agent.ledger().hold.is_some());
    agent
}

fn takes(outputs: &[Output]) -> bool {
    let taken = |output: &Output| match output {
        Output::Send(request) => request.target == Target::NotReady,
        _ => false,
    };
    outputs.iter().any(taken)
}

/// Law 10: READY that was pressed before presence turned to what it is now was no answer to that,
/// also where we see it only afterwards because Finesse could not be asked.
#[test]
fn law_10_a_ready_from_before_the_present_want_is_no_choice_against_it() {
    for (pressed_at, chosen) in [(5_000, false), (11_000, true)] {
        let mut agent = held();
        let meeting = Wanted::not_ready("Webex Meeting");
        agent.step(at(10_000), want(2, meeting, at(10_000)));
        let outputs = see(&mut agent, at(20_000), view(Ready, pressed_at, 0), 0);
        assert_eq!(takes(&outputs), !chosen, "pressed at {pressed_at}: {outputs:?}");
    }
}

/// Law 10: another presence that asks for the same takes no choice away.
#[test]
fn law_10_a_choice_outlives_another_presence_that_asks_for_the_same() {
    let mut agent = held();
    agent.step(at(10_000), want(2, Wanted::not_ready("Webex DND"), at(10_000)));
    let outputs = see(&mut agent, at(20_000), view(Ready, 5_000, 0), 0);
    assert!(!takes(&outputs), "{outputs:?}");
}

/// Law 1: two questions are under way together, and the one that was asked later is answered from
/// before our change. It says nothing; one that was asked after the other's answer does, whatever
/// Finesse's clock says.
#[test]
fn law_1_of_two_views_the_older_state_is_the_older_view() {
    for (asked_at, counts) in [(1_600, false), (2_600, true)] {
        let mut agent = asked();
        let seen =
            |view, asked_at: u64| Input::Seen { view, asked_at: at(asked_at), clock_ahead_ms: 0 };
        agent.step(at(2_500), seen(view(NotReady, 2_000, 999), 1_500));
        assert!(agent.ledger().hold.is_some());
        agent.step(at(2_700), seen(view(Ready, 0, 0), asked_at));
        assert_eq!(agent.ledger().hold.is_none(), counts, "asked at {asked_at}");
    }
}
