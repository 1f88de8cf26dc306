//! What the Mercury socket carries, as types (Webex notes 3.2…3.5).

use serde_json::{Value, json};

use super::composition::{Composition, text};

/// Longest text accepted as an id; real ones are UUIDs.
const MAX_ID: usize = 128;

/// Fields that `data.headers` may overlay, and how deep; a presence event has a dozen, two deep.
const MAX_HEADERS: usize = 32;
const MAX_DEPTH: usize = 4;

/// One message of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// To be acknowledged by it, where there is one.
    pub(super) id: Option<String>,
    /// Consecutive over all frames of a connection, pongs included.
    pub(super) sequence: Option<u64>,
    pub(super) content: Content,
}

/// What a frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// `mercury.buffer_state` or `mercury.registration_status`: authorised, events follow.
    Ready,
    /// The answer to our ping of the frame's id.
    Pong,
    /// The server will close this connection soon; move to another.
    Shutdown,
    /// `apheleia.subscription_update`.
    Presence(Composition),
    /// Anything else; nothing to do but to acknowledge it.
    Other,
    /// A presence event that lacks what makes it one.
    Malformed,
}

impl Content {
    /// The label of the frame in metrics.
    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Pong => "pong",
            Self::Shutdown => "shutdown",
            Self::Presence(_) => "presence",
            Self::Other => "other",
            Self::Malformed => "malformed",
        }
    }
}

/// Reads one message; `None` when it is not a JSON object.
pub(super) fn parse(message: &[u8]) -> Option<Frame> {
    let mut value: Value = serde_json::from_slice(message).ok()?;
    if !value.is_object() {
        return None;
    }
    value.get_mut("data").into_iter().for_each(overlay);
    let id = text(&value, "id").filter(|id| id.len() <= MAX_ID).map(str::to_owned);
    let sequence = value.get("sequenceNumber").and_then(Value::as_u64);
    Some(Frame { id, sequence, content: content(&value) })
}

/// `data.headers` holds values for paths of `data`, which count more than what stands there, as in
/// the vendor's client (Webex notes 3.4).
fn overlay(data: &mut Value) {
    let Some(Value::Object(headers)) = data.get_mut("headers").map(Value::take) else { return };
    for (path, value) in headers.into_iter().take(MAX_HEADERS) {
        let mut place = &mut *data;
        for key in path.split('.').take(MAX_DEPTH) {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[key];
        }
        *place = value;
    }
}

fn content(value: &Value) -> Content {
    match text(value, "type") {
        Some("pong") => return Content::Pong,
        Some("shutdown") => return Content::Shutdown,
        _ => {}
    }
    let Some(data) = value.get("data") else { return Content::Other };
    match text(data, "eventType") {
        Some("mercury.buffer_state" | "mercury.registration_status") => Content::Ready,
        Some("apheleia.subscription_update") => {
            Composition::read(data).map_or(Content::Malformed, Content::Presence)
        }
        _ => Content::Other,
    }
}

/// The first message on a socket; it carries the token.
pub(super) fn authorization(id: &str, bearer: &str, tracking: &str) -> String {
    json!({
        "id": id,
        "type": "authorization",
        "data": {"token": format!("Bearer {bearer}")},
        "trackingId": tracking,
    })
    .to_string()
}

/// Acknowledges the frame of that id.
pub(super) fn ack(id: &str) -> String {
    json!({"messageId": id, "type": "ack"}).to_string()
}

/// Asks for a pong of the same id.
pub(super) fn ping(id: &str) -> String {
    json!({"id": id, "type": "ping"}).to_string()
}

/// Watches the sequence numbers of one connection.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    last: Option<u64>,
}

impl Sequence {
    /// True when frames are missing before this one. A frame without a number says nothing and
    /// suspends the check until the next numbered one, as in the vendor's client.
    pub(super) fn gap(&mut self, number: Option<u64>) -> bool {
        let last = std::mem::replace(&mut self.last, number);
        matches!((last, number), (Some(last), Some(number)) if number != last.wrapping_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ready_events_are_understood() {
        for event in ["mercury.buffer_state", "mercury.registration_status"] {
            let frame = parse(
                json!({"id": "a", "sequenceNumber": 1, "data": {"eventType": event}})
                    .to_string()
                    .as_bytes(),
            )
            .unwrap();
            let id = Some("a".to_owned());
            assert_eq!(frame, Frame { id, sequence: Some(1), content: Content::Ready });
        }
    }

    #[test]
    fn a_presence_event_is_flat() {
        let frame = parse(
            br#"{"id":"e","data":{"eventType":"apheleia.subscription_update","subject":"P","status":"dnd"},
                "timestamp":1745113393302,"headers":{},"alertType":"full"}"#,
        )
        .unwrap();
        let Content::Presence(composition) = frame.content else { panic!("{frame:?}") };
        assert_eq!(composition.person.as_str(), "p");
        assert_eq!(composition.facts.get("status"), Some("dnd"));
    }

    #[test]
    fn headers_overlay_the_data() {
        let frame = |data: Value| parse(json!({"id": "e", "data": data}).to_string().as_bytes());
        let event = json!({
            "eventType": "apheleia.subscription_update", "subject": "p", "status": "active",
            "headers": {"status": "meeting", "meetingType": "online",
                        "vectorCounters.counters": {"dc": 7}},
        });
        let Content::Presence(read) = frame(event).unwrap().content else { panic!("presence") };
        assert_eq!(read.facts.get("status"), Some("meeting"));
        assert_eq!(read.facts.get("meeting_type"), Some("online"));
        assert_eq!(read.version.get("dc"), Some(&7));
        let kind = json!({"headers": {"eventType": "mercury.buffer_state"}});
        assert_eq!(frame(kind).unwrap().content, Content::Ready);
        let long = "a.".repeat(10_000);
        let odd =
            [json!([1]), json!({"headers": 5}), json!({"headers": {"": 1, ".": 2, "a.b": 3}})];
        for odd in odd.into_iter().chain([json!({"a": 1, "headers": {"a.b": 1, long: 2}})]) {
            assert_eq!(frame(odd).unwrap().content, Content::Other);
        }
    }

    #[test]
    fn pong_and_shutdown_go_by_type() {
        let pong = parse(br#"{"id":"1","type":"pong","sequenceNumber":3}"#).unwrap();
        assert_eq!((pong.content, pong.sequence), (Content::Pong, Some(3)));
        assert_eq!(parse(br#"{"id":"1","type":"shutdown"}"#).unwrap().content, Content::Shutdown);
    }

    #[test]
    fn what_is_not_ours_is_other_and_what_is_broken_is_nothing() {
        let other = br#"{"id":"1","data":{"eventType":"conversation.activity"}}"#;
        assert_eq!(parse(other).unwrap().content, Content::Other);
        assert_eq!(parse(b"{}").unwrap().content, Content::Other);
        let broken = br#"{"id":"1","data":{"eventType":"apheleia.subscription_update"}}"#;
        assert_eq!(parse(broken).unwrap().content, Content::Malformed);
        let deep = "[".repeat(100_000);
        for junk in [&b"null"[..], b"", b"{", b"[1]", b"\xff\xfe", deep.as_bytes()] {
            assert_eq!(parse(junk), None);
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        use rand::rngs::StdRng;
        use rand::{RngExt, SeedableRng};

        let frame = br#"{"id":"e","sequenceNumber":9,"data":{"eventType":"apheleia.subscription_update","subject":"p","status":"dnd","statusTime":"2026-11-21T10:00:00Z","vectorCounters":{"counters":{"a":1}}}}"#;
        let mut random = StdRng::seed_from_u64(1);
        for _ in 0..20_000 {
            let mut bytes = frame.to_vec();
            for _ in 0..random.random_range(1..6) {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.random();
            }
            bytes.truncate(random.random_range(0..=bytes.len()));
            let _ = parse(&bytes);
        }
    }

    #[test]
    fn gaps_are_seen_and_missing_numbers_tolerated() {
        let mut sequence = Sequence::default();
        let seen: Vec<bool> =
            [Some(1), Some(2), Some(4), None, Some(9), Some(10), Some(10), Some(11)]
                .map(|number| sequence.gap(number))
                .into();
        assert_eq!(seen, [false, false, true, false, false, false, true, false]);
    }

    #[test]
    fn what_we_send_has_the_documented_shape() {
        let sent: Value = serde_json::from_str(&authorization("i", "t", "k")).unwrap();
        let expected =
            json!({"id":"i","type":"authorization","data":{"token":"Bearer t"},"trackingId":"k"});
        assert_eq!(sent, expected);
        assert_eq!(ack("x"), r#"{"messageId":"x","type":"ack"}"#);
        assert_eq!(ping("x"), r#"{"id":"x","type":"ping"}"#);
    }
}
