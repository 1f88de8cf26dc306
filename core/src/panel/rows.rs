use super::{Glimpse, Row, words};
use crate::agent::{Code, Decision};
use crate::desk::Desk;

/// As many as can be read at one look.
pub(super) const MOST_ROWS: usize = 5;

/// The last decisions, newest first; of one presence what was asked for is not told beside what
/// came of it, and what came of it is not told twice.
pub(super) fn of(desk: &Desk, glimpse: &Glimpse<'_>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut newer: Option<&Decision> = None;
    for decision in &desk.decisions {
        let same = newer.replace(decision).filter(|newer| seq(newer) == seq(decision));
        match (decision.code, same.map(|newer| newer.code)) {
            (Code::Taking | Code::Releasing, Some(_)) => continue,
            (Code::Taken | Code::Released, Some(Code::StaysHeld | Code::NothingToDo)) => {
                rows.pop();
            }
            _ if rows.len() == MOST_ROWS => break,
            _ => {}
        }
        rows.push(Row { at: (glimpse.clock)(words::when(decision)), text: words::row(decision) });
    }
    rows
}

/// The presence that it was about.
fn seq(decision: &Decision) -> Option<u64> {
    decision.want.as_ref().map(|want| want.seq)
}
