//! What others did a moment before our request, and of which nothing was heard yet (laws 1, 5, 10).

use std::time::Duration;

use super::finesse_model::Author;
use super::world::{LUNCH, World};
use crate::agent::Code;
use crate::finesse::{Actor, AgentState, Target};

use AgentState::{NotReady, Ready, Work, WorkReady};

/// Runs until a request has left; whatever happens next happens before it arrives.
fn until_asked(world: &mut World) {
    world.turn_page();
    let patience = world.now.after(Duration::from_secs(4));
    while world.sent.is_empty() {
        assert!(world.now < patience, "nothing is asked for: {:?}", world.agent.last_code());
        world.run_ms(1);
    }
}

fn talking(world: &mut World) {
    world.ring_with_wrap_up();
    world.answer();
    world.run_secs(4);
    world.turn_page();
}

/// Law 5: an event may be late by 14 s (Finesse notes 5), so a look comes before the request.
#[test]
fn wrap_up_of_which_no_event_came_yet_is_seen_by_a_look() {
    for mut world in World::gadgets() {
        talking(&mut world);
        world.events_late = Duration::from_secs(14);
        world.end();
        world.says("dnd");
        world.run_secs(4);
        assert!(matches!(world.state(), Work | WorkReady), "{}", world.state());
        assert!(world.sent.is_empty() && world.has_decided(Code::WaitsForWrapUp));
    }
}

/// Laws 1 and 5: the call ends between the look and the request. Wrap-up cannot be given back, so
/// the agent has the time for it, and ends it by hand.
#[test]
fn wrap_up_that_our_request_cut_short_is_never_made_ready() {
    for mut world in World::gadgets() {
        talking(&mut world);
        world.says("dnd");
        until_asked(&mut world);
        world.end();
        world.run_secs(4);
        assert_eq!((world.state(), world.label()), (NotReady, Some("Webex DND")));
        assert!(world.has_decided(Code::Crossed), "{:?}", world.decisions.last());
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent_targets()), (NotReady, vec![Target::NotReady]));
        world.ready_by_hand();
        world.says("dnd");
        world.run_secs(4);
        assert_eq!((world.state(), world.model.author), (NotReady, Author::Us), "as ever");
        world.says("active");
        world.settle();
        assert_eq!(world.state(), Ready);
    }
}

/// A request that was carried out while the call lasted pends, and is held after wrap-up.
#[test]
fn what_pends_into_wrap_up_is_held_as_ever() {
    for mut world in World::gadgets() {
        talking(&mut world);
        world.says("dnd");
        world.run_secs(4);
        for _ in 0..2 {
            world.end();
            world.run_secs(4);
        }
        assert!(world.agent.ledger().hold.is_some(), "{:?}", world.agent.last_code());
        assert!(!world.has_decided(Code::Crossed));
        world.says("active");
        world.settle();
        assert_eq!(world.state(), Ready);
    }
}

/// Law 10: the lunch gets its own reason back, and is the agent's to end.
#[test]
fn a_lunch_that_our_reason_replaced_is_put_back() {
    for mut world in World::gadgets() {
        world.says("dnd");
        until_asked(&mut world);
        world.lunch();
        world.run_secs(4);
        assert_eq!((world.state(), world.label()), (NotReady, Some(LUNCH)));
        assert!(world.has_decided(Code::Crossed));
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.label()), (NotReady, Some(LUNCH)));
        assert_eq!(world.sent_targets(), [Target::NotReady, Target::NotReady]);
        world.ready_by_hand();
        world.settle();
        assert_eq!(world.state(), Ready, "nobody puts it back twice");
    }
}

/// Law 1: a READY of ours that landed on a lunch is taken back at once.
#[test]
fn a_lunch_that_our_ready_ended_is_put_back() {
    for world in World::gadgets() {
        let mut world = world.held();
        world.says("active");
        until_asked(&mut world);
        world.lunch();
        world.run_secs(4);
        assert_eq!((world.state(), world.label()), (NotReady, Some(LUNCH)));
        assert_eq!(world.sent_targets(), [Target::Ready, Target::NotReady]);
        world.says("dnd");
        world.run_secs(4);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.label()), (NotReady, Some(LUNCH)));
    }
}

/// What only a supervisor or the platform can set cannot be put back: it is told, and not ended.
#[test]
fn a_supervisors_choice_that_our_reason_replaced_is_not_ended() {
    for mut world in World::gadgets() {
        world.says("dnd");
        until_asked(&mut world);
        world.human(Actor::Supervisor, Target::NotReady);
        world.run_secs(4);
        assert!(world.has_decided(Code::Crossed), "{:?}", world.decisions.last());
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent_targets()), (NotReady, vec![Target::NotReady]));
    }
}

/// The agent is quicker than we are: lunch, and READY again before anything is put back.
#[test]
fn ready_by_hand_over_what_would_be_put_back_stays() {
    for mut world in World::gadgets() {
        world.says("dnd");
        until_asked(&mut world);
        world.events_late = Duration::from_secs(5);
        world.lunch();
        world.run_secs(3);
        world.ready_by_hand();
        world.says("active");
        world.settle();
        assert_eq!(world.state(), Ready);
    }
}

/// What cannot be put back any more is let go of: who is READY and busy is taken like any other.
#[test]
fn a_lunch_that_finesse_does_not_take_back_does_not_keep_the_agent_ready() {
    for world in World::gadgets() {
        let mut world = world.held();
        world.says("active");
        until_asked(&mut world);
        world.lunch();
        while world.sent.len() < 2 {
            world.next_fault = super::clockwork::Fault::NotSent;
            world.run_ms(1);
        }
        world.run_secs(2);
        assert_eq!(world.state(), Ready, "not put back");
        world.says("dnd");
        world.run_secs(4);
        assert_eq!((world.state(), world.label()), (NotReady, Some("Webex DND")));
    }
}
