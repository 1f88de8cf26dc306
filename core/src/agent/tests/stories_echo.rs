//! The customer's call seen from the other side, by Webex: law 6.

use super::stories_call::talking;
use super::world::World;
use crate::agent::{Answer, Code};
use crate::finesse::{AgentState, Deployment, Target};

use AgentState::{NotReady, Ready, Reserved};

/// Law 6, Finesse notes 6, 48: without it every customer's call would end in `NOT_READY`.
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
        world.answers = Some(Answer::NotSent);
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

/// Law 6: and one that began a second and a half before is the customer's.
#[test]
fn a_webex_call_a_second_and_a_half_before_is_an_echo() {
    for deployment in [Deployment::Cce, Deployment::Ccx] {
        let mut world = World::gadget(deployment).ready();
        world.answers = Some(Answer::NotSent);
        world.says("call");
        world.run_ms(1_500);
        world.ring();
        world.answer();
        world.answers = None;
        world.run_secs(40);
        assert_eq!(world.agent.view().unwrap().pending, None);
        world.end();
        world.run_ms(500);
        world.says("active");
        world.settle();
        assert_eq!(world.state(), Ready);
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
    for mut world in World::servers() {
        loop {
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

/// Law 6: a restart within the grace does not make the echo of the call that has just ended count.
#[test]
fn a_restart_within_the_grace_does_not_make_the_echo_count() {
    for world in World::every() {
        let mut world = talking(world);
        world.says("call");
        world.run_secs(10);
        world.end();
        let ended = world.now;
        world.run_secs(1);
        world.restart();
        world.run_secs(2);
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
        assert!(world.has_decided(Code::IgnoredContactCall));
        // Should it outlive the customer's call by the grace, it counts after all.
        world.run_secs(10);
        assert_eq!(world.state(), NotReady);
        let (at, _) = world.sent[0];
        assert!(at.since(ended).as_secs() >= 5, "after {:?}", at.since(ended));
    }
}

/// Law 6: nor does a restart during the customer's call.
#[test]
fn a_restart_during_the_customers_call_does_not_make_the_echo_count() {
    for world in World::every() {
        let mut world = talking(world);
        world.says("call");
        world.run_secs(10);
        world.restart();
        world.run_secs(5);
        world.end();
        world.run_ms(500);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
    }
}

/// Law 3: who has been READY for longer than the grace is taken at once, also after a restart.
#[test]
fn a_webex_call_after_a_restart_counts_at_once_when_no_call_can_have_ended() {
    for mut world in World::every() {
        world.run_secs(10);
        world.says("call");
        world.lose_source();
        world.restart();
        world.turn_page();
        world.run_secs(2);
        assert_eq!((world.state(), world.sent.len()), (NotReady, 1));
    }
}
