use super::Agent;
use crate::Time;
use crate::finesse::AgentState;
use crate::presence::Want;

/// The last instant that a browser's clock can show, in milliseconds.
const END_OF_TIME: u64 = 8_640_000_000_000_000;

/// What an agent who wants to be left alone waits for. It stands in the ledger as a time, so that a
/// side that knows only times takes it for a very long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snooze {
    /// Until then.
    Until(Time),
    /// Until presence says something else than it does now.
    UntilPresenceChanges,
    /// Until the agent signs in the next time.
    UntilSignIn,
}

impl Snooze {
    /// As it stands in the ledger.
    pub const fn as_time(self) -> Time {
        match self {
            Self::Until(time) => time,
            Self::UntilPresenceChanges => Time::from_millis(END_OF_TIME - 1),
            Self::UntilSignIn => Time::from_millis(END_OF_TIME),
        }
    }

    /// What a time in the ledger stands for.
    pub fn of(time: Time) -> Self {
        [Self::UntilPresenceChanges, Self::UntilSignIn]
            .into_iter()
            .find(|snooze| snooze.as_time() == time)
            .unwrap_or(Self::Until(time))
    }
}

impl Agent {
    /// Something is heard of presence; what is heard first is no change (law 2).
    pub(super) fn end_snooze_by_presence(&mut self, new: &Want) {
        let changed = self.want.as_ref().is_some_and(|last| last.facts != new.facts);
        if changed {
            self.end_snooze(Snooze::UntilPresenceChanges);
        }
    }

    /// Finesse shows another state than `last`.
    pub(super) fn end_snooze_by_sign_in(&mut self, last: AgentState) {
        let now = self.view().map(|view| view.state);
        let out = [AgentState::Logout, AgentState::Unknown];
        if last == AgentState::Logout && now.is_some_and(|now| !out.contains(&now)) {
            self.end_snooze(Snooze::UntilSignIn);
        }
    }

    fn end_snooze(&mut self, ends: Snooze) {
        if self.ledger.snoozed_until == Some(ends.as_time()) {
            self.ledger.end_snooze();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snooze_comes_back_from_the_ledger_as_it_went_in() {
        let until = Snooze::Until(Time::from_millis(1_800_000));
        for snooze in [until, Snooze::UntilPresenceChanges, Snooze::UntilSignIn] {
            assert_eq!(Snooze::of(snooze.as_time()), snooze);
        }
    }
}
