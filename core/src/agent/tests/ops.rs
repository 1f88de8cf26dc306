//! What may happen in a history, and how it is played.

use std::time::Duration;

use super::clockwork::Fault;
use super::world::World;
use crate::agent::{AgentSettings, Input};
use crate::finesse::{Actor, Target};

#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    Says(&'static str),
    Repeats(u8),
    Human(Actor, Target),
    SignOut,
    SignIn,
    Ring { wrap_up: bool },
    Answer,
    End,
    Rona,
    Restart,
    LoseLedger,
    Next(Fault),
    LooksFail(u8),
    Snooze(u8),
    Unsnooze,
    Reconnect,
    OtherPerson(&'static str),
    Reconcile,
    FailOver { loses_queue: bool, breaks_connection: bool },
}

fn apply(world: &mut World, op: Op) {
    let now = world.now;
    match op {
        Op::Says(status) => world.says(status),
        Op::Repeats(back) => world.repeats(usize::from(back)),
        Op::Human(actor, target) => world.human(actor, target),
        Op::SignOut => {
            world.model.human(now, Actor::Agent, Target::Logout, "");
        }
        Op::SignIn => world.model.sign_in(now),
        Op::Ring { wrap_up } => {
            world.model.ring(now, wrap_up);
        }
        Op::Answer => world.model.answer(now),
        Op::End => world.model.end(now),
        Op::Rona => world.model.rona(now),
        Op::Restart => world.restart(),
        Op::LoseLedger => world.restart_without_ledger(),
        Op::Next(fault) => world.next_fault = fault,
        Op::LooksFail(times) => world.looks_fail = u32::from(times),
        Op::Snooze(secs) => world.snooze(Duration::from_secs(secs.into())),
        Op::Unsnooze => world.unsnooze(),
        Op::Reconnect => world.reconnect(),
        Op::OtherPerson(status) => world.other_person(status),
        Op::Reconcile => world.step(Input::Reconcile { since: now }),
        Op::FailOver { loses_queue, breaks_connection } => {
            world.fail_over(loses_queue, breaks_connection);
        }
    }
}

pub(super) fn play(settings: AgentSettings, history: &[(u64, Op)], delays: &[u64]) -> World {
    let mut world = World::new(settings, delays);
    world.says("active");
    world.run(Duration::from_secs(4));
    for (pause, op) in history {
        world.run_ms(*pause);
        apply(&mut world, *op);
    }
    world.next_fault = Fault::None;
    world.looks_fail = 0;
    world.settle();
    // Calls come to an end; then everything else does.
    for _ in 0..3 {
        let now = world.now;
        world.model.end(now);
        world.settle();
    }
    world
}
