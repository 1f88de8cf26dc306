//! How records become rows.
//!
//! A decision that asks Finesse for something is a row that later learns how that went: sent,
//! answered, seen. What followed from the answer is a row of its own, which names it as its story.

use std::sync::Arc;

use lockstep_core::TeamId;
use lockstep_core::agent::{Answer, Code};
use lockstep_core::finesse::AgentState;
use lockstep_core::presence::Want;
use lockstep_core::rules::Wanted;
use rusqlite::{Transaction, params};

use super::book::Touched;
use super::moment::ms;
use super::{Answered, Decided, Deed};
use crate::engine::Watched;

/// Characters kept of Finesse's own words.
const LONGEST_DETAIL: usize = 300;

const INSERT: &str = "INSERT INTO decision (at, who, side, term, trial, code, sentence, wanted, \
    label, rule, facts, source_at, received_at, state, reason, reason_code, pending, changed_at, \
    seen_at, hold, hold_from, hold_since, request, story) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
    ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)";
const ANSWER: &str = "UPDATE decision SET sent_at = ?2, answered_at = ?3, answer = ?4, \
    answer_detail = ?5, trial = max(trial, ?6) WHERE id = ?1";
const DEED: &str =
    "INSERT INTO deed (at, actor, what, who, team, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const EFFECT: &str = "UPDATE decision SET effect_at = ?2 WHERE id = ?1";

/// A request whose effect was not seen yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    row: i64,
    request: Option<u64>,
    for_ready: bool,
    answered: bool,
}

pub(super) fn decide(
    transaction: &Transaction<'_>,
    touched: &mut Touched<'_>,
    decided: &Decided,
) -> rusqlite::Result<()> {
    let agent = &decided.who.id;
    let who = person(transaction, touched, &decided.who)?;
    let open = touched.open.get(agent).copied();
    let decision = &decided.decision;
    let story = open.filter(|open| is_outcome(decision.code, *open)).map(|open| open.row);
    let row = insert(transaction, decided, who, story)?;
    let for_ready = decision.code == Code::Releasing;
    if for_ready || decision.code == Code::Taking {
        let asked = Open { row, request: decided.request, for_ready, answered: false };
        touched.set_open(agent, Some(asked));
    } else if let (Some(story), Code::Taken | Code::Released) = (story, decision.code) {
        transaction.prepare_cached(EFFECT)?.execute(params![story, ms(decision.at)])?;
        touched.set_open(agent, None);
    }
    Ok(())
}

/// Does a decision follow from what became of this request?
const fn is_outcome(code: Code, open: Open) -> bool {
    match code {
        Code::Taken => !open.for_ready,
        Code::Released => open.for_ready,
        Code::NoEffect => true,
        Code::RefusedByState
        | Code::NotPermitted
        | Code::RefusedForGood
        | Code::ReasonMissing
        | Code::FinesseUnavailable
        | Code::DryRun => open.answered || open.request.is_none(),
        _ => false,
    }
}

fn insert(
    transaction: &Transaction<'_>,
    decided: &Decided,
    who: i64,
    story: Option<i64>,
) -> rusqlite::Result<i64> {
    let decision = &decided.decision;
    let want = decision.want.as_ref();
    let (wanted, label) = want.map_or((None, None), |want| wanted(&want.wanted));
    // What is shown may be newer than what was decided on; then only the state is known.
    let view = decided.view.as_ref().filter(|view| Some(view.state) == decision.state);
    let reason = view.and_then(|view| view.reason.as_ref());
    let hold = decided.hold.as_ref();
    transaction.prepare_cached(INSERT)?.execute(params![
        ms(decision.at),
        who,
        decided.side.as_str(),
        decided.term.map(|term| i64::try_from(term.number()).unwrap_or(i64::MAX)),
        decided.trial,
        decision.code.as_str(),
        decision.text,
        wanted,
        label,
        want.map(|want| want.rule.as_ref()),
        want.map(facts),
        want.map(|want| ms(want.since)),
        want.map(|want| ms(want.at)),
        decision.state.map(AgentState::as_str),
        reason.and_then(|reason| reason.label.as_deref()),
        reason.and_then(|reason| reason.code),
        view.and_then(|view| view.pending).map(AgentState::as_str),
        view.and_then(|view| view.changed_at).map(ms),
        decided.seen_at.map(ms),
        hold.map(|hold| hold.reason.as_ref()),
        hold.map(|hold| hold.from.as_str()),
        hold.map(|hold| ms(hold.since)),
        decided.request.map(|number| i64::try_from(number).unwrap_or(i64::MAX)),
        story,
    ])?;
    Ok(transaction.last_insert_rowid())
}

pub(super) fn answer(
    transaction: &Transaction<'_>,
    touched: &mut Touched<'_>,
    answered: &Answered,
) -> rusqlite::Result<()> {
    let open = touched.open.get(&answered.agent).copied();
    // The decision was lost, or is of another life.
    let Some(open) = open.filter(|open| open.request == Some(answered.request)) else {
        return Ok(());
    };
    let detail = answered.detail.as_deref().map(cut);
    transaction.prepare_cached(ANSWER)?.execute(params![
        open.row,
        ms(answered.sent_at),
        ms(answered.answered_at),
        answered.answer.as_str(),
        detail,
        answered.answer == Answer::DryRun,
    ])?;
    touched.set_open(&answered.agent, Some(Open { answered: true, ..open }));
    Ok(())
}

pub(super) fn take_down(
    transaction: &Transaction<'_>,
    touched: &mut Touched<'_>,
    deed: &Deed,
) -> rusqlite::Result<()> {
    let who = deed.who.as_ref().map(|who| person(transaction, touched, who)).transpose()?;
    transaction.prepare_cached(DEED)?.execute(params![
        ms(deed.at),
        cut(&deed.actor),
        deed.what,
        who,
        deed.team.as_ref().map(TeamId::as_str),
        deed.until.map(ms),
    ])?;
    Ok(())
}

/// The row of somebody as they are called now.
fn person(
    transaction: &Transaction<'_>,
    touched: &mut Touched<'_>,
    who: &Arc<Watched>,
) -> rusqlite::Result<i64> {
    if let Some((known, row)) = touched.people.get(&who.id)
        && (Arc::ptr_eq(known, who) || names(known) == names(who))
    {
        return Ok(*row);
    }
    let (agent, login, name, team) = names(who);
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO who (agent, login, name, team) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((agent, login, name, team))?;
    let row = transaction
        .prepare_cached(
            "SELECT id FROM who WHERE agent = ?1 AND login = ?2 AND name = ?3 AND team = ?4",
        )?
        .query_row((agent, login, name, team), |row| row.get(0))?;
    touched.people.insert(who.id.clone(), (Arc::clone(who), row));
    Ok(row)
}

fn names(who: &Watched) -> (&str, &str, &str, &str) {
    (who.id.as_str(), &who.login_name, &who.name, &who.team_name)
}

fn wanted(wanted: &Wanted) -> (Option<&'static str>, Option<&str>) {
    match wanted {
        Wanted::NotReady { reason } => (Some("not_ready"), Some(reason)),
        Wanted::Free => (Some("free"), None),
        Wanted::Ignore => (Some("ignore"), None),
    }
}

fn facts(want: &Want) -> String {
    serde_json::to_string(&want.facts).unwrap_or_default()
}

fn cut(detail: &str) -> String {
    detail.chars().filter(|c| !c.is_control()).take(LONGEST_DETAIL).collect()
}
