//! The words in which a day is written.

use std::time::Duration;

use serde_json::{Value, json};

/// An agent, by place in the table.
pub(super) type Who = usize;

/// Something happens, and then everybody is where they should be.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// The time of the story.
    pub(super) clock: &'static str,
    pub(super) title: &'static str,
    pub(super) caption: &'static str,
    pub(super) acts: Vec<Act>,
    /// Who is to be where at the end; whoever is not named stays and is not touched.
    pub(super) expect: Vec<Expect>,
    /// For so long nothing may happen at the end.
    pub(super) quiet: Duration,
    /// The table's picture is taken at the end.
    pub(super) pictured: bool,
    /// The picture of this agent's desktop is.
    pub(super) desktop_pictured: Option<Who>,
}

/// One thing that people or the network do, or that is waited for.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Somebody's presence changes in Webex.
    Presence(Who, Value),
    /// Somebody sets a state by hand in Finesse.
    State(Who, Value),
    /// Something happens to a customer's call.
    Call(Who, Value),
    /// The feed is cut.
    Cut,
    /// The server is to decide this about somebody, before the story goes on.
    Until(Who, &'static str),
    /// The server is to have read everybody's state since the last act.
    Polled,
    /// The feed is to be live, or lost for as long as makes it stale.
    Feed(FeedIs),
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FeedIs {
    Live,
    Stale,
}

/// Where somebody is to be.
#[derive(Debug, Clone)]
pub(super) struct Expect {
    pub(super) who: Who,
    pub(super) state: &'static str,
    pub(super) reason: Option<&'static str>,
    pub(super) held: bool,
    /// The code of the last decision; none where it does not matter.
    pub(super) code: Option<&'static str>,
    /// The states on the way, through the whole scene.
    pub(super) path: Vec<&'static str>,
    /// A part of the sentence on the agent's own desktop; none where nobody looks.
    pub(super) says: Option<&'static str>,
    /// What differs where the agent's own desktop acts.
    desk: Desk,
}

/// What an agent's own desktop does otherwise than the server.
#[derive(Debug, Clone, Default)]
struct Desk {
    reason: Option<&'static str>,
    code: Option<&'static str>,
    path: Option<Vec<&'static str>>,
    /// A change is asked for during the call already, and follows when it ends.
    pending: bool,
}

/// Who sets somebody's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    /// The server, as the supervisor, with Finesse's generic reason.
    Server,
    /// The gadget on the agent's own desktop, with the right reason.
    Gadget,
}

// === impl Scene ===

impl Scene {
    pub(super) fn at(clock: &'static str, title: &'static str, caption: &'static str) -> Self {
        Self {
            clock,
            title,
            caption,
            acts: Vec::new(),
            expect: Vec::new(),
            quiet: Duration::ZERO,
            pictured: false,
            desktop_pictured: None,
        }
    }

    pub(super) fn acts(mut self, acts: impl IntoIterator<Item = Act>) -> Self {
        self.acts.extend(acts);
        self
    }

    pub(super) fn ends(mut self, expect: impl IntoIterator<Item = Expect>) -> Self {
        self.expect.extend(expect);
        self
    }

    pub(super) const fn then_quiet_for(mut self, millis: u64) -> Self {
        self.quiet = Duration::from_millis(millis);
        self
    }

    pub(super) const fn desktop_pictured(mut self, who: Who) -> Self {
        self.desktop_pictured = Some(who);
        self
    }

    pub(super) const fn pictured(mut self) -> Self {
        self.pictured = true;
        self
    }
}

// === impl Expect ===

impl Expect {
    const fn new(who: Who, state: &'static str) -> Self {
        let desk = Desk { reason: None, code: None, path: None, pending: false };
        Self {
            who,
            state,
            reason: None,
            held: false,
            code: None,
            path: Vec::new(),
            says: None,
            desk,
        }
    }

    pub(super) const fn because(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(super) fn by(mut self, path: &[&'static str]) -> Self {
        self.path = path.to_vec();
        self
    }

    /// The agent's own desktop says so, in these words among others.
    pub(super) const fn says(mut self, words: &'static str) -> Self {
        self.says = Some(words);
        self
    }

    /// The agent's own desktop decides so, and goes this way.
    pub(super) fn at_desk(mut self, code: &'static str, path: &[&'static str]) -> Self {
        self.desk.code = Some(code);
        self.desk.path = Some(path.to_vec());
        self
    }

    /// The agent's own desktop asks for Not Ready during the call, which UCCE keeps for its end.
    pub(super) const fn pending_at_desk(mut self) -> Self {
        self.desk.pending = true;
        self
    }

    /// The same place, and nothing on the way.
    pub(super) fn stays(&self) -> Self {
        let desk = Desk { code: None, path: None, ..self.desk.clone() };
        Self { path: Vec::new(), code: None, desk, ..self.clone() }
    }

    /// What is expected where this hand acts.
    pub(super) fn by_hand(&self, hand: Hand) -> Self {
        let mut expect = self.clone();
        if hand == Hand::Gadget {
            let desk = std::mem::take(&mut expect.desk);
            expect.held |= desk.pending;
            expect.reason = desk.reason.or(expect.reason);
            expect.code = desk.code.or(expect.code);
            expect.path = desk.path.unwrap_or(expect.path);
        }
        expect
    }
}

/// In this state, by nobody's hold.
pub(super) const fn is(who: Who, state: &'static str) -> Expect {
    Expect::new(who, state)
}

/// Ready.
pub(super) const fn ready(who: Who) -> Expect {
    Expect::new(who, "READY")
}

/// Not Ready, held by Lockstep: with this reason where the agent's own desktop acts, otherwise with
/// the generic one of a supervisor's change.
pub(super) fn held(who: Who, label: &'static str) -> Expect {
    let reason = Some("Supervisor Initiated");
    let desk = Desk { reason: Some(label), ..Desk::default() };
    Expect { reason, held: true, desk, ..Expect::new(who, "NOT_READY") }
}

/// Not Ready by somebody's choice.
pub(super) fn not_ready(who: Who, reason: &'static str) -> Expect {
    Expect { reason: Some(reason), ..Expect::new(who, "NOT_READY") }
}

// === acts ===

/// Webex's own word for what somebody does.
pub(super) fn webex(who: Who, status: &str) -> Act {
    Act::Presence(who, json!({ "status": status }))
}

/// In a Webex meeting, not only in a calendar entry.
pub(super) fn online_meeting(who: Who) -> Act {
    Act::Presence(who, json!({ "status": "meeting", "meetingType": "online" }))
}

/// The agent's own choice.
pub(super) fn chooses(who: Who, state: &str, reason: Option<&str>) -> Act {
    Act::State(who, json!({ "state": state, "reason": reason, "by": "agent" }))
}

/// A human supervisor's choice.
pub(super) fn supervisor_sets(who: Who, state: &str) -> Act {
    Act::State(who, json!({ "state": state, "by": "supervisor" }))
}

/// A customer's call: ring, answer, end, rona.
pub(super) fn customer(who: Who, event: &str) -> Act {
    Act::Call(who, json!({ "event": event }))
}

/// The call ends and wrap-up of this length follows.
pub(super) fn hangs_up_with_wrap_up(who: Who, millis: u64) -> Act {
    Act::Call(who, json!({ "event": "end", "wrap_up": true, "wrap_up_ms": millis }))
}
