//! The staffing floor: no team is taken below so many who are READY by our doing.
//!
//! Who is on the phone is never held back: left READY, they would only let a customer's call ring
//! out. They count as gone, so that the others are spared sooner.
//!
//! Counted is what Finesse shows, of everybody in the team, watched or not. Who is about to be taken
//! counts as gone already; who is about to be released does not count before it is seen.

use std::collections::{BTreeMap, BTreeSet};

use crate::finesse::AgentState;
use crate::{AgentId, TeamId, Time};

/// What is wanted of an agent who is to be made Not Ready, and how far that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// So many of the team stay READY; zero where the team has no floor.
    pub floor: usize,
    /// Since when it is wanted: who has waited longest goes first.
    pub since: Time,
    /// Is the agent on the phone?
    pub on_phone: bool,
    /// Is it done, under way, or not to be done at all (a human chose otherwise)?
    pub stage: Stage,
}

/// How far a [`Wish`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// To be done as soon as it may be.
    Waiting,
    /// Asked for, and not seen to be done: too late to spare anybody.
    UnderWay,
    /// Held: done.
    Done,
    /// A human chose otherwise: nothing follows from it.
    Dropped,
}

/// What is known of one agent of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Member {
    state: Option<AgentState>,
    wish: Option<Wish>,
    spared: bool,
}

/// All teams. Memory is bounded by what Finesse lists and who is watched.
#[derive(Debug, Clone, Default)]
pub struct Staffing {
    teams: BTreeMap<TeamId, BTreeMap<AgentId, Member>>,
}

impl Staffing {
    /// Finesse was seen to show this of the whole team: who is not listed is in it no longer.
    pub fn read(&mut self, team: &TeamId, shown: impl IntoIterator<Item = (AgentId, AgentState)>) {
        let members = self.teams.entry(team.clone()).or_default();
        let shown: BTreeMap<_, _> = shown.into_iter().collect();
        members.retain(|agent, member| member.wish.is_some() || shown.contains_key(agent));
        for member in members.values_mut() {
            member.state = None;
        }
        for (agent, state) in shown {
            members.entry(agent).or_default().state = Some(state);
        }
    }

    /// Finesse was seen to show this of one agent.
    pub fn saw(&mut self, team: &TeamId, agent: &AgentId, state: AgentState) {
        let members = self.teams.entry(team.clone()).or_default();
        members.entry(agent.clone()).or_default().state = Some(state);
    }

    /// What was seen says nothing any more: nobody counts before they are seen anew.
    pub fn forget_states(&mut self) {
        for member in self.teams.values_mut().flat_map(BTreeMap::values_mut) {
            member.state = None;
        }
    }

    /// The agent is to be made Not Ready, or no longer. Where it is new, it waits for [`decide`].
    ///
    /// [`decide`]: Self::decide
    pub fn wish(&mut self, team: &TeamId, agent: &AgentId, wish: Option<Wish>) {
        let members = self.teams.entry(team.clone()).or_default();
        let member = members.entry(agent.clone()).or_default();
        let is_new = member.wish.is_none() && wish.is_some();
        member.wish = wish;
        member.spared = member.may_be_spared() && (is_new || member.spared);
        if *member == Member::default() {
            members.remove(agent);
        }
    }

    /// The agent is not in that team any more.
    pub fn forget(&mut self, team: &TeamId, agent: &AgentId) {
        if let Some(members) = self.teams.get_mut(team) {
            members.remove(agent);
            if members.is_empty() {
                self.teams.remove(team);
            }
        }
    }

    /// Is the agent to be left READY for now?
    pub fn is_spared(&self, team: &TeamId, agent: &AgentId) -> bool {
        let members = self.teams.get(team);
        members.and_then(|members| members.get(agent)).is_some_and(|member| member.spared)
    }

    /// Who may be taken, and who must be left: those for whom that has changed are named. The
    /// latest to ask is the first to be left, and the first to ask the first to go.
    pub fn decide(&mut self, team: &TeamId) -> BTreeSet<AgentId> {
        let Some(members) = self.teams.get_mut(team) else { return BTreeSet::new() };
        let before: BTreeSet<AgentId> = spared(members).cloned().collect();
        let mut left = members.values().filter(|member| member.stays()).count();
        let mut waiting: Vec<(Time, AgentId)> = members
            .iter()
            .filter(|(_, member)| member.may_be_spared())
            .filter_map(|(agent, member)| Some((member.wish?.since, agent.clone())))
            .collect();
        waiting.sort();
        for (_, agent) in waiting.iter().rev() {
            if let Some(member) = members.get_mut(agent) {
                member.hold_back(&mut left);
            }
        }
        for (_, agent) in &waiting {
            if let Some(member) = members.get_mut(agent) {
                member.let_go(&mut left);
            }
        }
        let after: BTreeSet<AgentId> = spared(members).cloned().collect();
        before.symmetric_difference(&after).cloned().collect()
    }

    /// How many teams are at their floor: somebody in them is spared.
    pub fn teams_at_floor(&self) -> usize {
        self.teams.values().filter(|members| spared(members).next().is_some()).count()
    }
}

fn spared(members: &BTreeMap<AgentId, Member>) -> impl Iterator<Item = &AgentId> {
    members.iter().filter(|(_, member)| member.spared).map(|(agent, _)| agent)
}

// === impl Member ===

impl Member {
    /// Is the agent READY, as far as was seen, and goes nowhere by our doing?
    fn stays(&self) -> bool {
        let goes = self.wish.is_some_and(|wish| wish.stage != Stage::Dropped) && !self.spared;
        self.state == Some(AgentState::Ready) && !goes
    }

    /// Would a wish that is granted make the team smaller, now or when a call ends?
    fn may_be_spared(&self) -> bool {
        let counts = |wish: Wish| wish.stage == Stage::Waiting && !wish.on_phone && wish.floor > 0;
        self.wish.is_some_and(counts) && !self.is_away()
    }

    /// Not Ready by somebody's choice, or not signed in: Lockstep takes nobody from there.
    fn is_away(&self) -> bool {
        matches!(self.state, Some(AgentState::NotReady | AgentState::Logout | AgentState::Unknown))
    }

    /// Spares the agent where the team is below the floor without that.
    fn hold_back(&mut self, left: &mut usize) {
        let Some(wish) = self.wish.filter(|_| !self.spared) else { return };
        if *left < wish.floor {
            self.spared = true;
            *left += usize::from(self.state == Some(AgentState::Ready));
        }
    }

    /// Lets the agent go where the team stays at the floor or above it.
    fn let_go(&mut self, left: &mut usize) {
        let Some(wish) = self.wish.filter(|_| self.spared) else { return };
        let takes = usize::from(self.state == Some(AgentState::Ready));
        if *left >= wish.floor + takes {
            self.spared = false;
            *left -= takes;
        }
    }
}

#[cfg(test)]
mod tests;
