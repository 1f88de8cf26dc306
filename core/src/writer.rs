//! Who acts for an agent: of their gadgets exactly one, by a growing term.
//!
//! The newest healthy gadget acts, because the tab that was opened last is the one in front of the
//! agent; all others show. The shell carries the [`Notice`]s out in their order.

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
    /// May anybody act?
    open: bool,
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
        Self { tabs: Vec::new(), writer: None, term: Term::beginning_at(now), open }
    }

    /// A gadget came. One that is there already changes nothing.
    pub fn join(&mut self, link: Link) -> Result<Vec<Notice>, TooMany> {
        if self.has(link) {
            return Ok(Vec::new());
        }
        let mut notices = Vec::new();
        if self.tabs.len() >= TABS {
            let ill = self.tabs.iter().position(|tab| !tab.healthy).ok_or(TooMany)?;
            notices.push(Notice::Dismiss { link: self.tabs.remove(ill).link });
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
        if self.writer == Some(link) {
            self.writer = None;
            self.choose(&mut notices);
        }
        notices
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
        // Between the turns somebody else acted: no gadget's own ledger is the newest any more.
        if open && !self.open {
            self.term = self.term.next();
        }
        self.open = open;
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
        if let Some(link) = self.writer.filter(|link| self.has(*link)) {
            notices.push(Notice::Revoke { link, term: self.term });
        }
        self.writer = next;
        if let Some(link) = next {
            self.term = self.term.next();
            notices.push(Notice::Grant { link, term: self.term });
        }
    }
}
