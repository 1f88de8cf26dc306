//! Whose `NOT_READY` it is: laws 1 to 3, and what the public sample gets wrong about them.

use super::world::World;
use crate::agent::Code;
use crate::finesse::{Actor, AgentState, Deployment, Target};

use AgentState::{NotReady, Ready};

/// Laws 1, 3 and 11: taken at once, released after the pause, and told why.
#[test]
fn dnd_takes_and_its_end_releases() {
    for mut world in World::every() {
        world.turn_page();
        world.says("dnd");
        world.run_secs(4);
        assert_eq!((world.state(), world.has_decided(Code::Taken)), (NotReady, true));
        world.says("active");
        world.run_secs(4);
        assert_eq!((world.state(), world.has_decided(Code::Released)), (Ready, true));
        assert_eq!(world.sent_targets(), [Target::NotReady, Target::Ready]);
    }
}

/// S4-3 to S4-7, S4-13: every built-in reason; a supervisor's request carries none.
#[test]
fn each_presence_gives_its_reason_in_the_gadget_and_the_generic_one_in_the_server() {
    for (status, label) in [
        ("dnd", "Webex DND"),
        ("call", "Webex Call"),
        ("meeting", "Webex Meeting"),
        ("presenting", "Webex Meeting"),
        ("unknown", "Webex Unavailable"),
    ] {
        for mut world in World::every() {
            world.says(status);
            world.run_secs(4);
            let gadget = world.settings.actor == Actor::Agent;
            let shown = if gadget { label } else { "Supervisor Initiated" };
            assert_eq!((world.state(), world.label()), (NotReady, Some(shown)), "{status}");
            assert_eq!(world.agent.ledger().hold.as_ref().unwrap().reason.as_ref(), label);
        }
    }
}

/// Law 3: a busy want waits for nothing, a free one for the hold-down.
#[test]
fn busy_goes_out_at_once_and_free_after_half_a_second() {
    for mut world in World::gadgets() {
        world.turn_page();
        let dnd_at = world.now;
        world.says("dnd");
        world.run_secs(4);
        let free_at = world.now;
        world.says("active");
        world.run_secs(4);
        let [taken, released] = [0, 1].map(|place| world.sent[place].0);
        assert_eq!(taken.since(dnd_at).as_millis(), 20, "the delay of the world, no more");
        assert_eq!(released.since(free_at).as_millis(), 540, "the pause, and a look");
    }
}

/// Law 3, S1-27: a dip to active between two busy presences releases nobody.
#[test]
fn a_dip_shorter_than_the_pause_is_not_seen_in_finesse() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.says("active");
        world.run_ms(300);
        world.says("dnd");
        world.run_secs(10);
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    }
}

/// Law 1, S4-9: lunch stays lunch, whatever Webex says.
#[test]
fn s4_9_a_lunch_is_not_ours_to_end() {
    for mut world in World::every() {
        world.turn_page();
        world.lunch();
        world.run_secs(4);
        world.says("dnd");
        world.run_secs(10);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.label()), (NotReady, Some("Lunch")));
        assert_eq!(world.sent_targets(), []);
        assert!(world.has_decided(Code::LeftNotOurs));
    }
}

/// Law 1, Finesse notes 6, 3: a lunch chosen while we hold the agent.
#[test]
fn a_lunch_chosen_while_held_ends_the_hold() {
    for world in World::every() {
        let mut world = world.held();
        world.turn_page();
        world.lunch();
        world.run_secs(4);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.label()), (NotReady, Some("Lunch")));
        assert_eq!(world.sent_targets(), []);
        assert!(world.has_decided(Code::HoldLost));
    }
}

/// Law 1, Finesse notes 6, 1: a call that was not answered leaves the agent as the platform says.
#[test]
fn rona_is_not_ours_to_end() {
    for mut world in World::every() {
        world.turn_page();
        world.ring();
        world.run_secs(4);
        world.says("meeting");
        world.run_secs(4);
        world.model.rona(world.now);
        world.run_secs(10);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.label()), (NotReady, Some("Call Not Answered")));
        assert_eq!(world.sent_targets(), []);
    }
}

/// Law 1: signing in, losing the desktop, a phone that fails: the platform's own reasons.
#[test]
fn what_the_platform_sets_is_not_ours_to_end() {
    for (code, label) in
        [(32_760, "Agent Logon"), (50_002, "Connection Failure"), (32_759, "Phone Failure")]
    {
        for world in World::every() {
            let mut world = world.held();
            world.turn_page();
            world.model.system(world.now, NotReady, code, label);
            world.run_secs(10);
            world.says("active");
            world.settle();
            assert_eq!((world.state(), world.label()), (NotReady, Some(label)));
            assert_eq!(world.sent_targets(), []);
        }
    }
}

/// Law 1, Finesse notes 6, 2: a human supervisor's `NOT_READY` shows the very code that ours shows.
#[test]
fn a_human_supervisors_not_ready_is_not_ours_though_it_looks_the_same() {
    for mut world in World::servers() {
        world.turn_page();
        world.human(Actor::Supervisor, Target::NotReady);
        world.run_secs(4);
        assert!(
            world
                .agent
                .view()
                .unwrap()
                .reason
                .as_ref()
                .unwrap()
                .is_supervisor(world.model.deployment)
        );
        world.says("dnd");
        world.run_secs(10);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    }
}

/// The same while we hold the agent: released by hand, then set by the supervisor. Only the time
/// of the change tells.
#[test]
fn a_supervisor_who_sets_not_ready_anew_while_we_hold_is_respected() {
    for world in World::servers() {
        let mut world = world.held();
        world.turn_page();
        world.ready_by_hand();
        world.run_ms(100);
        world.human(Actor::Supervisor, Target::NotReady);
        world.run_secs(10);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
        assert!(world.has_decided(Code::HoldLost));
    }
}

/// S4-D1, W2, law 1: "everything else" is never READY; here no status at all is.
#[test]
fn s4_d1_no_status_makes_an_agent_ready_whom_we_do_not_hold() {
    for status in ["active", "inactive", "ooo", "calendarItem", "busy", "pending", "brand-new", ""]
    {
        for mut world in World::every() {
            world.lunch();
            world.run_secs(4);
            world.turn_page();
            world.says(status);
            world.settle();
            assert_eq!((world.state(), world.sent.len()), (NotReady, 0), "{status:?}");
        }
    }
}

/// S4-D2: in the sample's server mode DND and then a call made the agent READY during the call.
#[test]
fn s4_d2_a_call_after_dnd_stays_not_ready_in_server_mode() {
    for status in ["call", "presenting", "unknown"] {
        for world in World::servers() {
            let mut world = world.held();
            world.turn_page();
            world.says(status);
            world.settle();
            assert_eq!((world.state(), world.sent.len()), (NotReady, 0), "{status}");
            world.says("active");
            world.run_secs(4);
            assert_eq!(world.state(), Ready);
        }
    }
}

/// Law 8: what changed is only the reason; the agent's own request can tell it, once.
#[test]
fn another_busy_presence_exchanges_the_reason_in_the_gadget() {
    for world in World::gadgets() {
        let mut world = world.held();
        world.turn_page();
        world.says("meeting");
        world.settle();
        assert_eq!((world.state(), world.label()), (NotReady, Some("Webex Meeting")));
        assert_eq!(world.sent_targets(), [Target::NotReady]);
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
    }
}

/// S4-D7: a meeting that only stands in the calendar neither takes nor releases.
#[test]
fn s4_d7_a_calendar_meeting_leaves_alone() {
    for mut world in World::every() {
        world.turn_page();
        world.says_with("meeting", Some("calendar"));
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (Ready, 0));
        let mut world = world.held();
        world.turn_page();
        world.says_with("meeting", None);
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
        assert!(world.has_decided(Code::HeldLeftAlone));
    }
}

/// Law 2, Finesse notes 6, 6: the first look at a `NOT_READY` agent releases nothing.
#[test]
fn the_first_look_is_not_a_change() {
    for mut world in World::every() {
        world.lunch();
        world.run_secs(4);
        world.turn_page();
        world.restart();
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    }
}

/// Law 2: a READY agent who is found busy at start-up is taken, like any other.
#[test]
fn found_busy_at_start_up_is_taken() {
    for mut world in [World::server(Deployment::Ccx), World::gadget(Deployment::Cce)] {
        world.says("meeting");
        world.run_secs(4);
        assert_eq!(world.state(), NotReady);
        assert!(world.agent.ledger().hold.is_some());
    }
}

/// Finesse notes 6, 21: nobody who is signed out is touched, and signing in is not a change.
#[test]
fn a_signed_out_agent_is_left_alone_until_they_go_ready_themselves() {
    for world in World::every() {
        let mut world = world.held();
        world.human(Actor::Agent, Target::Logout);
        world.run_secs(4);
        world.turn_page();
        world.says("meeting");
        world.run_secs(4);
        assert!(world.has_decided(Code::LeftSignedOut));
        world.model.sign_in(world.now);
        world.run_secs(4);
        world.says("active");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 0));
    }
}
