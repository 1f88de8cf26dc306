use serde::{Deserialize, Serialize};

use crate::Time;
use crate::finesse::AgentState;
use crate::presence::Want;

/// What was decided, as a stable word for logs, journals and alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// `NOT_READY` is asked for.
    Taking,
    /// Our `NOT_READY` was seen: the agent is held.
    Taken,
    /// `READY` is asked for.
    Releasing,
    /// The agent left `NOT_READY` by our request: the hold is over.
    Released,
    /// Held already, and busy still.
    StaysHeld,
    /// Held; the rules say to leave alone.
    HeldLeftAlone,
    /// A hold from before a restart was found unchanged.
    Restored,
    /// `NOT_READY` with one of our labels and no ledger was made a hold.
    Adopted,
    /// Ready, free, not held: nothing to do.
    NothingToDo,
    /// The rules say to leave this presence alone.
    LeftByRule,
    /// Left READY: the team would fall below its staffing floor.
    Spared,
    /// `NOT_READY` by somebody else's choice.
    LeftNotOurs,
    /// Not signed in, or a state that we do not know.
    LeftSignedOut,
    /// The agent wants to be left alone.
    LeftSnoozed,
    /// A human chose otherwise: quiet until presence changes.
    LeftHumanChose,
    /// Waits for the end of the customer's call.
    WaitsForCall,
    /// Waits for the end of wrap-up.
    WaitsForWrapUp,
    /// Waits until a call outside the contact centre is over.
    WaitsForOtherCall,
    /// The Webex call is the customer's call seen from the other side.
    IgnoredContactCall,
    /// What was remembered for after the call is no longer wanted.
    Dropped,
    /// Somebody changed what we had set: the hold is gone.
    HoldLost,
    /// Our request came on top of what others did, of which nothing was heard yet: not held.
    Crossed,
    /// Finesse shows no time of change: not released, because nobody can tell whose it is.
    CannotTell,
    /// Finesse refused the request in this state.
    RefusedByState,
    /// We may not act for this agent.
    NotPermitted,
    /// Finesse will not take such a request.
    RefusedForGood,
    /// Finesse lists no reason with this label for the agent.
    ReasonMissing,
    /// Finesse could not be reached, or did not answer; tried again later.
    FinesseUnavailable,
    /// Accepted, but no effect was seen in time.
    NoEffect,
    /// Dry run: it would have been asked for.
    DryRun,
}

impl Code {
    /// Every code, for tables and for reading one.
    pub const ALL: [Self; 30] = [
        Self::Taking,
        Self::Taken,
        Self::Releasing,
        Self::Released,
        Self::StaysHeld,
        Self::HeldLeftAlone,
        Self::Restored,
        Self::Adopted,
        Self::NothingToDo,
        Self::LeftByRule,
        Self::Spared,
        Self::LeftNotOurs,
        Self::LeftSignedOut,
        Self::LeftSnoozed,
        Self::LeftHumanChose,
        Self::WaitsForCall,
        Self::WaitsForWrapUp,
        Self::WaitsForOtherCall,
        Self::IgnoredContactCall,
        Self::Dropped,
        Self::HoldLost,
        Self::Crossed,
        Self::CannotTell,
        Self::RefusedByState,
        Self::NotPermitted,
        Self::RefusedForGood,
        Self::ReasonMissing,
        Self::FinesseUnavailable,
        Self::NoEffect,
        Self::DryRun,
    ];

    /// Reads the word; a code of a later release is `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }

    /// Was everything as it should be, as far as we may act? What is done after that without
    /// another want repairs a drift.
    pub const fn is_settled(self) -> bool {
        matches!(
            self,
            Self::Taken | Self::Released | Self::StaysHeld | Self::Restored | Self::NothingToDo
        )
    }

    /// Does it tell of a change of Lockstep's own, which a dry run only tells of?
    pub const fn acts(self) -> bool {
        matches!(
            self,
            Self::Taking | Self::Taken | Self::Releasing | Self::Released | Self::StaysHeld
        )
    }

    /// The word, as in logs and journals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taking => "taking",
            Self::Taken => "taken",
            Self::Releasing => "releasing",
            Self::Released => "released",
            Self::StaysHeld => "stays_held",
            Self::HeldLeftAlone => "held_left_alone",
            Self::Restored => "restored",
            Self::Adopted => "adopted",
            Self::NothingToDo => "nothing_to_do",
            Self::LeftByRule => "left_by_rule",
            Self::Spared => "spared",
            Self::LeftNotOurs => "left_not_ours",
            Self::LeftSignedOut => "left_signed_out",
            Self::LeftSnoozed => "left_snoozed",
            Self::LeftHumanChose => "left_human_chose",
            Self::WaitsForCall => "waits_for_call",
            Self::WaitsForWrapUp => "waits_for_wrap_up",
            Self::WaitsForOtherCall => "waits_for_other_call",
            Self::IgnoredContactCall => "ignored_contact_call",
            Self::Dropped => "dropped",
            Self::HoldLost => "hold_lost",
            Self::Crossed => "crossed",
            Self::CannotTell => "cannot_tell",
            Self::RefusedByState => "refused_by_state",
            Self::NotPermitted => "not_permitted",
            Self::RefusedForGood => "refused_for_good",
            Self::ReasonMissing => "reason_missing",
            Self::FinesseUnavailable => "finesse_unavailable",
            Self::NoEffect => "no_effect",
            Self::DryRun => "dry_run",
        }
    }
}

/// One explained outcome (law 11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When, on our clock.
    pub at: Time,
    /// What.
    pub code: Code,
    /// From which want, where there is one.
    pub want: Option<Want>,
    /// The state that Finesse had shown last.
    pub state: Option<AgentState>,
    /// Is the agent held by us, now that this is decided?
    pub held: bool,
    /// The sentence for people.
    pub text: String,
}
