use std::time::Duration;

use super::AgentSettings;
use crate::Time;
use crate::finesse::AgentView;
use crate::presence::Want;

/// The customer's call and its Webex echo (law 6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Call {
    /// A call is at the agent now, as far as was seen.
    under_way: bool,
    /// When the last one was over.
    ended_at: Option<Time>,
    /// When the state began that was seen first: a call may have ended then, before we were there.
    may_have_ended_at: Option<Time>,
    /// Presence was heard before; what is heard first may have begun before we were there.
    heard: bool,
    echo: Echo,
}

/// What we make of a `call` presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Echo {
    /// Presence is no call.
    #[default]
    None,
    /// It began then; no customer's call has been seen with it so far.
    Own { began: Time },
    /// It is the customer's call, seen from the other side.
    Contact,
}

/// Whether a `call` presence counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Yes,
    /// Ignored; it may count from then on, or after a call that is not over yet.
    NotBefore(Option<Time>),
}

impl Call {
    /// A `call` that is heard first may be the echo of a call from before a restart.
    pub(super) fn wanted(&mut self, want: &Want) {
        let first = !std::mem::replace(&mut self.heard, true);
        if !want.may_be_contact_call {
            self.echo = Echo::None;
        } else if self.echo == Echo::None {
            let contact = self.under_way || first;
            self.echo = if contact { Echo::Contact } else { Echo::Own { began: want.at } };
        }
    }

    /// Another human is spoken of from now on.
    pub(super) fn forget_presence(&mut self) {
        self.heard = false;
        self.echo = Echo::None;
    }

    /// Takes in what Finesse shows first.
    pub(super) fn seen_first(&mut self, view: &AgentView, since: Time) {
        if !view.state.is_on_call() {
            self.may_have_ended_at = Some(since);
        }
    }

    /// Takes in what Finesse shows; `since` is when that state began, on our clock.
    pub(super) fn seen(&mut self, now: Time, view: &AgentView, since: Time, lead: Duration) {
        let on_call = view.state.is_on_call();
        if self.under_way && !on_call {
            self.ended_at = Some(now);
        }
        if on_call
            && !self.under_way
            && let Echo::Own { began } = self.echo
            && since.min(now) <= began.after(lead)
        {
            self.echo = Echo::Contact;
        }
        self.under_way = on_call;
    }

    /// Was no call seen at the agent since then?
    pub(super) fn none_since(&self, time: Time) -> bool {
        !self.under_way && self.ended_at.is_none_or(|ended| ended < time)
    }

    pub(super) fn counts(&self, now: Time, settings: &AgentSettings) -> Counts {
        if self.echo != Echo::Contact {
            return Counts::Yes;
        }
        if self.under_way {
            return Counts::NotBefore(None);
        }
        let ended = self.ended_at.or(self.may_have_ended_at);
        let from = ended.map_or(now, |ended| ended.after(settings.call_grace));
        if now >= from { Counts::Yes } else { Counts::NotBefore(Some(from)) }
    }
}
