//! Which supervisor account acts for which team.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use lockstep_core::TeamId;

use super::account::Account;
use crate::finesse::{Assignment, FinesseError, User};

/// The supervisor accounts and the teams they supervise.
#[derive(Debug)]
pub(super) struct Teams {
    map: RwLock<Map>,
}

#[derive(Debug)]
struct Map {
    supervisors: Vec<Arc<Account>>,
    by_team: BTreeMap<TeamId, Vec<Arc<Account>>>,
}

impl Teams {
    pub(super) fn new(supervisors: Vec<Arc<Account>>) -> Self {
        Self { map: RwLock::new(Map { supervisors, by_team: BTreeMap::new() }) }
    }

    /// Other accounts act from now on. Who is gone acts for nobody any more; who is new acts once
    /// the users were read again.
    pub(super) fn replace(&self, supervisors: Vec<Arc<Account>>) {
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        let stays = |one: &Arc<Account>| supervisors.iter().any(|other| Arc::ptr_eq(one, other));
        for accounts in map.by_team.values_mut() {
            accounts.retain(stays);
        }
        map.by_team.retain(|_, accounts| !accounts.is_empty());
        map.supervisors = supervisors;
    }

    /// Takes the map from the users list; see [`crate::finesse::Finesse::assign`].
    pub(super) fn assign(&self, users: &[User], wanted: &[TeamId]) -> Assignment {
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        let mut assignment = Assignment::default();
        let mut by_team: BTreeMap<TeamId, Vec<Arc<Account>>> = BTreeMap::new();
        for account in &map.supervisors {
            let named =
                |u: &&User| account.has_user(u.id.as_str()) || account.has_user(&u.login_name);
            let Some(user) = users.iter().find(named) else {
                assignment.unknown_supervisors.push(account.user().to_owned());
                continue;
            };
            for team in &user.supervises {
                by_team.entry(team.clone()).or_default().push(Arc::clone(account));
            }
        }
        for team in wanted {
            if !by_team.contains_key(team) && !assignment.unsupervised.contains(team) {
                assignment.unsupervised.push(team.clone());
            }
        }
        map.by_team = by_team;
        assignment
    }

    /// The account that acts for `team`: the first in the configuration's order that was not
    /// refused; the first at all when every one was.
    pub(super) fn supervisor(&self, team: &TeamId) -> Result<Arc<Account>, FinesseError> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        let accounts = map.by_team.get(team).map(Vec::as_slice).unwrap_or_default();
        let able = accounts.iter().find(|account| !account.is_stopped());
        let chosen = able.or_else(|| accounts.first()).map(Arc::clone);
        chosen.ok_or_else(|| FinesseError::NoSupervisor { team: team.to_string() })
    }

    /// The account that reads `team`. Supervisors only: that an administrator may is inferred,
    /// not documented (Finesse notes 1.7), and a 401 would stop the account that everything else
    /// depends on.
    pub(super) fn reader(&self, team: &TeamId) -> Result<Arc<Account>, FinesseError> {
        self.supervisor(team)
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::AgentId;
    use lockstep_core::finesse::{AgentState, AgentView};

    use super::*;
    use crate::finesse::rest::credentials::Credentials;
    use crate::finesse::rest::settings::AccountSettings;
    use crate::finesse::rest::urgency::Urgency;

    fn user(id: &str, login_name: &str, teams: &[&str]) -> User {
        let view = AgentView {
            state: AgentState::Logout,
            pending: None,
            reason: None,
            changed_at: None,
            busy_elsewhere: None,
        };
        User {
            id: AgentId::new(id),
            login_name: login_name.into(),
            name: String::new(),
            team: None,
            supervises: teams.iter().map(TeamId::new).collect(),
            view,
        }
    }

    fn account(user: &str) -> Arc<Account> {
        let settings = AccountSettings { user: user.into(), password: "x".into() };
        Arc::new(Account::new(Credentials::new(&settings).unwrap(), 4))
    }

    fn teams(accounts: &[&str]) -> Teams {
        Teams::new(accounts.iter().map(|user| account(user)).collect())
    }

    fn ids(names: &[&str]) -> Vec<TeamId> {
        names.iter().map(TeamId::new).collect()
    }

    #[test]
    fn supervisors_are_found_by_id_or_name_in_any_case() {
        let teams = teams(&["SUPERVISOR1", "9002", "nobody"]);
        let users = [user("9001", "supervisor1", &["1"]), user("9002", "two", &["2"])];
        let seen = teams.assign(&users, &ids(&["1", "2", "3", "3"]));
        assert_eq!(seen.unsupervised, ids(&["3"]));
        assert_eq!(seen.unknown_supervisors, ["nobody"]);
        assert_eq!(teams.supervisor(&TeamId::new("1")).unwrap().user(), "SUPERVISOR1");
        assert_eq!(teams.supervisor(&TeamId::new("2")).unwrap().user(), "9002");
        let none = teams.supervisor(&TeamId::new("3"));
        assert!(matches!(none, Err(FinesseError::NoSupervisor { team }) if team == "3"));
    }

    #[tokio::test]
    async fn a_refused_supervisor_is_replaced_by_another_of_the_team() {
        let teams = teams(&["a", "b"]);
        teams.assign(&[user("a", "", &["1"]), user("b", "", &["1"])], &[]);
        let team = TeamId::new("1");
        for expected in ["a", "b", "a"] {
            let account = teams.supervisor(&team).unwrap();
            assert_eq!(account.user(), expected);
            if let Ok(pass) = account.enter(Urgency::Routine).await {
                pass.refused();
            }
        }
    }

    #[test]
    fn who_is_no_longer_configured_acts_for_nobody() {
        let (one, two, three) = (account("a"), account("b"), account("c"));
        let teams = Teams::new(vec![one, Arc::clone(&two)]);
        let users = [user("a", "", &["1", "2"]), user("b", "", &["2"]), user("c", "", &["1"])];
        teams.assign(&users, &[]);
        teams.replace(vec![two, three]);
        assert!(teams.supervisor(&TeamId::new("1")).is_err(), "the users were not read again");
        assert_eq!(teams.supervisor(&TeamId::new("2")).unwrap().user(), "b");
        teams.assign(&users, &[]);
        assert_eq!(teams.supervisor(&TeamId::new("1")).unwrap().user(), "c");
    }

    #[test]
    fn a_new_list_replaces_the_old_map() {
        let teams = teams(&["a"]);
        teams.assign(&[user("a", "", &["1"])], &[]);
        teams.assign(&[user("a", "", &["2"])], &[]);
        assert!(teams.supervisor(&TeamId::new("1")).is_err());
        assert!(teams.supervisor(&TeamId::new("2")).is_ok());
    }
}
