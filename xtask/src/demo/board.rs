//! What is known of everybody at one moment, from the three sources that the demo reads: Webex,
//! Finesse, and the server's log of decisions.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use super::config::STALE_AFTER;
use super::log::Line;

/// Everybody, and how the server is.
#[derive(Debug, Clone, Default)]
pub(super) struct Board {
    /// In the order of their login ids.
    pub(super) rows: Vec<Row>,
    pub(super) health: Health,
    /// Every change of state so far, as Finesse tells it.
    pub(super) moves: Vec<Move>,
    /// Every decision so far: about whom, and its code.
    pub(super) decisions: Vec<(String, String)>,
}

/// One agent.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) login_id: String,
    pub(super) login_name: String,
    pub(super) name: String,
    /// Webex's word, with the meeting's type.
    pub(super) presence: String,
    /// It changed while nobody could tell the server.
    pub(super) unseen: bool,
    /// Finesse's word.
    pub(super) state: String,
    pub(super) reason: Option<String>,
    /// What the rules ask for, as in the log.
    pub(super) wanted: String,
    /// Since when the agent is held by Lockstep.
    pub(super) held: Option<Instant>,
    /// The code of the last decision.
    pub(super) code: String,
    /// Its sentence.
    pub(super) why: String,
}

/// What `/readyz` says.
#[derive(Debug, Clone, Default)]
pub(super) struct Health {
    pub(super) ready: bool,
    pub(super) feed: String,
    pub(super) finesse_ok: bool,
    pub(super) watched: usize,
    /// Since when the feed is lost.
    pub(super) lost: Option<Instant>,
}

/// One change of an agent's state.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Move {
    pub(super) seq: u64,
    pub(super) user: String,
    pub(super) kind: String,
    pub(super) to: String,
}

/// A user of finesse-sim.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    login_id: String,
    login_name: String,
    name: String,
    state: String,
    reason: Option<Reason>,
    team_name: String,
}

#[derive(Debug, Deserialize)]
struct Reason {
    label: String,
}

/// A person of webex-sim.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    address: String,
    status: String,
    meeting_type: Option<String>,
}

// === impl Board ===

impl Board {
    /// Takes in what `/readyz` says.
    pub(super) fn take_health(&mut self, value: &Value, now: Instant) {
        let feed = value["webex"]["feed"].as_str().unwrap_or("unknown").to_owned();
        let was = self.health.lost;
        let lost = (feed == "lost").then(|| was.unwrap_or(now));
        if lost.is_none() {
            self.rows.iter_mut().for_each(|row| row.unseen = false);
        }
        self.health = Health {
            ready: value["ready"].as_bool().unwrap_or(false),
            finesse_ok: value["finesse"]["ok"].as_bool().unwrap_or(false),
            watched: value["agents"]["watched"].as_u64().unwrap_or(0).try_into().unwrap_or(0),
            feed,
            lost,
        };
    }

    /// Takes in the agents as Finesse has them.
    pub(super) fn take_users(&mut self, value: Value) -> serde_json::Result<()> {
        let users: Vec<User> = serde_json::from_value(value)?;
        for user in users.into_iter().filter(|user| user.team_name == "Sales") {
            let reason = user.reason.map(|reason| reason.label);
            match self.rows.iter_mut().find(|row| row.login_id == user.login_id) {
                Some(row) => {
                    row.state = user.state;
                    row.reason = reason;
                }
                None => self.rows.push(Row {
                    login_id: user.login_id,
                    login_name: user.login_name,
                    name: user.name,
                    state: user.state,
                    reason,
                    presence: String::new(),
                    unseen: false,
                    wanted: String::new(),
                    held: None,
                    code: String::new(),
                    why: String::new(),
                }),
            }
        }
        self.rows.sort_by(|one, other| one.login_id.cmp(&other.login_id));
        Ok(())
    }

    /// Takes in the persons as Webex has them.
    pub(super) fn take_people(&mut self, value: Value) -> serde_json::Result<()> {
        let people: Vec<Person> = serde_json::from_value(value)?;
        let lost = self.health.lost.is_some();
        for person in people {
            let Some(row) = self.rows.iter_mut().find(|row| row.address() == person.address) else {
                continue;
            };
            let words = [Some(person.status), person.meeting_type];
            let presence = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
            row.unseen |= lost && row.presence != presence;
            row.presence = presence;
        }
        Ok(())
    }

    /// Takes in what happened in Finesse.
    pub(super) fn take_events(&mut self, value: Value) -> serde_json::Result<()> {
        let events: Vec<Move> = serde_json::from_value(value)?;
        self.moves.extend(events);
        Ok(())
    }

    /// Takes in a line of the log.
    pub(super) fn take_line(&mut self, line: Line, now: Instant) {
        let (Some(agent), Some(code)) = (line.agent, line.code) else { return };
        let Some(row) = self.rows.iter_mut().find(|row| row.login_id == agent) else { return };
        self.decisions.push((agent, code.clone()));
        row.code = code;
        row.wanted = line.wanted.unwrap_or_default();
        row.why = line.message;
        row.held = line.held.unwrap_or(false).then(|| row.held.unwrap_or(now));
    }

    /// The number of the last thing that happened in Finesse.
    pub(super) fn last_seq(&self) -> u64 {
        self.moves.last().map_or(0, |last| last.seq)
    }

    /// Was this decided about an agent, after so many decisions?
    pub(super) fn decided(&self, who: usize, code: &str, after: usize) -> bool {
        let Some(row) = self.rows.get(who) else { return false };
        let since = self.decisions.get(after..).unwrap_or_default();
        since.iter().any(|(agent, decided)| *agent == row.login_id && decided == code)
    }

    /// The states that an agent went through after `seq`.
    pub(super) fn path(&self, login_id: &str, seq: u64) -> Vec<&str> {
        let of_agent = |one: &&Move| one.seq > seq && one.user == login_id && one.kind == "state";
        self.moves.iter().filter(of_agent).map(|one| one.to.as_str()).collect()
    }

    /// For how long nothing that Webex said can be trusted to be so still.
    pub(super) fn stale_for(&self, now: Instant) -> Option<Duration> {
        let lost = self.health.lost.map(|since| now.duration_since(since));
        lost.filter(|lost| *lost >= STALE_AFTER)
    }
}

// === impl Row ===

impl Row {
    /// The person's address in Webex.
    pub(super) fn address(&self) -> String {
        format!("{}@example.com", self.login_name)
    }
}
