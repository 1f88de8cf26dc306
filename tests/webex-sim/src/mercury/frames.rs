//! The JSON that goes over the socket, in both directions.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::sockets::Envelope;

/// What a client says (wire notes 3.2 and 3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Authorization { token: String },
    Ping { id: String },
    Ack { message: String },
}

/// Reads a client's frame, or says what is wrong with it.
pub(super) fn read(text: &str) -> Result<Said, String> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("a frame is not JSON: {error}"))?;
    let field = |name: &str| {
        let found = value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        found.map(str::to_owned).ok_or_else(|| format!("a frame without {name:?}"))
    };
    match field("type")?.as_str() {
        "authorization" => {
            field("id")?;
            let token = value.pointer("/data/token").and_then(Value::as_str);
            let token = token.ok_or("an authorization without data.token")?;
            Ok(Said::Authorization { token: token.to_owned() })
        }
        "ping" => Ok(Said::Ping { id: field("id")? }),
        "ack" => Ok(Said::Ack { message: field("messageId")? }),
        other => Err(format!("a frame of the unknown type {other:?}")),
    }
}

/// An envelope with all its keys (wire notes 3.4); the number is added when it is written.
pub(super) fn envelope(cloud: &Cloud, envelope: &Envelope) -> Map<String, Value> {
    object(json!({
        "id": envelope.id,
        "data": envelope.data,
        "timestamp": cloud.clock.now().as_millisecond(),
        "trackingId": format!("WEBEXSIM_{}", envelope.id),
        "alertType": "none",
        "headers": {},
        "filterMessage": false,
    }))
}

pub(super) fn pong(id: &str) -> Map<String, Value> {
    object(json!({ "id": id, "type": "pong" }))
}

/// No data and no sequence number: what the vendor's client was shown (wire notes 3.5, 3.8).
pub(super) fn shutdown(id: Uuid) -> Map<String, Value> {
    object(json!({ "id": id, "type": "shutdown" }))
}

/// The first message after a good token, by what the client asked for (wire notes 3.3).
pub(super) fn ready(
    cloud: &Cloud,
    registration_status: bool,
    buffer_states: bool,
) -> Option<Envelope> {
    let buffers = json!({ "conversation": "UNKNOWN", "locus": "UNKNOWN", "board": "UNKNOWN" });
    let data = if registration_status {
        let base = cloud.base();
        json!({
            "eventType": "mercury.registration_status",
            "bufferState": buffers,
            "localClusterServiceUrls": {
                "mercuryApiServiceClusterUrl": format!("{base}/v1"),
                "mercuryConnectionServiceClusterUrl": base.replacen("http", "ws", 1),
            },
        })
    } else if buffer_states {
        json!({ "eventType": "mercury.buffer_state", "bufferState": buffers })
    } else {
        return None;
    };
    Some(Envelope { id: cloud.lock().ids.uuid(), data: object(data) })
}

/// Gives a frame its number and time, or what a fault makes of the number.
pub(super) fn numbered(cloud: &Cloud, sequence: &mut u64, mut frame: Map<String, Value>) -> String {
    let mut state = cloud.lock();
    let gap = state.struck(|fault| match fault {
        Fault::SequenceGap { size } => Some(*size),
        _ => None,
    });
    *sequence += 1 + gap.unwrap_or(0);
    if !state.struck_by(|fault| matches!(fault, Fault::SequenceMissing {})) {
        frame.insert("sequenceNumber".to_owned(), (*sequence).into());
    }
    frame.insert("wsWriteTimestamp".to_owned(), cloud.clock.now().as_millisecond().into());
    Value::Object(frame).to_string()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_may_say_and_what_not() {
        let auth =
            r#"{"id":"1","type":"authorization","data":{"token":"Bearer x"},"trackingId":"t"}"#;
        assert_eq!(read(auth), Ok(Said::Authorization { token: "Bearer x".to_owned() }));
        assert_eq!(read(r#"{"id":"1","type":"ping"}"#), Ok(Said::Ping { id: "1".to_owned() }));
        let ack = r#"{"messageId":"m","type":"ack"}"#;
        assert_eq!(read(ack), Ok(Said::Ack { message: "m".to_owned() }));
        for wrong in ["", "[]", r#"{"type":"ping"}"#, r#"{"id":"1","type":"hello"}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
