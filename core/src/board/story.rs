//! A span of one agent's time out of the decisions that were kept: bands on one axis, and minutes.
//!
//! What was so is known from decision to decision; in between it is taken to have stayed so.

use crate::Time;
use crate::agent::Code;
use crate::finesse::AgentState;
use crate::presence::{Busy, Facts};
use crate::rules::Wanted;
use crate::why::{Entry, Side};

use super::words;

/// A piece of a band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// From then on.
    pub from: Time,
    /// Until then.
    pub to: Time,
    /// What was so.
    pub text: String,
    /// The same as a word for a machine: Finesse's state, or the kind of presence.
    pub name: &'static str,
    /// Held by us.
    pub held: bool,
}

/// Somebody acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Time,
    /// Who: `server`, `gadget`, or `agent` where somebody chose whom Finesse does not tell.
    pub side: &'static str,
    /// What.
    pub text: String,
}

/// How long what was so, in milliseconds, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Signed in.
    pub signed_in: u64,
    /// In a Webex call while signed in.
    pub call: u64,
    /// In a Webex meeting, or presenting, while signed in.
    pub meeting: u64,
    /// Do not disturb while signed in.
    pub dnd: u64,
    /// With a presence that Webex did not tell, while signed in.
    pub unavailable: u64,
    /// Would have been Ready while Webex was busy, had nobody acted.
    pub exposed_before: u64,
    /// Was Ready while Webex was busy.
    pub exposed_after: u64,
    /// Holds taken.
    pub holds: u64,
    /// Holds released.
    pub released: u64,
    /// Holds that a dry run would have taken.
    pub would_take: u64,
    /// Holds that a dry run would have released.
    pub would_release: u64,
}

/// Each decision and until when it was the last one; `entries` are oldest first, the first of them
/// perhaps from before `from`.
fn pieces(entries: &[Entry], from: Time, to: Time) -> impl Iterator<Item = (Time, Time, &Entry)> {
    let ends = entries.iter().skip(1).map(|next| next.at).chain([to]);
    entries
        .iter()
        .zip(ends)
        .map(move |(entry, end)| (entry.at.max(from), end.min(to), entry))
        .filter(|(begin, end, _)| begin < end)
}

/// Presence over time.
pub fn presence_band(entries: &[Entry], from: Time, to: Time) -> Vec<Piece> {
    joined(pieces(entries, from, to).filter_map(|(from, to, entry)| {
        let presence = entry.presence.as_ref()?;
        let text = words::presence(&presence.facts).to_owned();
        Some(Piece { from, to, text, name: words::presence_kind(&presence.facts), held: false })
    }))
}

/// States over time.
pub fn state_band(entries: &[Entry], from: Time, to: Time) -> Vec<Piece> {
    joined(pieces(entries, from, to).filter_map(|(from, to, entry)| {
        let (state, held) = (entry.state?, entry.held.as_ref());
        // The decision that tells of a release was made on the state that follows it.
        let shown = entry.reason.as_deref().or(held.map(|held| &*held.reason));
        let label = words::state(state);
        let text = match shown.filter(|_| state == AgentState::NotReady) {
            Some(reason) => [label, " (", reason, ")"].concat(),
            None => label.to_owned(),
        };
        Some(Piece { from, to, text, name: state.as_str(), held: held.is_some() })
    }))
}

/// Neighbours that say the same are one.
fn joined(pieces: impl Iterator<Item = Piece>) -> Vec<Piece> {
    let mut band: Vec<Piece> = Vec::new();
    for piece in pieces {
        match band.last_mut() {
            Some(last)
                if last.to == piece.from
                    && (&last.text, last.name, last.held)
                        == (&piece.text, piece.name, piece.held) =>
            {
                last.to = piece.to;
            }
            _ => band.push(piece),
        }
    }
    band
}

/// Who acted, at or after `from`.
pub fn acts(entries: &[Entry], from: Time) -> Vec<Act> {
    let acts = entries.iter().filter(|entry| entry.at >= from).filter_map(|entry| {
        let ours = match entry.side {
            Side::Server => "server",
            Side::Gadget => "gadget",
        };
        let reason = entry.held.as_ref().map_or("", |held| &held.reason);
        let (side, text) = match entry.code? {
            Code::Taken => (ours, ["Not Ready for ", reason].concat()),
            Code::Released => (ours, "Ready again".to_owned()),
            Code::HoldLost | Code::LeftHumanChose | Code::LeftNotOurs | Code::Crossed => {
                let state = entry.state.map_or("another state", words::state);
                ("agent", ["Chose ", state].concat())
            }
            Code::DryRun if entry.trial => (ours, "Would have acted (dry run)".to_owned()),
            _ => return None,
        };
        Some(Act { at: entry.at, side, text })
    });
    acts.collect()
}

/// Sums up a span. In a dry run the states are those that Finesse would have shown, so what is
/// exposed after is what would have been.
pub fn sums(entries: &[Entry], from: Time, to: Time) -> Sums {
    let (mut sums, mut would_be_held) = (Sums::default(), false);
    for (begin, end, entry) in pieces(entries, from, to) {
        let ms = end.as_millis().saturating_sub(begin.as_millis());
        would_be_held = entry.trial && is_held_after(entry.code).unwrap_or(would_be_held);
        let signed_in = entry
            .state
            .is_some_and(|state| !matches!(state, AgentState::Logout | AgentState::Unknown));
        if !signed_in {
            continue;
        }
        sums.signed_in += ms;
        if let Some(presence) = &entry.presence {
            sums.count(&presence.facts, ms);
        }
        if !entry.wanted.as_ref().is_some_and(Wanted::is_busy) {
            continue;
        }
        let ready = entry.state == Some(AgentState::Ready);
        let held = entry.held.as_ref().is_some_and(|held| held.from == AgentState::Ready);
        sums.exposed_after += if ready { ms } else { 0 };
        sums.exposed_before += if ready || held || would_be_held { ms } else { 0 };
    }
    for entry in entries.iter().filter(|entry| entry.at >= from && entry.at < to) {
        let (taken, released) = if entry.trial {
            (&mut sums.would_take, &mut sums.would_release)
        } else {
            (&mut sums.holds, &mut sums.released)
        };
        *taken += u64::from(entry.code == Some(Code::Taken));
        *released += u64::from(entry.code == Some(Code::Released));
    }
    sums
}

/// Is the agent held once this is decided, where the decision tells?
const fn is_held_after(code: Option<Code>) -> Option<bool> {
    match code {
        Some(
            Code::Taken
            | Code::StaysHeld
            | Code::Restored
            | Code::Adopted
            | Code::HeldLeftAlone
            | Code::Releasing,
        ) => Some(true),
        Some(
            Code::Released
            | Code::NothingToDo
            | Code::HoldLost
            | Code::Crossed
            | Code::LeftHumanChose
            | Code::LeftNotOurs
            | Code::LeftSignedOut
            | Code::LeftSnoozed,
        ) => Some(false),
        _ => None,
    }
}

impl Sums {
    /// Counts a presence; an appointment in the calendar is none that anybody is in.
    fn count(&mut self, facts: &Facts, ms: u64) {
        let sum = match Busy::of(facts) {
            Some(Busy::Call) => &mut self.call,
            Some(Busy::Meeting) if facts.get("status") != Some("calendarItem") => &mut self.meeting,
            Some(Busy::Dnd) => &mut self.dnd,
            Some(Busy::Unavailable) => &mut self.unavailable,
            Some(Busy::Meeting) | None => return,
        };
        *sum += ms;
    }

    /// Adds another agent's.
    pub fn add(&mut self, other: &Self) {
        self.signed_in += other.signed_in;
        self.call += other.call;
        self.meeting += other.meeting;
        self.dnd += other.dnd;
        self.unavailable += other.unavailable;
        self.exposed_before += other.exposed_before;
        self.exposed_after += other.exposed_after;
        self.holds += other.holds;
        self.released += other.released;
        self.would_take += other.would_take;
        self.would_release += other.would_release;
    }
}
