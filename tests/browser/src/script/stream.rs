//! The stream of a script: a snapshot in portions, what changes, and heartbeats.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};
use tokio::time::{Interval, interval};

use super::crowd::THEN;
use super::{Scene, Told};

/// As the server sends them.
const BEAT: Duration = Duration::from_secs(2);
/// Rows of one event.
const PORTION: usize = 500;

struct Reader {
    told: Arc<Told>,
    first: Option<String>,
    frames: broadcast::Receiver<Arc<str>>,
    cuts: watch::Receiver<u64>,
    beats: Interval,
}

/// A stream that begins with everything, or where a browser was told last and nothing has changed.
pub(super) fn open(told: &Arc<Told>, last: Option<&str>) -> Response {
    let mut scene = told.scene();
    scene.resumed.extend(last.map(str::to_owned));
    let known = last == Some(&*format!("{}-{}", scene.epoch, scene.sequence));
    let reader = Reader {
        told: Arc::clone(told),
        first: Some(if known { "retry: 500\n\n".to_owned() } else { snapshot(&scene) }),
        frames: told.frames.subscribe(),
        cuts: told.cuts.subscribe(),
        beats: interval(BEAT),
    };
    drop(scene);
    let pieces = unfold(reader, |mut reader| async move {
        let piece = reader.next().await?;
        Some((Ok::<_, Infallible>(piece), reader))
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(pieces)).into_response()
}

impl Reader {
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            tokio::select! {
                _ = self.cuts.changed() => return None,
                frame = self.frames.recv() => return frame.ok().map(|frame| frame.to_string()),
                _ = self.beats.tick() => {
                    if self.told.scene().beats {
                        return Some(format!("event: hb\ndata: {{\"now\":{THEN}}}\n\n"));
                    }
                }
            }
        }
    }
}

/// Everything, in portions; only the last has a number.
fn snapshot(scene: &Scene) -> String {
    let rows: Vec<&Value> = scene.rows.values().collect();
    let mut portions = rows.chunks(PORTION);
    let head = json!({
        "epoch": scene.epoch, "sequence": scene.sequence, "now": THEN, "health": health(scene),
        "total": rows.len(), "rows": portions.next().unwrap_or_default(),
    });
    let id = if rows.len() > PORTION {
        String::new()
    } else {
        format!("{}-{}", scene.epoch, scene.sequence)
    };
    let mut text = format!("retry: 500\nid: {id}\nevent: snapshot\ndata: {head}\n\n");
    let left = portions.len();
    for (at, portion) in portions.enumerate() {
        let id = if at + 1 == left {
            format!("id: {}-{}\n", scene.epoch, scene.sequence)
        } else {
            String::new()
        };
        let told = json!({"sequence": scene.sequence, "gone": [], "rows": portion});
        // Writing to a text cannot fail.
        let _ = write!(text, "{id}event: agents\ndata: {told}\n\n");
    }
    text
}

fn health(scene: &Scene) -> Value {
    let marked = |mark: &str| {
        let has = |row: &&Value| {
            row["marks"].as_array().is_some_and(|marks| marks.iter().any(|one| one == mark))
        };
        scene.rows.values().filter(has).count()
    };
    json!({
        "webex": {"ok": true, "text": "live", "since": THEN}, "finesse": {"ok": true, "text": "in service", "since": THEN},
        "latency_ms": {"p50": 210, "p99": 780}, "dry_run": false,
        "counts": {
            "agents": scene.rows.len(), "held": scene.rows.values().filter(|row| !row["hold"].is_null()).count(),
            "stale": marked("stale"), "mismatch": marked("mismatch"), "spared": marked("spared"), "snoozed": marked("snoozed"),
        },
        "sentence": if marked("mismatch") > 0 { "Some agents are not in the state that is wanted." } else { "All is well: Webex and Finesse are in step." },
    })
}
