//! Histories that once broke a law, as shrinking left them.

use super::clockwork::Fault;
use super::histories::{Op, check_end, play};
use super::world::gadget_settings;
use crate::agent::AgentSettings;
use crate::finesse::{Actor, AgentState, Deployment, Target};

fn server(deployment: Deployment) -> AgentSettings {
    AgentSettings { deployment, ..AgentSettings::default() }
}

fn holds(settings: AgentSettings, history: &[(u64, Op)], delays: &[u64]) {
    if let Err(broken) = check_end(&play(settings, history, delays)) {
        panic!("{broken}");
    }
}

#[test]
fn law_10_ready_by_hand_and_a_call_at_once_is_a_choice_too() {
    let ready = Op::Human(Actor::Agent, Target::Ready);
    let history = [(111, Op::Says("dnd")), (1_600, ready), (0, Op::Ring { wrap_up: false })];
    holds(server(Deployment::Cce), &history, &[0]);
}

#[test]
fn law_10_ready_then_lunch_then_ready_and_a_call_between_two_looks() {
    let history = [
        (251, Op::Says("dnd")),
        (1_019, Op::Human(Actor::Supervisor, Target::Ready)),
        (0, Op::Human(Actor::Agent, Target::NotReady)),
        (730, Op::Human(Actor::Agent, Target::Ready)),
        (0, Op::Ring { wrap_up: false }),
    ];
    holds(server(Deployment::Cce), &history, &[0]);
}

#[test]
fn law_1_a_supervisors_choice_just_before_our_lost_request_is_not_ours() {
    let history = [
        (0, Op::Human(Actor::Supervisor, Target::NotReady)),
        (0, Op::Next(Fault::Lost)),
        (0, Op::Says("dnd")),
        (187, Op::Says("inactive")),
    ];
    holds(server(Deployment::Cce), &history, &[0]);
}

#[test]
fn law_1_wrap_up_that_ends_in_not_ready_is_not_ours() {
    let history = [
        (2_186, Op::Says("dnd")),
        (425, Op::Ring { wrap_up: true }),
        (231, Op::Says("active")),
        (338, Op::Answer),
        (573, Op::End),
        (0, Op::End),
    ];
    holds(gadget_settings(Deployment::Ccx), &history, &[0, 0, 0, 0, 0, 426]);
}

#[test]
fn law_4_a_request_that_takes_effect_twice_over_a_restart_is_still_ours() {
    let history = [(3_717, Op::Says("dnd")), (183, Op::Restart), (328, Op::Says("inactive"))];
    holds(gadget_settings(Deployment::Cce), &history, &[19, 64, 120]);
}

#[test]
fn law_4_a_new_reason_that_shows_before_its_answer_is_still_ours() {
    let history = [
        (1_000, Op::Says("call")),
        (216, Op::Says("active")),
        (229, Op::Says("dnd")),
        (76, Op::Says("meeting")),
        (572, Op::Says("active")),
    ];
    holds(gadget_settings(Deployment::Cce), &history, &[0, 88, 0, 0, 34, 0, 0, 350, 0, 0, 77]);
}

#[test]
fn law_4_what_lands_on_a_humans_ready_is_taken_back() {
    let history = [
        (925, Op::Says("dnd")),
        (125, Op::Says("meeting")),
        (150, Op::Human(Actor::Agent, Target::Ready)),
        (50, Op::Says("active")),
    ];
    holds(gadget_settings(Deployment::Cce), &history, &[0, 0, 25, 52, 52, 2, 0, 0, 124]);
}

#[test]
fn law_4_which_reason_was_pending_shows_only_after_the_call() {
    let history = [
        (0, Op::Ring { wrap_up: false }),
        (0, Op::Says("meeting")),
        (0, Op::Answer),
        (5_464, Op::Says("active")),
        (225, Op::Next(Fault::Lost)),
        (0, Op::Says("dnd")),
        (210, Op::Says("active")),
    ];
    holds(gadget_settings(Deployment::Cce), &history, &[0, 0, 0, 0, 1]);
}

#[test]
fn law_4_wrap_up_after_a_pending_not_ready_is_no_failure() {
    let history = [
        (2_000, Op::Ring { wrap_up: true }),
        (2_200, Op::Answer),
        (2_567, Op::Says("dnd")),
        (375, Op::Says("active")),
        (3, Op::End),
        (0, Op::Says("inactive")),
    ];
    holds(gadget_settings(Deployment::Cce), &history, &[377, 74]);
}

#[test]
fn law_12_looks_keep_their_pace_after_a_restart_under_way() {
    let history = [(298, Op::Says("dnd")), (20, Op::Restart), (0, Op::Next(Fault::AnswerLost))];
    holds(server(Deployment::Cce), &history, &[0]);
}

#[test]
fn law_11_the_first_want_of_another_human_is_explained_like_any() {
    let history = [
        (165, Op::Answer),
        (342, Op::Says("dnd")),
        (4_843, Op::Says("inactive")),
        (290, Op::Next(Fault::Lost)),
        (244, Op::Says("meeting")),
        (281, Op::Restart),
        (2_591, Op::SignIn),
        (946, Op::OtherPerson("dnd")),
    ];
    holds(gadget_settings(Deployment::Cce), &history, &[0, 201, 344, 101, 850, 99]);
}

#[test]
fn law_1_a_sign_in_right_after_our_request_is_not_ours() {
    let history = [
        (400, Op::Says("calendarItem")),
        (10_170, Op::Answer),
        (360, Op::Next(Fault::NotSent)),
        (70, Op::Says("dnd")),
        (1_246, Op::SignOut),
        (0, Op::Says("inactive")),
        (0, Op::SignIn),
    ];
    holds(server(Deployment::Cce), &history, &[0, 92, 70, 141, 337, 7]);
    for fault in [Fault::None, Fault::Lost, Fault::AnswerLost, Fault::CtiDrops] {
        for lead in [0, 300, 1_000, 2_600] {
            let ready = Op::Human(Actor::Agent, Target::Ready);
            let history = [
                (400, Op::SignOut),
                (3_000 - lead, Op::Next(fault)),
                (0, Op::Says("dnd")),
                (lead, Op::SignIn),
                (2_000, ready),
                (100, Op::Next(fault)),
                (0, Op::SignOut),
                (0, Op::Says("meeting")),
                (3_000, Op::SignIn),
                (20_000, Op::Says("active")),
            ];
            holds(server(Deployment::Cce), &history, &[0, 92, 70, 141, 337, 7]);
        }
    }
}

/// READY by hand 400 ms after presence became a call: the gadget has asked for the other reason.
#[test]
fn law_10_ready_by_hand_wins_over_an_exchange_that_is_under_way() {
    let ready = Op::Human(Actor::Agent, Target::Ready);
    // Presence is heard within 350 ms; READY that was pressed before that disagrees with less.
    for pause in (360..1_500).step_by(20) {
        for first in ["dnd", "meeting"] {
            let history = [(500, Op::Says(first)), (6_000, Op::Says("call")), (pause, ready)];
            let delays = [0, 83, 318, 350];
            for turn in 0..delays.len() {
                let mut delays = delays;
                delays.rotate_left(turn);
                let world = play(gadget_settings(Deployment::Cce), &history, &delays);
                let (state, decided) = (world.state(), world.agent.last_code());
                assert_eq!(state, AgentState::Ready, "{first} {pause} {turn}: {decided:?}");
            }
        }
    }
}
