//! The judge: watches what Lockstep asks of Finesse, and looks at everybody when all is quiet.
//!
//! It knows the truth of the world (who changed which state, when presence changed, which look was
//! delivered) and nothing of the product's mind.

mod story;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use finesse_sim::{AgentState, By, EventKind, HistoryEntry, Via};
use lockstep_core::agent::LedgerEntry;

pub(crate) use self::story::CLAIMED;
use self::story::{Author, Delivered, Standing, Story, push};
pub use self::turns::Turn;
use self::turns::Turns;
use crate::presence::Class;

/// The codes of a supervisor's `NOT_READY`, on CCE and on CCX (Finesse notes 1.6).
const SUPERVISOR_STAMPS: [i32; 2] = [999, 33];
/// Who asks, where that is Lockstep's process itself; the pages of gadgets are numbered from 1.
pub const SERVER: u64 = 0;
/// What the labels of our own reasons begin with; no human of the simulation chooses one.
pub(crate) const OUR_LABELS: &str = "Webex ";
/// The reasons that humans of the simulation choose.
pub(crate) const CHOICES: [&str; 2] = ["Lunch", "Break"];
/// Spells of presence remembered per agent: a storm in which it flaps without a pause.
const PRESENCES: usize = 2_048;

/// A law that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which: a word for the table.
    pub law: Law,
    /// What happened, in a sentence.
    pub text: String,
}

/// What is counted at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// Law 1.
    ReadyWithoutHold,
    /// Law 1: a request whose intent was not on the disk.
    NotRecorded,
    /// Law 4.
    TwoInFlight,
    /// Law 4: quiet, and somebody is not right.
    WrongFinalState,
    /// Laws 5 and 8.
    Touched,
    /// Law 9 and the rule that no state is changed on stale presence.
    Stale,
    /// Somebody acts whose turn it is not, or a turn's number does not grow.
    OutOfTurn,
    /// Quiet, and the ledger lacks a hold.
    NotInLedger,
    /// Law 12.
    Unbounded,
    /// Something else that must not happen: a part ended, the client broke Webex's rules.
    Broken,
}

/// What the judge remembers of a run.
#[derive(Debug, Default)]
pub struct Laws {
    stories: BTreeMap<String, Story>,
    request_ids: BTreeSet<String>,
    turns: Turns,
    violations: Vec<Violation>,
    /// Requests in all.
    pub requests: u64,
    /// The site's policy moves agents when the feed stays away, whatever presence was.
    pub moves_on_loss: bool,
    /// A request that reaches Finesse after a human's choice of which its sender could not know yet
    /// breaks a law, too: the agent's own request is taken at any time.
    pub strict_races: bool,
}

/// A request as it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Leaving<'a> {
    /// When.
    pub at: Duration,
    /// Who asks: [`SERVER`], or the number of a gadget's page.
    pub by: u64,
    /// For whom.
    pub agent: &'a str,
    /// READY, otherwise `NOT_READY`.
    pub ready: bool,
    /// It asks for a reason that is none of ours: what a request of ours had replaced is put back,
    /// for which nothing is claimed.
    pub puts_back: bool,
    /// Its id.
    pub id: &'a str,
    /// What the ledger has of the agent.
    pub entry: &'a LedgerEntry,
    /// The disk has it too, or it fails.
    pub written: bool,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.law, self.text)
    }
}

impl Laws {
    /// What was broken so far.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Something that must not happen.
    pub fn broken(&mut self, law: Law, text: String) {
        self.violations.push(Violation { law, text });
    }

    // === what happens in the world ===

    /// Somebody's presence changed.
    pub fn presence(&mut self, agent: &str, at: Duration, class: Class) {
        let story = self.story(agent);
        if story.presence.back().is_none_or(|(_, last)| *last != class) {
            if story.presence.len() == PRESENCES {
                story.presence.pop_front();
            }
            story.presence.push_back((at, class));
        }
    }

    /// Something happened in the contact centre.
    pub fn happened(&mut self, at: Duration, entry: &HistoryEntry) {
        let by = match (entry.via, entry.by) {
            (Via::Api, _) => Author::Us,
            (_, By::Agent) => Author::Agent,
            (_, By::Supervisor) => Author::Supervisor,
            (_, By::System) => Author::System,
        };
        let state = match entry.kind {
            EventKind::State => entry.to,
            // Chosen during a call, for afterwards.
            EventKind::Pending => match entry.pending_state {
                Some(AgentState::Ready) => AgentState::Ready,
                _ => return self.story(&entry.user).pends(by),
            },
            // After a fail-over nothing follows the call any more.
            EventKind::Republished => return self.story(&entry.user).pends_no_more(),
            _ => return,
        };
        let strict = self.strict_races;
        let story = self.story(&entry.user);
        let pending = entry.kind == EventKind::Pending;
        let reason = entry.reason.as_ref().map(|reason| reason.code);
        let stamped = reason.is_some_and(|code| SUPERVISOR_STAMPS.contains(&code));
        let label = entry.reason.as_ref().map(|reason| reason.label.as_str());
        let labelled = label.is_some_and(|label| label.starts_with(OUR_LABELS));
        // A human's choice that a request of ours had replaced, put back under its own reason.
        let chosen = label.is_some_and(|label| CHOICES.contains(&label));
        let put_back = by == Author::Us && label.is_some() && !labelled && !stamped;
        let by = if put_back { Author::Agent } else { by };
        let seq = entry.seq;
        let standing = Standing { seq, at, state, by, stamped, labelled, chosen, shown_late: None };
        if pending {
            story.pends(by);
            story.chosen_for_later(standing);
        } else {
            let buried = story.entered(standing);
            if buried && strict {
                let text = format!("NOT_READY for {}: a human had chosen that already", entry.user);
                self.violations.push(Violation { law: Law::Touched, text });
            }
        }
    }

    /// The agent is new, with this state; `seq` is that of the next event. What an agent of the same
    /// id was shown to be before may still be acted on.
    pub fn appeared(&mut self, agent: &str, at: Duration, state: AgentState, seq: u64) {
        let story = self.story(agent);
        story.excused = false;
        story.intent_lost = false;
        let (by, shown_late) = (Author::System, None);
        let (stamped, labelled, chosen) = (false, false, false);
        let standing = Standing { seq, at, state, by, stamped, labelled, chosen, shown_late };
        push(&mut story.states, standing);
    }

    /// Lockstep's process died: what was in flight is nobody's any more.
    pub fn crashed(&mut self, at: Duration) {
        self.turns.crashed(at);
        for story in self.stories.values_mut() {
            story.gone(SERVER);
        }
    }

    /// The server's clock was set back while it was down.
    pub fn clock_set_back(&mut self) {
        self.turns.clock_set_back();
    }

    /// The page of a gadget is gone.
    pub fn closed(&mut self, agent: &str, page: u64) {
        self.story(agent).gone(page);
    }

    /// What the server tells its gadgets about turns.
    pub fn turn(&mut self, agent: &str, at: Duration, turn: Turn) {
        if let Some(text) = self.turns.told(agent, at, turn) {
            self.violations.push(Violation { law: Law::OutOfTurn, text });
        }
    }

    /// A gadget's page acts, by this turn; it cannot have heard for `deaf` what it was told last.
    /// Tells whether that is its turn still.
    pub fn acts(
        &mut self,
        agent: &str,
        at: Duration,
        turn: Option<(u64, u64)>,
        deaf: Duration,
    ) -> bool {
        if let Some(text) = self.turns.wrong(agent, at, turn, deaf) {
            self.violations.push(Violation { law: Law::OutOfTurn, text });
        }
        turn.is_some() && self.turns.right_of(agent) == turn
    }

    /// What is held of this agent cannot be known to be ours any more.
    pub fn excuse(&mut self, agent: &str) {
        self.story(agent).excused = true;
    }

    /// The ledger lost what it had not written of this agent: a hold, or an intent whose effect may
    /// come yet.
    pub fn forgotten(&mut self, agent: &str) {
        let story = self.story(agent);
        story.excused = true;
        story.intent_lost = true;
    }

    // === what lockstep does ===

    /// A look was answered.
    pub fn delivered(&mut self, by: u64, agent: &str, at: Duration, asked: Duration, upto: u64) {
        let story = self.story(agent);
        let looks = story.looks.entry(by).or_default();
        if looks.back().is_none_or(|last| asked >= last.asked) {
            push(looks, Delivered { at, asked, upto });
            story.show(upto);
        }
    }

    /// A request leaves.
    pub fn leaves(&mut self, leaving: &Leaving<'_>) {
        self.requests += 1;
        let moves_on_loss = self.moves_on_loss;
        let out_of_turn = self.turns.gadget_of(leaving.agent);
        let repeated = !self.request_ids.insert(leaving.id.to_owned());
        let story = self.story(leaving.agent);
        *story.in_flight.entry(leaving.by).or_default() += 1;
        story.intent_lost = false;
        push(&mut story.asks, (leaving.at, leaving.ready));
        let mut found = story.check(leaving);
        if !moves_on_loss {
            found.extend(story.check_stale(leaving));
        }
        if leaving.by == SERVER
            && let Some(text) = out_of_turn
        {
            found.push((Law::OutOfTurn, text));
        }
        if repeated {
            found.push((Law::Broken, format!("the request id {} was used before", leaving.id)));
        }
        let what = if leaving.ready { "READY" } else { "NOT_READY" };
        for (law, text) in found {
            let text = format!("{what} for {}: {text}", leaving.agent);
            self.violations.push(Violation { law, text });
        }
    }

    /// A request was answered, or nobody waits for the answer any more.
    pub fn answered(&mut self, by: u64, agent: &str) {
        if let Some(in_flight) = self.story(agent).in_flight.get_mut(&by) {
            *in_flight = in_flight.saturating_sub(1);
        }
    }

    // === when all is quiet ===

    /// Who is not right just now, and why: nothing follows from it yet.
    pub fn wrong(&mut self, now: Duration, agents: &[String]) -> Vec<String> {
        let moves_on_loss = self.moves_on_loss;
        let mut wrong = Vec::new();
        for agent in agents {
            let story = self.story(agent);
            story.moved_on_loss = moves_on_loss;
            wrong.extend(story.wrong(now).map(|text| format!("{agent} {text}")));
        }
        wrong
    }

    /// Is everybody right, and in the ledger, which has these holds?
    pub fn judge(&mut self, now: Duration, agents: &[String], holds: &BTreeSet<String>) {
        let moves_on_loss = self.moves_on_loss;
        for agent in agents {
            let story = self.story(agent);
            story.moved_on_loss = moves_on_loss;
            let wrong = story.wrong(now);
            story.known = story.presence.back().map(|(_, class)| (now, *class));
            if let Some(text) = wrong {
                let text = format!("{agent} {text}");
                self.violations.push(Violation { law: Law::WrongFinalState, text });
            } else if story.is_held_by_us() && !holds.contains(agent) {
                let text = format!("{agent} is NOT_READY by us, and the ledger has no hold");
                self.violations.push(Violation { law: Law::NotInLedger, text });
            }
        }
    }

    fn story(&mut self, agent: &str) -> &mut Story {
        self.stories.entry(agent.to_owned()).or_default()
    }
}
