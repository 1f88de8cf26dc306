//! Who is watched changes while we run: another human, an agent nobody sees, one who comes back.

use super::world::World;
use crate::agent::{Agent, Answer, Input, LedgerEntry};
use crate::finesse::AgentState;

use AgentState::{NotReady, Ready};

/// What one human wanted is nothing that another one wants: the hold is kept until something is
/// heard of the new one, and nobody is taken on the old one's word.
#[test]
fn another_human_behind_an_agent_is_waited_for_with_the_hold_kept() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.step(Input::OtherPerson);
        world.run_secs(30);
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0), "kept");
        world.other_person("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
    for mut world in World::every() {
        world.ring();
        world.run_secs(4);
        world.says("dnd");
        world.run_secs(4);
        world.turn_page();
        world.step(Input::OtherPerson);
        world.end();
        world.run_secs(10);
        assert_eq!((world.state(), world.sent.len()), (Ready, 0), "not on the old one's word");
    }
}

/// Law 1: whoever is made anew in Finesse under the same id is somebody else: neither a hold nor a
/// request from before makes anything of theirs ours.
#[test]
fn law_1_a_hold_and_a_claim_end_with_the_user() {
    for world in World::every() {
        let mut world = world.held();
        world.step(Input::NotKnown);
        assert_eq!((&world.ledger.hold, &world.ledger.claim), (&None, &None));
    }
    for mut world in World::every() {
        world.says("dnd");
        while world.sent.is_empty() {
            world.run_ms(1);
        }
        world.step(Input::NotKnown);
        assert_eq!(world.ledger.claim, None);
        let request = world.sent[0].1.number;
        world.step(Input::Answered { request, answer: Answer::Accepted });
        assert_eq!((world.ledger.claim.as_ref(), world.agent.is_busy()), (None, false));
    }
}

/// Law 10: what a human disagreed with was that human's want.
#[test]
fn what_somebody_disagreed_with_does_not_bind_the_next_human() {
    for world in World::every() {
        let mut world = world.held();
        world.ready_by_hand();
        world.run_secs(4);
        assert!(world.ledger.quiet.is_some());
        world.other_person("dnd");
        world.run_secs(4);
        assert_eq!(world.state(), NotReady);
    }
}

/// S0-21: an agent whom no poll shows is looked at; one who was seen lately is not.
#[test]
fn s0_21_who_was_not_seen_is_looked_at() {
    for mut world in World::servers() {
        world.queue.clear();
        world.run_secs(60);
        let seen = world.agent.seen_at().expect("a look");
        world.step(Input::Reconcile { since: seen });
        world.run_secs(1);
        assert_eq!(world.agent.seen_at(), Some(seen), "seen lately enough");
        let since = world.now;
        world.step(Input::Reconcile { since });
        world.run_secs(1);
        assert!(world.agent.seen_at() >= Some(since));
    }
}

/// Who leaves the roster and comes back takes no answer from before for a new one.
#[test]
fn requests_are_numbered_on() {
    let [mut world, _] = World::servers();
    world.turn_page();
    let settings = world.settings.clone();
    world.agent = Agent::new(settings, LedgerEntry::default()).numbered_after(7);
    world.says("dnd");
    world.run_secs(8);
    assert_eq!(world.sent.iter().map(|(_, request)| request.number).collect::<Vec<_>>(), [8]);
}
