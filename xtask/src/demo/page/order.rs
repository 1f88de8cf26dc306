//! What is pressed on the page, and what that does to the simulators.

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::trouble::Troubles;
use crate::demo::board::Row;
use crate::demo::control::Control;
use crate::demo::scene::Who;

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
    Everybody,
}

impl Order {
    /// Does it, to the agent at `who` or to all; tells what there is to be told.
    pub(super) async fn obey(
        &self,
        control: &Control,
        troubles: &Troubles,
        rows: &[Row],
    ) -> anyhow::Result<String> {
        let row = rows.get(self.who).context("there is no such agent yet")?;
        match self.act {
            Act::Webex => control.presence(&row.address(), &presence(&self.value)).await?,
            Act::Customer => control.call(&row.login_id, &call(&self.value)).await?,
            Act::Finesse => {
                let order = by_hand(&self.value).context("there is no such key")?;
                control.state(&row.login_id, &order).await?;
            }
            Act::Trouble => return troubles.press(control, &row.login_id, &self.value).await,
            Act::Everybody => {
                anyhow::ensure!(self.value == "reset", "there is no such key");
                troubles.clear(control).await?;
                for row in rows {
                    start_over(control, row).await?;
                }
                return Ok("Everybody is free and Ready.".to_owned());
            }
        }
        Ok(String::new())
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

/// Whatever somebody does now, afterwards they are free and Ready.
async fn start_over(control: &Control, row: &Row) -> anyhow::Result<()> {
    control.presence(&row.address(), &presence("active")).await?;
    // Nobody says whether there is a call to end, and to whoever is Ready nothing has to be done.
    let _ = control.call(&row.login_id, &call("end")).await;
    if row.state != "READY" {
        let ready = by_hand("ready").unwrap_or_default();
        control.state(&row.login_id, &ready).await.with_context(|| row.name.clone())?;
    }
    Ok(())
}
