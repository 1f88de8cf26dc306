//! A Finesse of one agent: states, a request queue with CTI delay, and who chose the state.

use std::time::Duration;

use crate::Time;
use crate::finesse::{
    Actor, AgentState, AgentView, Deployment, ReasonSeen, Situation, Target, Verdict,
    supervisor_code, verdict,
};

/// Nobody who has just signed out is signed in sooner: the page asks for an extension and a password,
/// and loads.
const SIGN_IN_TAKES: Duration = Duration::from_secs(3);

/// Who brought the present state about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Us,
    Agent,
    Supervisor,
    System,
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) deployment: Deployment,
    pub(super) state: AgentState,
    pub(super) author: Author,
    pub(super) reason: Option<ReasonSeen>,
    pub(super) changed_at: Time,
    pub(super) busy_elsewhere: bool,
    pub(super) pending: Option<(AgentState, Option<ReasonSeen>, Author)>,
    before_call: AgentState,
    wrap_up: bool,
    /// What an event tells of each change, until somebody publishes it.
    pub(super) changes: Vec<(AgentView, Author)>,
}

impl Model {
    pub(super) fn new(deployment: Deployment, now: Time) -> Self {
        Self {
            deployment,
            state: AgentState::Ready,
            author: Author::Agent,
            reason: None,
            changed_at: now,
            busy_elsewhere: false,
            pending: None,
            before_call: AgentState::Ready,
            wrap_up: false,
            changes: Vec::new(),
        }
    }

    pub(super) fn view(&self) -> AgentView {
        AgentView {
            state: self.state,
            pending: self.pending.as_ref().map(|(state, ..)| *state),
            reason: self.reason.clone(),
            changed_at: Some(self.changed_at),
            busy_elsewhere: Some(self.busy_elsewhere),
        }
    }

    fn verdict(&self, actor: Actor, target: Target) -> Verdict {
        let situation = Situation {
            deployment: self.deployment,
            state: self.state,
            busy_elsewhere: self.busy_elsewhere,
            pending_spent: self.pending.is_some(),
        };
        verdict(actor, target, situation)
    }

    /// Would Finesse's own check let it through (400 otherwise)?
    pub(super) fn admits(&self, actor: Actor, target: Target) -> bool {
        !matches!(self.verdict(actor, target), Verdict::Refused | Verdict::Untold)
    }

    /// CTI carries it out, or fails silently.
    pub(super) fn apply(
        &mut self,
        now: Time,
        actor: Actor,
        author: Author,
        target: Target,
        label: &str,
    ) {
        let reason = (target == Target::NotReady).then(|| self.reason_of(actor, label));
        let state = match target {
            Target::Ready => AgentState::Ready,
            Target::NotReady => AgentState::NotReady,
            Target::Logout => AgentState::Logout,
        };
        match self.verdict(actor, target) {
            Verdict::Applies => {
                // Another reason over a human's NOT_READY leaves it the human's, and what cuts wrap-up
                // short is theirs to end.
                let buries = author == Author::Us && state == AgentState::NotReady;
                let cuts = actor == Actor::Agent && self.state.is_wrap_up();
                let stays = buries && (self.state == AgentState::NotReady || cuts);
                self.change(now, state, if stays { self.author } else { author }, reason);
            }
            Verdict::Pends => {
                self.pending = Some((state, reason, author));
                self.changes.push((self.view(), self.author));
            }
            _ => {}
        }
    }

    fn reason_of(&self, actor: Actor, label: &str) -> ReasonSeen {
        match actor {
            Actor::Supervisor => ReasonSeen {
                id: Some("51".to_owned()),
                code: Some(supervisor_code(self.deployment)),
                label: Some("Supervisor Initiated".to_owned()),
            },
            Actor::Agent => ReasonSeen { id: None, code: Some(7), label: Some(label.to_owned()) },
        }
    }

    fn change(&mut self, now: Time, state: AgentState, author: Author, reason: Option<ReasonSeen>) {
        self.state = state;
        self.author = author;
        self.reason = reason;
        if !state.is_on_call() && !state.is_wrap_up() {
            self.pending = None;
        }
        // Two changes never share an instant: the platform's events have millisecond stamps.
        self.changed_at = now.max(self.changed_at.after(Duration::from_millis(1)));
        self.changes.push((self.view(), author));
    }

    // === what people and calls do ===

    pub(super) fn human(&mut self, now: Time, actor: Actor, target: Target, label: &str) -> bool {
        if !matches!(self.verdict(actor, target), Verdict::Applies | Verdict::Pends) {
            return false;
        }
        let author = match actor {
            Actor::Agent => Author::Agent,
            Actor::Supervisor => Author::Supervisor,
        };
        self.apply(now, actor, author, target, label);
        true
    }

    /// The platform itself puts the agent into this state, for this reason.
    pub(super) fn system(&mut self, now: Time, state: AgentState, code: i64, label: &str) {
        let reason = ReasonSeen { id: None, code: Some(code), label: Some(label.to_owned()) };
        self.change(now, state, Author::System, Some(reason));
    }

    pub(super) fn fail_over(&mut self, now: Time, breaks_connection: bool) {
        self.pending = None;
        let idle = matches!(self.state, AgentState::Ready | AgentState::NotReady);
        if breaks_connection && idle && self.deployment == Deployment::Cce {
            self.system(now, AgentState::NotReady, 50_002, "Connection Failure");
        } else if breaks_connection && idle {
            self.system(now, AgentState::Logout, 255, "Connection Failure");
        }
    }

    pub(super) fn sign_in(&mut self, now: Time) {
        if now.since(self.changed_at) < SIGN_IN_TAKES {
            return;
        }
        match (self.state, self.deployment) {
            (AgentState::Logout, Deployment::Ccx) => {
                self.system(now, AgentState::NotReady, 32_760, "Agent Logon");
            }
            // CCE has no code for it (Finesse notes 2.4).
            (AgentState::Logout, Deployment::Cce) => {
                self.change(now, AgentState::NotReady, Author::System, None);
            }
            _ => {}
        }
    }

    pub(super) fn ring(&mut self, now: Time, wrap_up: bool) -> bool {
        let ready = self.state == AgentState::Ready;
        if ready {
            self.wrap_up = wrap_up;
            self.before_call = AgentState::Ready;
            self.change(now, AgentState::Reserved, Author::System, None);
        }
        ready
    }

    pub(super) fn answer(&mut self, now: Time) {
        if self.state == AgentState::Reserved {
            self.change(now, AgentState::Talking, Author::System, None);
        }
    }

    pub(super) fn end(&mut self, now: Time) {
        match self.state {
            AgentState::Reserved => self.change(now, AgentState::Ready, Author::System, None),
            AgentState::Talking | AgentState::Hold => self.end_talk(now),
            AgentState::Work => self.fall_back(now, AgentState::NotReady),
            AgentState::WorkReady => self.fall_back(now, AgentState::Ready),
            _ => {}
        }
    }

    fn end_talk(&mut self, now: Time) {
        let next = self.pending.as_ref().map_or(self.before_call, |(state, ..)| *state);
        match (self.wrap_up, next, self.deployment) {
            (false, next, _) => self.fall_back(now, next),
            (true, AgentState::Ready, Deployment::Cce) => {
                self.change(now, AgentState::WorkReady, Author::System, None);
            }
            (true, _, _) => self.change(now, AgentState::Work, Author::System, None),
        }
    }

    fn fall_back(&mut self, now: Time, state: AgentState) {
        let (reason, author) = match self.pending.take() {
            Some((_, reason, author)) => (reason, author),
            None => (None, Author::System),
        };
        let expired = state == AgentState::NotReady && self.deployment == Deployment::Ccx;
        let reason = reason.or_else(|| {
            let label = Some("Wrap Up Timer Expiry".to_owned());
            expired.then_some(ReasonSeen { id: None, code: Some(32_758), label })
        });
        self.change(now, state, author, reason);
    }

    pub(super) fn rona(&mut self, now: Time) {
        if self.state == AgentState::Reserved {
            let code = if self.deployment == Deployment::Cce { 32_767 } else { 32_763 };
            self.system(now, AgentState::NotReady, code, "Call Not Answered");
        }
    }
}
