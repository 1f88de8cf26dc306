//! What is pressed on the page, and what that does to the simulators.

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::demo::board::Row;
use crate::demo::control::Control;
use crate::demo::scene::Who;

/// For how many seconds a feed that is cut from the page stays away.
const AWAY: u64 = 10;
/// How long wrap-up takes.
const WRAP_UP_MS: u64 = 8_000;

/// One key of the page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// Whose place in the list.
    pub(super) who: Who,
    act: Act,
    value: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Webex,
    Customer,
    Finesse,
    Trouble,
}

impl Order {
    /// Does it, to the agent in `row`.
    pub(super) async fn obey(&self, control: &Control, row: &Row) -> anyhow::Result<()> {
        match self.act {
            Act::Webex => control.presence(&row.address(), &presence(&self.value)).await,
            Act::Customer => control.call(&row.login_id, &call(&self.value)).await,
            Act::Finesse => {
                let order = by_hand(&self.value).context("there is no such key")?;
                control.state(&row.login_id, &order).await
            }
            Act::Trouble => trouble(control, &row.login_id, &self.value).await,
        }
    }
}

fn presence(status: &str) -> Value {
    match status {
        "meeting" => json!({ "status": "meeting", "meetingType": "online" }),
        "unknown" => json!({ "status": "unknown", "category": "unknown" }),
        other => json!({ "status": other }),
    }
}

fn call(event: &str) -> Value {
    match event {
        "wrap_up" => json!({ "event": "end", "wrap_up": true, "wrap_up_ms": WRAP_UP_MS }),
        other => json!({ "event": other }),
    }
}

fn by_hand(key: &str) -> Option<Value> {
    Some(match key {
        "ready" => json!({ "state": "READY", "by": "agent" }),
        "lunch" => json!({ "state": "NOT_READY", "reason": "Lunch", "by": "agent" }),
        "supervisor_ready" => json!({ "state": "READY", "by": "supervisor" }),
        "supervisor_not_ready" => json!({ "state": "NOT_READY", "by": "supervisor" }),
        _ => return None,
    })
}

async fn trouble(control: &Control, login_id: &str, key: &str) -> anyhow::Result<()> {
    match key {
        "cut_feed" => control.cut_feed(AWAY).await,
        "desktop_failing" => control.desktop(login_id, "failing").await,
        "desktop_recovered" => control.desktop(login_id, "recovered").await,
        "clear" => control.clear_faults().await,
        _ => anyhow::bail!("there is no such key"),
    }
}
