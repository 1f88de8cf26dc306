//! Calls, and what they make of an agent's state (Finesse notes 1.3, 1.10).

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Centre;
use super::history::EventKind;
use super::reasons::Category;
use super::state::{AgentState, Deployment, Via};
use super::system_codes;
use super::timers::{Timer, later};
use super::user::{Call, Cause, Phase, Reason, Standing, User, WrapUpMode};

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEvent {
    /// It rings at the agent.
    Ring,
    /// A campaign reserves the agent.
    Reserve,
    /// A preview campaign shows the agent a customer.
    Preview,
    /// The agent dials out by hand; not routed.
    Dial,
    /// The agent answers, or the reservation is connected.
    Answer,
    /// Put on hold.
    Hold,
    /// Taken from hold.
    Resume,
    /// Hung up; while it rings: withdrawn.
    End,
    /// Rang too long (redirect on no answer).
    Rona,
}

/// A call event with its circumstances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallOrder {
    pub(crate) event: CallEvent,
    /// Wrap-up follows this call; kept once said.
    pub(crate) wrap_up: Option<bool>,
    pub(crate) wrap_up_for: Option<Duration>,
    /// Routed by the contact centre; `Some(false)`: a call of the agent's own.
    pub(crate) routed: Option<bool>,
}

impl Centre {
    /// Lets a call event happen, or says in a sentence why it cannot.
    pub(crate) fn call(
        &mut self,
        login_id: &str,
        order: &CallOrder,
        at: Timestamp,
    ) -> Result<(), String> {
        let user = self.user(login_id).ok_or_else(|| format!("there is no user {login_id}"))?;
        let state = user.now.state;
        if order.wrap_up == Some(true) && user.wrap_up_mode == WrapUpMode::None {
            return Err(format!("{login_id} has no wrap-up: it is configured as NOT_ALLOWED"));
        }
        let phase = user.call.as_ref().map(|call| call.phase);
        match (order.event, phase) {
            (CallEvent::Ring | CallEvent::Reserve | CallEvent::Preview | CallEvent::Dial, None) => {
                self.begin(login_id, order, at)?;
            }
            (CallEvent::Answer, Some(Phase::Ringing | Phase::Reserved | Phase::Preview)) => {
                self.keep_wishes(login_id, order);
                self.talk(login_id, at);
            }
            (CallEvent::Hold, Some(Phase::Talking)) => {
                self.keep_wishes(login_id, order);
                self.turn(login_id, Phase::Held, AgentState::Hold, at);
            }
            (CallEvent::Resume, Some(Phase::Held)) => {
                self.keep_wishes(login_id, order);
                self.turn(login_id, Phase::Talking, AgentState::Talking, at);
            }
            (CallEvent::End, Some(_)) => {
                self.keep_wishes(login_id, order);
                self.end_call(login_id, at);
            }
            (CallEvent::Rona, Some(Phase::Ringing)) => self.not_answered(login_id, at),
            (event, phase) => return Err(misfit(login_id, state, event, phase)),
        }
        Ok(())
    }

    fn begin(&mut self, login_id: &str, order: &CallOrder, at: Timestamp) -> Result<(), String> {
        let ccx = self.deployment == Deployment::Uccx;
        let Some(user) = self.user_mut(login_id) else { return Ok(()) };
        let state = user.now.state;
        let routed = order.routed.unwrap_or(order.event != CallEvent::Dial);
        let fits = match (routed, state) {
            (true, AgentState::Ready) => true,
            (false, AgentState::Ready | AgentState::NotReady) => order.event != CallEvent::Reserve,
            _ => false,
        };
        if !fits {
            return Err(format!(
                "a call cannot reach {login_id}: they are {state}, and only READY agents are rung"
            ));
        }
        let (phase, enters) = match order.event {
            CallEvent::Reserve => (Phase::Reserved, Some(AgentState::ReservedOutbound)),
            CallEvent::Preview => (Phase::Preview, Some(AgentState::ReservedOutboundPreview)),
            CallEvent::Dial => (Phase::Talking, (!ccx).then_some(AgentState::Talking)),
            _ => (Phase::Ringing, routed.then_some(AgentState::Reserved)),
        };
        user.call = Some(Call {
            phase,
            routed,
            wrap_up: order.wrap_up.unwrap_or(false),
            wrap_up_for: order.wrap_up_for,
            before: user.now.clone(),
            asked: false,
        });
        if order.event == CallEvent::Dial && ccx {
            self.talk(login_id, at);
        } else if let Some(state) = enters {
            self.show(login_id, state, at);
        } else {
            self.note(login_id, EventKind::Call, &Cause::system(Via::Call), at, None);
        }
        Ok(())
    }

    fn keep_wishes(&mut self, login_id: &str, order: &CallOrder) {
        let Some(call) = self.user_mut(login_id).and_then(|user| user.call.as_mut()) else {
            return;
        };
        call.wrap_up = order.wrap_up.unwrap_or(call.wrap_up);
        call.wrap_up_for = order.wrap_up_for.or(call.wrap_up_for);
        call.routed = order.routed.unwrap_or(call.routed);
    }

    fn talk(&mut self, login_id: &str, at: Timestamp) {
        let ccx = self.deployment == Deployment::Uccx;
        let Some(user) = self.user_mut(login_id) else { return };
        let Some(call) = &mut user.call else { return };
        call.phase = Phase::Talking;
        if !call.routed {
            call.before = user.now.clone();
        }
        if call.routed || !ccx {
            self.show(login_id, AgentState::Talking, at);
        } else if user.now.state == AgentState::NotReady {
            // No state event: only the team's mediaState shows the call (1.10).
            self.note(login_id, EventKind::Call, &Cause::system(Via::Call), at, None);
        } else {
            let reason = Reason::of(self.reasons.system(Category::NotReady, 32_761));
            let standing = Standing { state: AgentState::NotReady, reason };
            self.enter(login_id, standing, &Cause::system(Via::Call), at);
        }
    }

    /// The call turns to another phase; CCX shows TALKING throughout.
    fn turn(&mut self, login_id: &str, phase: Phase, shown: AgentState, at: Timestamp) {
        let ccx = self.deployment == Deployment::Uccx;
        let Some(call) = self.user_mut(login_id).and_then(|user| user.call.as_mut()) else {
            return;
        };
        call.phase = phase;
        if ccx {
            self.note(login_id, EventKind::Call, &Cause::system(Via::Call), at, None);
        } else {
            self.show(login_id, shown, at);
        }
    }

    /// Enters a state of the call; what is pending stays pending.
    fn show(&mut self, login_id: &str, state: AgentState, at: Timestamp) {
        let Some(user) = self.user_mut(login_id) else { return };
        let pending = user.pending.take();
        let standing = Standing { state, reason: Reason::None };
        self.enter_with_pending(login_id, standing, pending, at);
    }

    fn enter_with_pending(
        &mut self,
        login_id: &str,
        standing: Standing,
        pending: Option<Standing>,
        at: Timestamp,
    ) {
        self.enter(login_id, standing, &Cause::system(Via::Call), at);
        if pending.is_some()
            && let Some(user) = self.user_mut(login_id)
        {
            user.pending = pending;
        }
    }

    fn not_answered(&mut self, login_id: &str, at: Timestamp) {
        let code = system_codes::call_not_answered(self.deployment);
        let reason = Reason::of(self.reasons.system(Category::NotReady, code));
        if let Some(user) = self.user_mut(login_id) {
            user.call = None;
        }
        let standing = Standing { state: AgentState::NotReady, reason };
        self.enter(login_id, standing, &Cause::system(Via::Call), at);
    }

    fn end_call(&mut self, login_id: &str, at: Timestamp) {
        let ccx = self.deployment == Deployment::Uccx;
        let Some(user) = self.user_mut(login_id) else { return };
        let Some(call) = user.call.take() else { return };
        let next = user.pending.take().unwrap_or_else(|| call.before.clone());
        let silent = !call.routed
            && (ccx || call.phase == Phase::Ringing)
            && user.now.state == call.before.state;
        if silent {
            self.note(login_id, EventKind::Call, &Cause::system(Via::Call), at, None);
        } else if wraps_up(user, &call, ccx) && next.state != AgentState::Logout {
            self.wrap_up(login_id, next, call.wrap_up_for, at);
        } else {
            self.enter(login_id, next, &Cause::system(Via::Call), at);
        }
    }

    /// WORK leads to `NOT_READY`, `WORK_READY` to READY; CCX knows WORK only (1.3).
    fn wrap_up(&mut self, login_id: &str, next: Standing, lasts: Option<Duration>, at: Timestamp) {
        let ready = next.state == AgentState::Ready;
        let state = if ready && self.deployment == Deployment::Ucce {
            AgentState::WorkReady
        } else {
            AgentState::Work
        };
        let standing = Standing { state, reason: Reason::None };
        self.enter(login_id, standing, &Cause::system(Via::Call), at);
        let mark = self.draw_seq();
        let ends = later(at, lasts.unwrap_or(self.wrap_up_for));
        if let Some(user) = self.user_mut(login_id) {
            user.after_wrap_up = Some((next, mark));
        }
        self.set_timer(ends, login_id, Timer::WrapUp(mark));
    }
}

fn misfit(login_id: &str, state: AgentState, event: CallEvent, phase: Option<Phase>) -> String {
    match phase {
        None => format!("{login_id} has no call to {event:?}; they are {state}"),
        Some(phase) => format!("{event:?} does not fit: the call of {login_id} is {phase:?}"),
    }
}

fn wraps_up(user: &User, call: &Call, ccx: bool) -> bool {
    let talked = matches!(call.phase, Phase::Talking | Phase::Held);
    let asked = match user.wrap_up_mode {
        WrapUpMode::None => false,
        WrapUpMode::Optional => call.wrap_up,
        WrapUpMode::Required => call.routed,
    };
    talked && asked && (call.routed || !ccx)
}
