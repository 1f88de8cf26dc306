use lockstep_core::AgentId;
use lockstep_core::agent::LedgerEntry;
use lockstep_core::finesse::Deployment;
use lockstep_core::protocol::{Policy, Report, ToGadget};

use super::Value;
use super::parts::{decision, flag, ledger, shared, term, text, time, view, want, whole};
use super::session::session_of;

/// Reads a message of the server; `None` where it is not one. What is of a later release is
/// [`ToGadget::Other`].
pub(crate) fn to_gadget(value: &Value) -> Option<ToGadget> {
    Some(match value.get("type")?.as_text()? {
        "welcome" => ToGadget::Welcome {
            version: version(value)?,
            agent: AgentId::new(value.get("agent")?.as_text()?),
            now: time(value, "now")?,
            policy: policy(value.get("policy")?)?,
        },
        "incompatible" => {
            ToGadget::Incompatible { version: version(value)?, message: text(value, "message")? }
        }
        "wanted" => ToGadget::Wanted {
            sequence: whole(value, "sequence")?,
            want: want(value.get("want")?)?,
        },
        "grant" => {
            ToGadget::Grant { term: term(value)?, ledger: value.get("ledger").and_then(ledger) }
        }
        "revoke" => ToGadget::Revoke { term: term(value)? },
        "received" => ToGadget::Received { report: whole(value, "report")? },
        "shown" => ToGadget::Shown(Box::new(report(value)?)),
        "snooze" => ToGadget::Snooze { until: time(value, "until")? },
        "unsnooze" => ToGadget::Unsnooze,
        "renewed" => ToGadget::Renewed(session_of(value)?),
        "stale" => ToGadget::Stale { since: time(value, "since") },
        "bye" => ToGadget::Bye { message: text(value, "message")? },
        _ => ToGadget::Other,
    })
}

fn version(value: &Value) -> Option<u32> {
    u32::try_from(whole(value, "version")?).ok()
}

fn policy(value: &Value) -> Option<Policy> {
    let Value::List(labels) = value.get("labels")? else { return None };
    Some(Policy {
        deployment: Deployment::parse(value.get("deployment")?.as_text()?)?,
        call_grace_ms: whole(value, "call_grace_ms")?,
        labels: labels
            .iter()
            .map(|label| label.as_text().map(Into::into))
            .collect::<Option<_>>()?,
        adopt: flag(value, "adopt")?,
        dry_run: flag(value, "dry_run").unwrap_or(false),
        default_reason: shared(value, "default_reason"),
    })
}

fn report(value: &Value) -> Option<Report> {
    let ledger = match value.get("ledger") {
        None => Some(LedgerEntry::default()),
        Some(entry) => ledger(entry),
    };
    Some(Report {
        number: whole(value, "number")?,
        term: term(value),
        wanted: whole(value, "wanted"),
        view: value.get("view").and_then(view),
        ledger: ledger?,
        decision: value.get("decision").and_then(decision),
        last: false,
    })
}
