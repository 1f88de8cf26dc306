//! Requests and what becomes of them: laws 4, 7, 8, 11 and 12.

use super::clockwork::Fault;
use super::world::{World, gadget_settings};
use crate::agent::{AgentSettings, Answer, Code, Input};
use crate::finesse::{AgentState, Deployment, Target};

use AgentState::{NotReady, Ready};

/// W9: with the sample, DND and its end 100 ms later left 13 of 20 agents stuck in `NOT_READY`.
#[test]
fn w9_dnd_that_ends_after_100_ms_never_leaves_an_agent_stuck() {
    for latency in (50..=350).step_by(10) {
        for settings in [AgentSettings::default(), gadget_settings(Deployment::Ccx)] {
            for delays in [vec![latency], vec![latency, 50, 350], vec![50, latency, 200, 350]] {
                let mut world = World::new(settings.clone(), &delays).ready();
                world.says("dnd");
                world.run_ms(100);
                world.says("active");
                world.settle();
                assert_eq!(world.state(), Ready, "{delays:?}");
            }
        }
    }
}

/// Law 4, Finesse notes 6, 19: one request under way, and the last intent wins.
#[test]
fn a_burst_ends_where_its_last_word_says() {
    for (last, state) in [("active", Ready), ("meeting", NotReady)] {
        for mut world in World::every() {
            world.delays = vec![310, 20, 170];
            for status in ["dnd", "active", "call", "meeting", "active", "dnd", last] {
                world.says(status);
                world.run_ms(90);
            }
            world.settle();
            assert_eq!(world.state(), state, "{last}");
        }
    }
}

/// Law 12, S0-18: as many wants as one likes: few requests, one entry in the ledger.
#[test]
fn jitter_is_bounded() {
    for mut world in World::every() {
        world.turn_page();
        for turn in 0..200 {
            world.says(if turn % 2 == 0 { "dnd" } else { "active" });
            world.run_ms(50);
        }
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready);
        assert!(world.sent.len() <= 4, "{} requests", world.sent.len());
    }
}

/// Law 7, Finesse notes 6, 16: 202 and silence; after 20 s it is said, looked at and tried again.
#[test]
fn accepted_and_never_applied_is_tried_again_after_20_seconds() {
    for mut world in World::every() {
        world.turn_page();
        world.next_fault = Fault::CtiDrops;
        world.says("dnd");
        world.run_secs(15);
        assert_eq!((world.state(), world.sent.len()), (Ready, 1));
        world.run_secs(10);
        assert!(world.has_decided(Code::NoEffect));
        assert_eq!((world.state(), world.sent.len()), (NotReady, 2));
        let [first, second] = [0, 1].map(|place| world.sent[place].0);
        assert!(second.since(first).as_millis() >= 20_500, "after a pause");
    }
}

/// Law 7: an answer that says nothing: what was applied is seen, and not asked for twice.
#[test]
fn an_unknown_answer_is_resolved_by_looking() {
    for mut world in World::every() {
        world.turn_page();
        world.next_fault = Fault::AnswerLost;
        world.says("dnd");
        world.settle();
        assert_eq!((world.state(), world.sent.len()), (NotReady, 1));
        world.says("active");
        world.run_secs(4);
        assert_eq!(world.state(), Ready, "and it was ours");
    }
}

/// Law 7: and what was not applied is asked for again.
#[test]
fn an_unknown_answer_without_effect_is_repeated() {
    for mut world in World::every() {
        world.turn_page();
        world.next_fault = Fault::Lost;
        world.says("dnd");
        world.run_secs(10);
        assert_eq!((world.state(), world.sent.len()), (NotReady, 2));
    }
}

/// Finesse is away for two minutes: few attempts, and the last intent when it is back.
#[test]
fn an_outage_is_waited_out_with_growing_pauses() {
    for mut world in World::every() {
        world.turn_page();
        world.answers = Some(Answer::NotSent);
        world.says("dnd");
        world.run_secs(120);
        assert!((5..=12).contains(&world.sent.len()), "{} attempts", world.sent.len());
        assert_eq!(world.ledger.claim, None, "none of them can have an effect");
        world.answers = None;
        world.run_secs(31);
        assert_eq!(world.state(), NotReady);
    }
}

/// Law 8, Finesse notes 6, 9: refused in this state: looked at before anything else is done.
#[test]
fn a_refusal_by_state_is_followed_by_a_look() {
    for mut world in World::servers() {
        world.turn_page();
        world.lunch();
        world.says("dnd");
        world.settle();
        assert_eq!((world.label(), world.sent.len()), (Some("Lunch"), 1));
        assert!(world.has_decided(Code::RefusedByState));
    }
}

/// S4-D4, Finesse notes 6, 22: no reason to send: said once, not in a loop, not by moving about.
#[test]
fn s4_d4_a_request_that_finesse_will_not_take_is_not_repeated() {
    for mut world in World::gadgets() {
        world.turn_page();
        world.answers = Some(Answer::Refused);
        world.says("dnd");
        world.run_secs(200);
        world.ring();
        world.run_secs(1);
        world.end();
        world.run_secs(60);
        assert_eq!((world.state(), world.sent.len()), (Ready, 1));
        assert_eq!(world.agent.last_code(), Some(Code::RefusedForGood));
        world.answers = None;
        world.step(Input::TryAgain);
        world.run_secs(1);
        assert_eq!((world.state(), world.label()), (NotReady, Some("Webex DND")));
    }
}

/// Finesse notes 6, 28: not our agent: nothing more is sent until the teams were read again.
#[test]
fn not_permitted_pauses_until_it_may_be_otherwise() {
    for mut world in World::servers() {
        world.turn_page();
        world.answers = Some(Answer::NotPermitted);
        world.says("dnd");
        world.run_secs(30);
        world.ring();
        world.run_secs(4);
        world.end();
        world.run_secs(240);
        assert_eq!((world.state(), world.sent.len()), (Ready, 1));
        assert!(world.has_decided(Code::NotPermitted));
        world.answers = None;
        world.step(Input::TryAgain);
        world.run_secs(4);
        assert_eq!(world.state(), NotReady);
    }
}

/// Dry run: each want is told once, nobody is held and nothing is released.
#[test]
fn a_dry_run_tells_each_want_once_and_holds_nobody() {
    for mut world in World::every() {
        world.turn_page();
        world.answers = Some(Answer::DryRun);
        world.says("dnd");
        world.run_secs(1_000);
        assert_eq!((world.sent.len(), world.has_decided(Code::DryRun)), (1, true));
        world.says("meeting");
        world.run_secs(10);
        assert_eq!(world.sent.len(), 2);
        world.says("active");
        world.settle();
        assert_eq!((world.sent_targets().len(), world.state()), (2, Ready));
        assert!(world.ledger.is_empty(), "{:?}", world.ledger);
    }
}

/// Finesse notes 6, 20: what is so already is not asked for.
#[test]
fn what_is_so_already_is_not_asked_for() {
    for mut world in World::every() {
        world.turn_page();
        world.says("inactive");
        world.says("active");
        world.run_secs(10);
        assert_eq!(world.sent.len(), 0, "READY and free");
        let mut world = world.held();
        world.turn_page();
        world.repeats(0);
        world.says("dnd");
        world.run_secs(10);
        assert_eq!(world.sent.len(), 0, "held, and busy still");
    }
}

/// Looks that fail: asked for again at a growing pace, and nothing is sent blindly.
#[test]
fn nothing_is_released_without_a_look() {
    let mut world = World::server(Deployment::Cce).ready().held();
    world.run_secs(2);
    world.turn_page();
    world.looks_fail = 3;
    world.says("active");
    world.run_ms(700);
    assert_eq!(world.sent.len(), 0);
    assert!(world.has_decided(Code::FinesseUnavailable));
    world.run_secs(6);
    assert_eq!(world.state(), Ready);
}

/// Law 11: whatever was sent has its decision beside it, with the presence it follows from.
#[test]
fn every_request_has_its_reason() {
    for world in World::every() {
        let mut world = world.held();
        world.says("active");
        world.run_secs(4);
        for (at, request) in &world.sent {
            let code = if request.target == Target::Ready { Code::Releasing } else { Code::Taking };
            let told = world.decisions.iter().find(|told| told.at == *at && told.code == code);
            let told = told.unwrap_or_else(|| panic!("{request:?} without a decision"));
            let status = told.want.as_ref().unwrap().facts.get("status").unwrap();
            assert!(told.text.contains(status), "{}", told.text);
        }
    }
}
