//! A decision as the answer to *why* needs it.

use std::sync::Arc;

use lockstep_core::agent::{Answer, Code};
use lockstep_core::finesse::AgentState;
use lockstep_core::rules::Wanted;
use lockstep_core::why::{Asked, Entry, Held, Presence, Side};
use rusqlite::Row;

use super::moment::time;

/// A decision as [`entry`] reads it.
pub(super) const ENTRY: &str = "SELECT at, side, trial, code, sentence, wanted, label, rule, facts, source_at, \
    state, reason, hold, hold_from, hold_since, sent_at, answered_at, answer, effect_at \
    FROM decision JOIN who ON who.id = decision.who";

/// One row of [`ENTRY`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let word = |at: usize| row.get::<_, Option<String>>(at);
    let moment = |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(time));
    let (wanted, label) = (word(5)?, word(6)?.unwrap_or_default());
    let wanted = match wanted.as_deref() {
        Some("not_ready") => Some(Wanted::not_ready(&label)),
        Some("free") => Some(Wanted::Free),
        Some("ignore") => Some(Wanted::Ignore),
        _ => None,
    };
    let (rule, facts, since) = (word(7)?, word(8)?, moment(9)?);
    let presence = since.map(|since| Presence {
        facts: facts.and_then(|facts| serde_json::from_str(&facts).ok()).unwrap_or_default(),
        since,
        rule: rule.unwrap_or_default(),
    });
    let (reason, from, since) = (word(12)?, word(13)?, moment(14)?);
    let held = reason.zip(since).map(|(reason, since)| Held {
        reason: Arc::from(reason),
        from: AgentState::parse(from.as_deref().unwrap_or_default()),
        since,
    });
    let (sent, answered, answer) = (moment(15)?, moment(16)?, word(17)?);
    let asked = sent.zip(answered).map(|(sent_at, answered_at)| Asked {
        sent_at,
        answered_at,
        answer: answer.as_deref().and_then(Answer::parse),
    });
    Ok(Entry {
        at: time(row.get(0)?),
        side: Side::parse(&row.get::<_, String>(1)?).unwrap_or(Side::Server),
        trial: row.get(2)?,
        code: Code::parse(&row.get::<_, String>(3)?),
        sentence: row.get(4)?,
        wanted,
        presence,
        state: word(10)?.as_deref().map(AgentState::parse),
        reason: word(11)?,
        held,
        asked,
        effect_at: moment(18)?,
    })
}
