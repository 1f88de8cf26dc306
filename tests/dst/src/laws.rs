//! The judge: watches what Lockstep asks of Finesse, and looks at everybody when all is quiet.
//!
//! It knows the truth of the world (who changed which state, when presence changed, which look was
//! delivered) and nothing of the product's mind.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::time::Duration;

use finesse_sim::{AgentState, By, EventKind, HistoryEntry, Via};
use lockstep_core::agent::LedgerEntry;

use crate::presence::Class;

/// A view that was delivered this long ago was taken in before a request was decided; the ledger's
/// writer lies between.
const TAKEN_IN: Duration = Duration::from_millis(500);
/// A presence that ended longer ago than this can no longer be a reason: everything is read afresh
/// every five minutes, a feed that fell back to polling is tried again after ten.
const STALE: Duration = Duration::from_mins(20);
/// Most requests for one agent within a minute: presence that changes without a pause is followed
/// no faster than Finesse answers and the hold-down lasts.
const MOST_A_MINUTE: usize = 60;
/// How long a request's effect may be taken for ours: 20 s to verify it, 3 s to settle, and the
/// second by which the clocks may differ.
const CLAIMED: Duration = Duration::from_secs(25);
/// By how much the two clocks may be told differently.
const CLOCKS: Duration = Duration::from_secs(1);
/// The codes of a supervisor's `NOT_READY`, on CCE and on CCX (Finesse notes 1.6).
const SUPERVISOR_STAMPS: [i32; 2] = [999, 33];
/// Spells of presence remembered per agent: a storm in which it flaps without a pause.
const PRESENCES: usize = 2_048;
/// Everything else remembered per agent.
const REMEMBERED: usize = 64;

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
    /// Law 12.
    Unbounded,
    /// Something else that must not happen: a part ended, the client broke Webex's rules.
    Broken,
}

/// Who brought a state about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Author {
    Us,
    Agent,
    Supervisor,
    System,
}

#[derive(Clone, Copy, Debug)]
struct Standing {
    seq: u64,
    at: Duration,
    state: AgentState,
    by: Author,
    /// It shows the reason that the platform stamps for supervisors.
    stamped: bool,
    /// A human's READY was over when Lockstep was first shown that there had been one: nobody can tell
    /// when it was pressed.
    shown_late: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
struct Delivered {
    at: Duration,
    asked: Duration,
    /// The last thing of Finesse's history that it could show.
    upto: u64,
}

#[derive(Debug, Default)]
struct Story {
    presence: VecDeque<(Duration, Class)>,
    states: VecDeque<Standing>,
    looks: VecDeque<Delivered>,
    asks: VecDeque<(Duration, bool)>,
    in_flight: u32,
    /// See [`Laws::moves_on_loss`].
    moved_on_loss: bool,
    /// When it was quiet last, so that Lockstep surely knew, and what presence was then.
    known: Option<(Duration, Class)>,
    /// What was held cannot be known to be ours any more: the ledger lost it, or a human
    /// supervisor's change looks just like ours.
    excused: bool,
    /// The ledger lost the intent of the last request, whose effect may come yet.
    intent_lost: bool,
}

/// What the judge remembers of a run.
#[derive(Debug, Default)]
pub struct Laws {
    stories: BTreeMap<String, Story>,
    request_ids: BTreeSet<String>,
    violations: Vec<Violation>,
    /// Requests in all.
    pub requests: u64,
    /// The site's policy moves agents when the feed stays away, whatever presence was.
    pub moves_on_loss: bool,
}

/// A request as it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Leaving<'a> {
    /// When.
    pub at: Duration,
    /// For whom.
    pub agent: &'a str,
    /// READY, otherwise `NOT_READY`.
    pub ready: bool,
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
                _ => return,
            },
            _ => return,
        };
        let story = self.story(&entry.user);
        let pending = entry.kind == EventKind::Pending;
        let reason = entry.reason.as_ref().map(|reason| reason.code);
        let stamped = reason.is_some_and(|code| SUPERVISOR_STAMPS.contains(&code));
        let standing = Standing { seq: entry.seq, at, state, by, stamped, shown_late: None };
        if pending {
            story.chosen_for_later(standing);
        } else {
            story.entered(standing);
        }
    }

    /// The agent is new, with this state; `seq` is that of the next event. What an agent of the same
    /// id was shown to be before may still be acted on.
    pub fn appeared(&mut self, agent: &str, at: Duration, state: AgentState, seq: u64) {
        let story = self.story(agent);
        story.excused = false;
        story.intent_lost = false;
        let (by, stamped, shown_late) = (Author::System, false, None);
        push(&mut story.states, Standing { seq, at, state, by, stamped, shown_late });
    }

    /// Lockstep's process died: what was in flight is nobody's any more.
    pub fn crashed(&mut self) {
        for story in self.stories.values_mut() {
            story.in_flight = 0;
            story.looks.clear();
        }
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
    pub fn delivered(&mut self, agent: &str, at: Duration, asked: Duration, upto: u64) {
        let story = self.story(agent);
        if story.looks.back().is_none_or(|last| asked >= last.asked) {
            push(&mut story.looks, Delivered { at, asked, upto });
            story.show(upto);
        }
    }

    /// A request leaves.
    pub fn leaves(&mut self, leaving: &Leaving<'_>) {
        self.requests += 1;
        let moves_on_loss = self.moves_on_loss;
        let repeated = !self.request_ids.insert(leaving.id.to_owned());
        let story = self.story(leaving.agent);
        story.in_flight += 1;
        story.intent_lost = false;
        push(&mut story.asks, (leaving.at, leaving.ready));
        let mut found = story.check(leaving);
        if !moves_on_loss {
            found.extend(story.check_stale(leaving));
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
    pub fn answered(&mut self, agent: &str) {
        let story = self.story(agent);
        story.in_flight = story.in_flight.saturating_sub(1);
    }

    // === when all is quiet ===

    /// Is everybody right?
    pub fn judge(&mut self, now: Duration, agents: &[String]) {
        let moves_on_loss = self.moves_on_loss;
        for agent in agents {
            let story = self.story(agent);
            story.moved_on_loss = moves_on_loss;
            let wrong = story.wrong(now);
            story.known = story.presence.back().map(|(_, class)| (now, *class));
            if let Some(text) = wrong {
                let text = format!("{agent} {text}");
                self.violations.push(Violation { law: Law::WrongFinalState, text });
            }
        }
    }

    fn story(&mut self, agent: &str) -> &mut Story {
        self.stories.entry(agent.to_owned()).or_default()
    }
}

impl Story {
    fn entered(&mut self, standing: Standing) {
        // Whatever it was, it is not our NOT_READY any more; but for one that is only coming now.
        let not_ready = standing.state == AgentState::NotReady;
        self.excused = not_ready
            && match standing.by {
                Author::Us => self.intent_lost,
                Author::Supervisor => self.could_be_ours(standing.at),
                Author::Agent | Author::System => false,
            };
        push(&mut self.states, standing);
    }

    /// Everything up to this was shown now.
    fn show(&mut self, upto: u64) {
        let covered = |standing: &&mut Standing| standing.seq <= upto;
        let shown =
            self.states.iter().map(|standing| standing.seq).filter(|seq| *seq <= upto).max();
        for standing in self.states.iter_mut().filter(covered) {
            standing.shown_late.get_or_insert(Some(standing.seq) != shown);
        }
    }

    fn chosen_for_later(&mut self, standing: Standing) {
        if matches!(standing.by, Author::Agent | Author::Supervisor) {
            // Kept in its place among the states, before the one that shows.
            let at = self.states.len().saturating_sub(1);
            self.states.insert(at, standing);
        }
    }

    /// Was a `NOT_READY` of ours under way around this time?
    fn could_be_ours(&self, at: Duration) -> bool {
        self.asks
            .iter()
            .any(|(asked, ready)| !ready && at + CLOCKS >= *asked && at <= *asked + CLAIMED)
    }

    fn check(&self, leaving: &Leaving<'_>) -> Vec<(Law, String)> {
        let mut found = Vec::new();
        if self.in_flight > 1 {
            found.push((Law::TwoInFlight, format!("{} requests in flight", self.in_flight)));
        }
        let entry = leaving.entry;
        if entry.claim.as_ref().is_none_or(|claim| claim.ready != leaving.ready) || !leaving.written
        {
            found.push((Law::NotRecorded, "the intent is not in the ledger".to_owned()));
        }
        if leaving.ready && entry.hold.is_none() {
            found.push((Law::ReadyWithoutHold, "the ledger has no hold".to_owned()));
        }
        let recent = |asked: Duration| leaving.at.saturating_sub(asked) < Duration::from_mins(1);
        let asks = self.asks.iter().filter(|(at, _)| recent(*at)).count();
        if asks > MOST_A_MINUTE {
            found.push((Law::Unbounded, format!("{asks} requests within a minute")));
        }
        found.extend(self.check_known(leaving));
        found
    }

    /// What Lockstep had been shown when it decided.
    fn check_known(&self, leaving: &Leaving<'_>) -> Option<(Law, String)> {
        let old_enough = |look: &&Delivered| look.at + TAKEN_IN <= leaving.at;
        let Some(look) = self.looks.iter().rev().find(old_enough) else {
            let any = self.looks.front().is_none();
            return any.then(|| (Law::Touched, "without a look".to_owned()));
        };
        // Newer looks may have been taken in too: what any of them showed is a fair reason.
        let known = self.states.iter().rev().filter(|standing| standing.at <= leaving.at);
        let shown: Vec<&Standing> = known.take_while_inclusive(look.upto);
        let fair = |standing: &&Standing| {
            if leaving.ready {
                // What the platform restores after a call of the agent's own shows the reason that
                // was there before it, ours for one.
                let ambiguous = standing.stamped && self.could_be_ours(standing.at);
                standing.state == AgentState::NotReady && (standing.by == Author::Us || ambiguous)
            } else {
                standing.state == AgentState::Ready
            }
        };
        if shown.iter().any(fair) {
            return None;
        }
        let last = shown.first()?;
        let law = if leaving.ready && last.state == AgentState::NotReady {
            Law::ReadyWithoutHold
        } else {
            Law::Touched
        };
        Some((law, format!("although {} by {:?} was shown", last.state, last.by)))
    }

    fn check_stale(&self, leaving: &Leaving<'_>) -> Option<(Law, String)> {
        let since = leaving.at.saturating_sub(STALE);
        let mut recent = Vec::new();
        for (at, class) in self.presence.iter().rev() {
            recent.push(*class);
            if *at <= since {
                break;
            }
        }
        let fair = if leaving.ready {
            recent.contains(&Class::Free)
                || leaving.entry.quiet.is_some()
                || leaving.entry.snoozed_until.is_some()
        } else {
            recent.iter().any(|class| class.is_busy())
        };
        (!fair).then(|| (Law::Stale, format!("presence was {recent:?} of late")))
    }

    /// What is wrong with this agent, now that all is quiet.
    fn wrong(&self, now: Duration) -> Option<String> {
        let (since, class) = *self.presence.back()?;
        let last = self.states.back()?;
        if self.in_flight > 0 {
            return Some("has a request in flight for ever".to_owned());
        }
        match (class, last.state) {
            (Class::Busy(why), AgentState::Ready) if !self.chose_ready(class) => Some(format!(
                "is READY by {:?} since {:.1} s ago, but {why} since {:.1} s",
                last.by,
                now.saturating_sub(last.at).as_secs_f32(),
                now.saturating_sub(since).as_secs_f32(),
            )),
            (Class::Free, AgentState::NotReady) if last.by == Author::Us && !self.excused => {
                Some(format!(
                    "is NOT_READY by us since {:.1} s ago, but free since {:.1} s",
                    now.saturating_sub(last.at).as_secs_f32(),
                    now.saturating_sub(since).as_secs_f32(),
                ))
            }
            _ => None,
        }
    }

    /// A human pressed READY while presence was, as far as Lockstep could know, what it is now:
    /// that is a choice, and stands until Lockstep hears something else (law 10).
    fn chose_ready(&self, class: Class) -> bool {
        let known_at = self.known.map_or(Duration::ZERO, |(at, _)| at);
        self.states.iter().any(|standing| {
            let could_know = match self.known {
                Some((at, known)) if at >= standing.at => known == class,
                _ => {
                    self.was(class, known_at, standing.at + CLOCKS)
                        || standing.shown_late == Some(true)
                        || self.wanted_on_loss(class)
                }
            };
            standing.state == AgentState::Ready
                && matches!(standing.by, Author::Agent | Author::Supervisor)
                && could_know
        })
    }

    /// A site whose policy takes people while the feed is lost says so in the words of "unknown".
    fn wanted_on_loss(&self, class: Class) -> bool {
        self.moved_on_loss && class == Class::Busy("unknown")
    }

    /// Was presence like this at any time between?
    fn was(&self, class: Class, from: Duration, to: Duration) -> bool {
        let ends = self.presence.iter().skip(1).map(|(at, _)| *at).chain([Duration::MAX]);
        self.presence
            .iter()
            .zip(ends)
            .any(|((began, was), ended)| *was == class && *began <= to && ended >= from)
    }
}

/// The states that a look could show, newest first: everything after `upto`, and the one that
/// stood then.
trait Shown<'a>: Iterator<Item = &'a Standing> + Sized {
    fn take_while_inclusive(self, upto: u64) -> Vec<&'a Standing> {
        let mut shown = Vec::new();
        for standing in self {
            shown.push(standing);
            if standing.seq <= upto {
                break;
            }
        }
        shown
    }
}

impl<'a, I: Iterator<Item = &'a Standing>> Shown<'a> for I {}

fn push<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() == REMEMBERED {
        list.pop_front();
    }
    list.push_back(item);
}
