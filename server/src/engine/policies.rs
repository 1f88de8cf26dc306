//! Which policy applies to whom.

use std::sync::Arc;

use lockstep_core::Time;
use lockstep_core::rules::Mode;

use super::{Policy, Watched};

/// Policies in their order: the first that names an agent, or the agent's team, applies.
#[derive(Debug, Clone)]
pub struct Policies {
    named: Vec<(Names, Arc<Policy>)>,
    rest: Arc<Policy>,
}

/// Whom a policy names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Names or ids of teams.
    pub teams: Vec<String>,
    /// Login names or login ids.
    pub agents: Vec<String>,
}

impl From<Policy> for Policies {
    /// One for everybody.
    fn from(policy: Policy) -> Self {
        Self { named: Vec::new(), rest: Arc::new(policy) }
    }
}

impl Policies {
    /// The same, with one more before what applies to the rest.
    #[must_use]
    pub fn with(mut self, names: Names, policy: Policy) -> Self {
        self.named.push((names, Arc::new(policy)));
        self
    }

    /// The same for a service that was started with these sides only: where another is asked for,
    /// the one that is there acts until a restart, and not nobody.
    #[must_use]
    pub fn within(mut self, sides: Mode) -> Self {
        if sides != Mode::Auto {
            let named = self.named.iter_mut().map(|(_, policy)| policy);
            for policy in named.chain([&mut self.rest]) {
                Arc::make_mut(policy).gadget.mode = sides;
            }
        }
        self
    }

    /// The policy of this agent.
    pub fn of(&self, watched: &Watched) -> &Arc<Policy> {
        let named = self.named.iter().find(|(names, _)| names.have(watched));
        named.map_or(&self.rest, |(_, policy)| policy)
    }

    /// Has any of them a staffing floor?
    pub fn have_floor(&self) -> bool {
        self.all().any(|policy| policy.staffing_floor > 0)
    }

    /// Opens and closes what has a schedule. True where anything has changed.
    pub fn keep_time(&mut self, now: Time) -> bool {
        let mut changed = false;
        let named = self.named.iter_mut().map(|(_, policy)| policy);
        for policy in named.chain([&mut self.rest]) {
            let open = policy.schedule.as_ref().is_none_or(|schedule| schedule.is_open(now));
            if policy.presence.on_duty != open {
                Arc::make_mut(policy).presence.on_duty = open;
                changed = true;
            }
        }
        changed
    }

    /// When a schedule opens or closes next.
    pub fn next_change(&self, now: Time) -> Option<Time> {
        let schedules = self.all().filter_map(|policy| policy.schedule.as_ref());
        schedules.filter_map(|schedule| schedule.next_change(now)).min()
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Policy>> {
        self.named.iter().map(|(_, policy)| policy).chain([&self.rest])
    }
}

impl Names {
    /// Are they this agent's, or the agent's team's? Names differ in case between systems; ids are
    /// text.
    fn have(&self, watched: &Watched) -> bool {
        let same = |one: &str, other: &str| one.trim().eq_ignore_ascii_case(other.trim());
        let team = |name: &String| {
            watched.team.as_str() == name.as_str() || same(&watched.team_name, name)
        };
        let agent =
            |name: &String| watched.id.as_str() == name.as_str() || same(&watched.login_name, name);
        self.agents.iter().any(agent) || self.teams.iter().any(team)
    }
}
