//! How a state changes: by request, by force, by fail-over; and what the history says of it.

use jiff::Timestamp;

use super::Centre;
use super::cti::{self, CtiError, Effect, Situation};
use super::history::{EVENT_LIMIT, EventKind, HISTORY_LIMIT, HistoryEntry, push_bounded};
use super::reasons::Category;
use super::state::{AgentState, Deployment, Via, Wish};
use super::system_codes;
use super::user::{Call, Cause, Ending, Order, Phase, Reason, Stamp, Standing, User};

impl Centre {
    /// Carries out a change this instant, past the queue: a hard phone, another desktop.
    pub(crate) fn apply_now(
        &mut self,
        login_id: &str,
        order: &Order,
        at: Timestamp,
    ) -> Result<(), CtiError> {
        let Some(user) = self.user(login_id) else { return Ok(()) };
        let situation = Situation {
            deployment: self.deployment,
            state: user.now.state,
            busy_elsewhere: user.busy_elsewhere(),
            asked_during_call: user.call.as_ref().is_some_and(|call| call.asked),
        };
        let effect = cti::decide(order.cause.by, situation, &order.wish)?;
        match effect {
            Effect::Nothing => self.note(login_id, EventKind::Nothing, &order.cause, at, None),
            Effect::Now(state) => {
                let reason = self.reason_for(order, state);
                self.sign(login_id, &order.wish, state);
                self.enter(login_id, Standing { state, reason }, &order.cause, at);
            }
            Effect::Pending(state) => {
                let reason = self.reason_for(order, state);
                self.set_pending(login_id, Standing { state, reason }, &order.cause, at);
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, login_id: &str, order: &Order, ending: &Ending, at: Timestamp) {
        let failed = match ending {
            Ending::Dropped => {
                self.note(login_id, EventKind::Dropped, &order.cause, at, None);
                return;
            }
            Ending::Error(error) => Err(error.clone()),
            Ending::Table => self.apply_now(login_id, order, at),
        };
        if let Err(error) = failed {
            self.note(login_id, EventKind::Error, &order.cause, at, Some(error));
        }
    }

    /// Puts a user into any state, bound by no rule. A call or wrap-up in progress is over; a state of
    /// a call comes with a call, a forced wrap-up with no timer.
    pub(crate) fn force(
        &mut self,
        login_id: &str,
        standing: Standing,
        cause: &Cause,
        at: Timestamp,
    ) {
        let call = call_of(standing.state);
        if let Some(user) = self.user_mut(login_id) {
            user.call = call;
        }
        self.enter(login_id, standing, cause, at);
    }

    /// The contact centre fails over: queued requests and pending states are lost; on CCX whoever
    /// talks has LOGOUT pending (Finesse notes 1.9, 1.10). All states are published again.
    pub(crate) fn fail_over(&mut self, at: Timestamp) {
        self.forget_queues();
        let ids: Vec<String> = self.users.keys().cloned().collect();
        let cause = Cause::system(Via::Failover);
        let ccx = self.deployment == Deployment::Uccx;
        for id in ids {
            let Some(user) = self.user_mut(&id) else { continue };
            user.pending = None;
            if ccx && matches!(user.now.state, AgentState::Talking | AgentState::Hold) {
                user.pending = Some(Standing { state: AgentState::Logout, reason: Reason::None });
            }
            if user.now.state != AgentState::Logout {
                self.note(&id, EventKind::Republished, &cause, at, None);
            }
        }
    }

    /// The state changes to `standing`; everything that belonged to the old state ends with it.
    pub(super) fn enter(
        &mut self,
        login_id: &str,
        standing: Standing,
        cause: &Cause,
        at: Timestamp,
    ) {
        let Some(user) = self.user_mut(login_id) else { return };
        let from = user.now.state;
        user.now = standing;
        user.since = Some(at);
        user.pending = None;
        user.after_wrap_up = None;
        if !belongs_to_call(user) {
            user.call = None;
        }
        self.record(login_id, EventKind::State, from, cause, at, None);
    }

    /// The state stays in the call, `standing` follows it.
    fn set_pending(&mut self, login_id: &str, standing: Standing, cause: &Cause, at: Timestamp) {
        let Some(user) = self.user_mut(login_id) else { return };
        user.pending = Some(standing);
        if let Some(call) = &mut user.call {
            call.asked = true;
        }
        self.note(login_id, EventKind::Pending, cause, at, None);
    }

    fn sign(&mut self, login_id: &str, wish: &Wish, state: AgentState) {
        let Some(user) = self.user_mut(login_id) else { return };
        if let Wish::Login { extension } = wish
            && state == AgentState::NotReady
        {
            user.extension.clone_from(extension);
        }
        if state == AgentState::Logout {
            user.call = None;
        }
    }

    /// What the reason becomes: the one named, or the stamp of who acted (Finesse notes 1.3, 1.5, 1.6).
    fn reason_for(&self, order: &Order, state: AgentState) -> Reason {
        if let Some(reason) = &order.reason {
            return Reason::Code(reason.clone());
        }
        let ccx = self.deployment == Deployment::Uccx;
        let category = match state {
            AgentState::NotReady => Category::NotReady,
            AgentState::Logout => Category::Logout,
            _ => return Reason::None,
        };
        let code = match (order.stamp, &order.wish) {
            (Stamp::Supervisor, _) => system_codes::supervisor_stamp(self.deployment, category),
            (Stamp::Own, Wish::Login { .. }) if ccx => 32_760,
            (Stamp::Own, Wish::Logout) if ccx => 32_766,
            (Stamp::Own, Wish::NotReady) => return Reason::Zero,
            (Stamp::Own, _) => return Reason::None,
        };
        Reason::of(self.reasons.system(category, code))
    }

    /// Records something that left the state as it was.
    pub(super) fn note(
        &mut self,
        login_id: &str,
        kind: EventKind,
        cause: &Cause,
        at: Timestamp,
        error: Option<CtiError>,
    ) {
        let Some(user) = self.user(login_id) else { return };
        let from = user.now.state;
        self.record(login_id, kind, from, cause, at, error);
    }

    fn record(
        &mut self,
        login_id: &str,
        kind: EventKind,
        from: AgentState,
        cause: &Cause,
        at: Timestamp,
        error: Option<CtiError>,
    ) {
        let seq = self.draw_seq();
        let Some(user) = self.users.get_mut(login_id) else { return };
        let shown = user.pending.as_ref().filter(|_| kind == EventKind::Pending);
        let entry = HistoryEntry {
            seq,
            time: at,
            user: login_id.to_owned(),
            kind,
            from,
            to: user.now.state,
            pending_state: user.pending_state(),
            reason: shown.unwrap_or(&user.now).reason.view(),
            by: cause.by,
            via: cause.via,
            actor: cause.actor.clone(),
            request_id: cause.request_id.clone(),
            error,
        };
        push_bounded(&mut user.history, entry.clone(), HISTORY_LIMIT);
        push_bounded(&mut self.events, entry, EVENT_LIMIT);
    }
}

/// The call that a state tells of, as if the agent had been READY before.
fn call_of(state: AgentState) -> Option<Call> {
    let phase = match state {
        AgentState::Reserved => Phase::Ringing,
        AgentState::ReservedOutbound => Phase::Reserved,
        AgentState::ReservedOutboundPreview => Phase::Preview,
        AgentState::Talking => Phase::Talking,
        AgentState::Hold => Phase::Held,
        _ => return None,
    };
    let before = Standing { state: AgentState::Ready, reason: Reason::None };
    Some(Call { phase, routed: true, wrap_up: false, wrap_up_for: None, before, asked: false })
}

fn belongs_to_call(user: &User) -> bool {
    use AgentState as S;
    match user.now.state {
        S::Reserved | S::ReservedOutbound | S::ReservedOutboundPreview | S::Talking | S::Hold => {
            true
        }
        // A call that was not routed leaves the state alone while it rings, and on CCX throughout.
        S::NotReady => user.busy_elsewhere() || rings_unrouted(user),
        S::Ready => rings_unrouted(user),
        _ => false,
    }
}

fn rings_unrouted(user: &User) -> bool {
    user.call.as_ref().is_some_and(|call| !call.routed && call.phase == Phase::Ringing)
}
