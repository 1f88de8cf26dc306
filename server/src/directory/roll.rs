//! Who is who in Finesse, for whoever signs in to the supervisors' page.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockstep_core::{AgentId, TeamId};
use tokio::sync::watch;

use crate::finesse::User;

/// Everybody whom Finesse knows, as it was read last; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Roll(Arc<watch::Sender<Option<Arc<Everybody>>>>);

/// As much of everybody as a sign-in needs.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Everybody {
    /// Ordered.
    ids: Vec<AgentId>,
    /// Login names in lower case that differ from the id; ordered.
    names: Vec<(Box<str>, AgentId)>,
    supervisors: BTreeMap<AgentId, Supervisor>,
    teams: BTreeMap<TeamId, String>,
}

/// Somebody who supervises teams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervisor {
    /// First and last name, else the login name.
    pub name: String,
    /// Which.
    pub teams: Vec<TeamId>,
}

impl Roll {
    /// Finesse's list was read.
    pub fn tell(&self, users: &[User]) {
        let read = Everybody::of(users);
        self.0.send_if_modified(|known| {
            let changed = known.as_deref() != Some(&read);
            if changed {
                *known = Some(Arc::new(read));
            }
            changed
        });
    }

    /// The list; `None` until it was read once.
    pub fn read(&self) -> Option<Arc<Everybody>> {
        self.0.borrow().clone()
    }
}

impl Everybody {
    fn of(users: &[User]) -> Self {
        let mut all = Self::default();
        for user in users {
            all.ids.push(user.id.clone());
            let login = user.login_name.trim().to_lowercase();
            if !login.is_empty() && login != user.id.as_str() {
                all.names.push((login.into_boxed_str(), user.id.clone()));
            }
            if let Some(team) = &user.team {
                all.teams.entry(team.id.clone()).or_insert_with(|| team.name.clone());
            }
            if !user.supervises.is_empty() {
                let name =
                    [&user.name, &user.login_name].into_iter().find(|name| !name.trim().is_empty());
                let name = name.map_or_else(|| user.id.to_string(), |name| name.trim().to_owned());
                let supervisor = Supervisor { name, teams: user.supervises.clone() };
                all.supervisors.insert(user.id.clone(), supervisor);
            }
        }
        all.ids.sort();
        all.names.sort();
        all
    }

    /// Whoever is called so: by login id, else by login name in any case.
    pub fn find(&self, called: &str) -> Option<AgentId> {
        let id = self.ids.binary_search_by(|id| id.as_str().cmp(called));
        if let Ok(at) = id {
            return self.ids.get(at).cloned();
        }
        let called = called.to_lowercase();
        let name = self.names.binary_search_by(|(name, _)| (**name).cmp(called.as_str()));
        self.names.get(name.ok()?).map(|(_, id)| id.clone())
    }

    /// What this user supervises, if anything.
    pub fn supervisor(&self, id: &AgentId) -> Option<&Supervisor> {
        self.supervisors.get(id)
    }

    /// Every team that is somebody's home.
    pub fn team_ids(&self) -> impl Iterator<Item = &TeamId> {
        self.teams.keys()
    }

    /// A team's name; the id of one that is nobody's home.
    pub fn team_name<'a>(&'a self, id: &'a TeamId) -> &'a str {
        self.teams.get(id).map_or(id.as_str(), String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::finesse::{AgentState, AgentView};

    use super::*;
    use crate::finesse::Team;

    fn user(id: &str, login: &str, supervises: &[&str]) -> User {
        User {
            id: AgentId::new(id),
            login_name: login.to_owned(),
            name: String::new(),
            team: Some(Team { id: TeamId::new("1"), name: "Sales".to_owned() }),
            supervises: supervises.iter().map(TeamId::new).collect(),
            view: AgentView {
                state: AgentState::Logout,
                pending: None,
                reason: None,
                changed_at: None,
                busy_elsewhere: None,
            },
        }
    }

    #[test]
    fn everybody_is_found_by_id_and_by_name_in_any_case() {
        let roll = Roll::default();
        assert!(roll.read().is_none());
        roll.tell(&[user("0002", "Boss", &["1", "9"]), user("0001", "ann", &[])]);
        let all = roll.read().unwrap();
        assert_eq!(all.find("BOSS"), Some(AgentId::new("0002")));
        assert_eq!(all.find("0001"), Some(AgentId::new("0001")));
        assert_eq!((all.find("1"), all.find("")), (None, None));
        let boss = all.supervisor(&AgentId::new("0002")).unwrap();
        assert_eq!((boss.name.as_str(), boss.teams.len()), ("Boss", 2));
        assert!(all.supervisor(&AgentId::new("0001")).is_none());
        assert_eq!(all.team_name(&TeamId::new("1")), "Sales");
        assert_eq!(all.team_name(&TeamId::new("9")), "9");
    }
}
