//! Does Finesse have the reasons that the rules name, for every team that is watched?

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use lockstep_core::finesse::Deployment;
use lockstep_core::finesse::labels::{ReasonCode, Standing, is_in_range, numbers, standing};
use lockstep_core::{AgentId, TeamId};

use super::red_or_amber;
use crate::cli::Finding;
use crate::finesse::rest::Rest;
use crate::finesse::{FinesseError, Team};

const SUBJECT: &str = "reasons";
const CREATE: &str = "`lockstep reasons create` creates them; or Finesse administration, Reasons (on Packaged CCE: Unified CCE Management)";
/// Names in one line; who wants them all asks `lockstep reasons`.
const NAMED: usize = 4;

/// A team, and one of its agents: before 12.5 a team's reasons are read by an agent of it.
pub type TeamAndAgent = (Team, AgentId);

/// What Finesse has of reasons for `NOT_READY`.
#[derive(Debug)]
pub struct Reasons {
    /// CCE or CCX.
    pub deployment: Deployment,
    /// Everything there is, of every team; the system's own where they are listed.
    pub all: Vec<ReasonCode>,
    /// What each team is offered.
    pub teams: Vec<(Team, Vec<ReasonCode>)>,
}

impl Reasons {
    /// Reads them as the administrator. A team's own list is read only where one of `labels` is
    /// not global.
    pub async fn read(
        port: &Rest,
        deployment: Deployment,
        teams: &[TeamAndAgent],
        labels: &[Arc<str>],
    ) -> Result<Self, FinesseError> {
        let all = port.all_reason_codes().await?;
        let global = labels.iter().all(|label| standing(label, &all, &[]).is_usable());
        let offered = teams.iter().map(async |(team, agent)| {
            // A label that every team has needs no look at each of them.
            let own = if global { Vec::new() } else { offered(port, &team.id, agent).await? };
            Ok((team.clone(), own))
        });
        let teams = try_join_all(offered).await?;
        Ok(Self { deployment, all, teams })
    }

    /// How `label` stands for each team.
    pub fn standings<'a>(
        &'a self,
        label: &'a str,
    ) -> impl Iterator<Item = (&'a Team, Standing<'a>)> {
        let all = &self.all;
        self.teams.iter().map(move |(team, offered)| (team, standing(label, all, offered)))
    }

    /// Is there any that people may choose? Where there is none, Finesse wants none.
    pub fn are_configured(&self) -> bool {
        self.all.iter().any(|code| !code.system)
    }
}

async fn offered(
    port: &Rest,
    team: &TeamId,
    agent: &AgentId,
) -> Result<Vec<ReasonCode>, FinesseError> {
    match port.reason_codes(team).await {
        Err(FinesseError::NotFound { .. }) => port.reason_codes_of(agent).await,
        read => read,
    }
}

/// What is to be said of `labels`; `used`: the mode sends reasons; `stand_in`: what agents are given
/// where one is missing.
pub(super) fn findings(
    reasons: &Reasons,
    labels: &[Arc<str>],
    stand_in: Option<&str>,
    used: bool,
) -> Vec<Finding> {
    if labels.is_empty() {
        return vec![Finding::green(SUBJECT, "the rules name none")];
    }
    if !reasons.are_configured() {
        let text = "finesse has no reasons for Not Ready at all: agents are shown none";
        return vec![Finding::amber(SUBJECT, text, CREATE)];
    }
    let stand_in = stand_in.filter(|label| reasons.standings(label).all(|(_, s)| s.is_usable()));
    let used = used && stand_in.is_none();
    let instead = stand_in.map(|label| format!("; {label} stands in")).unwrap_or_default();
    Sorted::of(reasons, labels).findings(reasons.deployment, used, &instead)
}

/// The labels by what is to be said of them.
#[derive(Default)]
struct Sorted<'a> {
    usable: Vec<&'a str>,
    missing: Vec<&'a str>,
    elsewhere: BTreeMap<&'a str, Vec<&'a str>>,
    system: Vec<&'a str>,
    beyond: Vec<(&'a str, i64)>,
}

impl<'a> Sorted<'a> {
    fn of(reasons: &'a Reasons, labels: &'a [Arc<str>]) -> Self {
        let mut sorted = Self::default();
        for label in labels {
            let (mut usable, mut code) = (true, None);
            for (team, standing) in reasons.standings(label) {
                usable &= standing.is_usable();
                match standing {
                    Standing::Global(found) | Standing::OnTeam(found) => code = Some(found),
                    Standing::Elsewhere(_) => {
                        sorted.elsewhere.entry(label).or_default().push(&team.name);
                    }
                    Standing::Missing => once(&mut sorted.missing, label),
                    Standing::System(_) => once(&mut sorted.system, label),
                }
            }
            let beyond = code.filter(|code| !is_in_range(code, reasons.deployment));
            if let Some(number) = beyond.and_then(|code| code.code) {
                sorted.beyond.push((label, number));
            } else if usable {
                sorted.usable.push(label);
            }
        }
        sorted
    }

    /// `instead`: what agents are given in place of what is missing.
    fn findings(&self, platform: Deployment, used: bool, instead: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut say = |text: String, remedy: &str| {
            findings.push(red_or_amber(used, SUBJECT, text, remedy));
        };
        if !self.missing.is_empty() {
            say(format!("finesse has no {}{instead}", self.missing.join(", ")), CREATE);
        }
        for (label, teams) in &self.elsewhere {
            let remedy = "assign it in Finesse administration, Team Resources; or make it global";
            say(format!("{label} is not assigned to {}{instead}", teams_named(teams)), remedy);
        }
        for label in &self.system {
            let text = format!("{label} is a reason of Finesse's own, which nobody can choose");
            say(text, "choose another reason in the rules");
        }
        for (label, code) in &self.beyond {
            let range = numbers(platform);
            let (first, last) = (range.start(), range.end());
            let text =
                format!("{label} has the number {code}, beyond {first} to {last} of {platform}");
            say(text, "give it a number within the range in Finesse administration, Reasons");
        }
        if !self.usable.is_empty() {
            let text = format!("every team has {}", self.usable.join(", "));
            findings.push(Finding::green(SUBJECT, text));
        }
        findings
    }
}

fn once<'a>(names: &mut Vec<&'a str>, name: &'a str) {
    if !names.contains(&name) {
        names.push(name);
    }
}

fn teams_named(teams: &[&str]) -> String {
    let named = teams.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match teams.len() {
        1 => format!("team {named}"),
        count if count <= NAMED => format!("the teams {named}"),
        count => format!("{count} teams: {named}, …"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Status;

    #[test]
    fn a_number_beyond_the_platforms_range_and_a_label_of_its_own_are_red() {
        let code = |code, label: &str, system| ReasonCode {
            id: format!("{code}"),
            code: Some(code),
            label: label.to_owned(),
            for_all: true,
            system,
        };
        let team = Team { id: TeamId::new("1"), name: "Sales".to_owned() };
        let all = vec![code(1_200, "Webex Call", false), code(32_763, "Call Not Answered", true)];
        let mut reasons =
            Reasons { deployment: Deployment::Ccx, all, teams: vec![(team, Vec::new())] };
        let labels: Vec<Arc<str>> = vec!["Webex Call".into(), "Call Not Answered".into()];
        let found = findings(&reasons, &labels, None, true);
        assert!(found.iter().all(|finding| finding.status == Status::Red), "{found:#?}");
        assert!(found[0].text.contains("Finesse's own"), "{found:#?}");
        let beyond = "Webex Call has the number 1200, beyond 1 to 999 of UCCX";
        assert_eq!(found[1].text, beyond);
        reasons.deployment = Deployment::Cce;
        let found = findings(&reasons, &labels[..1], None, true);
        assert_eq!(found[0].text, "every team has Webex Call");
        assert_eq!(found[0].status, Status::Green);
    }
}
