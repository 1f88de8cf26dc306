//! The feed is lost, and comes back: law 9.

use std::time::Duration;

use super::world::World;
use crate::agent::Code;
use crate::finesse::AgentState;
use crate::presence::{LossPolicy, PresenceSettings};

use AgentState::{NotReady, Ready};

fn with_policy(mut world: World, on_loss: LossPolicy) -> World {
    let loss_after = Duration::from_mins(1);
    world.presence = PresenceSettings { on_loss, loss_after, ..PresenceSettings::default() };
    world
}

/// W15, S4-D3: what changed during the gap is in the snapshot that follows it.
#[test]
fn s4_d3_a_change_during_a_gap_is_seen_after_the_reconnect() {
    for mut world in World::every() {
        world.lose_source();
        world.says("dnd");
        world.run_secs(20);
        assert_eq!(world.state(), Ready);
        world.reconnect();
        world.run_secs(4);
        assert_eq!(world.state(), NotReady);
        world.lose_source();
        world.says("active");
        world.run_secs(20);
        assert_eq!(world.state(), NotReady);
        world.reconnect();
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// W2: a reconnect at which nothing has changed moves nobody.
#[test]
fn w2_a_reconnect_moves_nobody() {
    for mut world in World::every() {
        world.lunch();
        world.run_secs(4);
        world.turn_page();
        world.lose_source();
        world.run_secs(20);
        world.reconnect();
        world.settle();
        assert_eq!((world.state(), world.label(), world.sent.len()), (NotReady, Some("Lunch"), 0));
    }
}

/// Law 9: the policy `hold`, and short losses under every policy.
#[test]
fn nobody_is_moved_for_a_loss() {
    for policy in [LossPolicy::Hold, LossPolicy::Release, LossPolicy::NotReady] {
        let lasts = if policy == LossPolicy::Hold { 3_600 } else { 59 };
        for world in World::every() {
            let mut world = with_policy(world, policy);
            world.turn_page();
            world.lose_source();
            world.run_secs(lasts);
            assert_eq!((world.state(), world.sent.len()), (Ready, 0), "{policy:?}");
            world.reconnect();
            let mut world = world.held();
            world.turn_page();
            world.lose_source();
            world.run_secs(lasts);
            assert_eq!((world.state(), world.sent.len()), (NotReady, 0), "{policy:?}");
        }
    }
}

/// Law 9: a Free that still waited when the feed went away moves nobody either: anything busy that
/// would have cancelled it was not heard.
#[test]
fn a_free_that_waited_at_the_loss_is_forgotten() {
    for world in World::every() {
        let mut world = world.held();
        world.says("active");
        world.run_ms(100);
        world.lose_source();
        world.says("dnd");
        world.run_secs(30);
        assert_eq!(world.state(), NotReady);
        world.reconnect();
        world.run_secs(30);
        assert_eq!(world.state(), NotReady);
    }
}

/// Law 9: the policy `release` ends holds, and nothing but holds.
#[test]
fn a_longer_loss_releases_where_the_policy_says_so() {
    for world in World::every() {
        let mut world = with_policy(world, LossPolicy::Release).held();
        world.lose_source();
        world.run_secs(70);
        assert_eq!(world.state(), Ready);
    }
    for mut world in World::every() {
        world.lunch();
        world.run_secs(4);
        let mut world = with_policy(world, LossPolicy::Release);
        world.says("dnd");
        world.run_secs(4);
        world.lose_source();
        world.settle();
        assert_eq!((world.state(), world.label()), (NotReady, Some("Lunch")));
    }
}

/// Law 9: also a hold that a presence of no account had left alone.
#[test]
fn a_longer_loss_releases_a_hold_that_was_left_alone() {
    for world in World::every() {
        let mut world = with_policy(world, LossPolicy::Release).held();
        world.says("calendarItem");
        world.run_secs(4);
        world.lose_source();
        world.run_secs(70);
        assert_eq!(world.state(), Ready);
    }
}

/// Law 9: the policy `not_ready` takes READY agents, and the feed's return releases them.
#[test]
fn a_longer_loss_takes_where_the_policy_says_so() {
    for world in World::every() {
        let mut world = with_policy(world, LossPolicy::NotReady);
        world.lose_source();
        world.run_secs(70);
        assert_eq!(world.state(), NotReady);
        let hold = world.agent.ledger().hold.clone().unwrap();
        assert_eq!(hold.reason.as_ref(), "Webex Unavailable");
        world.reconnect();
        world.run_secs(8);
        assert_eq!(world.state(), Ready);
    }
}

/// Law 9: an agent who is busy and held already is left so, with the reason that is true.
#[test]
fn a_loss_does_not_exchange_a_reason() {
    for world in World::every() {
        let mut world = with_policy(world, LossPolicy::NotReady).held();
        world.turn_page();
        world.lose_source();
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
        assert!(!world.has_decided(Code::HoldLost));
    }
}

/// Law 3: told again late or twice, a presence of the past moves nobody.
#[test]
fn latecomers_and_duplicates_move_nobody() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.repeats(1);
        world.repeats(0);
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0), "active, said before dnd");
    }
}
