//! Labels to ids: the list of reasons is read, read again where it is out of date, and stood in for.

use std::sync::Arc;

use super::Desk;
use crate::Time;
use crate::agent::{Answer, Input, Request};
use crate::desk::{DeskOutput, Reasons};
use crate::finesse::Target;
use crate::presence::Want;
use crate::rules::Wanted;

impl Desk {
    /// The list may be out of date: it is read again, once for each request.
    pub(super) fn on_reason_refused(&mut self, now: Time, request: u64) {
        let again = self.refused_once != Some(request);
        self.refused_once = Some(request);
        match self.asked.take().filter(|asked| again && asked.number == request) {
            Some(asked) => self.read_reasons_for(asked),
            None => self.act(now, Input::Answered { request, answer: Answer::ReasonMissing }),
        }
    }

    pub(super) fn read_reasons_for(&mut self, request: Request) {
        self.waiting = Some(request);
        self.outputs.push(DeskOutput::ReadReasons);
    }

    pub(super) fn on_reasons(&mut self, now: Time, reasons: Reasons) {
        let is_read = reasons != Reasons::Unread;
        if is_read {
            self.reasons = reasons;
        }
        if let (Some(agent), Some(policy)) = (&mut self.agent, &self.policy) {
            agent.set_settings(policy.settings(true, self.reasons.are_configured()));
        }
        let Some(request) = self.waiting.take() else { return self.reconsider(now) };
        let number = request.number;
        if !is_read {
            return self.act(now, Input::Answered { request: number, answer: Answer::NotSent });
        }
        self.refused_once = Some(number);
        if let Ok(reason) = self.reason_of(&request) {
            return self.set(request, reason);
        }
        self.act(now, Input::Answered { request: number, answer: Answer::ReasonMissing });
        self.reconsider(now);
    }

    /// The list of reasons may have changed what can be asked for.
    fn reconsider(&mut self, now: Time) {
        let (Some(agent), Some(want)) = (&self.agent, self.want.clone()) else { return };
        let want = self.resolved(want);
        if agent.want().is_some_and(|last| last.wanted != want.wanted) {
            self.act(now, Input::Want(want));
        }
    }

    /// What is wanted, with the configured reason in place of one that the list does not have.
    pub(super) fn resolved(&self, mut want: Want) -> Want {
        let default = self.policy.as_ref().and_then(|policy| policy.default_reason.as_ref());
        if let Wanted::NotReady { reason } = &mut want.wanted
            && let Some(default) = default.filter(|default| self.reasons.id(default).is_some())
            && self.reasons.id(reason).is_none()
        {
            reason.clone_from(default);
        }
        want
    }

    /// The id that goes with a request; `Err` where the list has no such label.
    pub(super) fn reason_of(&self, request: &Request) -> Result<Option<String>, ()> {
        let Some(label) = request.reason.as_deref().filter(|_| request.target != Target::Ready)
        else {
            return Ok(None);
        };
        if !self.reasons.are_configured() {
            return Ok(None);
        }
        self.reasons.id(label).map(|id| Some(id.to_owned())).ok_or(())
    }

    /// The labels that the rules may give and Finesse does not list for this agent.
    pub fn missing_labels(&self) -> Vec<&str> {
        let labels = self.policy.iter().flat_map(|policy| &policy.labels).map(Arc::as_ref);
        self.reasons.missing(labels)
    }
}
