//! Who is watched: the configuration's names matched with Finesse's users. Pure.

use std::collections::BTreeSet;

use crate::config::{Account, Agents, Policy};
use crate::finesse::{Team, User};

/// Users that the configuration names, and names that match nobody.
#[derive(Debug, PartialEq, Eq)]
pub struct Selection<'a> {
    /// Watched, each with the home team.
    pub chosen: Vec<(&'a User, &'a Team)>,
    /// `agents.teams` that no user has as home team.
    pub unknown_teams: Vec<&'a str>,
    /// `agents.users` that Finesse does not know.
    pub unknown_users: Vec<&'a str>,
    /// Chosen by name, but without a home team: nobody can act for them.
    pub without_team: Vec<&'a str>,
}

/// Chooses among `users`. Our own supervisor accounts are not watched with their team, because
/// they never take calls; naming one in `agents.users` does.
pub fn select<'a>(agents: &'a Agents, supervisors: &[Account], users: &'a [User]) -> Selection<'a> {
    let is_service = |user: &User| supervisors.iter().any(|own| names(user, &own.user));
    let by_team = |user: &User| {
        let wanted = |team: &Team| agents.teams.iter().any(|name| is_team(team, name));
        user.team.as_ref().is_some_and(wanted) && !is_service(user)
    };
    let by_name = |user: &User| agents.users.iter().any(|name| names(user, name));

    let mut seen = BTreeSet::new();
    let mut chosen = Vec::new();
    let mut without_team = Vec::new();
    for user in users.iter().filter(|user| by_team(user) || by_name(user)) {
        if !seen.insert(&user.id) {
            continue;
        }
        match &user.team {
            Some(team) => chosen.push((user, team)),
            None => without_team.push(user.login_name.as_str()),
        }
    }
    let has_team = |name: &&String| {
        users.iter().any(|user| user.team.as_ref().is_some_and(|team| is_team(team, name)))
    };
    let has_user = |name: &&String| users.iter().any(|user| names(user, name));
    Selection {
        chosen,
        unknown_teams: lacking(&agents.teams, has_team),
        unknown_users: lacking(&agents.users, has_user),
        without_team,
    }
}

/// The policies, by name, that apply to none of those who are watched.
pub fn idle_policies<'a>(policies: &'a [Policy], chosen: &[(&User, &Team)]) -> Vec<&'a str> {
    let mut idle: Vec<&Policy> = policies.iter().collect();
    for (user, team) in chosen {
        let has = |policy: &Policy| {
            policy.agents.iter().any(|name| names(user, name))
                || policy.teams.iter().any(|name| is_team(team, name))
        };
        // Only the first that names somebody applies to them.
        if let Some(first) = policies.iter().find(|policy| has(policy)) {
            idle.retain(|policy| policy.name != first.name);
        }
    }
    idle.into_iter().map(|policy| policy.name.as_str()).collect()
}

fn lacking(names: &[String], known: impl Fn(&&String) -> bool) -> Vec<&str> {
    names.iter().filter(|name| !known(name)).map(String::as_str).collect()
}

/// Does `name` name this user? Login names differ in case between systems; login ids are text.
fn names(user: &User, name: &str) -> bool {
    user.id.as_str() == name || user.login_name.eq_ignore_ascii_case(name)
}

/// Is it the team of this name or id?
pub fn is_team(team: &Team, name: &str) -> bool {
    team.id.as_str() == name || team.name.trim().eq_ignore_ascii_case(name.trim())
}

/// The addresses under which Webex may know this user, in the order to try (S4-2).
pub fn addresses(agents: &Agents, user: &User) -> Vec<String> {
    let own = |(name, _): &(&String, &String)| names(user, name);
    if let Some((_, address)) = agents.overrides.iter().find(own) {
        return vec![address.clone()];
    }
    let name = user.login_name.trim().to_ascii_lowercase();
    if name.contains('@') {
        return vec![name];
    }
    agents.email_domains.iter().map(|domain| format!("{name}@{domain}")).collect()
}

#[cfg(test)]
mod tests {
    use lockstep_core::finesse::{AgentState, AgentView};
    use lockstep_core::{AgentId, TeamId};
    use secrecy::SecretString;

    use super::*;

    fn user(id: &str, login_name: &str, team: Option<&str>) -> User {
        let team = team.map(|name| Team { id: TeamId::new("7"), name: name.to_owned() });
        User {
            id: AgentId::new(id),
            login_name: login_name.to_owned(),
            name: login_name.to_owned(),
            team,
            supervises: Vec::new(),
            view: AgentView {
                state: AgentState::Logout,
                pending: None,
                reason: None,
                changed_at: None,
                busy_elsewhere: None,
            },
        }
    }

    fn agents(teams: &[&str], users: &[&str]) -> Agents {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Agents {
            teams: owned(teams),
            users: owned(users),
            email_domains: vec!["a.example".to_owned(), "b.example".to_owned()],
            overrides: [("0001".to_owned(), "boss@c.example".to_owned())].into(),
        }
    }

    fn ids<'a>(selection: &'a Selection<'_>) -> Vec<&'a str> {
        selection.chosen.iter().map(|(user, _)| user.id.as_str()).collect()
    }

    #[test]
    fn s4_2_members_of_teams_and_named_users_are_watched_once_and_the_rest_is_named() {
        let users = [
            user("0001", "ann", Some("Sales")),
            user("2", "Bob", Some("Support")),
            user("3", "cy", None),
        ];
        let agents = agents(&["sales", "Nowhere"], &["bob", "ann", "3", "ghost"]);
        let selection = select(&agents, &[], &users);
        assert_eq!(ids(&selection), ["0001", "2"]);
        assert_eq!(selection.unknown_teams, ["Nowhere"]);
        assert_eq!(selection.unknown_users, ["ghost"]);
        assert_eq!(selection.without_team, ["cy"]);
    }

    #[test]
    fn our_own_supervisor_is_not_watched_with_the_team() {
        let users = [user("9", "supervisor1", Some("Sales")), user("1", "ann", Some("Sales"))];
        let own =
            [Account { user: "Supervisor1".to_owned(), password: SecretString::from("secret") }];
        assert_eq!(ids(&select(&agents(&["Sales"], &[]), &own, &users)), ["1"]);
        assert_eq!(ids(&select(&agents(&["Sales"], &["9"]), &own, &users)), ["9", "1"]);
    }

    #[test]
    fn w11_a_login_id_is_text_and_0001_is_not_1() {
        let users = [user("1", "one", Some("Sales")), user("0001", "two", Some("Sales"))];
        assert_eq!(ids(&select(&agents(&[], &["0001"]), &[], &users)), ["0001"]);
    }

    #[test]
    fn s4_2_addresses_are_tried_over_the_domains_unless_the_name_is_one() {
        let agents = agents(&[], &[]);
        let of = |id: &str, name: &str| addresses(&agents, &user(id, name, None));
        assert_eq!(of("5", "Ann"), ["ann@a.example", "ann@b.example"]);
        assert_eq!(of("5", "Ann@D.example"), ["ann@d.example"]);
        assert_eq!(of("0001", "whoever"), ["boss@c.example"]);
    }
}
