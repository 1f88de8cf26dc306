use lockstep_core::protocol::{Report, Term, ToServer};

use super::fields::{Fields, Json};
use super::parts::{write_decision, write_ledger, write_view};

/// A message to the server.
pub(crate) fn to_server(message: &ToServer) -> Json {
    let of = |kind: &str| Fields::default().text("type", kind);
    match message {
        ToServer::Hello { version } => of("hello").number("version", u64::from(*version)),
        ToServer::Report(report) => write_report(of("report"), report),
        ToServer::Snooze { until } => of("snooze").time("until", *until),
        ToServer::Unsnooze => of("unsnooze"),
        ToServer::Bye => of("bye"),
        ToServer::Other => of("other"),
    }
    .end()
}

fn write_report(fields: Fields, report: &Report) -> Fields {
    let Report { number, term, wanted, view, ledger, decision, last } = report;
    fields
        .number("number", *number)
        .number("term", term.map(Term::number))
        .number("wanted", *wanted)
        .with("view", view.as_ref().map(write_view))
        .with("ledger", Some(write_ledger(ledger)))
        .with("decision", decision.as_ref().map(write_decision))
        .flag("last", *last)
}
