//! Finesse as an agent's own desktop has it: what it is told, and what it asks in the agent's name.

use std::time::Duration;

use finesse_sim::{Asked, Category, EventKind, HistoryEntry, Refused};
use lockstep_core::desk::{Listed, Reply};
use lockstep_core::finesse::AgentView;
use rand::RngExt as _;

use super::answers::view;
use super::weather::{Fate, Reach};
use super::{Desk, LIMIT, State};

/// The reasons that agents of the simulation may choose from.
const REASONS: [&str; 6] =
    ["Lunch", "Break", "Webex Call", "Webex Meeting", "Webex DND", "Webex Unavailable"];

/// What the desktop of an agent is told.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Whose desktop.
    pub agent: String,
    /// The last thing of Finesse's history that it shows.
    pub upto: u64,
    /// What.
    pub what: Told,
}

/// What is told.
#[derive(Clone, Debug)]
pub enum Told {
    /// The user has changed.
    User(AgentView),
    /// A request failed in CTI, after it had been accepted.
    Failed {
        /// The `requestId`.
        request: String,
        /// The error.
        reply: Reply,
    },
}

/// How the way to Finesse is for a question that leaves now.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// It arrives after so long.
    Open(Duration),
    /// 503 comes back after so long.
    OutOfService(Duration),
    /// Nothing comes back; given up after so long.
    Silent(Duration),
}

/// A desktop's request for a change.
#[derive(Clone, Debug)]
pub struct Asks {
    /// Whose.
    pub agent: String,
    /// READY, otherwise `NOT_READY`.
    pub ready: bool,
    /// The reason's database id.
    pub reason: Option<String>,
    /// The `requestId`.
    pub id: String,
}

/// What comes back, and after how long.
#[derive(Clone, Debug)]
pub struct Answered<T> {
    /// What.
    pub what: T,
    /// How long it is on its way.
    pub after: Duration,
}

impl Desk {
    /// From now on desktops are told what happens.
    pub fn connect_desktops(&self) {
        self.lock().notices = Some(Vec::new());
    }

    /// What desktops were told since this was asked last.
    pub fn notices(&self) -> Vec<Notice> {
        self.lock().notices.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The way of a desktop's question.
    pub fn way_of_desktop(&self) -> Way {
        let mut state = self.lock();
        let State { weather, random, .. } = &mut *state;
        let pause = weather.half_way(random);
        match weather.reach {
            Reach::Open => Way::Open(pause),
            Reach::OutOfService => Way::OutOfService(pause),
            Reach::Silent => Way::Silent(LIMIT),
        }
    }

    /// The agent as a look of the desktop shows them; `None` where it failed.
    pub fn look_of_desktop(&self, agent: &str) -> Answered<Option<(AgentView, u64)>> {
        let mut state = self.lock();
        let State { weather, random, .. } = &mut *state;
        let (fails, lost) = (weather.question_fails(random), weather.answer_is_lost(random));
        let after = if lost { LIMIT } else { weather.half_way(random) };
        let upto = state.upto();
        let user = state.sim.user(agent).filter(|_| !fails && !lost);
        Answered { what: user.map(|user| (view(&user, false), upto)), after }
    }

    /// The reasons as the desktop lists them; `None` where they cannot be read.
    pub fn reasons(&self) -> Answered<Option<Vec<Listed>>> {
        let mut state = self.lock();
        let State { weather, random, .. } = &mut *state;
        let (fails, after) = (weather.question_fails(random), weather.half_way(random));
        let listed = |label: &&str| {
            let reason = state.sim.reason(Category::NotReady, label)?;
            Some(Listed { id: reason.id.to_string(), label: reason.label, system: false })
        };
        let list = REASONS.iter().filter_map(listed).collect();
        Answered { what: (!fails).then_some(list), after }
    }

    /// How far Finesse's clock is ahead of the world's, as a desktop measures it.
    pub fn clock_of_desktop(&self) -> i64 {
        let mut state = self.lock();
        let error = state.random.random_range(-40..=40);
        state.skew_ms + error
    }

    /// Takes a request of a desktop.
    pub fn ask(&self, asks: &Asks) -> Answered<Reply> {
        let mut state = self.lock();
        let (what, fate) = state.take_of_desktop(asks);
        let what_text = if asks.ready { "READY" } else { "NOT_READY" };
        let text = format!("{} asked {what_text} of itself: {} {fate:?}", asks.agent, what.status);
        state.journal.note("finesse", text);
        if fate == Fate::AnswerLost {
            return Answered { what: Reply::default(), after: LIMIT };
        }
        let State { weather, random, .. } = &mut *state;
        let after = weather.half_way(random);
        Answered { what, after }
    }
}

impl State {
    /// Tells the desktops.
    pub(super) fn notify(&mut self, event: &HistoryEntry) {
        let Some(notices) = &mut self.notices else { return };
        let what = match event.kind {
            EventKind::State | EventKind::Pending | EventKind::Republished => {
                let Some(user) = self.sim.user(&event.user) else { return };
                Told::User(view(&user, false))
            }
            EventKind::Error => {
                let (Some(request), Some(error)) = (&event.request_id, &event.error) else {
                    return;
                };
                let (kind, data) = (error.error_type.clone(), error.error_data.clone());
                let reply = Reply { status: 400, kind, data };
                Told::Failed { request: request.clone(), reply }
            }
            EventKind::Dropped | EventKind::Nothing | EventKind::Call => return,
        };
        notices.push(Notice { agent: event.user.clone(), upto: event.seq, what });
    }

    fn take_of_desktop(&mut self, asks: &Asks) -> (Reply, Fate) {
        let (fate, cti_delay, cti) = self.draw_fate();
        match fate {
            Fate::FailsBefore => return (reply(500, "Internal Server Error", ""), fate),
            Fate::RefusedOddly => return (reply(400, "Bad Request", ""), fate),
            Fate::Comes | Fate::FailsAfter | Fate::AnswerLost => {}
        }
        let asked = Asked {
            actor: &asks.agent,
            target: &asks.agent,
            ready: asks.ready,
            reason: asks.reason.as_deref(),
            request_id: &asks.id,
            cti_delay,
            cti,
        };
        let taken = match self.sim.submit(&asked) {
            Ok(()) => reply(202, "", ""),
            Err(Refused::NotFound(_)) => reply(404, "User Not Found", ""),
            Err(Refused::NotTheirs(_)) => reply(401, "Authorization Failure", ""),
            Err(Refused::InvalidState(_)) => reply(400, "Invalid State", ""),
            Err(Refused::Other(_)) => {
                reply(400, "Invalid Input", "finesse.api.reasoncode.not_valid")
            }
            Err(Refused::Full) => reply(503, "Service Unavailable", ""),
        };
        let failed = fate == Fate::FailsAfter;
        (if failed { reply(500, "Internal Server Error", "") } else { taken }, fate)
    }
}

fn reply(status: u16, kind: &str, data: &str) -> Reply {
    Reply { status, kind: kind.to_owned(), data: data.to_owned() }
}
