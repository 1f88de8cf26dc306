//! Many agents at once: what was asked for them, what became of it, and how long it took.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use finesse_sim::{AgentState, Fault, Scope};
use tokio::time::Instant;

use crate::http::Page;
use crate::site::Site;
use crate::wait::{PATIENCE, eventually};

/// Lines shown of an agent who never got right.
const LINES_OF_ONE: usize = 12;

/// What a busy Finesse does to requests, told apart so that a story can end each.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// How long an answer takes: from, to, in milliseconds.
    pub latency_ms: (u64, u64),
    /// The chance of a 5xx before the request takes effect.
    pub refused_before: f64,
    /// The chance of a 5xx although the request took effect.
    pub refused_after: f64,
}

/// Sums over a story with many agents.
#[derive(Debug)]
pub struct Tally {
    /// Changes of presence.
    pub changes: u64,
    /// Requests to change a state.
    pub puts: u64,
    /// Of those, answered with an error.
    pub refused: u64,
    /// All requests to Finesse.
    pub requests: u64,
    /// Most requests for one agent at a time.
    pub in_flight: u32,
}

impl Site {
    /// Makes Finesse slow and unreliable.
    pub fn weather(&self, weather: Weather) {
        let (min_ms, max_ms) = weather.latency_ms;
        self.finesse.fault(Fault::Latency { min_ms, max_ms, phase: finesse_sim::Phase::Before });
        let chance = |probability| Scope { probability: Some(probability), ..Scope::default() };
        let before = Fault::ErrorBefore { status: 503 };
        self.finesse.fault_in(before, chance(weather.refused_before));
        self.finesse.fault_in(Fault::ErrorAfter { status: 500 }, chance(weather.refused_after));
    }

    /// Waits until everybody is where they should be, and tells how long that took.
    pub async fn converges(&self, expected: &BTreeMap<String, AgentState>) -> Duration {
        let began = Instant::now();
        let wrong = |site: &Self| -> Vec<String> {
            let users = site.finesse.users();
            let states: BTreeMap<&str, AgentState> =
                users.iter().map(|user| (user.login_name.as_str(), user.state)).collect();
            let wrong = expected.iter().filter(|(agent, state)| states[agent.as_str()] != **state);
            wrong.map(|(agent, _)| agent.clone()).collect()
        };
        let what = format!("all of {} agents are right", expected.len());
        let right = || wrong(self).is_empty().then_some(());
        let told = || {
            let agents = wrong(self);
            agents.iter().fold(self.told(), |told, agent| told + &self.told_of(agent))
        };
        eventually(&what, PATIENCE, right, told).await;
        began.elapsed()
    }

    /// What was said lately of an agent, and what happened to them.
    pub fn told_of(&self, agent: &str) -> String {
        let mut told = String::new();
        let Some(user) = self.finesse.user(agent) else { return told };
        let lines = self.lines(&[&user.login_id]);
        let last = lines.iter().skip(lines.len().saturating_sub(LINES_OF_ONE));
        let _ = writeln!(told, "{agent}:");
        for line in last {
            let _ = writeln!(told, "  {}", line.text);
        }
        let history = user.history.unwrap_or_default();
        for entry in history.iter().skip(history.len().saturating_sub(LINES_OF_ONE)) {
            let _ = writeln!(told, "  {entry:?}");
        }
        told
    }

    /// The sums so far.
    pub async fn tally(&self) -> Tally {
        let page: Page = self.get("/metrics").await;
        let counters = self.finesse.counters();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a counter of refusals"
        )]
        let refused = page.metric("lockstep_changes_total", "outcome=\"refused\"") as u64;
        Tally {
            changes: self.webex.counters().presence_changes,
            puts: counters.writes.values().sum(),
            refused,
            requests: counters.requests,
            in_flight: counters.max_in_flight,
        }
    }
}

/// Prints a line that is seen also when the story goes well.
pub fn report(line: &str) {
    // The macros' output is kept back by the test harness.
    let _ = writeln!(std::io::stdout(), "{line}");
}
