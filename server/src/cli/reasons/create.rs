//! `lockstep reasons create`.

use std::io::{self, Write};

use anyhow::Context;
use lockstep_core::TeamId;
use lockstep_core::finesse::labels::free_numbers;

use super::{Look, Seen, lines};
use crate::assembly;
use crate::clock::Clock;
use crate::config::Config;
use crate::finesse::FinesseError;
use crate::finesse::rest::Rest;
use crate::preflight::Reasons;

/// A reason that Finesse has accepted.
struct Made<'a> {
    label: &'a str,
    number: i64,
}

/// Creates what is missing, with free numbers from `first` upwards. `true`: nothing is missing now.
pub(super) async fn create(
    config: &Config,
    look: &Look,
    first: i64,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let port = assembly::finesse(config, Clock::system())?;
    let team = look.team.as_deref();
    let seen = Seen::read(&port, config, team).await?;
    let missing: Vec<&str> = seen.missing().map(AsRef::as_ref).collect();
    for label in seen.labels.iter().filter(|label| !missing.contains(&label.as_ref())) {
        for line in lines(&seen.reasons, label) {
            writeln!(out, "left      {line}")?;
        }
    }
    let (made, mut done) = make(config, &seen, &missing, first, team.is_none(), out).await?;
    done &= confirm(config, &port, &seen, &made, team.is_some(), out).await?;
    let complete = Seen::read(&port, config, team).await?.are_complete();
    if done && !complete {
        let remedy = "assign them in Finesse administration, Team Resources";
        writeln!(out, "\nSome exist and are not assigned to a team: {remedy}.")?;
    }
    Ok(done && complete)
}

/// Asks for one after the other. `false`: Finesse did not take them all.
async fn make<'a>(
    config: &Config,
    seen: &Seen,
    missing: &[&'a str],
    first: i64,
    for_all: bool,
    out: &mut impl Write,
) -> io::Result<(Vec<Made<'a>>, bool)> {
    let mut numbers = free_numbers(seen.reasons.deployment, &seen.reasons.all, first);
    let (mut made, mut all) = (Vec::new(), true);
    for &label in missing {
        let Some(number) = numbers.next() else {
            writeln!(out, "refused   {label}: no number from {first} upwards is free")?;
            all = false;
            continue;
        };
        let asked = async |port: &Rest| port.create_reason_code(number, label, for_all).await;
        match each_node(config, asked).await {
            Ok(()) => made.push(Made { label, number }),
            Err(error) => {
                writeln!(out, "refused   {label}, number {number}: {error}")?;
                all = false;
                // A refused password is not tried a second time.
                if matches!(error, FinesseError::Credential { .. } | FinesseError::Stopped { .. }) {
                    break;
                }
            }
        }
    }
    Ok((made, all))
}

/// Tells what Finesse lists of what it accepted, and gives it to the teams where it is `own`.
async fn confirm(
    config: &Config,
    port: &Rest,
    seen: &Seen,
    made: &[Made<'_>],
    own: bool,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    if made.is_empty() {
        return Ok(true);
    }
    let listed = port.all_reason_codes().await.context("failed to read what was created")?;
    let (mut ids, mut all) = (Vec::new(), true);
    for Made { label, number } in made {
        if let Some(code) = listed.iter().find(|code| code.label == *label && !code.system) {
            let whose = if own { "" } else { ", every team" };
            writeln!(out, "created   {label:<24}  number {number}{whose}")?;
            ids.push(code.id.as_str());
        } else {
            writeln!(out, "refused   {label}: finesse accepted it and does not list it")?;
            all = false;
        }
    }
    for (team, _) in seen.teams.iter().filter(|_| own && !ids.is_empty()) {
        match assign(config, &seen.reasons, &team.id, &ids).await {
            Ok(()) => writeln!(out, "assigned  to team {}", team.name)?,
            Err(error) => {
                writeln!(out, "refused   to assign them to team {}: {error}", team.name)?;
                all = false;
            }
        }
    }
    Ok(all)
}

/// Gives the team what it has and `new`.
async fn assign(
    config: &Config,
    reasons: &Reasons,
    team: &TeamId,
    new: &[&str],
) -> Result<(), FinesseError> {
    let own = reasons.teams.iter().filter(|(known, _)| known.id == *team);
    let own = own.flat_map(|(_, offered)| offered).filter(|code| !code.for_all);
    let ids: Vec<&str> = own.map(|code| code.id.as_str()).chain(new.iter().copied()).collect();
    each_node(config, async |port| port.assign_reason_codes(team, &ids).await).await
}

/// Asks one node after the other until one does not answer that it is the secondary (403). An
/// answer that got lost is not asked for again elsewhere.
async fn each_node(
    config: &Config,
    write: impl AsyncFn(&Rest) -> Result<(), FinesseError>,
) -> Result<(), FinesseError> {
    let mut last = None;
    for node in &config.finesse.nodes {
        let port = assembly::finesse_node(config, node, assembly::limits(), Clock::system())
            .map_err(|error| FinesseError::Unreadable { detail: format!("{error:#}") })?;
        match write(&port).await {
            Err(error @ FinesseError::Refused { status: 403, .. }) => last = Some(error),
            outcome => return outcome,
        }
    }
    last.map_or(Ok(()), Err)
}
