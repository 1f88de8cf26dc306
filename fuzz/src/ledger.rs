use std::collections::BTreeMap;
use std::time::Duration;

use lockstep_core::agent::{Agent, AgentSettings, Answer, Input, LedgerEntry, Output};
use lockstep_core::finesse::{AgentState, AgentView, Target};
use lockstep_core::presence::Want;
use lockstep_core::{AgentId, Time};

use crate::protocol::again;

/// Lines beyond these are not read.
const LINES: usize = 64;
/// As in the agent: the shell's own limit is shorter.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// What one step may yield: the ledger, a request or a look, and the decisions that explain it.
const OUTPUTS: usize = 8;

/// The ledger's entries as JSON; or an entry on the first line, and below it what then happens to
/// its agent: a look, a want, an answer or milliseconds that pass, each as JSON on its line.
///
/// What a ledger may say, whoever wrote it, breaks neither law 1 nor law 4.
pub(crate) fn ledger(data: &[u8]) {
    if again::<BTreeMap<AgentId, LedgerEntry>>(data).is_some() {
        return;
    }
    let mut lines = data.split(|byte| *byte == b'\n');
    let Some(entry) = lines.next().and_then(again::<LedgerEntry>) else { return };
    let mut desk = Desk {
        agent: Agent::new(AgentSettings::default(), entry),
        now: Time::from_millis(1_795_255_200_250),
        asked: None,
    };
    desk.step(Input::Wake);
    for line in lines.take(LINES) {
        desk.line(line);
    }
}

struct Desk {
    agent: Agent,
    now: Time,
    /// The number of the request that is not answered, and when it was sent.
    asked: Option<(u64, Time)>,
}

impl Desk {
    fn line(&mut self, line: &[u8]) {
        let asked_at = self.now;
        if let Some(view) = again::<AgentView>(line) {
            return self.step(Input::Seen { view, asked_at, clock_ahead_ms: 0 });
        }
        if let Some(want) = again::<Want>(line) {
            return self.step(Input::Want(want));
        }
        if let Some(answer) = again::<Answer>(line)
            && let Some((request, _)) = self.asked.take()
        {
            return self.step(Input::Answered { request, answer });
        }
        if let Some(ms) = again::<u32>(line) {
            self.now = self.now.after(Duration::from_millis(ms.into()));
            // Without an answer for that long the agent takes it for unknown.
            self.asked.take_if(|(_, at)| self.now.since(*at) >= ANSWER_WITHIN);
            self.step(Input::Wake);
        }
    }

    fn step(&mut self, input: Input) {
        let seen = match &input {
            Input::Seen { view, .. } => Some(view.clone()),
            _ => self.agent.view().cloned(),
        };
        let outputs = self.agent.step(self.now, input);
        assert!(outputs.len() <= OUTPUTS, "{outputs:?}");
        for output in outputs {
            if let Output::Send(request) = output {
                let before = self.asked.replace((request.number, self.now));
                assert_eq!(before, None, "law 4: one in flight");
                let held = self.agent.ledger().hold.is_some();
                let state = seen.as_ref().map(|view| view.state);
                if request.target == Target::Ready {
                    assert!(held && state == Some(AgentState::NotReady), "law 1: {state:?}");
                }
                assert!(self.agent.ledger().claim.is_some(), "law 1: the intent comes first");
            }
        }
        if let Some(at) = self.agent.next_wake() {
            assert!(at > self.now, "law 12: it wants to be woken at once, without end");
        }
    }
}
