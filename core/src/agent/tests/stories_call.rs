//! The customer's call and its echo: laws 5 and 6.

use super::finesse_model::Author;
use super::world::World;
use crate::agent::Code;
use crate::finesse::{Actor, AgentState, Deployment, Target};

use AgentState::{Hold, NotReady, Ready, Reserved, Talking, Work, WorkReady};

/// A READY agent on a customer's call, seen to be so.
fn talking(mut world: World) -> World {
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

/// Finesse notes 6, 7: a pending NOT_READY cannot be taken back on CCX; it is released after the
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

/// Finesse notes 6, 8: a second NOT_READY during one call fails on CCX, and on CCE it might replace
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

/// Finesse notes 6, 15: wrap-up between a pending NOT_READY and its effect is no failure.
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

/// Finesse notes 6, 13: on CCX a call outside the contact centre shows nowhere but in mediaState,
/// and READY would fail with 33.
#[test]
fn a_held_agent_on_another_call_is_released_after_it() {
    for world in [World::server(Deployment::Ccx), World::gadget(Deployment::Ccx)] {
        let mut world = world.ready().held();
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
}

/// Law 6, Finesse notes 6, 48: without it every customer's call would end in NOT_READY.
#[test]
fn the_customers_call_seen_by_webex_is_ignored() {
    for world in World::every() {
        let mut world = talking(world);
        world.says("call");
        world.run_secs(60);
        assert_eq!(world.agent.view().unwrap().pending, None);
        world.end();
        world.run_ms(500);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
        assert!(world.has_decided(Code::IgnoredContactCall));
    }
}

/// Law 6: Webex may be first: the echo began within two seconds before the phone rang.
#[test]
fn an_echo_that_comes_before_the_ringing_is_ignored() {
    for mut world in World::servers() {
        world.turn_page();
        world.run_ms(1_500);
        world.ring();
        world.says("call");
        world.run_secs(4);
        assert_eq!((world.state(), world.sent.len()), (Reserved, 0), "the old look said READY");
        world.answer();
        world.run_secs(30);
        world.end();
        world.run_ms(500);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
    }
}

/// Law 6: the same, but the call rings between the look and the request.
#[test]
fn a_call_that_rings_while_we_ask_wins() {
    for mut world in World::every() {
        world.turn_page();
        world.says("call");
        while world.sent.is_empty() {
            world.run_ms(1);
        }
        world.ring();
        world.run_secs(10);
        assert_eq!(world.state(), Reserved);
        world.answer();
        world.run_secs(20);
        world.end();
        world.run_ms(500);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 1));
    }
}

/// Law 6: a Webex call that outlives the customer's by `call_grace` is one of its own.
#[test]
fn a_call_that_outlives_the_customers_call_counts() {
    for world in World::every() {
        let mut world = talking(world);
        world.says("call");
        world.run_secs(10);
        world.end();
        let ended = world.now;
        world.run_secs(15);
        let [(at, request)] = world.sent.as_slice() else { panic!("sent {:?}", world.sent) };
        assert_eq!(request.target, Target::NotReady);
        assert!(at.since(ended).as_secs() >= 5, "after {:?}", at.since(ended));
        assert_eq!(world.state(), NotReady);
    }
}

/// Law 6: a Webex call ten seconds before the customer's is no echo: it counts when that ends,
/// without the grace.
#[test]
fn a_webex_call_ten_seconds_before_is_not_an_echo() {
    for deployment in [Deployment::Cce, Deployment::Ccx] {
        let mut world = World::gadget(deployment).ready();
        world.turn_page();
        world.answers = Some(crate::agent::Answer::NotSent);
        world.says("call");
        world.run_secs(10);
        world.ring();
        world.answer();
        world.answers = None;
        world.run_secs(40);
        assert_eq!(world.agent.view().unwrap().pending, Some(NotReady));
        world.end();
        world.run_secs(1);
        assert_eq!(world.state(), NotReady);
    }
}

/// Law 6: a look that is older than a second is repeated before a call is honoured.
#[test]
fn a_call_is_honoured_after_a_fresh_look_only() {
    let mut world = World::server(Deployment::Cce).ready();
    world.turn_page();
    world.run_ms(1_500);
    let said = world.now;
    world.says("call");
    world.run_secs(4);
    let (at, _) = world.sent[0];
    assert_eq!(at.since(said).as_millis(), 40, "20 ms to hear of it, 20 ms to look");
    assert_eq!(world.state(), NotReady);
}

/// Law 6: with a look that is fresh, a READY agent is taken at once.
#[test]
fn a_call_is_honoured_at_once_when_the_look_is_fresh() {
    for mut world in World::every() {
        while world.agent.view().is_none() || world.settings.actor == Actor::Supervisor {
            let before = world.agent.seen.clone();
            world.run_ms(1);
            if world.agent.seen != before {
                break;
            }
        }
        world.turn_page();
        let said = world.now;
        world.says("call");
        world.run_secs(4);
        assert_eq!(world.sent[0].0.since(said).as_millis(), 20);
    }
}

/// Law 6: while a DND holds the agent, the echo of nothing is nobody's business.
#[test]
fn a_webex_call_of_a_held_agent_keeps_the_hold() {
    for world in World::every() {
        let mut world = world.held();
        world.says("call");
        world.run_secs(10);
        assert_eq!(world.state(), NotReady);
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}
