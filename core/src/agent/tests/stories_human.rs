//! A human who disagrees wins: law 10, and the snooze.

use std::time::Duration;

use super::finesse_model::Author;
use super::world::World;
use crate::agent::Code;
use crate::finesse::{Actor, AgentState, Deployment, Target};

use AgentState::{NotReady, Ready};

/// Law 10, Finesse notes 6, 4: we do not fight, and begin anew when presence changes.
#[test]
fn ready_by_hand_while_held_is_left_until_something_else_is_wanted() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.ready_by_hand();
        world.settle();
        world.says("dnd");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
        assert!(world.has_decided(Code::LeftHumanChose));
        world.says("meeting");
        world.run_secs(4);
        assert_eq!((world.state(), world.model.author), (NotReady, Author::Us));
    }
}

/// Law 10: a supervisor's choice is a human's choice.
#[test]
fn ready_by_the_supervisor_while_held_is_left_too() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.human(Actor::Supervisor, Target::Ready);
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
    }
}

/// Law 10: free and busy again is a change, although the same is wanted as before.
#[test]
fn after_free_the_same_presence_counts_again() {
    for world in World::every() {
        let mut world = world.held();
        world.ready_by_hand();
        world.run_secs(4);
        world.says("active");
        world.run_secs(4);
        world.says("dnd");
        world.run_secs(4);
        assert_eq!((world.state(), world.model.author), (NotReady, Author::Us));
    }
}

/// Law 10: back from a lunch that was chosen while we held the agent, still in DND.
#[test]
fn ready_after_a_lunch_chosen_while_held_is_left() {
    for world in World::every() {
        let mut world = world.held();
        world.lunch();
        world.run_secs(4);
        world.turn_page();
        world.ready_by_hand();
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
    }
}

/// Finesse notes 6, 5: `NOT_READY` by choice before presence became busy; READY by hand during it.
#[test]
fn ready_by_hand_in_full_knowledge_is_left() {
    for mut world in World::every() {
        world.lunch();
        world.run_secs(4);
        world.says("dnd");
        world.run_secs(4);
        world.turn_page();
        world.ready_by_hand();
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
        assert!(world.has_decided(Code::LeftHumanChose));
    }
}

/// Law 10: our request was on its way when the human went READY; what lands is taken back.
#[test]
fn a_request_that_lands_on_a_humans_ready_is_taken_back() {
    let mut world = World::gadget(Deployment::Cce).ready().held();
    world.delays = vec![150];
    world.turn_page();
    world.says("meeting");
    while world.sent.is_empty() {
        world.run_ms(1);
    }
    world.ready_by_hand();
    world.settle();
    assert_eq!(world.state(), Ready);
    assert_eq!(world.sent_targets(), [Target::NotReady, Target::Ready]);
}

/// Laws 1 and 10: a lunch was seen, and then another reason of ours lands on top of it: the lunch is
/// put back and never released.
#[test]
fn a_lunch_that_our_own_late_reason_has_buried_is_not_ended() {
    let mut world = World::gadget(Deployment::Cce).ready().held();
    world.turn_page();
    world.delays = vec![20, 400, 400];
    world.drawn = 0;
    world.says("meeting");
    while world.sent.is_empty() {
        world.run_ms(1);
    }
    world.delays = vec![20];
    world.lunch();
    world.run_secs(2);
    assert!(world.has_decided(Code::Crossed), "it did land on the lunch");
    assert!(world.has_decided(Code::HoldLost), "the lunch was seen");
    world.says("active");
    world.settle();
    assert_eq!((world.state(), world.label()), (NotReady, Some("Lunch")));
    assert_eq!(world.sent_targets(), [Target::NotReady, Target::NotReady]);
}

/// A snooze leaves the agent alone until it is over; then what is wanted still counts.
#[test]
fn a_snoozed_agent_is_left_alone_until_the_snooze_is_over() {
    for mut world in World::every() {
        world.turn_page();
        world.snooze(Duration::from_mins(30));
        world.says("dnd");
        world.run(Duration::from_mins(29));
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
        assert!(world.has_decided(Code::LeftSnoozed));
        world.run(Duration::from_mins(2));
        assert_eq!((world.state(), world.model.author), (NotReady, Author::Us));
    }
}

/// A snooze is taken back.
#[test]
fn the_end_of_a_snooze_by_hand_counts_at_once() {
    for mut world in World::every() {
        world.snooze(Duration::from_mins(30));
        world.says("dnd");
        world.run_secs(10);
        world.unsnooze();
        world.run_secs(4);
        assert_eq!((world.state(), world.ledger.snoozed_until), (NotReady, None));
    }
}

/// Law 10: a snooze while held gives the `NOT_READY` to the agent; it is theirs to end.
#[test]
fn a_snooze_while_held_ends_the_hold() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.snooze(Duration::from_mins(1));
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
        assert_eq!(world.ledger.hold, None);
    }
}

/// Undo puts everything back as it was: the hold is ours again, and ends with what it was for.
#[test]
fn a_snooze_that_is_taken_back_gives_the_hold_back() {
    for world in World::every() {
        let mut world = world.held();
        let hold = world.ledger.hold.clone();
        world.turn_page();
        world.snooze(Duration::from_mins(30));
        world.run_secs(20);
        world.unsnooze();
        world.run_secs(4);
        assert_eq!((&world.ledger.hold, &world.ledger.lent), (&hold, &None));
        assert!(world.has_decided(Code::StaysHeld));
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent_targets()), (Ready, vec![Target::Ready]));
    }
}

/// The same where the process, or the page, began anew in between.
#[test]
fn a_hold_comes_back_from_a_snooze_over_a_restart() {
    for world in World::every() {
        let mut world = world.held();
        world.snooze(Duration::from_mins(30));
        world.restart();
        world.says("dnd");
        world.run_secs(4);
        world.turn_page();
        world.unsnooze();
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent_targets()), (Ready, vec![Target::Ready]));
    }
}

/// What ended while the agent was left alone counts as soon as the snooze is taken back.
#[test]
fn presence_that_cleared_during_the_snooze_releases_at_its_undo() {
    for world in World::every() {
        let mut world = world.held();
        world.snooze(Duration::from_mins(30));
        world.says("active");
        world.run_secs(10);
        assert_eq!(world.state(), NotReady);
        world.unsnooze();
        world.settle();
        assert_eq!(world.state(), Ready);
    }
}

/// Law 1: a lunch that was chosen during the snooze is the agent's own, undo or not.
#[test]
fn a_lunch_chosen_during_the_snooze_is_not_taken_by_its_undo() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.snooze(Duration::from_mins(30));
        world.run_secs(4);
        world.lunch();
        world.run_secs(4);
        world.unsnooze();
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    }
}

/// A snooze that ran out was not taken back: what it gave away stays the agent's.
#[test]
fn an_undo_after_the_snooze_is_over_takes_nothing() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.snooze(Duration::from_mins(1));
        world.run(Duration::from_mins(2));
        assert_eq!((&world.ledger.lent, world.ledger.snoozed_until), (&None, None));
        world.unsnooze();
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    }
}

/// Law 10: what was on its way when the agent asked to be left alone is taken back.
#[test]
fn a_request_that_lands_after_the_snooze_is_taken_back() {
    for mut world in World::every() {
        world.turn_page();
        world.says("dnd");
        while world.sent.is_empty() {
            world.run_ms(1);
        }
        world.snooze(Duration::from_mins(30));
        world.run_secs(10);
        assert_eq!(world.state(), Ready);
        assert_eq!(world.sent_targets(), [Target::NotReady, Target::Ready]);
    }
}

/// The same for one that pends until the call is over.
#[test]
fn a_not_ready_that_pends_at_the_snooze_is_taken_back_after_the_call() {
    for mut world in World::gadgets() {
        world.ring();
        world.answer();
        world.run_secs(1);
        world.says("dnd");
        world.run_secs(4);
        world.snooze(Duration::from_mins(30));
        world.end();
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// A snooze survives a restart.
#[test]
fn a_snooze_outlives_the_process() {
    for mut world in World::every() {
        world.snooze(Duration::from_mins(30));
        world.restart();
        world.says("dnd");
        world.run_secs(30);
        assert_eq!(world.state(), Ready);
    }
}
