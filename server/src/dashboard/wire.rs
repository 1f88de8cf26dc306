//! A row and the health as the page reads them. No Webex id, no address, no token is in any of it.

use lockstep_core::agent::{Code, Snooze};
use lockstep_core::board::{self, Glance, Mark};
use lockstep_core::{AgentId, TeamId, Time};
use serde::Serialize;

use crate::engine::Row;

/// One agent.
#[derive(Debug, Serialize)]
pub(super) struct WireRow<'r> {
    agent: &'r AgentId,
    name: &'r str,
    team: &'r TeamId,
    mode: &'static str,
    state: Option<State>,
    presence: Option<Since<&'r str>>,
    wanted: Option<Since<Option<String>>>,
    hold: Option<Since<&'r str>>,
    writer: &'static str,
    marks: Vec<&'static str>,
    snoozed_until: Option<Time>,
    code: Option<&'static str>,
    sentence: String,
    next: Option<&'static str>,
    latency_ms: Option<u64>,
}

/// A state in Finesse.
#[derive(Debug, Serialize)]
struct State {
    name: &'static str,
    label: &'static str,
    reason: Option<String>,
    since: Option<Time>,
    pending: Option<&'static str>,
}

/// Something, and since when.
#[derive(Debug, Serialize)]
struct Since<T> {
    text: T,
    since: Time,
}

/// What the page calls somebody: their name, else the part of the login name that is no address.
pub(super) fn called(row: &Row) -> &str {
    let login = row.login_name.split('@').next().unwrap_or_default();
    let names = [row.name.trim(), login.trim()];
    names
        .into_iter()
        .find(|name| !name.is_empty() && !name.contains('@'))
        .unwrap_or(row.agent.as_str())
}

/// What core says of a row.
pub(super) fn glance(row: &Row, now: Time) -> Glance<'_> {
    Glance {
        name: called(row),
        now,
        want: row.want.as_ref(),
        view: row.view.as_ref(),
        changed_at: row.changed_at,
        ledger: &row.ledger,
        code: row.decided.and_then(Code::parse),
        writer: row.writer,
        stale: row.stale_at.is_some_and(|at| at < now),
        in_webex: row.in_webex,
        dry_run: row.dry_run,
        paused: row.paused,
    }
}

/// The row as JSON.
pub(super) fn json(row: &Row, glance: &Glance<'_>, marks: &[Mark]) -> String {
    let want = row.want.as_ref();
    let hold = row.ledger.hold.as_ref().filter(|hold| !hold.pending);
    let snoozed = row.ledger.snoozed_until.map(Snooze::of);
    let wire = WireRow {
        agent: &row.agent,
        name: called(row),
        team: &row.team_id,
        mode: if row.dry_run { "off" } else { row.mode.as_str() },
        state: row.view.as_ref().map(|view| State {
            name: view.state.as_str(),
            label: board::state(view.state),
            reason: board::reason(view),
            since: row.changed_at,
            pending: view.pending.map(board::state),
        }),
        presence: want.map(|want| Since { text: board::presence(&want.facts), since: want.since }),
        wanted: want.map(|want| Since { text: board::wanted(&want.wanted), since: want.at }),
        hold: hold.map(|hold| Since { text: &*hold.reason, since: hold.since }),
        writer: row.writer.as_str(),
        marks: marks.iter().map(|mark| mark.as_str()).collect(),
        snoozed_until: match snoozed {
            Some(Snooze::Until(until)) => Some(until),
            _ => None,
        },
        code: row.decided,
        sentence: glance.sentence(),
        next: glance.next(),
        latency_ms: row.latency_ms,
    };
    // Texts and numbers only: this cannot fail.
    serde_json::to_string(&wire).unwrap_or_default()
}
