//! Histories by number, the same wherever they are played: what a browser's build of the core
//! decides must be what any other build decides.

use std::fmt::Write as _;

use super::clockwork::Fault;
use super::ops::{Op, play};
use super::world::gadget_settings;
use crate::finesse::{Actor, Deployment, Target};

/// Steps of one history, at most.
const LONGEST: u64 = 40;
const STATUSES: [&str; 9] =
    ["active", "active", "dnd", "meeting", "call", "inactive", "unknown", "calendarItem", "ooo"];

/// Plays the history of this number with the agent's own rights, and tells in a line what was
/// decided and asked for: how much of each, and a digest of every word of it.
pub fn history(number: u64) -> String {
    let mut dice = Dice(number);
    let deployment = if dice.below(2) == 0 { Deployment::Cce } else { Deployment::Ccx };
    let delays: Vec<u64> = (0..=dice.below(20)).map(|_| dice.delay()).collect();
    let steps: Vec<(u64, Op)> =
        (0..=dice.below(LONGEST)).map(|_| (dice.pause(), dice.op())).collect();
    let world = play(gadget_settings(deployment), &steps, &delays);
    let mut digest = Digest(0xcbf2_9ce4_8422_2325);
    // It takes everything, so it never fails.
    let _ = write!(digest, "{:?} {:?} {:?}", world.decisions, world.sent, world.ledger);
    let Digest(digest) = digest;
    format!("{number} {} {} {digest:016x}", world.decisions.len(), world.sent.len())
}

/// FNV-1a.
struct Digest(u64);

impl std::fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let place = usize::try_from(self.below(all.len() as u64)).unwrap_or_default();
        all[place]
    }

    fn small(&mut self, end: u64) -> u8 {
        u8::try_from(self.below(end)).unwrap_or_default()
    }

    fn delay(&mut self) -> u64 {
        if self.below(6) < 5 { self.below(350) } else { 350 + self.below(1_150) }
    }

    fn pause(&mut self) -> u64 {
        match self.below(8) {
            0..=3 => self.below(400),
            4..=6 => 400 + self.below(2_600),
            _ => 3_000 + self.below(37_000),
        }
    }

    fn op(&mut self) -> Op {
        match self.below(40) {
            0..=9 => Op::Says(self.one_of(&STATUSES)),
            10..=11 => Op::Repeats(self.small(4)),
            12..=14 => Op::Human(Actor::Agent, Target::Ready),
            15..=16 => Op::Human(Actor::Agent, Target::NotReady),
            17 => Op::Human(Actor::Supervisor, self.one_of(&[Target::Ready, Target::NotReady])),
            18 => Op::SignOut,
            19..=20 => Op::SignIn,
            21..=22 => Op::Ring { wrap_up: self.below(2) == 0 },
            23..=24 => Op::Answer,
            25..=26 => Op::End,
            27 => Op::Rona,
            28..=29 => Op::Restart,
            30 => Op::LoseLedger,
            31..=32 => Op::Next(self.one_of(&[
                Fault::AnswerLost,
                Fault::Lost,
                Fault::NotSent,
                Fault::CtiDrops,
            ])),
            33 => Op::LooksFail(1 + self.small(3)),
            34..=35 => Op::Snooze(self.small(60)),
            36 => Op::Unsnooze,
            37 => Op::Reconnect,
            38 => Op::Reconcile,
            _ => Op::FailOver {
                loses_queue: self.below(2) == 0,
                breaks_connection: self.below(2) == 0,
            },
        }
    }
}
