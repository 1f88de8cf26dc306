//! How the gadget comes to its session and its link, and when it tries again.

use lockstep_core::Time;
use lockstep_core::desk::{DeskInput, Trouble, pause};
use lockstep_core::protocol::{RefusalCode, SessionReply};

use super::{Event, Shell};
use crate::link::Link;
use crate::session;

/// How often a desktop whose sign-in was refused is asked whether it has another one by now.
const ANOTHER_SIGN_IN: std::time::Duration = std::time::Duration::from_secs(30);

/// Attempts so far, and the next.
#[derive(Default)]
pub(super) struct Joining {
    failures: u32,
    next: Option<Time>,
    /// The next attempt begins with a session; otherwise the token may still be good.
    needs_session: bool,
    asking: bool,
    /// Finesse did not accept this: never sent again, or the account is locked (Finesse notes 1.8).
    refused: Option<String>,
    over: bool,
}

// === impl Joining ===

impl Joining {
    pub(super) fn next(&self) -> Option<Time> {
        self.next.filter(|_| !self.over)
    }

    pub(super) fn is_due(&mut self, now: Time) -> bool {
        let due = self.next().is_some_and(|at| at <= now);
        if due {
            self.next = None;
        }
        due
    }

    pub(super) fn joined(&mut self) {
        self.failures = 0;
        self.next = None;
        self.needs_session = false;
    }

    /// Tries again after a pause.
    pub(super) fn again(&mut self, now: Time, trouble: &Trouble) {
        let wait = pause(trouble, self.failures, chance()).unwrap_or(ANOTHER_SIGN_IN);
        self.failures = self.failures.saturating_add(1);
        self.next = Some(now.after(wait));
    }

    /// The link was refused: the token may have run out, so a session comes first.
    pub(super) fn refused(&mut self, now: Time, trouble: &Trouble) {
        self.needs_session = true;
        self.again(now, trouble);
    }

    pub(super) fn never_again(&mut self) {
        self.over = true;
    }
}

impl Shell {
    pub(super) fn join_again(&mut self) {
        match &self.link {
            Some(link) if !self.joining.needs_session => link.reopen(),
            _ => self.ask_for_session(),
        }
    }

    pub(super) fn ask_for_session(&mut self) {
        let Some(agent) = self.agent.clone().filter(|_| !self.joining.asking) else { return };
        let now = self.clock.now();
        let Some(authorization) = self.desktop.authorization() else {
            self.joining.again(now, &Trouble::NoSignIn);
            return self.step(DeskInput::Trouble(Trouble::NoSignIn));
        };
        if self.joining.refused.as_ref() == Some(&authorization) {
            self.joining.next = Some(now.after(ANOTHER_SIGN_IN));
            return;
        }
        self.joining.asking = true;
        let inbox = self.inbox.clone();
        session::ask(&self.options.server(), &agent, &authorization, move |answer| {
            inbox.post(Event::Session(answer));
        });
    }

    pub(super) fn on_session(&mut self, answer: Result<SessionReply, Trouble>) {
        self.joining.asking = false;
        let now = self.clock.now();
        match answer {
            Ok(reply) => self.join(reply),
            Err(trouble) => {
                if matches!(&trouble, Trouble::Refused(no) if no.code == RefusalCode::NotSignedIn) {
                    self.joining.refused = self.desktop.authorization();
                }
                self.joining.refused(now, &trouble);
                self.step(DeskInput::Trouble(trouble));
            }
        }
    }

    fn join(&mut self, reply: SessionReply) {
        self.clock.set(reply.now);
        self.joining.needs_session = false;
        if let Some(link) = &self.link {
            link.renew(reply.token);
            return link.reopen();
        }
        let inbox = self.inbox.clone();
        let heard = move |heard| inbox.post(Event::Link(heard));
        self.link = Link::open(&self.options.io(), &self.options.server(), reply.token, heard);
    }
}

/// In thousandths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1,000")]
fn chance() -> u32 {
    (js_sys::Math::random() * 1_000.0) as u32
}
