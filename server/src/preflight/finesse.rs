use std::collections::BTreeSet;

use futures_util::future::join_all;
use lockstep_core::TeamId;
use lockstep_core::finesse::Deployment;

use super::{Reasons, TeamAndAgent, reasons, red_or_amber, uses_supervisors};
use crate::assembly;
use crate::cli::Finding;
use crate::config::Config;
use crate::finesse::rest::Rest;
use crate::finesse::{Finesse, FinesseError, Member, Need, User};
use crate::roster::{Selection, addresses, idle_policies, select};

/// An agent who would be watched, and the addresses to try in Webex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// `loginName`.
    pub login_name: String,
    /// In the order to try.
    pub addresses: Vec<String>,
}

/// What there is to be said of Finesse, in the order of looking.
#[derive(Debug, Default)]
pub struct Seen {
    /// Of accounts, teams and their supervisors.
    pub finesse: Vec<Finding>,
    /// Of the agents who would be watched.
    pub agents: Vec<Finding>,
    /// Of the reasons that the rules name.
    pub reasons: Vec<Finding>,
}

/// Looks at accounts, teams, agents and reasons; `watched` learns who would be watched, as soon as it
/// is known.
pub async fn finesse(
    port: &Rest,
    config: &Config,
    seen: &mut Seen,
    watched: impl FnOnce(Vec<Watched>),
) {
    // Why not is in each node's own finding.
    let Ok(system) = port.system().await else {
        let text = "no node serves: accounts, teams, agents and reasons were not looked at";
        let remedy = "check finesse.nodes, finesse.ca_file and that the cluster is in service";
        seen.finesse.push(Finding::red("finesse", text, remedy));
        return;
    };
    let deployment = system.deployment;
    let users = match port.users().await {
        Ok(users) => users,
        Err(error) => {
            let remedy = administrator(&error);
            seen.finesse.push(Finding::red("finesse.admin", error.to_string(), remedy));
            return;
        }
    };
    let user = &config.finesse.admin.user;
    let text = format!("{user} reads the {} users, as administrators may", users.len());
    seen.finesse.push(Finding::green("finesse.admin", text));

    let selection = select(&config.agents, &config.finesse.supervisors, &users);
    seen.agents.extend(agents(&selection));
    seen.agents.extend(policies(config, &selection));
    watched(
        selection
            .chosen
            .iter()
            .map(|(user, _)| Watched {
                login_name: user.login_name.clone(),
                addresses: addresses(&config.agents, user),
            })
            .collect(),
    );
    let (teams, labels) = tokio::join!(
        teams(port, config, &users, &selection),
        labels(port, config, deployment, &selection)
    );
    seen.finesse.extend(teams);
    seen.reasons.extend(labels);
}

fn administrator(error: &FinesseError) -> &'static str {
    match error {
        FinesseError::Credential { .. } | FinesseError::Stopped { .. } => {
            "correct finesse.admin: the user name and the password of an administrator of Finesse (five wrong ones lock the account for five minutes)"
        }
        _ => "check finesse.admin: an administrator's account reads the users",
    }
}

/// The reasons that the rules name, for the teams of those who would be watched.
async fn labels(
    port: &Rest,
    config: &Config,
    deployment: Deployment,
    selection: &Selection<'_>,
) -> Vec<Finding> {
    let mut teams: Vec<TeamAndAgent> = Vec::new();
    for (user, team) in &selection.chosen {
        if !teams.iter().any(|(known, _)| known.id == team.id) {
            teams.push(((*team).clone(), user.id.clone()));
        }
    }
    let used = config.sync.mode.has_gadget();
    let labels = assembly::all_labels(config);
    match Reasons::read(port, deployment, &teams, &labels).await {
        Ok(read) => {
            let stand_in = config.sync.default_reason.as_deref();
            reasons::findings(&read, &labels, stand_in, used)
        }
        Err(error) => {
            let remedy = "check the rights of finesse.admin: an administrator reads the reasons";
            vec![red_or_amber(used, "reasons", error.to_string(), remedy)]
        }
    }
}

fn agents(selection: &Selection<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if selection.chosen.is_empty() {
        let remedy = "name teams by agents.teams or users by agents.users that finesse has";
        findings.push(Finding::red("agents", "nobody would be watched", remedy));
    } else {
        let text = format!("{} would be watched", selection.chosen.len());
        findings.push(Finding::green("agents", text));
    }
    let mut unknown = |subject, names: &[&str], what: &str, remedy| {
        for name in names {
            findings.push(Finding::amber(subject, format!("{name}: {what}"), remedy));
        }
    };
    let spelling = "check the spelling; names and ids come from finesse's list of users";
    unknown("agents.teams", &selection.unknown_teams, "finesse has no such team", spelling);
    unknown("agents.users", &selection.unknown_users, "finesse has no such user", spelling);
    let team = "give the user a team in finesse; an agent is reached through the team's supervisor";
    unknown("agents.users", &selection.without_team, "has no team", team);
    findings
}

/// Policies that name nobody, or nobody whom no policy before names.
fn policies(config: &Config, selection: &Selection<'_>) -> Vec<Finding> {
    let remedy = "correct the teams and agents of that policy, or its place: the first that names an agent applies, alone";
    idle_policies(&config.policies, &selection.chosen)
        .into_iter()
        .map(|name| {
            let text = format!("{name}: it applies to nobody who is watched");
            Finding::amber("policy", text, remedy)
        })
        .collect()
}

/// Can the states of each team be read and set, by whom?
async fn teams(
    port: &Rest,
    config: &Config,
    users: &[User],
    selection: &Selection<'_>,
) -> Vec<Finding> {
    let used = uses_supervisors(config.modes());
    if !used && config.finesse.supervisors.is_empty() {
        return Vec::new(); // neither there nor missed
    }
    let ids: BTreeSet<TeamId> = selection.chosen.iter().map(|(_, team)| team.id.clone()).collect();
    let ids: Vec<TeamId> = ids.into_iter().collect();
    let assignment = port.assign(users, &ids);
    let mut findings: Vec<Finding> = assignment
        .unknown_supervisors
        .iter()
        .map(|name| {
            let text = format!("{name}: finesse has no such user");
            let remedy = "check the spelling, or that the account still exists";
            red_or_amber(used, "finesse.supervisors", text, remedy)
        })
        .collect();
    findings.extend(idle_supervisors(config, users, used));
    let (with, without): (Vec<_>, Vec<_>) =
        ids.iter().partition(|id| !assignment.unsupervised.contains(id));
    let name = |id: &TeamId| {
        let found = selection.chosen.iter().find(|(_, own)| own.id == *id);
        found.map_or_else(|| id.to_string(), |(_, own)| own.name.clone())
    };
    findings.extend(without.into_iter().map(|id| {
        let text = format!("team {} is supervised by none of them", name(id));
        let remedy = "add a supervisor of that team to finesse.supervisors";
        red_or_amber(used, "finesse.supervisors", text, remedy)
    }));
    let read = join_all(with.iter().map(|id| port.team(id, Need::Routine))).await;
    findings.extend(with.iter().zip(read).map(|(id, read)| team(&name(id), read, used)));
    findings
}

fn team(name: &str, read: Result<Vec<Member>, FinesseError>, used: bool) -> Finding {
    let subject = format!("team {name}");
    match read {
        Ok(members) => {
            let text = format!("the states of its {} members can be read", members.len());
            Finding::green(&subject, text)
        }
        Err(error) => {
            let remedy = "check the password and the rights of the team's supervisor";
            red_or_amber(used, &subject, error.to_string(), remedy)
        }
    }
}

/// Accounts that are configured as supervisors and have not the role: no team is theirs.
fn idle_supervisors(config: &Config, users: &[User], used: bool) -> Vec<Finding> {
    let names = config.finesse.supervisors.iter().map(|own| own.user.as_str());
    let known = names.filter_map(|name| {
        let is_it =
            |user: &&User| user.login_name.eq_ignore_ascii_case(name) || user.id.as_str() == name;
        users.iter().find(is_it).map(|user| (name, user))
    });
    known
        .filter(|(_, user)| user.supervises.is_empty())
        .map(|(name, _)| {
            let text = format!("{name} supervises no team");
            let remedy = "make the account a supervisor of the teams in Finesse, or take it out";
            red_or_amber(used, "finesse.supervisors", text, remedy)
        })
        .collect()
}
