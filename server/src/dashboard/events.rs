//! Server-sent events, written a piece at a time as the browser reads them.

use std::sync::Arc;
use std::vec;

use bytes::Bytes;
use lockstep_core::AgentId;

use super::table::Changes;

/// Rows of one event: a browser reads as many in some milliseconds, so that it never stands still.
pub(super) const ROWS: usize = 500;
/// Bytes of one piece; what waits for a browser that does not read is this, and what hyper holds.
const PIECE: usize = 32 * 1024;
/// When a browser connects anew, in milliseconds; it adds a chance of its own.
const RETRY_MS: u64 = 1_000;

/// Rows on their way to one browser.
#[derive(Debug)]
pub(super) struct Parcel {
    epoch: u64,
    sequence: u64,
    /// The head of the snapshot, where it is one, without its rows.
    snapshot: Option<String>,
    gone: Vec<AgentId>,
    rows: vec::IntoIter<Arc<str>>,
    /// Rows that the event under way may still have; `None` between events.
    open: Option<usize>,
    over: bool,
}

impl Parcel {
    /// Everything; `head` is what a snapshot says beside its rows, as members of a JSON object.
    pub(super) fn snapshot(epoch: u64, changes: Changes, head: String) -> Self {
        Self { snapshot: Some(head), ..Self::changes(epoch, changes) }
    }

    /// What has changed.
    pub(super) fn changes(epoch: u64, changes: Changes) -> Self {
        let Changes { rows, gone, sequence } = changes;
        let rows = rows.into_iter();
        Self { epoch, sequence, snapshot: None, gone, rows, open: None, over: false }
    }

    fn begin(&mut self, text: &mut String) {
        let rows = self.rows.len();
        let ends_here = rows <= ROWS;
        let id =
            if ends_here { format!("{}-{}", self.epoch, self.sequence) } else { String::new() };
        if let Some(head) = self.snapshot.take() {
            // Until the last of it is there, a browser that connects anew begins anew.
            let event =
                format!("event: snapshot\nid: {id}\ndata: {{{head},\"total\":{rows},\"rows\":[");
            text.push_str(&event);
        } else {
            let gone = serde_json::to_string(&std::mem::take(&mut self.gone)).unwrap_or_default();
            let id = if ends_here { format!("id: {id}\n") } else { String::new() };
            let sequence = self.sequence;
            let event = format!(
                "event: agents\n{id}data: {{\"sequence\":{sequence},\"gone\":{gone},\"rows\":["
            );
            text.push_str(&event);
        }
        self.open = Some(ROWS);
    }
}

impl Iterator for Parcel {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let mut text = String::with_capacity(PIECE + 2_048);
        while text.len() < PIECE && !self.over {
            let Some(left) = self.open else {
                self.begin(&mut text);
                continue;
            };
            let row = if left > 0 { self.rows.next() } else { None };
            if let Some(row) = row {
                if left < ROWS {
                    text.push(',');
                }
                text.push_str(&row);
                self.open = Some(left - 1);
            } else {
                text.push_str("]}\n\n");
                self.open = None;
                self.over = self.rows.len() == 0;
            }
        }
        Some(Bytes::from(text))
    }
}

/// What a stream begins with.
pub(super) fn preface() -> Bytes {
    Bytes::from(format!("retry: {RETRY_MS}\n\n"))
}

/// One event without a number.
pub(super) fn event(name: &str, json: &str) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {json}\n\n"))
}

/// The number of `Last-Event-ID`, where it is of this life of the server.
pub(super) fn seen(id: &str, epoch: u64) -> Option<u64> {
    let (life, sequence) = id.trim().split_once('-')?;
    (life.parse() == Ok(epoch)).then(|| sequence.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(parcel: Parcel) -> String {
        let pieces: Vec<Bytes> = parcel.collect();
        assert!(pieces.iter().all(|piece| piece.len() < PIECE + 2_048));
        pieces.iter().map(|piece| String::from_utf8_lossy(piece)).collect()
    }

    fn changes(rows: usize) -> Changes {
        let rows = (0..rows).map(|row| Arc::from(format!("{{\"agent\":\"{row}\"}}"))).collect();
        Changes { rows, gone: vec![AgentId::new("x")], sequence: 7 }
    }

    #[test]
    fn a_snapshot_is_cut_so_that_only_its_end_can_be_gone_on_from() {
        let text = written(Parcel::snapshot(3, changes(1_001), "\"epoch\":3".to_owned()));
        let events: Vec<&str> = text.split_terminator("\n\n").collect();
        assert_eq!(events.len(), 3);
        let head =
            "event: snapshot\nid: \ndata: {\"epoch\":3,\"total\":1001,\"rows\":[{\"agent\":\"0\"}";
        assert!(events[0].starts_with(head), "{}", &events[0][..80]);
        assert!(events[1].starts_with("event: agents\ndata: "));
        assert!(events[2].starts_with("event: agents\nid: 3-7\ndata: "));
        for event in events {
            let data = event.split_once("data: ").unwrap().1;
            let json: serde_json::Value = serde_json::from_str(data).unwrap();
            assert!(json["rows"].as_array().unwrap().len() <= ROWS);
        }
    }

    #[test]
    fn an_event_of_nobody_is_an_event() {
        let text = written(Parcel::changes(3, changes(0)));
        assert_eq!(
            text,
            "event: agents\nid: 3-7\ndata: {\"sequence\":7,\"gone\":[\"x\"],\"rows\":[]}\n\n"
        );
    }

    #[test]
    fn only_an_id_of_this_life_is_gone_on_from() {
        assert_eq!(seen("3-7", 3), Some(7));
        for id in ["4-7", "3", "", "3-x", "-"] {
            assert_eq!(seen(id, 3), None, "{id}");
        }
    }
}
