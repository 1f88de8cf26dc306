use super::{Glimpse, Row, words};
use crate::desk::Desk;

/// The last decisions, newest first.
pub(super) fn of(desk: &Desk, glimpse: &Glimpse<'_>) -> Vec<Row> {
    let row =
        |decision| Row { at: (glimpse.clock)(words::when(decision)), text: words::row(decision) };
    desk.decisions.iter().map(row).collect()
}
