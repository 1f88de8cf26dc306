//! The agents' desktops with their gadgets: pages that come and go, and everything on its way to and
//! from them.
//!
//! They belong to the world, not to Lockstep's host: they go on while the server is down. They take
//! their turn after every tick of the simulation, so nothing here needs a task of its own.

mod acts;
mod asks;

use std::collections::BTreeMap;
use std::time::Duration;

use lockstep_core::desk::{DeskInput, DeskOutput, Listed, Reply, Trouble, pause};
use lockstep_core::finesse::AgentView;
use lockstep_core::protocol::{ToGadget, ToServer};
use lockstep_core::writer::Link;
use lockstep_core::{AgentId, Time};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

pub use self::acts::{Deed, Hub};
use self::asks::Ask;
use crate::desk::{Desk, Told};
use crate::journal::Journal;
use crate::page::{Page, Stuck};
use crate::wire::{Down, Up, Wire};

/// The slowest a message is on its way between a gadget and the server when the network is well.
const SLOWEST_MS: u64 = 250;
/// A welcome that comes later than this after the hello tells no time.
const WELCOME_TELLS: Duration = Duration::from_secs(5);
/// A dead peer is noticed within the sum of Socket.IO's interval and its patience; not before the
/// patience alone.
const NOTICED_MS: (u64, u64) = (5_000, 15_000);

/// What a page hears.
#[derive(Debug)]
pub(crate) enum Hears {
    /// It is time to open a link.
    Join,
    /// The link is open.
    Up(Link),
    /// The link did not open.
    NotOpened,
    /// The server says this.
    Message(Link, Box<ToGadget>),
    /// The link is gone.
    Down(Link),
    /// The link is taken for gone, unless the network is well again.
    GivesUp(Link, Duration),
    /// The user, as pushed or looked at.
    Seen { view: AgentView, asked: Option<(Time, Duration)>, upto: u64 },
    /// A look brought nothing.
    LookFailed,
    /// The reasons.
    Reasons(Option<Vec<Listed>>),
    /// What became of a request.
    Replied { request: u64, reply: Reply },
    /// That it failed after it had been accepted.
    FailsLater { request: u64, reply: Reply },
    /// Finesse's clock.
    Clock(i64),
    /// Finesse is gone, or back.
    Hub { gone: bool },
}

#[derive(Debug)]
enum Due {
    Page(u64, Hears),
    Server(AgentId, Link, Up),
    Finesse(u64, Ask),
    /// The server takes the link of this page for gone, unless it answers again.
    ServerGivesUp(u64, Link, Duration),
}

/// All desktops.
#[derive(Debug)]
pub struct Desktops {
    finesse: Desk,
    wire: Wire,
    journal: Journal,
    random: StdRng,
    pages: BTreeMap<u64, Page>,
    last_page: u64,
    last_link: u64,
    due: BTreeMap<(Duration, u64), Due>,
    order: u64,
    now: Duration,
    hub: Hub,
}

impl Desktops {
    /// None yet.
    pub fn new(finesse: Desk, wire: Wire, journal: Journal, seed: u64) -> Self {
        finesse.connect_desktops();
        let random = StdRng::seed_from_u64(seed);
        let (pages, due) = Default::default();
        let (last_page, last_link, order, now) = (0, 0, 0, Duration::ZERO);
        let hub = Hub::FINE;
        Self { finesse, wire, journal, random, pages, last_page, last_link, due, order, now, hub }
    }

    /// Everything that is due until now.
    pub fn advance(&mut self, now: Duration) {
        self.now = now;
        self.take_from_server();
        self.take_from_finesse();
        while let Some(entry) = self.due.first_entry()
            && entry.key().0 <= now
        {
            let due = entry.remove();
            self.perform(due);
        }
        let awake = self.pages.values().filter(|page| page.frozen.is_none());
        let due =
            awake.filter(|page| page.machine.next_wake().is_some_and(|at| at <= page.now(now)));
        for number in due.map(|page| page.number).collect::<Vec<u64>>() {
            self.step(number, DeskInput::Wake);
        }
    }

    /// How many pages has the agent?
    pub fn pages_of(&self, agent: &str) -> usize {
        self.pages.values().filter(|page| page.agent == agent).count()
    }

    fn schedule(&mut self, at: Duration, due: Due) {
        self.order += 1;
        self.due.insert((at, self.order), due);
    }

    fn after(&mut self, least_ms: u64, most_ms: u64) -> Duration {
        self.now + Duration::from_millis(self.random.random_range(least_ms..=most_ms))
    }

    fn strikes(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.random.random_range(0..1000) < per_mille
    }

    // === on its way ===

    fn take_from_server(&mut self) {
        for (link, down) in self.wire.leaving() {
            let to = self.pages.values().find(|page| page.link == Some(link));
            let Some(number) = to.map(|page| page.number) else { continue };
            let hears = match down {
                Down::Message(message) => Hears::Message(link, message),
                Down::Closed => Hears::Down(link),
            };
            self.goes_down(number, hears);
        }
    }

    fn goes_down(&mut self, number: u64, hears: Hears) {
        let at = self.after(1, SLOWEST_MS);
        let Some(page) = self.pages.get_mut(&number) else { return };
        if page.cut.is_some() {
            return page.stuck.push_back(Stuck::Down(hears));
        }
        page.last_down = page.last_down.max(at);
        let at = page.last_down;
        self.schedule(at, Due::Page(number, hears));
    }

    fn goes_up(&mut self, number: u64, up: Up) {
        let at = self.after(1, SLOWEST_MS);
        let Some(page) = self.pages.get_mut(&number) else { return };
        let Some(link) = page.link else { return };
        if page.cut.is_some() {
            return page.stuck.push_back(Stuck::Up(up));
        }
        page.last_up = page.last_up.max(at);
        let (at, agent) = (page.last_up, AgentId::new(&page.agent));
        self.schedule(at, Due::Server(agent, link, up));
    }

    fn take_from_finesse(&mut self) {
        for notice in self.finesse.notices() {
            match notice.what {
                Told::User(view) => self.push(&notice.agent, &view, notice.upto),
                Told::Failed { request, reply } => self.fails_later(&request, &reply),
            }
        }
    }

    /// A notice for every page of the agent that is told anything.
    fn push(&mut self, agent: &str, view: &AgentView, upto: u64) {
        let told = self.pages.values().filter(|page| page.agent == agent && !page.hub_gone);
        for number in told.map(|page| page.number).collect::<Vec<u64>>() {
            if self.strikes(self.hub.lost) {
                self.journal.note("desktop", format!("page {number}: a notice is lost"));
                continue;
            }
            let copies = if self.strikes(self.hub.twice) { 2 } else { 1 };
            for _ in 0..copies {
                let slowest = if self.strikes(self.hub.late) { 6_000 } else { 300 };
                let at = self.after(5, slowest);
                let seen = Hears::Seen { view: view.clone(), asked: None, upto };
                self.schedule(at, Due::Page(number, seen));
            }
        }
    }

    fn perform(&mut self, due: Due) {
        match due {
            Due::Page(number, hears) => self.hears(number, hears),
            Due::Server(agent, link, up) => self.wire.arrives(&agent, link, up),
            Due::Finesse(number, ask) => self.arrives_at_finesse(number, ask),
            Due::ServerGivesUp(number, link, since) => {
                let Some(page) = self.pages.get(&number) else { return };
                if page.link == Some(link)
                    && (page.cut == Some(since) || page.frozen == Some(since))
                {
                    self.wire.arrives(&AgentId::new(&page.agent), link, Up::Gone);
                }
            }
        }
    }

    // === what a page hears ===

    fn hears(&mut self, number: u64, hears: Hears) {
        let Some(page) = self.pages.get_mut(&number) else { return };
        if page.frozen.is_some() {
            return page.waiting.push_back(hears);
        }
        let of_link = match &hears {
            Hears::Up(link)
            | Hears::Message(link, _)
            | Hears::Down(link)
            | Hears::GivesUp(link, _) => Some(*link),
            _ => None,
        };
        if of_link.is_some() && of_link != page.link {
            return;
        }
        match hears {
            Hears::Join => self.join(number),
            Hears::Up(_) => {
                page.is_up = true;
                page.hello_at = self.now;
                self.step(number, DeskInput::LinkUp);
            }
            Hears::NotOpened => {
                self.step(number, DeskInput::Trouble(Trouble::NoSocket));
                self.join_later(number);
            }
            Hears::Message(link, message) => self.hears_server(number, link, *message),
            Hears::Down(_) => self.loses_link(number),
            Hears::GivesUp(_, since) if page.cut == Some(since) => self.loses_link(number),
            Hears::GivesUp(..) => {}
            Hears::Seen { view, asked, upto } => self.sees(number, view, asked, upto),
            Hears::LookFailed => self.step(number, DeskInput::LookFailed),
            Hears::Reasons(Some(list)) => self.step(number, DeskInput::Reasons(list)),
            Hears::Reasons(None) => self.step(number, DeskInput::ReasonsFailed),
            Hears::Replied { request, reply } => {
                if page.unanswered.take_if(|number| *number == request).is_some() {
                    let agent = page.agent.clone();
                    self.finesse.judge(|laws| laws.answered(number, &agent));
                }
                self.step(number, DeskInput::Replied { request, reply });
            }
            Hears::FailsLater { request, reply } => {
                if page.unanswered.take_if(|number| *number == request).is_some() {
                    let agent = page.agent.clone();
                    self.finesse.judge(|laws| laws.answered(number, &agent));
                }
                self.step(number, DeskInput::Replied { request, reply });
            }
            Hears::Clock(ahead_ms) => page.set_finesse_clock(ahead_ms),
            Hears::Hub { gone } => self.hub_turns(number, gone),
        }
    }

    fn hears_server(&mut self, number: u64, link: Link, message: ToGadget) {
        let now = self.now;
        let Some(page) = self.pages.get_mut(&number) else { return };
        match &message {
            ToGadget::Welcome { now: server, .. } => {
                page.failures = 0;
                if now.saturating_sub(page.hello_at) <= WELCOME_TELLS {
                    page.set_clock(now, *server);
                }
            }
            ToGadget::Grant { term, .. } => {
                page.turn = Some((link.0, term.number()));
                page.deaf_for = Duration::ZERO;
            }
            ToGadget::Revoke { term } => {
                page.turn = page.turn.filter(|(_, ours)| *ours > term.number());
            }
            _ => {}
        }
        self.step(number, DeskInput::Heard(message));
    }

    fn loses_link(&mut self, number: u64) {
        let Some(page) = self.pages.get_mut(&number) else { return };
        (page.link, page.is_up, page.turn) = (None, false, None);
        page.stuck.clear();
        self.step(number, DeskInput::LinkDown);
        self.join_later(number);
    }

    fn sees(&mut self, number: u64, view: AgentView, asked: Option<(Time, Duration)>, upto: u64) {
        let now = self.now;
        let Some(page) = self.pages.get(&number) else { return };
        let clock_ahead_ms = page.clock_ahead();
        let agent = page.agent.clone();
        let asked_then = asked.map_or(now, |(_, asked)| asked);
        self.finesse.judge(|laws| laws.delivered(number, &agent, now, asked_then, upto));
        let input = match asked {
            Some((asked_at, _)) => DeskInput::Seen { view, asked_at, clock_ahead_ms },
            None => DeskInput::Pushed { view, clock_ahead_ms },
        };
        self.step(number, input);
    }

    // === the link ===

    fn join(&mut self, number: u64) {
        self.last_link += 1;
        let link = Link(self.last_link);
        let opens = self.wire.is_served();
        let (soon, late) = (self.after(2, 2 * SLOWEST_MS), self.after(100, 10_000));
        let Some(page) = self.pages.get_mut(&number) else { return };
        if page.link.is_some() {
            return;
        }
        if !opens || page.cut.is_some() {
            return self.schedule(late, Due::Page(number, Hears::NotOpened));
        }
        if page.last_up.is_zero() {
            // The reply to the session tells it.
            page.set_clock(self.now, self.finesse.clock_of_server());
        }
        page.link = Some(link);
        self.schedule(soon, Due::Page(number, Hears::Up(link)));
    }

    fn join_later(&mut self, number: u64) {
        let chance = self.random.random_range(0..=1_000);
        let Some(page) = self.pages.get_mut(&number) else { return };
        let wait = pause(&Trouble::NoSocket, page.failures, chance).unwrap_or_default();
        page.failures += 1;
        let at = self.now + wait;
        self.schedule(at, Due::Page(number, Hears::Join));
    }

    // === the machine ===

    fn step(&mut self, number: u64, input: DeskInput) {
        let Some(page) = self.pages.get_mut(&number) else { return };
        let now = page.now(self.now);
        for output in page.machine.step(now, input) {
            self.carry_out(number, output);
        }
    }

    fn carry_out(&mut self, number: u64, output: DeskOutput) {
        let Some(page) = self.pages.get_mut(&number) else { return };
        match output {
            DeskOutput::Tell(ToServer::Hello { .. }) => self.goes_up(number, Up::Hello),
            DeskOutput::Tell(ToServer::Report(report)) => {
                page.told = report.ledger.clone();
                if let Some(decision) = &report.decision {
                    let text = format!("page {number}: {}: {}", page.agent, decision.text);
                    self.journal.note("gadget", text);
                }
                self.goes_up(number, Up::Report(report));
            }
            DeskOutput::Tell(_) | DeskOutput::Leave => {}
            DeskOutput::Keep(kept) => page.kept = Some(*kept),
            DeskOutput::Set { request, target, reason } => {
                self.asks_for(number, request, target, reason);
            }
            DeskOutput::Look => self.ask(number, Ask::Look),
            DeskOutput::ReadReasons => self.ask(number, Ask::Reasons),
        }
    }
}
