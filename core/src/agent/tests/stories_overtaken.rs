//! What overtakes a request between its answer and its effect, and looks that come late.

use super::world::World;
use crate::Time;
use crate::agent::{Agent, AgentSettings, Answer, Input, LedgerEntry, Output};
use crate::finesse::{AgentState, AgentView, ReasonSeen, Target};
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

/// Law 4: a look from before the request, answered after it, says nothing about what the request
/// lands on.
#[test]
fn law_4_a_late_look_from_before_the_request_does_not_cost_the_hold() {
    let mut agent = Agent::new(AgentSettings::default(), LedgerEntry::default());
    let at = Time::from_millis;
    agent.step(at(1_000), seen(Ready, 500, 990));
    let busy = Want {
        seq: 1,
        wanted: Wanted::not_ready("Webex DND"),
        rule: "dnd".into(),
        facts: Facts::new().with("status", "dnd"),
        since: at(1_100),
        at: at(1_100),
        may_be_contact_call: false,
    };
    let outputs = agent.step(at(1_100), Input::Want(busy));
    let request = outputs.iter().find_map(|output| match output {
        Output::Send(request) if request.target == Target::NotReady => Some(request.number),
        _ => None,
    });
    let request = request.expect("NOT_READY is asked for");

    agent.step(at(1_200), seen(NotReady, 400, 1_050));
    agent.step(at(1_300), Input::Answered { request, answer: Answer::Accepted });
    agent.step(at(1_400), seen(NotReady, 1_250, 1_350));
    assert!(agent.ledger().hold.is_some(), "{:?}", agent.last_code());
}
