use std::time::Duration;

use crate::finesse::FinesseError;

/// What the next change meets instead of the rules.
#[derive(Debug)]
pub enum Script {
    /// This answer, and nothing happens.
    Fail(FinesseError),
    /// This answer, although the change is applied: a 500 or a lost answer after the fact.
    ApplyAndFail(FinesseError),
    /// Accepted, and then nothing happens: CTI refused, which only a look can show.
    Lose,
    /// Accepted by the rules, and applied only after this time.
    ApplyAfter(Duration),
    /// Answered by the rules, after this time.
    AnswerAfter(Duration),
}

/// The port's reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Read {
    /// `system`
    System,
    /// `users`
    Users,
    /// `team`
    Team,
    /// `look`
    Look,
    /// `identify`
    Identify,
}
