//! What people chose for themselves, and whether anybody took it from them.

use std::collections::BTreeMap;

use finesse_sim::{AgentState, EventKind, FinesseSim, HistoryEntry, Via};

/// The reasons that people choose in the storm; none of the rules' own.
pub(crate) const CHOSEN: [&str; 2] = ["Lunch", "Break"];

/// The choices that stand, by agent.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    stand: BTreeMap<String, String>,
    stolen: Vec<String>,
}

impl Choices {
    /// Something happened in the contact centre.
    pub(crate) fn happened(&mut self, entry: &HistoryEntry) {
        if entry.kind != EventKind::State {
            return;
        }
        let label = entry.reason.as_ref().map_or("", |reason| reason.label.as_str());
        if entry.to == AgentState::NotReady && CHOSEN.contains(&label) {
            self.stand.insert(entry.user.clone(), label.to_owned());
        } else if entry.via != Via::Api {
            // Their own next choice, or a call.
            self.stand.remove(&entry.user);
        } else if entry.to != AgentState::NotReady
            && let Some(chosen) = self.stand.remove(&entry.user)
        {
            self.stolen.push(format!("{} had chosen {chosen}: {entry:?}", entry.user));
        }
        // NOT_READY of ours that came on top of a choice is exchanged for it again: looked at when
        // it is quiet.
    }

    /// Whose choice does not stand.
    pub(crate) fn wrong(&self, finesse: &FinesseSim) -> Vec<String> {
        let mut wrong = self.stolen.clone();
        for (agent, chosen) in &self.stand {
            let Some(user) = finesse.user(agent) else { continue };
            let shown = user.reason.map(|reason| reason.label).unwrap_or_default();
            if user.state != AgentState::NotReady || shown != *chosen {
                wrong.push(format!("{agent} chose {chosen}, and is {} {shown}", user.state));
            }
        }
        wrong
    }
}
