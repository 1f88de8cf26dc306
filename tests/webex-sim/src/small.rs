//! The endpoints with next to nothing behind them.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Answer, Call, Reply};
use crate::cloud::Cloud;
use crate::delivery;
use crate::refusal::Refusal;

/// The presence service's health.
pub(crate) fn ping(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    Ok(Reply::json(json!({})))
}

/// Taken and forgotten; without an answer the vendor's SDK ends its process (wire notes 7.3).
pub(crate) fn metrics(_: &Arc<Cloud>, call: &Call) -> Answer {
    call.object()?;
    Ok(Reply::json(json!({})))
}

/// A registration's address asked for without an upgrade.
pub(crate) fn not_an_upgrade(_: &Arc<Cloud>, _: &Call) -> Answer {
    let text = "this address takes WebSocket connections only";
    Err(Refusal::violation(StatusCode::UPGRADE_REQUIRED, text))
}

/// The switch `user-presence-enabled` (wire notes 4.1); other features are taken and forgotten.
pub(crate) fn toggle(cloud: &Arc<Cloud>, call: &Call) -> Answer {
    call.caller(cloud)?;
    let body = call.object()?;
    let Some(key) = body.get("key").and_then(Value::as_str) else {
        return Err(Refusal::malformed("key must be a text"));
    };
    let on = match body.get("val") {
        Some(Value::Bool(on)) => *on,
        Some(Value::String(text)) => text == "true",
        _ => return Err(Refusal::malformed("val is true or false")),
    };
    if key == "user-presence-enabled" {
        let user = Uuid::try_parse(&call.captured)
            .map_err(|_| Refusal::malformed("a user is named by the raw id"))?;
        cloud.update(|state| {
            if state.people.enable_presence(user, on) {
                delivery::publish(cloud, state, user);
            }
        });
    }
    let mutable = body.get("mutable").cloned().unwrap_or(true.into());
    Ok(Reply::json(
        json!({ "key": key, "val": on.to_string(), "value": on, "mutable": mutable, "type": "USER" }),
    ))
}
