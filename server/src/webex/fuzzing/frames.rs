use serde_json::{Map, Value, json};

use super::{assert_bounded, written};
use crate::webex::frame::{self, Content, Frame, Sequence};
use crate::webex::mercury::{Read, parsed};

/// The frames of one Mercury connection, one per line.
///
/// Every JSON object is a frame and nothing else is; what was understood of one, written down
/// again, is understood the same; and a gap is where a number does not follow the one before.
pub fn frames(bytes: &[u8]) {
    let mut sequence = Sequence::default();
    let mut last = None;
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some(frame) = frame(line) else { continue };
        let follows = |(last, new): (u64, u64)| new == last.wrapping_add(1);
        let gap = last.zip(frame.sequence).is_some_and(|pair| !follows(pair));
        assert_eq!(sequence.gap(frame.sequence), gap, "{last:?}, then {:?}", frame.sequence);
        last = frame.sequence;
    }
}

fn frame(line: &[u8]) -> Option<Frame> {
    let frame = match parsed(line) {
        Read::Frame(frame) => Some(frame),
        Read::Nothing => None,
    };
    let is_object = serde_json::from_slice::<Map<String, Value>>(line).is_ok();
    assert_eq!(frame.is_some(), is_object, "an object is a frame, and nothing else is");
    let frame = frame?;
    if let Some(id) = &frame.id {
        assert!(id.len() <= 128, "an id is repeated in every acknowledgement");
        let ack: Value = serde_json::from_str(&frame::ack(id)).expect("what we send is JSON");
        assert_eq!(ack, json!({"messageId": id, "type": "ack"}));
    }
    if let Content::Presence(composition) = &frame.content {
        assert_bounded(composition);
    }
    let again = again(&frame).to_string();
    assert_eq!(frame::parse(again.as_bytes()).as_ref(), Some(&frame), "written again: {again}");
    Some(frame)
}

/// The frame as Mercury would write it.
fn again(frame: &Frame) -> Value {
    let event = |name: &str| json!({"data": {"eventType": name}});
    let mut value = match &frame.content {
        Content::Ready => event("mercury.buffer_state"),
        Content::Pong => json!({"type": "pong"}),
        Content::Shutdown => json!({"type": "shutdown"}),
        Content::Presence(composition) => {
            let mut data = written(composition);
            data["eventType"] = "apheleia.subscription_update".into();
            json!({"data": data})
        }
        Content::Other => event("conversation.activity"),
        Content::Malformed => event("apheleia.subscription_update"),
    };
    value["id"] = frame.id.as_deref().into();
    value["sequenceNumber"] = frame.sequence.into();
    value
}
