//! Random histories, shrunk when one breaks a law.

use proptest::prelude::*;

use super::clockwork::Fault;
use super::finesse_model::Author;
pub(super) use super::ops::{Op, play};
use super::world::{World, gadget_settings};
use crate::agent::AgentSettings;
use crate::finesse::{Actor, AgentState, Deployment, Target};
use crate::rules::Wanted;

fn op() -> impl Strategy<Value = Op> {
    let status = prop::sample::select(vec![
        "active",
        "active",
        "dnd",
        "meeting",
        "call",
        "inactive",
        "unknown",
        "calendarItem",
        "ooo",
    ]);
    prop_oneof![
        10 => status.prop_map(Op::Says),
        2 => (0u8..4).prop_map(Op::Repeats),
        2 => Just(Op::Human(Actor::Agent, Target::Ready)),
        2 => Just(Op::Human(Actor::Agent, Target::NotReady)),
        1 => Just(Op::Human(Actor::Supervisor, Target::Ready)),
        1 => Just(Op::Human(Actor::Supervisor, Target::NotReady)),
        1 => Just(Op::SignOut),
        2 => Just(Op::SignIn),
        3 => any::<bool>().prop_map(|wrap_up| Op::Ring { wrap_up }),
        3 => Just(Op::Answer),
        3 => Just(Op::End),
        1 => Just(Op::Rona),
        2 => Just(Op::Restart),
        1 => Just(Op::LoseLedger),
        2 => prop::sample::select(vec![
            Fault::AnswerLost, Fault::Lost, Fault::NotSent, Fault::CtiDrops,
        ]).prop_map(Op::Next),
        1 => (1u8..4).prop_map(Op::LooksFail),
        1 => (0u8..60).prop_map(Op::Snooze),
        1 => Just(Op::Unsnooze),
        1 => Just(Op::Reconnect),
        1 => prop::sample::select(vec!["active", "dnd", "call", "calendarItem"])
            .prop_map(Op::OtherPerson),
        1 => Just(Op::Reconcile),
        2 => any::<(bool, bool)>().prop_map(|(loses_queue, breaks_connection)| {
            Op::FailOver { loses_queue, breaks_connection }
        }),
    ]
}

fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0u64..400, 3 => 400u64..3_000, 1 => 3_000u64..40_000]
}

fn history() -> impl Strategy<Value = Vec<(u64, Op)>> {
    prop::collection::vec((pause(), op()), 1..30)
}

fn delays() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![5 => 0u64..350, 1 => 350u64..1_500], 1..20)
}

/// Law 4: when the world is quiet, the agent is where the last want and the laws put them.
pub(super) fn check_end(world: &World) -> Result<(), TestCaseError> {
    let wanted = world.last_wanted();
    let (state, author) = (world.model.state, world.model.author);
    prop_assert!(!world.agent.is_busy(), "law 4: a request is under way for ever");
    match wanted {
        Some(Wanted::NotReady { .. }) => {
            let quiet = world.agent.ledger().quiet.is_some();
            prop_assert!(
                state != AgentState::Ready || quiet,
                "law 4: READY while busy, last decided {:?}",
                world.agent.last_code()
            );
        }
        Some(Wanted::Free) => {
            prop_assert!(
                !(state == AgentState::NotReady && author == Author::Us)
                    || world.laws.ambiguous
                    || world.laws.given_away,
                "law 4: still NOT_READY by us while free, last decided {:?}",
                world.agent.last_code()
            );
        }
        _ => {}
    }
    // What was under way when the ledger was lost may land at any time, and nobody knows it.
    if world.laws.human_has_the_last_word() && !world.laws.given_away {
        prop_assert!(author != Author::Us, "law 10: our state stands against a human's choice");
    }
    Ok(())
}

/// `PROPTEST_CASES` asks for more histories by hand; 20,000 take half a minute per mode.
fn configuration() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(3_000),
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn laws_1_to_12_hold_in_server_mode(
        history in history(), delays in delays(), ccx in any::<bool>(),
    ) {
        let deployment = if ccx { Deployment::Ccx } else { Deployment::Cce };
        let settings = AgentSettings { deployment, ..AgentSettings::default() };
        check_end(&play(settings, &history, &delays))?;
    }

    #[test]
    fn laws_1_to_12_hold_with_the_agents_own_rights(
        history in history(), delays in delays(), ccx in any::<bool>(),
    ) {
        let deployment = if ccx { Deployment::Ccx } else { Deployment::Cce };
        check_end(&play(gadget_settings(deployment), &history, &delays))?;
    }
}
