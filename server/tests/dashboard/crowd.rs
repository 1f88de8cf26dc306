//! Many rows, and browsers that read at their own pace.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::time::timeout;

use super::browser::{Browser, Event, Stream, read};
use super::rig::{PATIENCE, Rig, SUPERVISOR};

const AGENTS: usize = 1_000;
/// Everybody changes as often; together far more than sockets hold.
const ROUNDS: usize = 12;

/// A table as a browser keeps it.
#[derive(Default)]
struct Table {
    rows: BTreeMap<String, Value>,
    /// Rows that came.
    came: usize,
}

impl Table {
    fn take(&mut self, event: &Event) {
        if event.name == "snapshot" {
            self.rows.clear();
        }
        for gone in event.data["gone"].as_array().into_iter().flatten() {
            self.rows.remove(gone.as_str().unwrap());
        }
        for row in event.data["rows"].as_array().into_iter().flatten() {
            self.came += 1;
            self.rows.insert(row["agent"].as_str().unwrap().to_owned(), row.clone());
        }
    }

    fn all_are(&self, presence: &str) -> bool {
        let are = |row: &Value| row["presence"]["text"] == presence;
        self.rows.len() == AGENTS && self.rows.values().all(are)
    }
}

async fn follow(stream: &mut Stream, table: &mut Table, presence: &str) {
    let followed = timeout(PATIENCE, async {
        while !table.all_are(presence) {
            table.take(&stream.next().await.expect("the stream goes on"));
        }
    });
    followed.await.unwrap_or_else(|_| panic!("never: all are {presence}"));
}

async fn server_table(browser: &Browser) -> Table {
    let (_, data) = browser.get("/api/agents").await;
    let mut table = Table::default();
    table.take(&Event { name: "snapshot".to_owned(), id: None, data });
    table
}

/// A browser whose machine takes next to nothing: whoever reads is told everything meanwhile, and it
/// is told the last of it, not all of it, when it reads again (S3-23).
#[tokio::test]
async fn a_throttled_browser_slows_nobody_and_catches_up_with_less() {
    let mut rig = Rig::start_with_a_crowd(AGENTS).await;
    let browser = rig.signed_in(SUPERVISOR).await;
    let (mut quick, mut shown) = (browser.stream(None).await.unwrap(), Table::default());
    follow(&mut quick, &mut shown, "Active").await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut slow = socket.connect(rig.service.address()).await.unwrap();
    let cookie = browser.cookie.as_deref().unwrap();
    let head = format!("GET /api/stream HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\n\r\n");
    slow.write_all(head.as_bytes()).await.unwrap();
    for round in 0..ROUNDS {
        let (status, presence) =
            if round % 2 == 0 { ("busy", "Busy") } else { ("active", "Active") };
        for agent in 1..=AGENTS {
            rig.says(&format!("{agent:04}"), status).await;
        }
        follow(&mut quick, &mut shown, presence).await;
    }
    let mut late = Table::default();
    let mut came = Vec::new();
    let caught_up = timeout(PATIENCE, async {
        while !late.all_are("Active") || late.rows != shown.rows {
            let mut piece = [0; 16 * 1_024];
            let length = slow.read(&mut piece).await.unwrap();
            assert!(length > 0, "the stream goes on");
            came.extend_from_slice(&piece[..length]);
            for event in events(&mut came) {
                late.take(&event);
            }
        }
    });
    Box::pin(caught_up).await.expect("it catches up");
    // What the system's own buffers held came as it was: some megabytes.
    assert!(late.came + 2 * AGENTS < shown.came, "{} of {}", late.came, shown.came);
    assert_eq!(late.rows, server_table(&browser).await.rows);
    rig.service.stop().await;
}

/// Whole events out of a chunked body; what is left stays.
fn events(came: &mut Vec<u8>) -> Vec<Event> {
    // A chunk's length stands on a line of its own, in the middle of an event too.
    let Some(end) = came.windows(2).rposition(|two| two == b"\n\n") else { return Vec::new() };
    let rest = came.split_off(end + 2);
    let text = String::from_utf8(std::mem::replace(came, rest)).expect("whole letters");
    let mut plain = String::new();
    for piece in text.split("\r\n") {
        if usize::from_str_radix(piece, 16).is_err() {
            plain.push_str(piece);
        }
    }
    plain.split("\n\n").filter_map(read).collect()
}

/// Twenty at once see the same, and it is what the server has (S3-24).
#[tokio::test]
async fn twenty_browsers_end_with_the_servers_table() {
    let mut rig = Rig::start_with_a_crowd(200).await;
    let mut browsers = Vec::new();
    for _ in 0..10 {
        let browser = Arc::new(rig.signed_in(SUPERVISOR).await);
        for _ in 0..2 {
            let stream = browser.stream(None).await.unwrap();
            browsers.push((Arc::clone(&browser), stream, Table::default()));
        }
    }
    for round in 0..5_usize {
        for agent in 1..=200_usize {
            let status = if (agent + round).is_multiple_of(3) { "busy" } else { "active" };
            rig.says(&format!("{agent:04}"), status).await;
        }
    }
    let last = |row: &Value, agent: usize| {
        let presence = if (agent + 4).is_multiple_of(3) { "Busy" } else { "Active" };
        row["presence"]["text"] == presence
    };
    for (browser, stream, table) in &mut browsers {
        let settled = timeout(PATIENCE, async {
            while table.rows.len() < 200
                || !(1..).zip(table.rows.values()).all(|(agent, row)| last(row, agent))
                || table.rows.values().any(|row| row["state"].is_null())
            {
                table.take(&stream.next().await.expect("the stream goes on"));
            }
        });
        settled.await.expect("all changes come");
        let server = server_table(browser).await;
        let differs = table.rows.iter().find(|(agent, row)| server.rows.get(*agent) != Some(*row));
        assert!(differs.is_none(), "{differs:?}");
    }
    rig.service.stop().await;
}
