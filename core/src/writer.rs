//! Who acts for an agent: of their gadgets exactly one, by a growing term.
//!
//! The newest healthy gadget acts, because the tab that was opened last is the one in front of the
//! agent; all others show. The shell carries the [`Notice`]s out in their order.
//!
//! A turn is handed over by a handshake: whoever acts is revoked first and answers with its last
//! account, and only then the next one is granted its turn, with that account. What was asked for a
//! moment before would be nobody's otherwise. Whoever does not answer is waited for by the shell's
//! own bound ([`Writers::wait_no_longer`]).

use crate::Time;
use crate::protocol::Term;

#[cfg(test)]
mod tests;

/// Tabs of one agent that may be connected at once: more than anybody opens, few enough that one
/// agent cannot fill the server.
pub const TABS: usize = 8;

/// One connection of a gadget; the shell never gives the same number twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link(pub u64);

/// What a gadget is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// It acts from now on.
    Grant {
        /// Which.
        link: Link,
        /// In this term.
        term: Term,
    },
    /// It only shows from now on.
    Revoke {
        /// Which.
        link: Link,
        /// The term that ends.
        term: Term,
    },
    /// It came, and only shows.
    Show {
        /// Which.
        link: Link,
    },
    /// It makes room for another and is closed.
    Dismiss {
        /// Which.
        link: Link,
    },
}

/// As many gadgets as may be are there already, all of them well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{TABS} gadgets of this agent are connected already: close some of the tabs")]
pub struct TooMany;

/// The gadgets of one agent, and who of them acts.
#[derive(Debug, Clone)]
pub struct Writers {
    /// From the oldest to the newest.
    tabs: Vec<Tab>,
    writer: Option<Link>,
    term: Term,
    /// Who acted last and was revoked, while nobody else has had a turn since.
    leaving: Option<Leaving>,
    /// May anybody act?
    open: bool,
}

#[derive(Debug, Clone, Copy)]
struct Leaving {
    link: Link,
    term: Term,
    /// Its last account is awaited before anybody else acts.
    awaited: bool,
}

#[derive(Debug, Clone, Copy)]
struct Tab {
    link: Link,
    healthy: bool,
}

impl Writers {
    /// Nobody yet. Terms begin at `now`, so that they also grow over a restart; `open` says whether
    /// a gadget may act at all.
    pub const fn new(now: Time, open: bool) -> Self {
        let term = Term::beginning_at(now);
        Self { tabs: Vec::new(), writer: None, term, leaving: None, open }
    }

    /// The same, whose terms are greater than this one: the clock may have been set back.
    #[must_use]
    pub fn after(mut self, term: Term) -> Self {
        self.term = self.term.max(term);
        self
    }

    /// A gadget came. One that is there already changes nothing.
    pub fn join(&mut self, link: Link) -> Result<Vec<Notice>, TooMany> {
        if self.has(link) {
            return Ok(Vec::new());
        }
        let mut notices = Vec::new();
        if self.tabs.len() >= TABS {
            let ill = self.tabs.iter().position(|tab| !tab.healthy).ok_or(TooMany)?;
            let link = self.tabs.remove(ill).link;
            self.forget_leaving(link);
            notices.push(Notice::Dismiss { link });
        }
        self.tabs.push(Tab { link, healthy: true });
        self.choose(&mut notices);
        if self.writer != Some(link) {
            notices.push(Notice::Show { link });
        }
        Ok(notices)
    }

    /// A gadget went; one that is not there, or not any more, changes nothing.
    pub fn leave(&mut self, link: Link) -> Vec<Notice> {
        let mut notices = Vec::new();
        self.tabs.retain(|tab| tab.link != link);
        if self.writer == Some(link) || self.forget_leaving(link) {
            self.writer = self.writer.filter(|writer| *writer != link);
            self.choose(&mut notices);
        }
        notices
    }

    /// Whoever was revoked has told all it knew, by its last account.
    pub fn answered(&mut self, link: Link) -> Vec<Notice> {
        let mut notices = Vec::new();
        if self.forget_leaving(link) {
            self.choose(&mut notices);
        }
        notices
    }

    /// Whoever was revoked does not answer. Its account still counts until somebody else acts.
    pub fn wait_no_longer(&mut self) -> Vec<Notice> {
        let mut notices = Vec::new();
        if let Some(leaving) = &mut self.leaving {
            leaving.awaited = false;
            self.choose(&mut notices);
        }
        notices
    }

    /// Is the last account of whoever acted awaited?
    pub fn is_waiting(&self) -> bool {
        self.leaving.is_some_and(|leaving| leaving.awaited)
    }

    /// Is this gadget's account of this term the newest there is? Also of one that was revoked, while
    /// nobody else has had a turn.
    pub fn is_newest(&self, link: Link, term: Term) -> bool {
        let left = self.leaving.map(|leaving| (leaving.link, leaving.term));
        self.writer().or(left) == Some((link, term))
    }

    /// The term of what the server itself does now: greater than that of any account, where no gadget
    /// acts or is about to tell its last one.
    pub fn own_turn(&mut self) -> Term {
        if self.writer.is_none() && self.leaving.is_none() {
            self.term = self.term.next();
        }
        self.term
    }

    /// A gadget does, or does not, answer in time.
    pub fn set_healthy(&mut self, link: Link, healthy: bool) -> Vec<Notice> {
        let mut notices = Vec::new();
        if let Some(tab) = self.tabs.iter_mut().find(|tab| tab.link == link) {
            tab.healthy = healthy;
            self.choose(&mut notices);
        }
        notices
    }

    /// May a gadget act from now on?
    pub fn set_open(&mut self, open: bool) -> Vec<Notice> {
        let mut notices = Vec::new();
        self.open = open;
        self.choose(&mut notices);
        // Somebody else acts now: what comes later is of an older term.
        if !open {
            self.leaving = None;
        }
        notices
    }

    /// Nobody acts from now on; the last account of whoever did is awaited, which
    /// [`Writers::set_open`] does not do.
    pub fn close(&mut self) -> Vec<Notice> {
        let mut notices = Vec::new();
        self.open = false;
        self.choose(&mut notices);
        notices
    }

    /// Who acts, and in which term.
    pub fn writer(&self) -> Option<(Link, Term)> {
        self.writer.map(|link| (link, self.term))
    }

    /// Is it one of this agent's gadgets?
    pub fn has(&self, link: Link) -> bool {
        self.tabs.iter().any(|tab| tab.link == link)
    }

    /// Every gadget, from the oldest to the newest.
    pub fn links(&self) -> impl Iterator<Item = Link> {
        self.tabs.iter().map(|tab| tab.link)
    }

    /// Is a gadget there that could act?
    pub fn has_healthy(&self) -> bool {
        self.tabs.iter().any(|tab| tab.healthy)
    }

    fn choose(&mut self, notices: &mut Vec<Notice>) {
        let newest = self.tabs.iter().rev().find(|tab| tab.healthy).map(|tab| tab.link);
        let next = newest.filter(|_| self.open);
        if next == self.writer {
            return;
        }
        if let Some(link) = self.writer.take().filter(|link| self.has(*link)) {
            self.leaving = Some(Leaving { link, term: self.term, awaited: true });
            notices.push(Notice::Revoke { link, term: self.term });
        }
        if let Some(link) = next.filter(|_| !self.is_waiting()) {
            self.leaving = None;
            self.writer = Some(link);
            self.term = self.term.next();
            notices.push(Notice::Grant { link, term: self.term });
        }
    }

    /// Tells whether it was that one.
    fn forget_leaving(&mut self, link: Link) -> bool {
        self.leaving.take_if(|leaving| leaving.link == link).is_some()
    }
}
