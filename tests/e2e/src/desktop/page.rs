//! The page: everything that happens is an [`Event`], taken in one after the other; the desk says
//! what is to be done, and this does it.

use std::collections::VecDeque;
use std::iter;
use std::time::Duration;

use lockstep_core::Time;
use lockstep_core::agent::{Code, LedgerEntry};
use lockstep_core::desk::{Desk, DeskInput, DeskOutput, Listed, Reply, Trouble};
use lockstep_core::finesse::Target;
use lockstep_core::protocol::{SessionReply, ToGadget, ToServer};
use lockstep_gadget::{FinesseClock, SeenUser, agent_view};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::joining::{self, Joining};
use super::rest::{Finesse, Notice};
use super::steps::Steps;
use super::{Glance, Order};
use crate::site::{Door, Site};

/// The server's time counts where its welcome comes this soon after our hello.
const WELCOME_TELLS: Duration = Duration::from_secs(5);
/// Events that wait for a page, and words that wait for its connection: a suspended page lets them
/// wait where they come from.
const WAITING: usize = 64;
/// Decisions that are remembered for stories.
const DECISIONS: usize = 64;

/// All that can happen.
#[derive(Debug)]
pub(super) enum Event {
    /// The live User was loaded or has changed.
    User(SeenUser),
    /// The live User could not be loaded.
    UserFailed,
    /// A look came back.
    Looked(Time, Option<SeenUser>),
    /// Finesse's clock: when it was asked for on the browser's clock, and what it shows.
    Clocked(Time, Option<Time>),
    /// The agent's reasons.
    Reasons(Option<Vec<Listed>>),
    /// What became of a request.
    Replied(u64, Reply),
    /// A request failed after it had been accepted.
    Failed(String, Reply),
    /// Finesse is in service, or out of it.
    Service(bool),
    /// What became of asking for a session.
    Session(Result<SessionReply, Trouble>),
    /// The link of this number tells something.
    Link(u64, Heard),
}

/// Events, each with the load of the page that it belongs to.
type Events = mpsc::Receiver<(u64, Event)>;

/// What a link tells.
#[derive(Debug)]
pub(super) enum Heard {
    Up,
    Message(Box<ToGadget>),
    Down,
    Failed(Trouble),
}

/// A tab.
#[derive(Debug)]
pub(super) struct Page {
    finesse: Finesse,
    door: Door,
    number: u64,
    /// How often it was loaded; what was asked for before is answered to nobody.
    loads: u64,
    desk: Desk,
    kept: Option<LedgerEntry>,
    user: Option<SeenUser>,
    /// Both on Finesse's machine when the tab was opened; the browser's clock goes on from there.
    opened: (Instant, Time),
    /// How far the server's clock and Finesse's are ahead of the browser's, in milliseconds.
    server_ahead_ms: i64,
    finesse_clock: FinesseClock,
    hello_at: Time,
    joining: Joining,
    link: Option<Link>,
    links: u64,
    serves: bool,
    inbox: (mpsc::Sender<(u64, Event)>, Option<Events>),
    work: JoinSet<()>,
    awake: watch::Sender<bool>,
    decided: VecDeque<Code>,
    steps: Steps,
    shows: watch::Sender<Glance>,
}

/// It ends when this is dropped.
#[derive(Debug)]
struct Link {
    says: mpsc::Sender<ToServer>,
    task: JoinSet<()>,
    is_up: bool,
}

impl Page {
    pub(super) fn new(
        site: &Site,
        agent: &str,
        number: u64,
        steps: Steps,
        shows: watch::Sender<Glance>,
    ) -> Self {
        let id = site.finesse.user(agent).expect("a user of finesse-sim").login_id;
        let (client, base) = (site.client.clone(), site.finesse.base_url());
        let wall = u64::try_from(site.finesse.now().as_millisecond()).expect("after 1970");
        let (give, inbox) = mpsc::channel(WAITING);
        Self {
            finesse: Finesse { client, base, agent: id },
            door: site.door.clone(),
            number,
            loads: 0,
            desk: Desk::new(None),
            kept: None,
            user: None,
            opened: (Instant::now(), Time::from_millis(wall)),
            server_ahead_ms: 0,
            finesse_clock: FinesseClock::default(),
            hello_at: Time::default(),
            joining: Joining::new(StdRng::seed_from_u64(number)),
            link: None,
            links: 0,
            serves: true,
            inbox: (give, Some(inbox)),
            work: JoinSet::new(),
            awake: watch::Sender::new(true),
            decided: VecDeque::new(),
            steps,
            shows,
        }
    }

    /// Until it is closed.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut inbox = self.inbox.1.take().expect("it runs once");
        self.load();
        loop {
            let runs = *self.awake.borrow();
            let due = self.next_due();
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Order::Suspend) => drop(self.awake.send_replace(false)),
                    Some(Order::Wake) => drop(self.awake.send_replace(true)),
                    Some(Order::Reload) => self.reload(&mut inbox).await,
                    Some(Order::Close) | None => return self.hang_up(&mut inbox).await,
                },
                event = inbox.recv(), if runs => {
                    let (load, event) = event.expect("it has a sender of its own");
                    if load == self.loads {
                        self.take(event);
                    }
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if runs && due.is_some() => {
                    self.on_timer();
                }
            }
            self.tidy();
            self.show();
        }
    }

    /// What is done is forgotten; none of it may have failed in a way that nobody thought of.
    fn tidy(&mut self) {
        let of_link = self.link.as_mut().and_then(|link| link.task.try_join_next());
        for done in of_link.into_iter().chain(iter::from_fn(|| self.work.try_join_next())) {
            done.expect("nothing that a page does panics");
        }
    }

    // === loading and leaving ===

    fn load(&mut self) {
        self.loads += 1;
        self.desk = Desk::new(self.kept.clone());
        self.user = None;
        let finesse = self.finesse.clone();
        self.asks(async move |inbox| {
            // Nothing that happens between the two is missed.
            let notices = finesse.notices().await;
            let first = finesse.look().await;
            inbox.post(first.map_or(Event::UserFailed, Event::User)).await;
            let Some(mut notices) = notices else { return };
            while let Some(notice) = notices.next().await {
                inbox
                    .post(match notice {
                        Notice::User(user) => Event::User(user),
                        Notice::Failed { request, reply } => Event::Failed(request, reply),
                        Notice::Service(serves) => Event::Service(serves),
                    })
                    .await;
            }
        });
        self.read_clock();
        self.read_reasons();
        self.join();
    }

    async fn reload(&mut self, inbox: &mut Events) {
        self.hang_up(inbox).await;
        self.work = JoinSet::new();
        self.joining.joined();
        self.joining.token = None;
        self.load();
    }

    /// Says that the page goes, and closes the link once that is said.
    async fn hang_up(&mut self, inbox: &mut Events) {
        self.tell(ToServer::Bye);
        let Some(Link { says, mut task, .. }) = self.link.take() else { return };
        drop(says);
        // It may be about to tell something, which nobody takes in any more.
        while !task.is_empty() {
            tokio::select! {
                _ = task.join_next() => {}
                _ = inbox.recv() => {}
            }
        }
    }

    // === what happens ===

    fn take(&mut self, event: Event) {
        match event {
            Event::User(user) => {
                self.user = Some(user);
                self.on_user();
            }
            Event::UserFailed | Event::Looked(_, None) => self.step(DeskInput::LookFailed),
            Event::Looked(asked_at, Some(user)) => {
                let view = agent_view(&user, self.desk.reasons());
                let clock_ahead_ms = self.clock_ahead();
                self.step(DeskInput::Seen { view, asked_at, clock_ahead_ms });
            }
            Event::Clocked(asked_at, told) => {
                let now = self.browser();
                told.inspect(|told| self.finesse_clock.told(asked_at, now, *told));
            }
            Event::Reasons(list) => self.on_reasons(list),
            Event::Replied(request, reply) => self.step(DeskInput::Replied { request, reply }),
            Event::Failed(id, reply) => {
                let own = id.strip_prefix(&self.request_id("")).and_then(|id| id.parse().ok());
                if let Some(request) = own {
                    self.step(DeskInput::Replied { request, reply });
                }
            }
            Event::Service(serves) => self.on_service(serves),
            Event::Session(answer) => self.on_session(answer),
            Event::Link(number, heard) if number == self.links => self.on_link(heard),
            Event::Link(..) => {}
        }
    }

    fn on_user(&mut self) {
        let Some(user) = &self.user else { return };
        let view = agent_view(user, self.desk.reasons());
        let clock_ahead_ms = self.clock_ahead();
        self.step(DeskInput::Pushed { view, clock_ahead_ms });
    }

    fn on_reasons(&mut self, list: Option<Vec<Listed>>) {
        self.step(list.map_or(DeskInput::ReasonsFailed, DeskInput::Reasons));
        // A label that only the list tells may be part of what is seen.
        if self.desk.reasons().are_read() && self.desk.has_seen() {
            self.on_user();
        }
    }

    fn on_service(&mut self, serves: bool) {
        if std::mem::replace(&mut self.serves, serves) == serves {
            return;
        }
        if serves {
            self.finesse_clock.forget();
            self.read_clock();
            self.step(DeskInput::FinesseBack);
            self.look();
        } else {
            self.step(DeskInput::FinesseGone);
        }
    }

    fn on_session(&mut self, answer: Result<SessionReply, Trouble>) {
        match answer {
            Ok(reply) => {
                self.set_clock(reply.now);
                self.joining.token = Some(reply.token);
                self.join();
            }
            Err(trouble) => {
                self.joining.again(self.now(), &trouble);
                self.step(DeskInput::Trouble(trouble));
            }
        }
    }

    fn on_link(&mut self, heard: Heard) {
        match heard {
            Heard::Up => {
                self.hello_at = self.browser();
                if let Some(link) = &mut self.link {
                    link.is_up = true;
                }
                self.step(DeskInput::LinkUp);
            }
            Heard::Down => {
                self.link = None;
                self.joining.again(self.now(), &Trouble::NoSocket);
                self.step(DeskInput::LinkDown);
            }
            Heard::Failed(trouble) => {
                self.link = None;
                self.joining.again(self.now(), &trouble);
                self.step(DeskInput::Trouble(trouble));
            }
            Heard::Message(message) => self.on_message(*message),
        }
    }

    fn on_message(&mut self, message: ToGadget) {
        match &message {
            ToGadget::Welcome { now, .. } => {
                self.joining.joined();
                if self.browser().since(self.hello_at) <= WELCOME_TELLS {
                    self.set_clock(*now);
                }
            }
            ToGadget::Renewed(reply) => self.joining.token = Some(reply.token.clone()),
            _ => {}
        }
        self.step(DeskInput::Heard(message));
    }

    fn on_timer(&mut self) {
        let now = self.now();
        if self.joining.is_due(now) {
            self.join();
        }
        if self.desk.next_wake().is_some_and(|at| at <= now) {
            self.step(DeskInput::Wake);
        }
    }

    // === what follows ===

    fn step(&mut self, input: DeskInput) {
        let (now, heard) = (self.now(), input.clone());
        let outputs = self.desk.step(now, input);
        self.steps.note(now, heard, &outputs);
        for output in outputs {
            match output {
                DeskOutput::Tell(message) => self.tell(message),
                DeskOutput::Keep(kept) => self.kept = Some(*kept),
                DeskOutput::Set { request, target, reason } => self.set(request, target, reason),
                DeskOutput::Look => self.look(),
                DeskOutput::ReadReasons => self.read_reasons(),
                DeskOutput::Leave => {
                    self.joining.never_again();
                    self.link = None;
                }
            }
        }
    }

    fn tell(&mut self, message: ToServer) {
        if let ToServer::Report(report) = &message
            && let Some(decision) = &report.decision
        {
            if self.decided.len() == DECISIONS {
                self.decided.pop_front();
            }
            self.decided.push_back(decision.code);
        }
        let Some(link) = &self.link else { return };
        match link.says.try_send(message) {
            // Of one that has ended the end is on its way.
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => panic!("{WAITING} words wait for a connection"),
        }
    }

    fn set(&mut self, request: u64, target: Target, reason: Option<String>) {
        self.read_clock_if_wanted();
        let (finesse, id) = (self.finesse.clone(), self.request_id(&request.to_string()));
        self.asks(async move |inbox| {
            let reply = finesse.set(&id, target, reason.as_deref()).await;
            inbox.post(Event::Replied(request, reply)).await;
        });
    }

    fn look(&mut self) {
        self.read_clock_if_wanted();
        let (finesse, asked_at) = (self.finesse.clone(), self.now());
        self.asks(async move |inbox| {
            let user = finesse.look().await;
            inbox.post(Event::Looked(asked_at, user)).await;
        });
    }

    fn read_clock_if_wanted(&mut self) {
        if self.finesse_clock.is_wanted() {
            self.read_clock();
        }
    }

    fn read_clock(&mut self) {
        let (finesse, asked_at) = (self.finesse.clone(), self.browser());
        self.asks(async move |inbox| {
            let told = finesse.clock().await;
            inbox.post(Event::Clocked(asked_at, told)).await;
        });
    }

    fn read_reasons(&mut self) {
        let finesse = self.finesse.clone();
        self.asks(async move |inbox| {
            let list = finesse.reasons().await;
            inbox.post(Event::Reasons(list)).await;
        });
    }

    fn join(&mut self) {
        let server = self.door.address();
        let Some(token) = self.joining.token.clone() else {
            let finesse = self.finesse.clone();
            return self.asks(async move |inbox| {
                let answer = joining::session(&finesse.client, server, &finesse.agent).await;
                inbox.post(Event::Session(answer)).await;
            });
        };
        self.links += 1;
        let (number, inbox) = (self.links, self.inbox());
        let (says, words) = mpsc::channel(WAITING);
        let awake = self.awake.subscribe();
        let heard = async move |heard| inbox.post(Event::Link(number, heard)).await;
        let mut task = JoinSet::new();
        task.spawn(joining::link(server, token, words, awake, heard));
        self.link = Some(Link { says, task, is_up: false });
    }

    fn asks<W: Future<Output = ()> + Send + 'static>(&mut self, work: impl FnOnce(Inbox) -> W) {
        let inbox = self.inbox();
        self.work.spawn(work(inbox));
    }

    fn inbox(&self) -> Inbox {
        Inbox { load: self.loads, events: self.inbox.0.clone() }
    }

    fn request_id(&self, request: &str) -> String {
        format!("{}-{}-{}-{request}", self.finesse.agent, self.number, self.loads)
    }

    fn show(&self) {
        let held = self.desk.ledger().and_then(|ledger| ledger.hold.as_ref());
        let glance = Glance {
            linked: self.link.as_ref().is_some_and(|link| link.is_up),
            acts: self.desk.is_writer(),
            held: held.map(|hold| hold.reason.to_string()),
            decided: self.decided.iter().copied().collect(),
        };
        self.shows.send_if_modified(|shown| {
            let news = *shown != glance;
            *shown = glance;
            news
        });
    }

    // === clocks ===

    fn browser(&self) -> Time {
        let (opened, wall) = self.opened;
        wall.after(opened.elapsed())
    }

    /// On the server's clock as far as it is known.
    fn now(&self) -> Time {
        self.browser().shifted(self.server_ahead_ms)
    }

    fn set_clock(&mut self, server: Time) {
        self.server_ahead_ms = difference(server, self.browser());
    }

    fn clock_ahead(&self) -> i64 {
        self.finesse_clock.ahead().map_or(0, |ahead| ahead - self.server_ahead_ms)
    }

    fn next_due(&self) -> Option<Instant> {
        let at = self.desk.next_wake().into_iter().chain(self.joining.next).min()?;
        // One more, as the gadget's own timer has it.
        Some(Instant::now() + at.since(self.now()) + Duration::from_millis(1))
    }
}

/// Where what happens arrives.
#[derive(Debug, Clone)]
struct Inbox {
    load: u64,
    events: mpsc::Sender<(u64, Event)>,
}

impl Inbox {
    async fn post(&self, event: Event) {
        // A page that is gone hears nothing.
        let _ = self.events.send((self.load, event)).await;
    }
}

fn difference(one: Time, other: Time) -> i64 {
    let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    millis(one.since(other)) - millis(other.since(one))
}
