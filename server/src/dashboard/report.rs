//! `GET /api/report` and `/api/report.csv`: minutes per agent and team, holds, and what would have
//! rung.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lockstep_core::board::story::{self, Sums};
use lockstep_core::{AgentId, TeamId};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::Page;
use super::archive::{Asked as Wish, For};
use super::door::{Signed, busy, refuse};
use super::wire;
use crate::journal::{JournalError, Reader, Span, text_field};

/// Decisions that one report reads: some seconds of one thread.
const MOST: usize = 1_000_000;
/// Of one agent.
const OF_ONE: u32 = 20_000;

const TOO_MUCH: &str = "that is too much for one report: choose a shorter time, or one team";

#[derive(Deserialize)]
pub(super) struct Which {
    team: Option<TeamId>,
}

/// Somebody whose time is summed up.
#[derive(Debug, Clone)]
struct Whose {
    agent: AgentId,
    name: String,
    team: TeamId,
    team_name: String,
}

/// All of it.
#[derive(Debug, Serialize)]
struct Report {
    from: lockstep_core::Time,
    to: lockstep_core::Time,
    rows: Vec<Row>,
    teams: Vec<TeamRow>,
    total: Figures,
}

#[derive(Debug, Serialize)]
struct Row {
    agent: AgentId,
    name: String,
    team: TeamId,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Serialize)]
struct TeamRow {
    id: TeamId,
    name: String,
    #[serde(flatten)]
    figures: Figures,
}

/// Minutes to a tenth, and how often.
#[derive(Debug, Serialize)]
struct Figures {
    signed_in_min: f64,
    call_min: f64,
    meeting_min: f64,
    dnd_min: f64,
    unavailable_min: f64,
    holds: u64,
    released: u64,
    would_have_rung_before: f64,
    would_have_rung_after: f64,
    /// What a dry run would have done; nothing where none was.
    dry_run: Option<DryRun>,
}

#[derive(Debug, Serialize)]
struct DryRun {
    takes: u64,
    releases: u64,
}

impl From<&Sums> for Figures {
    fn from(sums: &Sums) -> Self {
        Self {
            signed_in_min: minutes(sums.signed_in),
            call_min: minutes(sums.call),
            meeting_min: minutes(sums.meeting),
            dnd_min: minutes(sums.dnd),
            unavailable_min: minutes(sums.unavailable),
            holds: sums.holds,
            released: sums.released,
            would_have_rung_before: minutes(sums.exposed_before),
            would_have_rung_after: minutes(sums.exposed_after),
            dry_run: (sums.would_take + sums.would_release > 0)
                .then_some(DryRun { takes: sums.would_take, releases: sums.would_release }),
        }
    }
}

/// To a tenth.
#[expect(clippy::cast_precision_loss, reason = "a month has half a million tenths of a minute")]
fn minutes(ms: u64) -> f64 {
    ((ms + 3_000) / 6_000) as f64 / 10.0
}

/// `GET /api/report`.
pub(super) async fn json(
    State(page): State<Arc<Page>>,
    Query(wish): Query<Wish>,
    Query(which): Query<Which>,
    signed: Signed,
) -> Response {
    match page.report(wish, which.team, &signed).await {
        Ok(report) => Json(report).into_response(),
        Err(refusal) => refusal,
    }
}

/// `GET /api/report.csv`.
pub(super) async fn csv(
    State(page): State<Arc<Page>>,
    Query(wish): Query<Wish>,
    Query(which): Query<Which>,
    signed: Signed,
) -> Response {
    let report = match page.report(wish, which.team, &signed).await {
        Ok(report) => report,
        Err(refusal) => return refusal,
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"lockstep-report.csv\""),
        ),
    ];
    (headers, report.csv()).into_response()
}

impl Page {
    async fn report(
        &self,
        wish: Wish,
        team: Option<TeamId>,
        signed: &Signed,
    ) -> Result<Report, Response> {
        let span =
            wish.span(self.clock.now()).map_err(|why| refuse(StatusCode::BAD_REQUEST, why))?;
        let look = self.stop.run_until_cancelled(self.hub.look()).await.flatten();
        let look = look.ok_or_else(|| busy("the server is stopping"))?;
        let whose: Vec<Whose> = {
            let table = self.hub.table();
            let rows = table.rows(&signed.rights.scope);
            let wanted = rows.filter(|row| team.as_ref().is_none_or(|team| row.team_id == *team));
            wanted
                .map(|row| Whose {
                    agent: row.agent.clone(),
                    name: wire::called(row).to_owned(),
                    team: row.team_id.clone(),
                    team_name: row.team.clone(),
                })
                .collect()
        };
        drop(look);
        // Whoever asked may go away while it is made.
        let gone = CancellationToken::new();
        let asked = gone.clone().drop_guard();
        let read = self.archive.read(For::Report, {
            let whose = whose.clone();
            move |journal| summed(journal, &whose, span, &gone)
        });
        let sums = read.await?;
        drop(asked);
        match sums {
            Some(Some(sums)) => Ok(made(span, whose, &sums)),
            Some(None) => Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, TOO_MUCH)),
            None => {
                let nothing = vec![Sums::default(); whose.len()];
                Ok(made(span, whose, &nothing))
            }
        }
    }
}

/// One after the other, so that no question to the journal is long; `None` where that is too much.
fn summed(
    journal: &Reader,
    whose: &[Whose],
    span: Span,
    gone: &CancellationToken,
) -> Result<Option<Vec<Sums>>, JournalError> {
    let (mut sums, mut read) = (Vec::with_capacity(whose.len()), 0);
    for one in whose {
        let entries = journal.story(one.agent.as_str(), span, OF_ONE)?;
        read += entries.len();
        if read > MOST || gone.is_cancelled() {
            return Ok(None);
        }
        sums.push(story::sums(&entries, span.from, span.to));
    }
    Ok(Some(sums))
}

fn made(span: Span, whose: Vec<Whose>, sums: &[Sums]) -> Report {
    let mut teams: BTreeMap<TeamId, (String, Sums)> = BTreeMap::new();
    let mut total = Sums::default();
    let mut rows = Vec::with_capacity(whose.len());
    for (one, sums) in whose.into_iter().zip(sums) {
        total.add(sums);
        let team = teams.entry(one.team.clone());
        team.or_insert_with(|| (one.team_name, Sums::default())).1.add(sums);
        let Whose { agent, name, team, .. } = one;
        rows.push(Row { agent, name, team, figures: sums.into() });
    }
    let teams = teams
        .into_iter()
        .map(|(id, (name, sums))| TeamRow { id, name, figures: (&sums).into() })
        .collect();
    Report { from: span.from, to: span.to, rows, teams, total: (&total).into() }
}

impl Report {
    fn csv(&self) -> String {
        let mut text = String::from(
            "agent,name,team,signed_in_min,call_min,meeting_min,dnd_min,unavailable_min,\
             holds,released,would_have_rung_before_min,would_have_rung_after_min,\
             dry_run_takes,dry_run_releases\r\n",
        );
        let team_of = |id: &TeamId| {
            let team = self.teams.iter().find(|team| team.id == *id);
            team.map_or("", |team| team.name.as_str())
        };
        for row in &self.rows {
            for field in [row.agent.as_str(), &row.name, team_of(&row.team)] {
                text_field(&mut text, field);
                text.push(',');
            }
            let Figures {
                signed_in_min,
                call_min,
                meeting_min,
                dnd_min,
                unavailable_min,
                holds,
                released,
                would_have_rung_before,
                would_have_rung_after,
                dry_run,
            } = &row.figures;
            let (takes, releases) =
                dry_run.as_ref().map_or((0, 0), |dry| (dry.takes, dry.releases));
            // Writing to a text cannot fail.
            let _ = write!(
                text,
                "{signed_in_min},{call_min},{meeting_min},{dnd_min},{unavailable_min},{holds},\
                 {released},{would_have_rung_before},{would_have_rung_after},{takes},{releases}\r\n"
            );
        }
        text
    }
}
