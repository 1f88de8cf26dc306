//! What the link brings: that it is there or not, and what the server says.

use super::Desk;
use crate::Time;
use crate::agent::Input;
use crate::desk::{DeskOutput, Link, Trouble};
use crate::protocol::{Policy, Report, ToGadget, ToServer, VERSION};

impl Desk {
    pub(super) fn on_link_up(&mut self) {
        self.link = Link::Live;
        self.reports = 0;
        self.acknowledges = None;
        self.tell(ToServer::Hello { version: VERSION });
    }

    /// Without a link nobody acts: somebody else may have been given the turn.
    pub(super) fn on_link_down(&mut self, now: Time) {
        if matches!(self.link, Link::Live) {
            self.link = Link::Lost { since: now };
        }
        self.rest();
    }

    pub(super) fn on_trouble(&mut self, now: Time, trouble: Trouble) {
        self.on_link_down(now);
        let passing = matches!(trouble, Trouble::Unreachable | Trouble::NoSocket);
        let was_live = matches!(self.link, Link::Lost { .. });
        if !(passing && was_live) {
            self.link = Link::Barred(trouble);
        }
    }

    pub(super) fn on_heard(&mut self, now: Time, message: ToGadget) {
        match message {
            ToGadget::Welcome { policy, .. } => self.on_welcome(policy),
            ToGadget::Incompatible { message, .. } => {
                self.incompatible = Some(message);
                self.rest();
                self.outputs.push(DeskOutput::Leave);
            }
            ToGadget::Wanted { sequence, want } => {
                self.acknowledges = Some(sequence);
                self.want = Some(want.clone());
                self.to_report = self.is_writer();
                let want = self.resolved(want);
                self.act(now, Input::Want(want));
            }
            ToGadget::Grant { term, ledger } => self.on_grant(now, term, ledger),
            ToGadget::Revoke { term } => {
                if self.term.is_some_and(|ours| ours <= term) {
                    self.report(None, true);
                    self.rest();
                }
            }
            ToGadget::Shown(report) => self.on_shown(report),
            ToGadget::Snooze { until } => self.act(now, Input::Snooze { until }),
            ToGadget::Unsnooze => self.act(now, Input::Unsnooze),
            ToGadget::Stale { since } => self.stale_since = since,
            // The first two are the shell's own: a new token, the link's end.
            ToGadget::Renewed(_) | ToGadget::Bye { .. } | ToGadget::Other => {}
            ToGadget::Received { report } => self.on_received(now, report),
        }
    }

    fn on_welcome(&mut self, policy: Policy) {
        self.seen_by_its_clock = false;
        if let Some(agent) = &mut self.agent {
            agent.set_settings(policy.settings(true, self.reasons.are_configured()));
        }
        self.policy = Some(policy);
    }

    fn on_shown(&mut self, report: Box<Report>) {
        if self.is_writer() {
            return;
        }
        if let Some(decision) = report.decision.clone() {
            self.remember(decision);
        }
        self.shown = Some(report);
    }
}
