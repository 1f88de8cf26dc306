//! Who is in the contact centre: users and teams, also while it runs.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Centre;
use super::state::AgentState;
use super::user::{User, UserSpec};

/// Most users; the simulator is made for 10,000.
const USER_LIMIT: usize = 50_000;

/// Why the directory could not be changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DirectoryError {
    #[error("there is no user {0}")]
    NoUser(String),
    #[error("there is no team {0}")]
    NoTeam(u32),
    #[error("a user needs a loginId and a loginName without `/`")]
    BadName,
    #[error("the loginId or loginName {0} is taken")]
    Taken(String),
    #[error("the contact centre is full")]
    Full,
}

impl Centre {
    /// Adds a team, or renames it.
    pub(crate) fn put_team(&mut self, id: u32, name: &str) {
        self.teams.insert(id, name.to_owned());
    }

    pub(crate) fn team_name(&self, id: u32) -> Option<&str> {
        self.teams.get(&id).map(String::as_str)
    }

    pub(crate) fn teams(&self) -> &BTreeMap<u32, String> {
        &self.teams
    }

    /// The team of that id or name.
    pub(crate) fn team_named(&self, name: &str) -> Option<u32> {
        let by_name = self.teams.iter().find(|(_, known)| known.as_str() == name);
        by_name
            .map(|(id, _)| *id)
            .or_else(|| name.parse().ok().filter(|id| self.teams.contains_key(id)))
    }

    /// Adds a user. Signed-out users have seen no state event, so their `stateChangeTime` is empty.
    pub(crate) fn add_user(
        &mut self,
        spec: UserSpec,
        now: Timestamp,
    ) -> Result<(), DirectoryError> {
        if self.users.len() >= USER_LIMIT {
            return Err(DirectoryError::Full);
        }
        for name in [&spec.login_id, &spec.login_name] {
            if name.is_empty() || name.contains('/') {
                return Err(DirectoryError::BadName);
            }
            if self.login_id(name).is_some() {
                return Err(DirectoryError::Taken(name.clone()));
            }
        }
        for team in spec.supervises.iter().chain([&spec.team]) {
            if !self.teams.contains_key(team) {
                return Err(DirectoryError::NoTeam(*team));
            }
        }
        let since = (spec.state != AgentState::Logout).then_some(now);
        self.login_ids.insert(spec.login_name.clone(), spec.login_id.clone());
        self.users.insert(spec.login_id.clone(), User::new(spec, since));
        Ok(())
    }

    /// Forgets a user with everything on the way to them.
    pub(crate) fn remove_user(&mut self, login_id: &str) -> Result<(), DirectoryError> {
        let user = self
            .users
            .remove(login_id)
            .ok_or_else(|| DirectoryError::NoUser(login_id.to_owned()))?;
        self.login_ids.remove(&user.login_name);
        self.timers.retain(|_, (owner, _)| owner != login_id);
        Ok(())
    }

    pub(crate) fn move_user(&mut self, login_id: &str, team: u32) -> Result<(), DirectoryError> {
        if !self.teams.contains_key(&team) {
            return Err(DirectoryError::NoTeam(team));
        }
        let user = self
            .users
            .get_mut(login_id)
            .ok_or_else(|| DirectoryError::NoUser(login_id.to_owned()))?;
        user.team = team;
        Ok(())
    }

    pub(crate) fn user(&self, login_id: &str) -> Option<&User> {
        self.users.get(login_id)
    }

    pub(super) fn user_mut(&mut self, login_id: &str) -> Option<&mut User> {
        self.users.get_mut(login_id)
    }

    pub(crate) fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    pub(crate) fn members(&self, team: u32) -> impl Iterator<Item = &User> {
        self.users.values().filter(move |user| user.team == team)
    }

    /// The loginId behind a loginId or a loginName.
    pub(crate) fn login_id(&self, name: &str) -> Option<String> {
        if self.users.contains_key(name) {
            return Some(name.to_owned());
        }
        self.login_ids.get(name).cloned()
    }
}
