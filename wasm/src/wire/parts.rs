//! The parts that messages of both directions are made of.

use std::sync::Arc;

use lockstep_core::Time;
use lockstep_core::agent::{Claim, Code, Decision, Hold, LedgerEntry};
use lockstep_core::finesse::{AgentState, AgentView, ReasonSeen};
use lockstep_core::presence::{Facts, Want};
use lockstep_core::protocol::Term;
use lockstep_core::rules::Wanted;

use super::Value;
use super::fields::{Fields, Json};

// === fields ===

pub(super) fn whole(value: &Value, name: &str) -> Option<u64> {
    value.get(name)?.as_whole()
}

pub(super) fn time(value: &Value, name: &str) -> Option<Time> {
    whole(value, name).map(Time::from_millis)
}

pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_text().map(str::to_owned)
}

pub(super) fn shared(value: &Value, name: &str) -> Option<Arc<str>> {
    value.get(name)?.as_text().map(Arc::from)
}

pub(super) fn term(value: &Value) -> Option<Term> {
    whole(value, "term").map(Term::from_number)
}

pub(super) fn flag(value: &Value, name: &str) -> Option<bool> {
    value.get(name)?.as_flag()
}

fn state(value: &Value, name: &str) -> Option<AgentState> {
    value.get(name)?.as_text().map(AgentState::parse)
}

// === what is wanted ===

pub(super) fn wanted(value: &Value) -> Option<Wanted> {
    match value.get("state")?.as_text()? {
        "not_ready" => Some(Wanted::NotReady { reason: shared(value, "reason")? }),
        "free" => Some(Wanted::Free),
        "ignore" => Some(Wanted::Ignore),
        _ => None,
    }
}

fn write_wanted(wanted: &Wanted) -> Json {
    match wanted {
        Wanted::NotReady { reason } => {
            Fields::default().text("state", "not_ready").text("reason", reason).end()
        }
        Wanted::Free => Fields::default().text("state", "free").end(),
        Wanted::Ignore => Fields::default().text("state", "ignore").end(),
    }
}

pub(super) fn want(value: &Value) -> Option<Want> {
    Some(Want {
        seq: whole(value, "seq")?,
        wanted: wanted(value.get("wanted")?)?,
        rule: shared(value, "rule")?,
        facts: facts(value.get("facts")?)?,
        since: time(value, "since")?,
        at: time(value, "at")?,
        may_be_contact_call: flag(value, "may_be_contact_call")?,
        spared: flag(value, "spared").unwrap_or(false),
    })
}

fn write_want(want: &Want) -> Json {
    let Want { seq, wanted, rule, facts, since, at, may_be_contact_call, spared } = want;
    Fields::default()
        .number("seq", *seq)
        .with("wanted", Some(write_wanted(wanted)))
        .text("rule", rule)
        .with("facts", Some(write_facts(facts)))
        .time("since", *since)
        .time("at", *at)
        .flag("may_be_contact_call", *may_be_contact_call)
        .with("spared", spared.then(|| true.into()))
        .end()
}

fn facts(value: &Value) -> Option<Facts> {
    let Value::Object(fields) = value else { return None };
    fields
        .iter()
        .try_fold(Facts::new(), |facts, (key, value)| Some(facts.with(key, value.as_text()?)))
}

fn write_facts(facts: &Facts) -> Json {
    facts.iter().fold(Fields::default(), |fields, (key, value)| fields.text(key, value)).end()
}

// === what Finesse shows ===

pub(super) fn view(value: &Value) -> Option<AgentView> {
    Some(AgentView {
        state: state(value, "state")?,
        pending: state(value, "pending"),
        reason: value.get("reason").map(reason),
        changed_at: time(value, "changed_at"),
        busy_elsewhere: flag(value, "busy_elsewhere"),
    })
}

pub(super) fn write_view(view: &AgentView) -> Json {
    let AgentView { state, pending, reason, changed_at, busy_elsewhere } = view;
    Fields::default()
        .text("state", state.as_str())
        .with("pending", pending.map(|state| state.as_str().into()))
        .with("reason", reason.as_ref().map(write_reason))
        .time("changed_at", *changed_at)
        .with("busy_elsewhere", busy_elsewhere.map(Json::from))
        .end()
}

fn reason(value: &Value) -> ReasonSeen {
    let code = value.get("code").and_then(Value::as_int);
    ReasonSeen { id: text(value, "id"), code, label: text(value, "label") }
}

fn write_reason(reason: &ReasonSeen) -> Json {
    let ReasonSeen { id, code, label } = reason;
    Fields::default()
        .with("id", id.as_deref().map(Json::from))
        .with("code", code.map(Json::from))
        .with("label", label.as_deref().map(Json::from))
        .end()
}

// === what is kept ===

pub(super) fn ledger(value: &Value) -> Option<LedgerEntry> {
    // A part that is absent is none; one that cannot be read makes the whole worthless.
    let unreadable = |name, is_read: bool| value.get(name).is_some() && !is_read;
    let entry = LedgerEntry {
        term: term(value).unwrap_or_default(),
        hold: value.get("hold").and_then(hold),
        claim: value.get("claim").and_then(claim),
        quiet: value.get("quiet").and_then(wanted),
        snoozed_until: time(value, "snoozed_until"),
        lent: value.get("lent").and_then(hold).map(Box::new),
    };
    let lost = unreadable("hold", entry.hold.is_some())
        || unreadable("claim", entry.claim.is_some())
        || unreadable("quiet", entry.quiet.is_some())
        || unreadable("lent", entry.lent.is_some());
    (!lost).then_some(entry)
}

pub(super) fn write_ledger(ledger: &LedgerEntry) -> Json {
    let LedgerEntry { term, hold, claim, quiet, snoozed_until, lent } = ledger;
    Fields::default()
        .number("term", term.number())
        .with("hold", hold.as_ref().map(write_hold))
        .with("claim", claim.as_ref().map(write_claim))
        .with("quiet", quiet.as_ref().map(write_wanted))
        .time("snoozed_until", *snoozed_until)
        .with("lent", lent.as_deref().map(write_hold))
        .end()
}

fn hold(value: &Value) -> Option<Hold> {
    Some(Hold {
        reason: shared(value, "reason")?,
        since: time(value, "since")?,
        from: state(value, "from")?,
        changed_at: time(value, "changed_at"),
        shown: value.get("shown").map(reason),
        pending: flag(value, "pending")?,
    })
}

fn write_hold(hold: &Hold) -> Json {
    let Hold { reason, since, from, changed_at, shown, pending } = hold;
    Fields::default()
        .text("reason", reason)
        .time("since", *since)
        .text("from", from.as_str())
        .time("changed_at", *changed_at)
        .with("shown", shown.as_ref().map(write_reason))
        .flag("pending", *pending)
        .end()
}

fn claim(value: &Value) -> Option<Claim> {
    Some(Claim {
        ready: flag(value, "ready")?,
        reason: shared(value, "reason")?,
        since: time(value, "since")?,
        last: time(value, "last").unwrap_or_default(),
        until: time(value, "until")?,
        from: state(value, "from")?,
        before: time(value, "before"),
        clock_ahead_ms: value.get("clock_ahead_ms").and_then(Value::as_int),
    })
}

fn write_claim(claim: &Claim) -> Json {
    let Claim { ready, reason, since, last, until, from, before, clock_ahead_ms } = claim;
    Fields::default()
        .flag("ready", *ready)
        .text("reason", reason)
        .time("since", *since)
        .time("last", *last)
        .time("until", *until)
        .text("from", from.as_str())
        .time("before", *before)
        .with("clock_ahead_ms", clock_ahead_ms.map(Json::from))
        .end()
}

// === what was decided ===

/// `None` where it is of a later release.
pub(super) fn decision(value: &Value) -> Option<Decision> {
    Some(Decision {
        at: time(value, "at")?,
        code: Code::parse(value.get("code")?.as_text()?)?,
        want: value.get("want").and_then(want),
        state: state(value, "state"),
        held: flag(value, "held")?,
        text: text(value, "text")?,
    })
}

pub(super) fn write_decision(decision: &Decision) -> Json {
    let Decision { at, code, want, state, held, text } = decision;
    Fields::default()
        .time("at", *at)
        .text("code", code.as_str())
        .with("want", want.as_ref().map(write_want))
        .with("state", state.map(|state| state.as_str().into()))
        .flag("held", *held)
        .text("text", text)
        .end()
}

// === what the tab keeps ===

/// Reads what [`write_kept`] wrote.
pub(crate) fn kept(text: &str) -> Option<LedgerEntry> {
    ledger(&Value::parse(text)?)
}

/// As text, for the tab's own storage.
pub(crate) fn write_kept(kept: &LedgerEntry) -> String {
    write_ledger(kept).print()
}
