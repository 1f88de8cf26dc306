//! What is worth a second look in a row.

use std::time::Duration;

use super::{Glance, Writer};
use crate::Time;
use crate::agent::Code;
use crate::finesse::AgentState;
use crate::rules::Wanted;

/// How long state and wish may differ before the row says so: a request, its answer and the poll
/// that shows the effect take this long on a good day.
pub const MISMATCH_AFTER: Duration = Duration::from_secs(10);

/// One mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Webex has not been heard for too long.
    Stale,
    /// State and wish differ, and nothing that was decided explains it.
    Mismatch,
    /// Left Ready for the team's staffing floor.
    Spared,
    /// Left alone by the agent's or a supervisor's wish.
    Snoozed,
    /// Nothing is touched, only told.
    DryRun,
    /// Finesse lists no such reason.
    ReasonMissing,
    /// Finesse does not let us act, or will not take the request.
    Refused,
    /// Nobody in Webex is known for this agent.
    NotInWebex,
    /// Signed in, and no gadget is there to act.
    NoGadget,
    /// The whole team is left alone for a while.
    Paused,
}

impl Mark {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Mismatch => "mismatch",
            Self::Spared => "spared",
            Self::Snoozed => "snoozed",
            Self::DryRun => "dry_run",
            Self::ReasonMissing => "reason_missing",
            Self::Refused => "refused",
            Self::NotInWebex => "not_in_webex",
            Self::NoGadget => "no_gadget",
            Self::Paused => "paused",
        }
    }
}

impl Glance<'_> {
    /// The marks, in a fixed order.
    pub fn marks(&self) -> Vec<Mark> {
        let signed_in = self.view.is_some_and(|view| view.state != AgentState::Logout);
        let spared = self.want.is_some_and(|want| want.spared);
        let refused = matches!(self.code, Some(Code::NotPermitted | Code::RefusedForGood));
        let marks = [
            (Mark::Stale, self.stale),
            (Mark::Mismatch, self.mismatch_at().is_some_and(|at| at <= self.now)),
            (Mark::Spared, spared),
            (Mark::Snoozed, self.ledger.snoozed_until.is_some()),
            (Mark::DryRun, self.dry_run),
            (Mark::ReasonMissing, self.code == Some(Code::ReasonMissing)),
            (Mark::Refused, refused),
            (Mark::NotInWebex, !self.in_webex),
            (Mark::NoGadget, signed_in && !self.dry_run && self.writer == Writer::Nobody),
            (Mark::Paused, self.paused),
        ];
        marks.into_iter().filter_map(|(mark, is)| is.then_some(mark)).collect()
    }

    /// When state and wish will have differed for too long, where they differ without an
    /// explanation: nobody chose it, nobody asked for peace, and no call is waited for.
    pub fn mismatch_at(&self) -> Option<Time> {
        let (want, view) = (self.want?, self.view?);
        let explained = self.dry_run
            || self.paused
            || want.spared
            || self.ledger.quiet.is_some()
            || self.ledger.snoozed_until.is_some()
            || self.code == Some(Code::IgnoredContactCall);
        let differs = match want.wanted {
            Wanted::NotReady { .. } => view.state == AgentState::Ready,
            Wanted::Free => {
                let held = self.ledger.hold.as_ref().is_some_and(|hold| !hold.pending);
                held && view.state == AgentState::NotReady
            }
            Wanted::Ignore => false,
        };
        let since = self.changed_at.map_or(want.at, |changed| changed.max(want.at));
        (differs && !explained).then(|| since.after(MISMATCH_AFTER))
    }
}
