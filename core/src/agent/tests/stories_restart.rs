//! Restarts and ledgers: laws 1 and 2.

use super::finesse_model::Author;
use super::world::World;
use crate::agent::{Code, LedgerEntry};
use crate::finesse::{Actor, AgentState, Target};
use crate::rules::Wanted;

use AgentState::{NotReady, Ready};

/// S4-23: a restart forgets nothing: released later, by the hold in the ledger.
#[test]
fn s4_23_a_hold_outlives_the_process() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.restart();
        world.run_secs(30);
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0), "no flap");
        assert!(world.has_decided(Code::Restored));
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// Law 2: presence cleared while we were down.
#[test]
fn a_hold_whose_presence_cleared_during_the_restart_is_released() {
    for world in World::every() {
        let mut world = world.held();
        world.lose_source();
        world.says("active");
        world.restart();
        world.run_secs(8);
        assert_eq!(world.state(), Ready);
    }
}

/// Law 1: a human changed the state while we were down.
#[test]
fn what_a_human_changed_during_the_restart_is_not_ended() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.lunch();
        world.restart();
        world.run_secs(10);
        assert!(world.has_decided(Code::HoldLost));
        world.says("active");
        world.settle();
        assert_eq!((world.label(), world.sent.len()), (Some("Lunch"), 0));
    }
}

/// Law 1, Finesse notes 6, 2: even where it shows the same code, because the time has changed.
#[test]
fn a_human_supervisors_not_ready_during_the_restart_is_not_ended() {
    for world in World::servers() {
        let mut world = world.held();
        world.turn_page();
        world.ready_by_hand();
        world.human(Actor::Supervisor, Target::NotReady);
        world.restart();
        world.run_secs(10);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    }
}

/// Law 1: the intent is in the ledger before it is sent, so that what lands later is known as ours.
#[test]
fn a_request_under_way_at_the_restart_is_still_ours() {
    for mut world in World::every() {
        world.says("dnd");
        while world.sent.is_empty() {
            world.run_ms(1);
        }
        assert!(world.ledger.claim.is_some() && world.ledger.hold.is_none());
        world.restart();
        world.run_secs(10);
        assert_eq!((world.state(), world.model.author), (NotReady, Author::Us));
        assert!(world.agent.ledger().hold.is_some());
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// The same for a release: it is not taken for a human's READY, and nothing is sent again.
#[test]
fn a_release_under_way_at_the_restart_is_seen_to_have_worked() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.says("active");
        while world.sent.is_empty() {
            world.run_ms(1);
        }
        world.restart();
        world.settle();
        assert_eq!((world.state(), world.sent_targets()), (Ready, vec![Target::Ready]));
        assert_eq!(world.agent.ledger(), &LedgerEntry::default());
    }
}

/// Law 10: what a human disagreed with is in the ledger, too.
#[test]
fn quiet_outlives_the_process() {
    for world in World::every() {
        let mut world = world.held();
        world.ready_by_hand();
        world.run_secs(4);
        assert_eq!(world.ledger.quiet, Some(Wanted::not_ready("Webex DND")));
        world.turn_page();
        world.restart();
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
    }
}

/// Law 1: the generic reason proves nothing, so that without the ledger nobody is released.
#[test]
fn a_lost_ledger_in_server_mode_releases_nobody() {
    for world in World::servers() {
        let mut world = world.held();
        world.settings.adopt = true;
        world.settings.labels = vec!["Supervisor Initiated".into(), "Webex DND".into()];
        world.turn_page();
        world.restart_without_ledger();
        world.run_secs(4);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
        assert!(!world.has_decided(Code::Adopted));
    }
}

/// Law 1, Finesse notes 6, 38: in the gadget one of our own labels may stand for the ledger.
#[test]
fn a_lost_ledger_in_gadget_mode_adopts_our_own_label() {
    for world in World::gadgets() {
        let mut world = world.held();
        world.turn_page();
        world.restart_without_ledger();
        world.run_secs(4);
        assert!(world.has_decided(Code::Adopted));
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// Law 1: no other label is adopted, and not our own where adopting is switched off.
#[test]
fn nothing_else_is_adopted() {
    for mut world in World::gadgets() {
        world.lunch();
        world.restart_without_ledger();
        world.run_secs(4);
        world.says("active");
        world.settle();
        assert_eq!(world.label(), Some("Lunch"));
    }
    for world in World::gadgets() {
        let mut world = world.held();
        world.settings.adopt = false;
        world.turn_page();
        world.restart_without_ledger();
        world.run_secs(4);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    }
}

/// Law 1: a ledger that says more than nothing is not gone: the agent snoozed what we held.
#[test]
fn a_hold_that_was_given_up_is_not_adopted_at_the_reload() {
    for world in World::gadgets() {
        let mut world = world.held();
        world.snooze(std::time::Duration::from_mins(30));
        world.turn_page();
        let ledger = world.ledger.clone();
        let settings = world.settings.clone();
        world.restart();
        world.agent = crate::agent::Agent::new(settings, ledger);
        world.run_secs(4);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    }
}
