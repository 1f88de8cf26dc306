//! What is known of one agent, and what is wrong with it.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use finesse_sim::AgentState;

use super::{Law, Leaving, SERVER};
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
pub(crate) const CLAIMED: Duration = Duration::from_secs(25);
/// By how much the two clocks may be told differently.
const CLOCKS: Duration = Duration::from_secs(1);
/// Everything else remembered per agent.
const REMEMBERED: usize = 64;

/// Who brought a state about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    Us,
    Agent,
    Supervisor,
    System,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) seq: u64,
    pub(super) at: Duration,
    pub(super) state: AgentState,
    pub(super) by: Author,
    /// It shows the reason that the platform stamps for supervisors.
    pub(super) stamped: bool,
    /// It shows one of our own reasons, which the platform restores after a call, too.
    pub(super) labelled: bool,
    /// It shows a reason that only humans choose; after a call the platform restores it.
    pub(super) chosen: bool,
    /// A human's READY was over when Lockstep was first shown that there had been one: nobody can tell
    /// when it was pressed.
    pub(super) shown_late: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Delivered {
    pub(super) at: Duration,
    pub(super) asked: Duration,
    /// The last thing of Finesse's history that it could show.
    pub(super) upto: u64,
}

#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) presence: VecDeque<(Duration, Class)>,
    pub(super) states: VecDeque<Standing>,
    /// What each of those who act was shown.
    pub(super) looks: BTreeMap<u64, VecDeque<Delivered>>,
    pub(super) asks: VecDeque<(Duration, bool)>,
    /// Requests of each of those who act.
    pub(super) in_flight: BTreeMap<u64, u32>,
    /// Who asked for what follows the call.
    pending: Option<Author>,
    /// See [`super::Laws::moves_on_loss`].
    pub(super) moved_on_loss: bool,
    /// When it was quiet last, so that Lockstep surely knew, and what presence was then.
    pub(super) known: Option<(Duration, Class)>,
    /// What was held cannot be known to be ours any more: the ledger lost it, or a human
    /// supervisor's change looks just like ours.
    pub(super) excused: bool,
    /// The ledger lost the intent of the last request, whose effect may come yet.
    pub(super) intent_lost: bool,
}

impl Story {
    /// Somebody asked for what follows the call.
    pub(super) const fn pends(&mut self, by: Author) {
        self.pending = Some(by);
    }

    /// What followed the call is lost.
    pub(super) const fn pends_no_more(&mut self) {
        self.pending = None;
    }

    /// Who asks is there no more.
    pub(super) fn gone(&mut self, who: u64) {
        self.in_flight.remove(&who);
        self.looks.remove(&who);
    }

    /// Tells whether a choice of a human's is buried by a request of ours.
    pub(super) fn entered(&mut self, mut standing: Standing) -> bool {
        // Its time in wrap-up cannot be given back: the agent has it in NOT_READY, and ends it.
        let cut = standing.by == Author::Us
            && standing.state == AgentState::NotReady
            && self
                .states
                .back()
                .is_some_and(|last| matches!(last.state, AgentState::Work | AgentState::WorkReady));
        let settles =
            matches!(standing.state, AgentState::NotReady | AgentState::Ready | AgentState::Logout);
        if settles
            && let Some(by) = self.pending.take()
            && standing.by == Author::System
            && standing.state == AgentState::NotReady
        {
            standing.by = by;
        }
        let human = |last: &Standing| {
            last.state == AgentState::NotReady
                && !matches!(last.by, Author::Us)
                && !(last.by == Author::System && last.labelled)
        };
        let buried = standing.by == Author::Us
            && standing.state == AgentState::NotReady
            && self.states.back().is_some_and(human);
        // Whatever it was, it is not our NOT_READY any more; but for one that is only coming now.
        let not_ready = standing.state == AgentState::NotReady;
        self.excused = not_ready
            && match standing.by {
                Author::Us => self.intent_lost || buried || cut,
                Author::Supervisor => self.could_be_ours(standing.at),
                Author::Agent | Author::System => false,
            };
        push(&mut self.states, standing);
        buried
    }

    /// Everything up to this was shown now.
    pub(super) fn show(&mut self, upto: u64) {
        let covered = |standing: &&mut Standing| standing.seq <= upto;
        let shown =
            self.states.iter().map(|standing| standing.seq).filter(|seq| *seq <= upto).max();
        for standing in self.states.iter_mut().filter(covered) {
            standing.shown_late.get_or_insert(Some(standing.seq) != shown);
        }
    }

    pub(super) fn chosen_for_later(&mut self, standing: Standing) {
        if matches!(standing.by, Author::Agent | Author::Supervisor) {
            // Kept in its place among the states, before the one that shows.
            let at = self.states.len().saturating_sub(1);
            self.states.insert(at, standing);
        }
    }

    /// Was a `NOT_READY` of ours under way around this time?
    pub(super) fn could_be_ours(&self, at: Duration) -> bool {
        self.asked(false, at)
    }

    fn asked(&self, ready: bool, at: Duration) -> bool {
        let then = |asked: Duration| at + CLOCKS >= asked && at <= asked + CLAIMED;
        self.asks.iter().any(|(asked, of)| *of == ready && then(*asked))
    }

    pub(super) fn check(&self, leaving: &Leaving<'_>) -> Vec<(Law, String)> {
        let mut found = Vec::new();
        let in_flight = self.in_flight.get(&leaving.by).copied().unwrap_or(0);
        if in_flight > 1 {
            found.push((Law::TwoInFlight, format!("{in_flight} requests in flight")));
        }
        if leaving.puts_back {
            if !self.has_replaced_a_choice(leaving.at) {
                found.push((Law::Touched, "nobody's choice is there to put back".to_owned()));
            }
            return found;
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

    /// Has a request of ours come on top of a human's `NOT_READY` of late? Nobody can tell a READY of
    /// ours that comes late from the human's own after it.
    fn has_replaced_a_choice(&self, at: Duration) -> bool {
        let recent = |standing: &Standing| at.saturating_sub(standing.at) <= CLAIMED;
        let chosen = |standing: &Standing| {
            standing.state == AgentState::NotReady
                && (standing.by == Author::Agent || standing.chosen)
        };
        let ours = |next: &Standing| {
            next.by == Author::Us || next.state == AgentState::Ready && self.asked(true, next.at)
        };
        let then = self.states.iter().zip(self.states.iter().skip(1));
        then.into_iter().any(|(one, next)| chosen(one) && ours(next) && recent(next))
    }

    /// What Lockstep had been shown when it decided.
    fn check_known(&self, leaving: &Leaving<'_>) -> Option<(Law, String)> {
        let old_enough = |look: &&Delivered| look.at + TAKEN_IN <= leaving.at;
        let looks = self.looks.get(&leaving.by);
        let Some(look) = looks.into_iter().flatten().rev().find(old_enough) else {
            let none = looks.is_none_or(VecDeque::is_empty);
            return none.then(|| (Law::Touched, "without a look".to_owned()));
        };
        // Newer looks may have been taken in too: what any of them showed is a fair reason.
        let known = self.states.iter().rev().filter(|standing| standing.at <= leaving.at);
        let shown: Vec<&Standing> = known.take_while_inclusive(look.upto);
        let by_agent = leaving.by != SERVER;
        // Under a hold the agent's own request exchanges the reason.
        let exchanges = |standing: &Standing| {
            leaving.entry.hold.is_some() && (standing.by == Author::Us || standing.labelled)
        };
        let fair = |standing: &&Standing| {
            if leaving.ready {
                // What the platform restores after a call of the agent's own shows the reason that
                // was there before it, ours for one.
                let ambiguous = standing.stamped && self.could_be_ours(standing.at);
                let ours = standing.by == Author::Us || ambiguous || standing.labelled;
                (standing.state == AgentState::NotReady && ours)
                    || (by_agent && may_pend(standing.state))
            } else {
                standing.state == AgentState::Ready
                    || (by_agent && may_pend(standing.state))
                    || (by_agent && standing.state == AgentState::NotReady && exchanges(standing))
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

    pub(super) fn check_stale(&self, leaving: &Leaving<'_>) -> Option<(Law, String)> {
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
    pub(super) fn wrong(&self, now: Duration) -> Option<String> {
        let (since, class) = *self.presence.back()?;
        let last = self.states.back()?;
        if self.in_flight.values().any(|in_flight| *in_flight > 0) {
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

    /// Is this `NOT_READY` ours, as far as anybody can know?
    pub(super) fn is_held_by_us(&self) -> bool {
        let ours = |last: &Standing| last.state == AgentState::NotReady && last.by == Author::Us;
        !self.excused && self.states.back().is_some_and(ours)
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

/// May the agent's own request be sent in this state? It waits for the end of the call, or ends the
/// wrap-up.
const fn may_pend(state: AgentState) -> bool {
    use AgentState as S;
    matches!(
        state,
        S::Talking
            | S::Hold
            | S::Work
            | S::WorkReady
            | S::ReservedOutbound
            | S::ReservedOutboundPreview
    )
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

pub(super) fn push<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() == REMEMBERED {
        list.pop_front();
    }
    list.push_back(item);
}
