//! What happens to desktops.

use std::time::Duration;

use lockstep_core::AgentId;
use lockstep_core::agent::LedgerEntry;
use lockstep_core::desk::DeskInput;
use rand::RngExt as _;

use super::asks::Ask;
use super::{Desktops, Due, Hears, NOTICED_MS};
use crate::page::{Page, Stuck};
use crate::wire::Up;

/// Pages of one agent at a time.
const PAGES: usize = 3;

/// What happens to the desktops of one agent; where there are several, to one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A page is opened.
    Open,
    /// A page is closed.
    Close,
    /// A page is loaded anew.
    Reload,
    /// The browser suspends a page.
    Freeze,
    /// It wakes all of them.
    Thaw,
    /// The network between a page and the server is cut.
    Cut,
    /// It is well again for all of them.
    Mend,
    /// The desktop has lost Finesse.
    HubGone,
    /// It has found it again.
    HubBack,
}

/// How notices fare, per mille.
#[derive(Clone, Copy, Debug)]
pub struct Hub {
    /// Come late, and overtake each other.
    pub late: u32,
    /// Come twice.
    pub twice: u32,
    /// Never come.
    pub lost: u32,
}

impl Hub {
    /// They come.
    pub const FINE: Self = Self { late: 0, twice: 0, lost: 0 };
}

impl Desktops {
    /// From now on notices fare like this.
    pub const fn set_hub(&mut self, hub: Hub) {
        self.hub = hub;
    }

    /// Something happens to the desktops of an agent.
    pub fn act(&mut self, now: Duration, agent: &str, deed: Deed) {
        self.now = now;
        let of = self.pages.values().filter(|page| page.agent == agent);
        let numbers: Vec<u64> = of.map(|page| page.number).collect();
        if deed == Deed::Open {
            if numbers.len() < PAGES {
                self.open(agent, None);
            }
            return;
        }
        if numbers.is_empty() {
            return;
        }
        let one = numbers[self.random.random_range(0..numbers.len())];
        match deed {
            Deed::Open => {}
            Deed::Close => {
                self.close(one);
            }
            Deed::Reload => {
                let kept = self.close(one);
                self.open(agent, kept);
            }
            Deed::Freeze => self.freeze(one),
            Deed::Cut => self.cut(one),
            Deed::Thaw => numbers.into_iter().for_each(|number| self.thaw(number)),
            Deed::Mend => numbers.into_iter().for_each(|number| self.mend(number)),
            Deed::HubGone => numbers.into_iter().for_each(|number| self.hub_gone(number, true)),
            Deed::HubBack => numbers.into_iter().for_each(|number| self.hub_gone(number, false)),
        }
    }

    /// The server's process is gone without a word.
    pub fn server_died(&mut self, now: Duration) {
        self.now = now;
        self.wire.cut_off();
        for page in self.pages.values_mut() {
            page.deaf_for = Duration::from_millis(NOTICED_MS.1);
        }
        let linked = self.pages.values().filter_map(|page| Some((page.number, page.link?)));
        for (number, link) in linked.collect::<Vec<_>>() {
            let at = self.after(1, NOTICED_MS.1);
            self.schedule(at, Due::Page(number, Hears::Down(link)));
        }
    }

    fn open(&mut self, agent: &str, kept: Option<LedgerEntry>) {
        self.last_page += 1;
        let number = self.last_page;
        let browser_ms = self.random.random_range(-3_000..=3_000);
        self.pages
            .insert(number, Page::new((number, self.now), agent.to_owned(), kept, browser_ms));
        self.journal.note("desktop", format!("{agent} opens page {number}"));
        // The User is loaded, the clock and the reasons are read, and then a session is asked for.
        for ask in [Ask::Look, Ask::Clock, Ask::Reasons] {
            self.ask(number, ask);
        }
        let at = self.after(50, 2_000);
        self.schedule(at, Due::Page(number, Hears::Join));
    }

    fn close(&mut self, number: u64) -> Option<LedgerEntry> {
        let says_so = self.random.random_range(0..10) < 8;
        let (soon, late) = (self.after(1, 500), self.after(NOTICED_MS.0, NOTICED_MS.1));
        let page = self.pages.remove(&number)?;
        self.journal.note("desktop", format!("{} closes page {number}", page.agent));
        self.finesse.judge(|laws| laws.closed(&page.agent, number));
        if let Some(link) = page.link {
            let at = page.last_up.max(if says_so && page.cut.is_none() { soon } else { late });
            self.schedule(at, Due::Server(AgentId::new(&page.agent), link, Up::Gone));
        }
        page.kept
    }

    // === suspended ===

    fn freeze(&mut self, number: u64) {
        let (now, at) = (self.now, self.after(NOTICED_MS.0, NOTICED_MS.1));
        let Some(page) = self.pages.get_mut(&number) else { return };
        if page.frozen.is_some() || page.cut.is_some() {
            return;
        }
        page.frozen = Some(now);
        let link = page.link;
        self.journal.note("desktop", format!("page {number} is suspended"));
        if let Some(link) = link {
            self.schedule(at, Due::ServerGivesUp(number, link, now));
        }
    }

    /// What came meanwhile is taken in at once, in its order.
    fn thaw(&mut self, number: u64) {
        let Some(page) = self.pages.get_mut(&number) else { return };
        if page.frozen.take().is_none() {
            return;
        }
        let waiting = std::mem::take(&mut page.waiting);
        self.journal.note("desktop", format!("page {number} wakes up"));
        for hears in waiting {
            self.hears(number, hears);
        }
    }

    // === cut off from the server ===

    fn cut(&mut self, number: u64) {
        let now = self.now;
        let (server, client) =
            (self.after(NOTICED_MS.0, NOTICED_MS.1), self.after(NOTICED_MS.0, NOTICED_MS.1));
        let Some(page) = self.pages.get_mut(&number) else { return };
        if page.frozen.is_some() || page.cut.is_some() {
            return;
        }
        page.cut = Some(now);
        page.deaf_for = Duration::from_millis(NOTICED_MS.1);
        let link = page.link;
        self.journal.note("desktop", format!("page {number} is cut off"));
        if let Some(link) = link {
            self.schedule(server, Due::ServerGivesUp(number, link, now));
            self.schedule(client, Due::Page(number, Hears::GivesUp(link, now)));
        }
    }

    /// What waited passes, where the link was not given up.
    fn mend(&mut self, number: u64) {
        let Some(page) = self.pages.get_mut(&number) else { return };
        if page.cut.take().is_none() {
            return;
        }
        let stuck = std::mem::take(&mut page.stuck);
        self.journal.note("desktop", format!("page {number} is reached again"));
        for stuck in stuck {
            match stuck {
                Stuck::Up(up) => self.goes_up(number, up),
                Stuck::Down(hears) => self.goes_down(number, hears),
            }
        }
    }

    // === the desktop's own connection ===

    fn hub_gone(&mut self, number: u64, gone: bool) {
        let at = self.after(1, 2_000);
        let Some(page) = self.pages.get_mut(&number) else { return };
        if page.hub_gone != gone {
            page.hub_gone = gone;
            self.schedule(at, Due::Page(number, Hears::Hub { gone }));
        }
    }

    pub(super) fn hub_turns(&mut self, number: u64, gone: bool) {
        if gone {
            return self.step(number, DeskInput::FinesseGone);
        }
        // All objects are read anew.
        self.ask(number, Ask::Clock);
        self.step(number, DeskInput::FinesseBack);
        self.ask(number, Ask::Look);
    }
}
