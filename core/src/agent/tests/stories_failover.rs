//! Fail-over: everybody is read again before anything is sent (law 2; Finesse notes 1.9).

use super::clockwork::Fault;
use super::world::World;
use crate::Time;
use crate::agent::{Code, Input};
use crate::finesse::{Actor, AgentState, Target};

use AgentState::{NotReady, Ready};

/// Law 2: what was seen before the fail-over is no ground for a write, however fresh it is.
#[test]
fn law_2_nothing_is_sent_on_a_view_from_before_the_fail_over() {
    for mut world in World::every() {
        world.fail_over(false, false);
        let at = world.now;
        world.turn_page();
        world.says("dnd");
        world.settle();
        assert_eq!((world.state(), world.sent_targets()), (NotReady, vec![Target::NotReady]));
        let seen_at = world.agent.seen_at().expect("a look");
        assert!(seen_at >= at, "seen {seen_at}, failed over {at}");
    }
}

/// The answer of the node that was left may come after the switch, and does not count either.
#[test]
fn law_2_a_late_view_from_the_node_that_was_left_is_passed_over() {
    for mut world in World::servers() {
        let before = world.now;
        let old = world.model.view();
        world.run_ms(1);
        world.fail_over(false, true);
        let unseen = world.agent.seen_at();
        world.step(Input::Seen { view: old, asked_at: before, clock_ahead_ms: 0 });
        assert_eq!(world.agent.seen_at(), unseen);
        world.turn_page();
        world.says("dnd");
        world.settle();
        assert_eq!(world.sent.len(), 0, "{} by the platform is left alone", world.state());
    }
}

/// A hold that the platform did not touch is still one, and nobody is flapped.
#[test]
fn a_hold_outlives_the_fail_over() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.fail_over(true, false);
        world.run_secs(10);
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0), "no flap");
        assert!(!world.has_decided(Code::Restored), "there was no restart");
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// Law 1: `Connection Failure` took the place of our hold, so nobody is made READY.
#[test]
fn law_1_an_agent_who_comes_back_with_connection_failure_is_not_released() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.fail_over(true, true);
        world.run_secs(4);
        world.says("active");
        world.settle();
        assert!(world.state() != Ready && world.sent.is_empty(), "{}", world.state());
        assert!(world.agent.ledger().hold.is_none());
    }
}

/// Law 2: an agent who is found READY after the gap is taken like any other; nobody can know
/// whether a human or the platform made them so.
#[test]
fn law_2_who_is_ready_after_the_gap_is_taken_again() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.run_ms(1);
        world.model.human(world.now, Actor::Agent, Target::Ready, "");
        world.fail_over(true, false);
        world.run_secs(10);
        assert_eq!((world.state(), world.sent_targets()), (NotReady, vec![Target::NotReady]));
    }
}

/// What the node that was left had accepted may be lost: asked again within seconds, not after the
/// 20 s that an accepted request is given.
#[test]
fn what_was_accepted_before_the_fail_over_is_asked_for_again_soon() {
    for mut world in World::servers() {
        world.turn_page();
        world.next_fault = Fault::CtiDrops;
        world.says("dnd");
        world.run_ms(200);
        assert_eq!(world.sent.len(), 1);
        world.fail_over(true, false);
        world.run_secs(6);
        assert_eq!((world.state(), world.sent.len()), (NotReady, 2));
    }
}

/// "Queued" by the node that was left is no more than "perhaps".
#[test]
fn an_acceptance_that_arrives_after_the_fail_over_is_doubted() {
    for mut world in World::servers() {
        world.turn_page();
        world.next_fault = Fault::CtiDrops;
        world.says("dnd");
        while world.sent.is_empty() {
            world.run_ms(1);
        }
        world.fail_over(true, false);
        world.run_secs(6);
        assert_eq!((world.state(), world.sent.len()), (NotReady, 2));
    }
}

/// Law 4: one request per agent, also while the first one's answer is still to come.
#[test]
fn law_4_a_request_under_way_at_the_fail_over_is_waited_for() {
    for mut world in World::servers() {
        world.delays = vec![5_000];
        world.turn_page();
        world.says("dnd");
        while world.sent.is_empty() {
            world.run_ms(1);
        }
        world.fail_over(false, false);
        world.run_secs(4);
        assert_eq!(world.sent.len(), 1);
        world.settle();
        assert_eq!(world.state(), NotReady);
    }
}

/// A pending state is lost with the node: asked for again where the platform takes it.
#[test]
fn a_pending_not_ready_that_was_lost_is_asked_for_again() {
    for mut world in World::gadgets() {
        world.ring();
        world.answer();
        world.run_secs(1);
        world.says("dnd");
        world.run_secs(4);
        assert!(world.model.pending.is_some());
        world.fail_over(true, false);
        world.run_secs(4);
        assert!(world.model.pending.is_some(), "{:?}", world.agent.last_code());
        world.end();
        world.run_secs(4);
        assert_eq!(world.state(), NotReady);
    }
}

/// A fail-over told twice, or late, changes nothing.
#[test]
fn an_older_fail_over_does_not_let_older_views_count() {
    let [mut world, _] = World::servers();
    world.fail_over(false, false);
    let at = world.now;
    world.step(Input::FailedOver { at: Time::from_millis(1) });
    let view = world.model.view();
    let before = at.before(std::time::Duration::from_millis(1));
    let unseen = world.agent.seen_at();
    world.step(Input::Seen { view, asked_at: before, clock_ahead_ms: 0 });
    assert_eq!(world.agent.seen_at(), unseen);
}
