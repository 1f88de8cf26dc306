//! What a supervisor may ask for: snooze, release, pause, reload. Each is taken down with their name.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lockstep_core::agent::Snooze;
use lockstep_core::{AgentId, TeamId};
use serde::Deserialize;
use serde_json::json;

use super::Page;
use super::door::{Proved, Signed, busy, refuse};
use super::rights::Role;
use crate::engine::{Deed, Message, Told};

/// The longest snooze and pause, in minutes: a shift. Whatever is to last longer is a policy.
const LONGEST: u64 = 12 * 60;

const STOPPING: &str = "the server is stopping";
/// The same for nobody and for somebody out of sight.
pub(super) const NOBODY: &str = "there is no such agent in your teams";
const NO_TEAM: &str = "there is no such team among yours";
const TOO_LONG: &str = "say how many minutes, 1 to 720";

#[derive(Deserialize)]
struct Wish {
    minutes: Option<u64>,
    until: Option<Until>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Until {
    Change,
    SignIn,
}

/// `POST /api/agents/{id}/snooze`.
pub(super) async fn snooze(
    State(page): State<Arc<Page>>,
    Path(agent): Path<AgentId>,
    Proved(signed): Proved,
    body: Bytes,
) -> Response {
    let (snooze, text) = match serde_json::from_slice::<Wish>(&body) {
        Ok(Wish { minutes: Some(minutes @ 1..=LONGEST), until: None }) => {
            let until = page.clock.now().after(Duration::from_mins(minutes));
            let unit = if minutes == 1 { "minute" } else { "minutes" };
            (Snooze::Until(until), format!("left alone for {minutes} {unit}"))
        }
        Ok(Wish { minutes: None, until: Some(Until::Change) }) => {
            (Snooze::UntilPresenceChanges, "left alone until Webex changes".to_owned())
        }
        Ok(Wish { minutes: None, until: Some(Until::SignIn) }) => {
            (Snooze::UntilSignIn, "left alone until the next sign-in".to_owned())
        }
        _ => return refuse(StatusCode::BAD_REQUEST, TOO_LONG),
    };
    page.ask(&signed, agent, Deed::Snooze(snooze), &text).await
}

/// `POST /api/agents/{id}/unsnooze`.
pub(super) async fn unsnooze(
    State(page): State<Arc<Page>>,
    Path(agent): Path<AgentId>,
    Proved(signed): Proved,
) -> Response {
    page.ask(&signed, agent, Deed::Unsnooze, "kept in step again").await
}

/// `POST /api/agents/{id}/release`.
pub(super) async fn release(
    State(page): State<Arc<Page>>,
    Path(agent): Path<AgentId>,
    Proved(signed): Proved,
) -> Response {
    page.ask(&signed, agent, Deed::Release, "made Ready, until Webex changes").await
}

/// `POST /api/teams/{id}/pause`.
pub(super) async fn pause(
    State(page): State<Arc<Page>>,
    Path(team): Path<TeamId>,
    Proved(signed): Proved,
    body: Bytes,
) -> Response {
    let wish = serde_json::from_slice::<Wish>(&body);
    let Ok(Wish { minutes: Some(minutes @ 1..=LONGEST), until: None }) = wish else {
        return refuse(StatusCode::BAD_REQUEST, TOO_LONG);
    };
    page.pause(&signed, team, Some(minutes)).await
}

/// `POST /api/teams/{id}/resume`.
pub(super) async fn resume(
    State(page): State<Arc<Page>>,
    Path(team): Path<TeamId>,
    Proved(signed): Proved,
) -> Response {
    page.pause(&signed, team, None).await
}

/// `POST /api/reload`.
pub(super) async fn reload(State(page): State<Arc<Page>>, Proved(signed): Proved) -> Response {
    if signed.rights.role != Role::Administrator {
        return refuse(StatusCode::FORBIDDEN, "only an administrator may do that");
    }
    page.hub.engine().send(Message::Reload { actor: actor(&signed) }).await;
    page.reload.notify_one();
    done(
        "The configuration is read again. A file with a mistake changes nothing; the log names it.",
    )
}

impl Page {
    async fn ask(&self, signed: &Signed, agent: AgentId, deed: Deed, what: &str) -> Response {
        let Some((name, _)) = self.in_sight(signed, &agent).await else {
            return refuse(StatusCode::NOT_FOUND, NOBODY);
        };
        match self.hub.engine().ask(agent, deed, actor(signed)).await {
            Some(Told::Done) => done(&format!("{name} is {what}.")),
            Some(Told::NotHeld) => {
                let why = format!("{name} is not held by Lockstep, so there is nothing to release");
                refuse(StatusCode::CONFLICT, &why)
            }
            Some(Told::DryRun) => {
                refuse(StatusCode::CONFLICT, "this is a dry run, which touches nobody")
            }
            Some(Told::NotWatched) => refuse(StatusCode::NOT_FOUND, NOBODY),
            None => busy(STOPPING),
        }
    }

    async fn pause(&self, signed: &Signed, team: TeamId, minutes: Option<u64>) -> Response {
        if !signed.rights.scope.sees(&team) {
            return refuse(StatusCode::NOT_FOUND, NO_TEAM);
        }
        let until = minutes.map(|minutes| self.clock.now().after(Duration::from_mins(minutes)));
        let everybody = self.roll.read().unwrap_or_default();
        let name = everybody.team_name(&team).to_owned();
        match self.hub.engine().pause(team, until, actor(signed)).await {
            Some(Told::Done) => done(&match minutes {
                Some(1) => {
                    format!("{name} is left alone for 1 minute; who is held is still released.")
                }
                Some(minutes) => {
                    format!(
                        "{name} is left alone for {minutes} minutes; who is held is still released."
                    )
                }
                None => format!("{name} is kept in step again."),
            }),
            Some(_) => refuse(StatusCode::NOT_FOUND, NO_TEAM),
            None => busy(STOPPING),
        }
    }

    /// What an agent is called, and their team, where the session may see them.
    pub(super) async fn in_sight(
        &self,
        signed: &Signed,
        agent: &AgentId,
    ) -> Option<(String, TeamId)> {
        let _look = self.stop.run_until_cancelled(self.hub.look()).await.flatten()?;
        let table = self.hub.table();
        let row = table.row(agent, &signed.rights.scope)?;
        Some((super::wire::called(row).to_owned(), row.team_id.clone()))
    }
}

fn actor(signed: &Signed) -> Arc<str> {
    Arc::from(signed.session.account.user())
}

fn done(sentence: &str) -> Response {
    Json(json!({ "sentence": sentence })).into_response()
}
