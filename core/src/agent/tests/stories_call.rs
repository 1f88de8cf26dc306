//! The customer's call is sacred: law 5.

use super::finesse_model::Author;
use super::world::World;
use crate::agent::Code;
use crate::finesse::{AgentState, Deployment, Target};

use AgentState::{Hold, NotReady, Ready, Reserved, Talking, Work, WorkReady};

/// A READY agent on a customer's call, seen to be so.
pub(super) fn talking(mut world: World) -> World {
    world.ring();
    world.run_secs(4);
    world.answer();
    world.run_secs(4);
    world.turn_page();
    world
}

/// W13, Finesse notes 6, 9: the sample forgot a DND that began during a call.
#[test]
fn w13_dnd_during_a_call_is_applied_after_it() {
    for world in World::every() {
        let mut world = talking(world);
        world.says("dnd");
        world.run_secs(10);
        assert_eq!(world.state(), Talking);
        world.end();
        world.run_secs(4);
        assert_eq!((world.state(), world.model.author), (NotReady, Author::Us));
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// W13, law 5: what was remembered is dropped when presence cleared meanwhile.
#[test]
fn w13_dnd_that_ends_before_the_call_does_is_dropped() {
    for world in World::servers() {
        let mut world = talking(world);
        world.says("dnd");
        world.run_secs(4);
        assert!(world.has_decided(Code::WaitsForCall));
        world.says("active");
        world.run_secs(4);
        world.end();
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
        assert!(world.has_decided(Code::Dropped));
    }
}

/// Finesse notes 6, 7: a pending `NOT_READY` cannot be taken back on CCX; it is released after the
/// call.
#[test]
fn a_pending_not_ready_whose_presence_cleared_is_released_after_the_call() {
    for world in World::gadgets() {
        let mut world = talking(world);
        world.says("dnd");
        world.run_secs(4);
        assert_eq!(world.agent.view().unwrap().pending, Some(NotReady));
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.sent_targets(), [Target::NotReady]);
        world.end();
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// Finesse notes 6, 8: a second `NOT_READY` during one call fails on CCX, and on CCE it might replace
/// the agent's own choice. The right reason follows when the call is over.
#[test]
fn one_not_ready_is_asked_for_per_call() {
    for world in World::gadgets() {
        let mut world = talking(world);
        world.says("dnd");
        world.run_secs(4);
        world.says("meeting");
        world.run_secs(4);
        assert_eq!(world.sent_targets(), [Target::NotReady]);
        world.end();
        world.run_secs(4);
        assert_eq!((world.state(), world.label()), (NotReady, Some("Webex Meeting")));
    }
}

/// Law 10: the agent asked for lunch after this call; DND does not take its place.
#[test]
fn a_lunch_that_pends_is_not_replaced() {
    for world in World::every() {
        let mut world = talking(world);
        world.lunch();
        world.run_secs(4);
        world.says("dnd");
        world.run_secs(4);
        world.end();
        world.run_secs(4);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.label()), (NotReady, Some("Lunch")));
        assert_eq!(world.sent_targets(), []);
    }
}

/// Law 10: and it is not ours when it was chosen on top of what we had pending.
#[test]
fn a_lunch_chosen_over_our_pending_not_ready_stays() {
    let mut world = talking(World::gadget(Deployment::Cce).ready());
    world.says("dnd");
    world.run_secs(4);
    world.lunch();
    world.run_secs(4);
    world.end();
    world.run_secs(4);
    world.says("active");
    world.settle();
    assert_eq!((world.state(), world.label()), (NotReady, Some("Lunch")));
    assert_eq!(world.sent_targets(), [Target::NotReady]);
}

/// Finesse notes 6, 10: a ringing call is not disturbed.
#[test]
fn nothing_is_sent_while_a_call_rings() {
    for mut world in World::every() {
        world.ring();
        world.run_secs(4);
        world.turn_page();
        world.says("dnd");
        world.run_secs(10);
        assert_eq!((world.state(), world.sent.len()), (Reserved, 0));
        world.end();
        world.run_secs(4);
        assert_eq!(world.state(), NotReady, "applied when the caller gave up");
    }
}

/// Finesse notes 6, 11: nor are outbound reservations, where a request drops the reservation.
#[test]
fn outbound_reservations_are_not_disturbed() {
    for state in [AgentState::ReservedOutbound, AgentState::ReservedOutboundPreview] {
        for mut world in World::every() {
            world.model.system(world.now, state, 0, "Campaign");
            world.run_secs(4);
            world.turn_page();
            world.says("dnd");
            world.run_secs(10);
            assert_eq!((world.state(), world.sent.len()), (state, 0));
            assert!(world.has_decided(Code::WaitsForCall));
        }
    }
}

/// Law 5, Finesse notes 6, 14: HOLD, which only CCE knows, is a call like any other.
#[test]
fn a_call_on_hold_is_a_call() {
    let mut world = talking(World::server(Deployment::Cce).ready());
    world.model.system(world.now, Hold, 0, "");
    world.run_secs(4);
    world.says("dnd");
    world.run_secs(4);
    assert_eq!((world.state(), world.sent.len()), (Hold, 0));
    world.end();
    world.run_secs(4);
    assert_eq!(world.state(), NotReady);
}

/// Finesse notes 6, 12: a request would end wrap-up at once.
#[test]
fn wrap_up_is_not_cut_short() {
    let mut world = World::server(Deployment::Cce).ready();
    world.ring_with_wrap_up();
    world.answer();
    world.run_secs(4);
    world.end();
    world.run_secs(4);
    world.turn_page();
    world.says("dnd");
    world.run_secs(10);
    assert_eq!((world.state(), world.sent.len()), (WorkReady, 0));
    assert!(world.has_decided(Code::WaitsForWrapUp));
    world.end();
    world.run_secs(4);
    assert_eq!((world.state(), world.model.author), (NotReady, Author::Us));
}

/// Finesse notes 6, 15: wrap-up between a pending `NOT_READY` and its effect is no failure.
#[test]
fn wrap_up_before_a_pending_not_ready_is_waited_for() {
    for mut world in World::gadgets() {
        world.ring_with_wrap_up();
        world.answer();
        world.run_secs(1);
        world.turn_page();
        world.says("dnd");
        world.run_secs(4);
        world.end();
        world.run_secs(30);
        assert_eq!((world.state(), world.sent.len()), (Work, 1));
        world.end();
        world.run_secs(4);
        assert_eq!((world.state(), world.label()), (NotReady, Some("Webex DND")));
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// Finesse notes 6, 13: on CCX a call outside the contact centre shows nowhere but in `mediaState`,
/// and READY would fail with 33.
#[test]
fn a_held_agent_on_another_call_is_released_after_it() {
    let mut world = World::server(Deployment::Ccx).ready().held();
    world.turn_page();
    world.model.busy_elsewhere = true;
    world.run_secs(4);
    world.says("active");
    world.settle();
    assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    assert!(world.has_decided(Code::WaitsForOtherCall));
    world.model.busy_elsewhere = false;
    world.run_secs(6);
    assert_eq!(world.state(), Ready);
}
