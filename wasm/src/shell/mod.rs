//! The gadget's one loop: everything that happens is an [`Event`], taken in one after the other; the
//! desk says what is to be done, and this does it.

mod inbox;
mod joining;
mod timer;

use lockstep_core::desk::{Desk, DeskInput, DeskOutput, Listed, Reply, Trouble};
use lockstep_core::panel::{Glimpse, Panel};
use lockstep_core::protocol::{SessionReply, ToGadget, ToServer};
use lockstep_core::{AgentId, Time};

pub(crate) use self::inbox::Inbox;
use self::joining::Joining;
use self::timer::Timer;
use crate::clock::{self, Clock};
use crate::finesse::user::User;
use crate::finesse::{self, Desktop, FinesseClock, Notice, rest};
use crate::link::{Heard, Link};
use crate::options::Options;
use crate::view::{Press, View};
use crate::{storage, view, wire};

/// The server's time counts where its welcome comes this soon after our hello.
const WELCOME_TELLS: std::time::Duration = std::time::Duration::from_secs(5);

/// All that can happen.
pub(crate) enum Event {
    /// The page is there.
    Start,
    /// The desktop tells something.
    Notice(Notice),
    /// The live User was loaded or has changed.
    UserChanged,
    /// The live User could not be loaded.
    UserFailed,
    /// A look came back: when it was sent, and the body.
    Looked(Time, Option<String>),
    /// Finesse's clock: when it was asked for, and the body.
    Clocked(Time, Option<String>),
    /// The agent's reasons.
    Reasons(Option<Vec<Listed>>),
    /// What became of a request.
    Replied(u64, Reply),
    /// What became of asking for a session.
    Session(Result<SessionReply, Trouble>),
    /// The link tells something.
    Link(Heard),
    /// The agent pressed something.
    Press(Press),
    /// It is time for something.
    Timer,
    /// The page goes away.
    Gone,
}

/// The gadget.
pub(crate) struct Shell {
    inbox: Inbox,
    options: Options,
    desktop: Desktop,
    clock: Clock,
    desk: Desk,
    view: Option<View>,
    user: Option<User>,
    agent: Option<AgentId>,
    link: Option<Link>,
    joining: Joining,
    timer: Timer,
    /// On the browser's clock: when the link opened last.
    hello_at: Time,
    finesse_clock: FinesseClock,
}

// === impl Shell ===

impl Shell {
    pub(crate) fn new(options: Options, inbox: Inbox) -> Self {
        let desktop = Desktop { finesse: options.finesse(), gadgets: options.gadgets() };
        let pressed = inbox.clone();
        let view = View::new(&options.root(), move |press| pressed.post(Event::Press(press)));
        let timer = Timer::new(&inbox);
        Self {
            inbox,
            options,
            desktop,
            clock: Clock::default(),
            desk: Desk::new(None),
            view,
            user: None,
            agent: None,
            link: None,
            joining: Joining::default(),
            timer,
            hello_at: Time::default(),
            finesse_clock: FinesseClock::default(),
        }
    }

    /// Takes in one event, does what follows, and draws.
    pub(crate) fn take(&mut self, event: Event) {
        match event {
            Event::Start => self.start(),
            Event::Notice(notice) => self.on_notice(notice),
            Event::UserChanged => self.on_user(),
            Event::UserFailed => self.step(DeskInput::LookFailed),
            Event::Looked(asked_at, body) => self.on_looked(asked_at, body.as_deref()),
            Event::Clocked(asked_at, body) => self.on_clocked(asked_at, body.as_deref()),
            Event::Reasons(list) => self.on_reasons(list),
            Event::Replied(request, reply) => self.step(DeskInput::Replied { request, reply }),
            Event::Session(answer) => self.on_session(answer),
            Event::Link(heard) => self.on_link(heard),
            Event::Press(press) => self.on_press(press),
            Event::Timer => self.on_timer(),
            Event::Gone => self.on_gone(),
        }
        self.draw();
        self.set_timer();
    }

    // === the desktop ===

    fn start(&mut self) {
        self.desktop.adjust_height(View::height());
        let inbox = self.inbox.clone();
        self.desktop.when_ready(move |notice| inbox.post(Event::Notice(notice)));
    }

    fn on_notice(&mut self, notice: Notice) {
        match notice {
            Notice::Ready if self.agent.is_none() => self.open(),
            Notice::Ready => {}
            Notice::Gone => self.step(DeskInput::FinesseGone),
            Notice::Back => {
                self.finesse_clock.forget();
                self.read_clock();
                self.step(DeskInput::FinesseBack);
            }
        }
    }

    /// Once: the hub may tell that it is connected twice.
    fn open(&mut self) {
        let Some(agent) = self.desktop.agent() else {
            let now = self.clock.now();
            self.joining.again(now, &Trouble::NoSignIn);
            return self.step(DeskInput::Trouble(Trouble::NoSignIn));
        };
        let inbox = self.inbox.clone();
        self.desktop.init(move |notice| inbox.post(Event::Notice(notice)));
        self.desk = Desk::new(storage::kept(&agent));
        let (changed, failed) = (self.inbox.clone(), self.inbox.clone());
        self.user = User::open(
            &self.desktop,
            &agent,
            move || changed.post(Event::UserChanged),
            move || failed.post(Event::UserFailed),
        );
        self.agent = Some(AgentId::new(agent));
        self.read_clock();
        self.read_reasons();
        self.ask_for_session();
    }

    fn on_user(&mut self) {
        let Some(user) = &self.user else { return };
        let view = finesse::view(&user.seen(), self.desk.reasons());
        self.step(DeskInput::Pushed { view, clock_ahead_ms: self.clock_ahead() });
    }

    fn look(&self) {
        let Some(agent) = &self.agent else { return };
        self.read_clock_if_wanted();
        let (asked_at, inbox) = (self.clock.now(), self.inbox.clone());
        let path = ["/finesse/api/User/", agent.as_str()].concat();
        rest::get(&self.desktop, &path, asked_at.as_millis(), move |body| {
            inbox.post(Event::Looked(asked_at, body));
        });
    }

    fn on_looked(&mut self, asked_at: Time, body: Option<&str>) {
        let input = match body.and_then(finesse::user_from_xml) {
            None => DeskInput::LookFailed,
            Some(user) => DeskInput::Seen {
                view: finesse::view(&user, self.desk.reasons()),
                asked_at,
                clock_ahead_ms: self.clock_ahead(),
            },
        };
        self.step(input);
    }

    // === Finesse's clock ===

    fn read_clock(&self) {
        let (asked_at, inbox) = (clock::browser(), self.inbox.clone());
        rest::get(&self.desktop, "/finesse/api/SystemInfo", asked_at.as_millis(), move |body| {
            inbox.post(Event::Clocked(asked_at, body));
        });
    }

    /// Without it no change can be told to be ours, once the clocks differ.
    fn read_clock_if_wanted(&self) {
        if self.finesse_clock.is_wanted() {
            self.read_clock();
        }
    }

    fn on_clocked(&mut self, asked_at: Time, body: Option<&str>) {
        if let Some(told) = body.and_then(finesse::timestamp_from_xml) {
            self.finesse_clock.told(asked_at, clock::browser(), told);
        }
    }

    /// Against the server's clock; as long as Finesse has not told, the two are taken for one.
    fn clock_ahead(&self) -> i64 {
        self.finesse_clock.ahead().map_or(0, |ahead| ahead - self.clock.ahead())
    }

    // === reasons ===

    fn read_reasons(&self) {
        let Some(user) = &self.user else { return self.inbox.post(Event::Reasons(None)) };
        let inbox = self.inbox.clone();
        user.read_reasons(move |list| inbox.post(Event::Reasons(list)));
    }

    fn on_reasons(&mut self, list: Option<Vec<Listed>>) {
        self.step(list.map_or(DeskInput::ReasonsFailed, DeskInput::Reasons));
        // A label that only the list tells may be part of what is seen.
        if self.desk.reasons().are_read() && self.desk.has_seen() {
            self.on_user();
        }
    }

    // === the agent ===

    fn on_press(&mut self, press: Press) {
        use lockstep_core::agent::Snooze;
        let now = self.clock.now();
        let Some(view) = &self.view else { return };
        let snooze = match press {
            Press::Snooze if view.shows_undo() => return self.step(DeskInput::Unsnooze),
            Press::Snooze => return view.offer(true),
            Press::HalfHour => Snooze::Until(now.after(std::time::Duration::from_mins(30))),
            Press::UntilPresenceChanges => Snooze::UntilPresenceChanges,
            Press::UntilSignIn => Snooze::UntilSignIn,
            Press::Cancel => return view.offer(false),
            Press::Resize => return,
            Press::More => return self.desktop.adjust_height(view.turn_more(!view.shows_more())),
            Press::Escape => {
                return view
                    .escape()
                    .into_iter()
                    .for_each(|height| self.desktop.adjust_height(height));
            }
        };
        view.offer(false);
        self.step(DeskInput::Snooze(snooze));
    }

    // === what follows ===

    fn step(&mut self, input: DeskInput) {
        let now = self.clock.now();
        for output in self.desk.step(now, input) {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: DeskOutput) {
        match output {
            DeskOutput::Tell(message) => self.tell(&message),
            DeskOutput::Keep(kept) => {
                if let Some(agent) = &self.agent {
                    storage::keep(agent.as_str(), &kept);
                }
            }
            DeskOutput::Set { request, target, reason } => {
                self.read_clock_if_wanted();
                let inbox = self.inbox.clone();
                let replied = move |reply| inbox.post(Event::Replied(request, reply));
                let set = |user: &User| user.set_state(target, reason.as_deref(), replied);
                if !self.user.as_ref().is_some_and(set) {
                    let none = Reply { status: 503, ..Reply::default() };
                    self.inbox.post(Event::Replied(request, none));
                }
            }
            DeskOutput::Look => self.look(),
            DeskOutput::ReadReasons => self.read_reasons(),
            DeskOutput::Leave => {
                self.joining.never_again();
                self.link.take().inspect(Link::close);
            }
        }
    }

    fn tell(&self, message: &ToServer) {
        if let Some(link) = &self.link {
            link.tell(message);
        }
    }

    fn draw(&self) {
        let clock = |time| view::time(self.clock.on_browser(time));
        let glimpse = Glimpse { now: self.clock.now(), clock: &clock };
        if let Some(view) = &self.view {
            view.draw(Panel::of(&self.desk, &glimpse));
            view.outgrown().into_iter().for_each(|height| self.desktop.adjust_height(height));
        }
    }

    fn set_timer(&self) {
        let now = self.clock.now();
        let changes = Panel::changes_at(&self.desk, now);
        let times = [self.desk.next_wake(), changes, self.joining.next()];
        self.timer.set(now, times.into_iter().flatten().min());
    }

    fn on_timer(&mut self) {
        let now = self.clock.now();
        if self.joining.is_due(now) {
            if self.agent.is_none() { self.open() } else { self.join_again() }
        }
        if self.desk.next_wake().is_some_and(|at| at <= now) {
            self.step(DeskInput::Wake);
        }
    }

    fn on_gone(&mut self) {
        self.tell(&ToServer::Bye);
    }

    fn heard(&mut self, message: ToGadget) {
        match &message {
            // Not before: whoever is not watched any more is let in by the token, and sent away.
            ToGadget::Welcome { now, .. } => {
                self.joining.joined();
                // A browser that slept meanwhile takes it in too late to set a clock by.
                if clock::browser().since(self.hello_at) <= WELCOME_TELLS {
                    self.clock.set(*now);
                }
            }
            ToGadget::Renewed(reply) => {
                if let Some(link) = &self.link {
                    link.renew(reply.token.clone());
                }
            }
            ToGadget::Bye { message } => self.desktop.log(message),
            _ => {}
        }
        self.step(DeskInput::Heard(message));
    }

    fn on_link(&mut self, heard: Heard) {
        match heard {
            Heard::Up => {
                self.hello_at = clock::browser();
                self.step(DeskInput::LinkUp);
            }
            Heard::Down { for_good } => {
                if for_good {
                    self.joining.again(self.clock.now(), &Trouble::NoSocket);
                }
                self.step(DeskInput::LinkDown);
            }
            Heard::Failed { trouble, for_good } => {
                if for_good {
                    self.joining.refused(self.clock.now(), &trouble);
                }
                self.step(DeskInput::Trouble(trouble));
            }
            Heard::Message(value) => {
                if let Some(message) = wire::to_gadget(&value) {
                    self.heard(message);
                }
            }
        }
    }
}
