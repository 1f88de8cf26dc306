//! How the way to Finesse and CTI behind it are just now.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;

/// Can Finesse be reached?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Yes.
    Open,
    /// 503 to everything.
    OutOfService,
    /// Nothing comes back.
    Silent,
}

/// Chances are per mille.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Can it be reached?
    pub reach: Reach,
    /// The longest way, in one direction.
    pub slowest: Duration,
    /// A question is answered 500.
    pub question_fails: u32,
    /// An answer, to whatever, never comes.
    pub answer_lost: u32,
    /// A change is answered 500 and not done.
    pub fails_before: u32,
    /// A change is answered 500 and done.
    pub fails_after: u32,
    /// A change is answered with a 400 that repetition does not mend; nothing is done.
    pub refused_oddly: u32,
    /// CTI swallows a change.
    pub cti_drops: u32,
    /// CTI refuses a change.
    pub cti_fails: u32,
    /// CTI's slowest answer.
    pub cti_slowest: Duration,
}

/// What becomes of the answer to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It comes.
    Comes,
    /// 500, nothing done.
    FailsBefore,
    /// 500, done.
    FailsAfter,
    /// 400, nothing done.
    RefusedOddly,
    /// It never comes.
    AnswerLost,
}

/// What CTI does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cti {
    AsItShould,
    Drops,
    Fails,
}

impl Weather {
    /// Nothing goes wrong.
    pub const FINE: Self = Self {
        reach: Reach::Open,
        slowest: Duration::from_millis(60),
        question_fails: 0,
        answer_lost: 0,
        fails_before: 0,
        fails_after: 0,
        refused_oddly: 0,
        cti_drops: 0,
        cti_fails: 0,
        cti_slowest: Duration::from_millis(120),
    };

    pub(super) fn half_way(&self, random: &mut StdRng) -> Duration {
        let slowest = u64::try_from(self.slowest.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(random.random_range(1..=slowest.max(1)))
    }

    pub(super) fn question_fails(&self, random: &mut StdRng) -> bool {
        strikes(self.question_fails, random)
    }

    pub(super) fn answer_is_lost(&self, random: &mut StdRng) -> bool {
        strikes(self.answer_lost, random)
    }

    pub(super) fn fate(&self, random: &mut StdRng) -> Fate {
        let fates = [
            (self.fails_before, Fate::FailsBefore),
            (self.fails_after, Fate::FailsAfter),
            (self.refused_oddly, Fate::RefusedOddly),
            (self.answer_lost, Fate::AnswerLost),
        ];
        fates.into_iter().find(|(chance, _)| strikes(*chance, random)).map_or(Fate::Comes, |f| f.1)
    }

    pub(super) fn cti(&self, random: &mut StdRng) -> Cti {
        if strikes(self.cti_drops, random) {
            Cti::Drops
        } else if strikes(self.cti_fails, random) {
            Cti::Fails
        } else {
            Cti::AsItShould
        }
    }

    pub(super) fn cti_delay(&self, random: &mut StdRng) -> Duration {
        let slowest = u64::try_from(self.cti_slowest.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(random.random_range(20..=slowest.max(20)))
    }
}

fn strikes(per_mille: u32, random: &mut StdRng) -> bool {
    per_mille > 0 && random.random_range(0..1000) < per_mille
}
