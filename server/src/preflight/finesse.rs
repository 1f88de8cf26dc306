use std::collections::BTreeSet;

use lockstep_core::TeamId;

use super::{red_or_amber, uses_supervisors};
use crate::cli::Finding;
use crate::config::Config;
use crate::finesse::{Finesse, Need, System, User};
use crate::roster::{Selection, addresses, select};

/// Beyond this the clocks are told apart: matching a change with its request allows one second.
const CLOCK_SKEW_MS: i64 = 2_000;

/// An agent who would be watched, and the addresses to try in Webex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// `loginName`.
    pub login_name: String,
    /// In the order to try.
    pub addresses: Vec<String>,
}

/// Looks at Finesse; adds to `findings`, and returns who would be watched.
pub async fn finesse<F: Finesse>(
    port: &F,
    config: &Config,
    findings: &mut Vec<Finding>,
) -> Vec<Watched> {
    match port.system().await {
        Ok(system) => findings.extend(platform(&system)),
        Err(error) => {
            let remedy = "check finesse.nodes, finesse.ca_file and that the cluster is in service";
            findings.push(Finding::red("finesse", error.to_string(), remedy));
            return Vec::new();
        }
    }
    let users = match port.users().await {
        Ok(users) => users,
        Err(error) => {
            let remedy = "check finesse.admin: an administrator's account reads the users";
            findings.push(Finding::red("finesse.admin", error.to_string(), remedy));
            return Vec::new();
        }
    };
    let text = format!("{} users can be read", users.len());
    findings.push(Finding::green("finesse.admin", text));

    let selection = select(&config.agents, &config.finesse.supervisors, &users);
    findings.extend(agents(&selection));
    teams(port, config, &users, &selection, findings).await;
    let watched = selection.chosen.iter().map(|(user, _)| Watched {
        login_name: user.login_name.clone(),
        addresses: addresses(&config.agents, user),
    });
    watched.collect()
}

fn platform(system: &System) -> Vec<Finding> {
    let mut findings =
        vec![Finding::green("finesse", format!("{} is in service", system.deployment))];
    match system.clock_ahead_ms {
        Some(ahead) if ahead.abs() > CLOCK_SKEW_MS => {
            let text = format!("finesse's clock differs from this machine's by {ahead} ms");
            findings.push(Finding::amber(
                "clock",
                text,
                "synchronise both with the same time source",
            ));
        }
        Some(_) => findings.push(Finding::green("clock", "agrees with finesse's")),
        None => {
            let text = "finesse does not tell its time";
            findings.push(Finding::amber(
                "clock",
                text,
                "make sure both machines are synchronised",
            ));
        }
    }
    findings
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

async fn teams<F: Finesse>(
    port: &F,
    config: &Config,
    users: &[User],
    selection: &Selection<'_>,
    findings: &mut Vec<Finding>,
) {
    let used = uses_supervisors(config.modes());
    let ids: BTreeSet<TeamId> = selection.chosen.iter().map(|(_, team)| team.id.clone()).collect();
    let ids: Vec<TeamId> = ids.into_iter().collect();
    let assignment = port.assign(users, &ids);
    for name in &assignment.unknown_supervisors {
        let text = format!("{name}: finesse has no such user");
        let remedy = "check the spelling, or that the account still exists";
        findings.push(red_or_amber(used, "finesse.supervisors", text, remedy));
    }
    for team in ids {
        let name = selection.chosen.iter().find(|(_, own)| own.id == team);
        let name = name.map_or_else(|| team.to_string(), |(_, own)| own.name.clone());
        if assignment.unsupervised.contains(&team) {
            let text = format!("team {name} is supervised by none of them");
            let remedy = "add a supervisor of that team to finesse.supervisors";
            findings.push(red_or_amber(used, "finesse.supervisors", text, remedy));
            continue;
        }
        match port.team(&team, Need::Routine).await {
            Ok(members) => {
                let text = format!("the states of its {} members can be read", members.len());
                findings.push(Finding::green(&format!("team {name}"), text));
            }
            Err(error) => {
                let remedy = "check the password and the rights of the team's supervisor";
                let subject = format!("team {name}");
                findings.push(red_or_amber(used, &subject, error.to_string(), remedy));
            }
        }
    }
}
