//! `GET /api/agents/{id}/day`: bands on one axis, and every decision with its sentence.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lockstep_core::board::{self, story};
use lockstep_core::why::Entry;
use lockstep_core::{AgentId, Time};
use serde::{Deserialize, Serialize};

use super::Page;
use super::actions::NOBODY;
use super::archive::{Asked as Wish, For};
use super::door::{Signed, refuse};
use crate::journal::{Asked, Span};

/// Decisions of one answer; a day of a busy agent has a tenth of it.
const ENTRIES: u32 = 1_000;
/// Deeds of one answer.
const DEEDS: u32 = 200;

/// Where an answer before this one ended.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Cursor {
    after: Option<u64>,
}

impl Cursor {
    fn within(self, span: Span) -> Span {
        let to = self.after.map_or(span.to, Time::from_millis).clamp(span.from, span.to);
        Span { to, ..span }
    }
}

#[derive(Debug, Serialize)]
struct Day {
    agent: AgentId,
    name: String,
    from: Time,
    to: Time,
    presence: Vec<PresencePiece>,
    state: Vec<StatePiece>,
    acted: Vec<Act>,
    /// The newest first.
    entries: Vec<Told>,
    /// What to ask for as `after` to be told of those before these.
    more: Option<Time>,
}

#[derive(Debug, Serialize)]
struct PresencePiece {
    from: Time,
    to: Time,
    text: String,
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct StatePiece {
    from: Time,
    to: Time,
    text: String,
    name: &'static str,
    held: bool,
}

#[derive(Debug, Serialize)]
struct Act {
    at: Time,
    side: &'static str,
    text: String,
}

#[derive(Debug, Serialize)]
struct Told {
    at: Time,
    code: Option<&'static str>,
    sentence: String,
    side: &'static str,
    wanted: Option<String>,
    state: Option<&'static str>,
    asked: Option<&'static str>,
    latency_ms: Option<u64>,
    held: Option<Arc<str>>,
    dry_run: bool,
}

/// `GET /api/agents/{id}/day`.
pub(super) async fn day(
    State(page): State<Arc<Page>>,
    Path(agent): Path<AgentId>,
    Query(wish): Query<Wish>,
    Query(cursor): Query<Cursor>,
    signed: Signed,
) -> Response {
    let span = match wish.span(page.clock.now()) {
        Ok(span) => cursor.within(span),
        Err(why) => return refuse(StatusCode::BAD_REQUEST, why),
    };
    let Some((name, team)) = page.in_sight(&signed, &agent).await else {
        return refuse(StatusCode::NOT_FOUND, NOBODY);
    };
    let id = agent.clone();
    let read = page.archive.read(For::Day, move |journal| {
        let entries = journal.story(id.as_str(), span, ENTRIES)?;
        Ok((entries, journal.asked(id.as_str(), team.as_str(), span, DEEDS)?))
    });
    match read.await {
        Ok(read) => {
            let (entries, asked) = read.unwrap_or_default();
            Json(told(agent, name, span, &entries, &asked)).into_response()
        }
        Err(refusal) => refusal,
    }
}

fn told(agent: AgentId, name: String, span: Span, entries: &[Entry], asked: &[Asked]) -> Day {
    let Span { from, to } = span;
    let presence = story::presence_band(entries, from, to).into_iter();
    let presence = presence.map(|story::Piece { from, to, text, name, .. }| PresencePiece {
        from,
        to,
        text,
        kind: name,
    });
    let state = story::state_band(entries, from, to).into_iter();
    let state = state.map(|story::Piece { from, to, text, name, held }| StatePiece {
        from,
        to,
        text,
        name,
        held,
    });
    let own = story::acts(entries, from).into_iter();
    let own = own.map(|story::Act { at, side, text }| Act { at, side, text });
    let deeds =
        asked.iter().map(|asked| Act { at: asked.at, side: "supervisor", text: deed(asked) });
    let mut acted: Vec<Act> = own.chain(deeds).collect();
    acted.sort_by_key(|act| act.at);
    let all = u32::try_from(entries.len()).is_ok_and(|read| read < ENTRIES);
    // Those of one moment are told together, so that the next answer begins before them.
    let cut = entries.first().map(|oldest| oldest.at).filter(|_| !all);
    let whole = entries.iter().filter(|entry| Some(entry.at) != cut);
    let in_span: Vec<&Entry> = whole.filter(|entry| entry.at >= from).collect();
    Day {
        agent,
        name,
        from,
        to,
        presence: presence.collect(),
        state: state.collect(),
        acted,
        more: cut.and_then(|_| in_span.first().map(|oldest| oldest.at)),
        entries: in_span.into_iter().rev().map(entry).collect(),
    }
}

fn entry(entry: &Entry) -> Told {
    let answered = entry.asked.map(|asked| asked.answered_at.since(asked.sent_at));
    let took = entry.effect_at.map(|seen| seen.since(entry.at)).or(answered);
    Told {
        at: entry.at,
        code: entry.code.map(lockstep_core::agent::Code::as_str),
        sentence: entry.sentence.clone(),
        side: entry.side.as_str(),
        wanted: entry.wanted.as_ref().and_then(board::wanted),
        state: entry.state.map(board::state),
        asked: entry.asked.and_then(|asked| asked.answer).map(lockstep_core::agent::Answer::as_str),
        latency_ms: took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        held: entry.held.as_ref().map(|held| Arc::clone(&held.reason)),
        dry_run: entry.trial,
    }
}

/// What somebody asked for, with their name.
fn deed(asked: &Asked) -> String {
    let actor = &asked.actor;
    match asked.what.as_str() {
        "snooze" => format!("{actor} asked to leave the agent alone"),
        "unsnooze" => format!("{actor} ended the snooze"),
        "release" => format!("{actor} released the agent"),
        "pause" => format!("{actor} paused the team"),
        "resume" => format!("{actor} ended the team\u{2019}s pause"),
        other => format!("{actor}: {other}"),
    }
}
