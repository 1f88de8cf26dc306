//! Whose turn it is to act for an agent, as the server told its gadgets.

use std::collections::BTreeMap;
use std::time::Duration;

/// How long a word of the server is on its way to a gadget that hears.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// What the server does about a turn.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// This link acts from now on, in this term.
    Granted(u64, u64),
    /// This link acts no more in this term, nor in an older one; without a term it is gone.
    Ended(u64, Option<u64>),
}

#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The link and the term of whoever acts.
    right: BTreeMap<String, (u64, u64)>,
    /// The highest term, and when it was given.
    terms: BTreeMap<String, (u64, Duration)>,
    /// When the turn of an agent ended last, and of which link.
    ended: BTreeMap<String, BTreeMap<u64, Duration>>,
    /// Links that lost their turn to another one then, and were not told yet.
    untold: BTreeMap<(String, u64), Duration>,
}

impl Turns {
    pub(super) fn told(&mut self, agent: &str, at: Duration, turn: Turn) -> Option<String> {
        match turn {
            Turn::Granted(link, term) => {
                let last = self.terms.get(agent).copied();
                // Each link is served by itself: of two turns of one moment the later may come first.
                if last.is_some_and(|(last, since)| last > term && since == at) {
                    return None;
                }
                self.terms.insert(agent.to_owned(), (term, at));
                let other = self.right.insert(agent.to_owned(), (link, term));
                // The word to the other may come after this one.
                if let Some((other, _)) = other.filter(|(other, _)| *other != link) {
                    self.ended.entry(agent.to_owned()).or_default().insert(other, at);
                    self.untold.insert((agent.to_owned(), other), at);
                }
                let late =
                    self.untold.iter().find(|(_, since)| at.saturating_sub(**since) > ON_ITS_WAY);
                if let Some(((agent, link), since)) = late {
                    return Some(format!(
                        "{agent}: link {link} was not told that its turn ended at {since:?}"
                    ));
                }
                let grows = last.is_none_or(|(last, _)| term > last);
                (!grows).then(|| format!("{agent}: term {term} after {last:?}"))
            }
            Turn::Ended(link, upto) => {
                self.untold.remove(&(agent.to_owned(), link));
                // A report of an older turn is answered by the end of that one.
                let ends = |term: u64| upto.is_none_or(|upto| term <= upto);
                if self.right.get(agent).is_some_and(|(of, term)| *of == link && ends(*term)) {
                    self.right.remove(agent);
                    self.ended.entry(agent.to_owned()).or_default().insert(link, at);
                }
                None
            }
        }
    }

    /// The server's process is gone, and every turn with it.
    pub(super) fn crashed(&mut self, at: Duration) {
        self.untold.clear();
        for (agent, (link, _)) in std::mem::take(&mut self.right) {
            self.ended.entry(agent).or_default().insert(link, at);
        }
    }

    /// The server's clock was set back while it was down: terms begin with its time.
    pub(super) fn clock_set_back(&mut self) {
        self.terms.clear();
    }

    /// Whose turn it is.
    pub(super) fn right_of(&self, agent: &str) -> Option<(u64, u64)> {
        self.right.get(agent).copied()
    }

    /// The gadget that acts, where the server is about to act itself.
    pub(super) fn gadget_of(&self, agent: &str) -> Option<String> {
        let (link, term) = self.right.get(agent)?;
        Some(format!("although it is the turn of link {link}, term {term}"))
    }

    pub(super) fn wrong(
        &self,
        agent: &str,
        at: Duration,
        turn: Option<(u64, u64)>,
        deaf: Duration,
    ) -> Option<String> {
        let Some((link, term)) = turn else { return Some(format!("{agent}: without a turn")) };
        if self.right.get(agent) == Some(&(link, term)) {
            return None;
        }
        let ended = self.ended.get(agent).and_then(|ended| ended.get(&link)).copied();
        let since = ended.map_or(Duration::MAX, |ended| at.saturating_sub(ended));
        (since > ON_ITS_WAY + deaf).then(|| {
            let whose = self.right.get(agent);
            format!("{agent}: link {link} acts by term {term}, ended {since:?} ago; now {whose:?}")
        })
    }
}
