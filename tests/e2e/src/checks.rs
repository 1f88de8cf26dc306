//! What must be true at the end of every story.

use finesse_sim::{AgentState, EventKind, HistoryEntry, Via};

use crate::process::Signal;
use crate::site::Site;

/// Pages that are read before the end.
const PAGES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

impl Site {
    /// Stops the process in order and checks what must be true of every story.
    pub async fn end(mut self) {
        let mut pages = Vec::new();
        if let Some(process) = &mut self.process {
            assert!(process.runs(), "lockstep ended before the story did\n{}", self.told());
            for path in PAGES {
                pages.push((path, self.get(path).await));
            }
            let exit = self.stop_by(Signal::Term).await;
            assert_eq!(exit.code, Some(0), "a stop in order exits 0\n{}", self.told());
        }
        self.ended = true;
        self.assert_no_secret(&pages);
        self.assert_strict();
        for user in self.finesse.users() {
            let history = self.finesse.user(&user.login_id).and_then(|user| user.history);
            assert_ready_only_from_hold(&history.unwrap_or_default());
        }
    }

    /// Nothing was asked that the documents do not allow, and one thing at a time.
    fn assert_strict(&self) {
        let none = Vec::<String>::new();
        assert_eq!(self.finesse.violations(), none, "finesse-sim counts violations");
        assert_eq!(self.webex.violations(), none, "webex-sim counts violations");
        let counters = self.finesse.counters();
        let most = if self.config.was_killed { 2 } else { 1 };
        let agents = &counters.in_flight_per_user;
        assert!(counters.max_in_flight <= most, "more than one request at a time: {agents:?}");
    }
}

/// It came by our request, or by one that waited for the end of a call.
fn is_ours(change: &HistoryEntry, history: &[HistoryEntry]) -> bool {
    let earlier = || history.iter().filter(|entry| entry.seq < change.seq);
    match change.via {
        Via::Api => true,
        Via::Call => earlier()
            .rfind(|entry| entry.kind == EventKind::Pending)
            .is_some_and(|pending| pending.via == Via::Api && pending.reason == change.reason),
        _ => false,
    }
}

/// READY by our request follows `NOT_READY` by our request, and nothing in between (law 1).
fn assert_ready_only_from_hold(history: &[HistoryEntry]) {
    let states = history.iter().filter(|entry| entry.kind == EventKind::State);
    let states: Vec<&HistoryEntry> = states.collect();
    for pair in states.windows(2) {
        let [before, after] = pair else { continue };
        if after.via != Via::Api || after.to != AgentState::Ready {
            continue;
        }
        let held = before.to == AgentState::NotReady && is_ours(before, history);
        assert!(held, "READY was sent without a hold: {before:#?} then {after:#?}");
    }
}
