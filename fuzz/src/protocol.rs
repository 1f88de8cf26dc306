use lockstep_core::protocol::{ToGadget, ToServer};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message between server and gadget, in either direction: what was read, written down again,
/// is read the same.
pub(crate) fn protocol(data: &[u8]) {
    again::<ToServer>(data);
    again::<ToGadget>(data);
}

/// Reads, writes and reads again; nothing where `data` is none of it.
pub(crate) fn again<T>(data: &[u8]) -> Option<T>
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let read: T = serde_json::from_slice(data).ok()?;
    let text = serde_json::to_string(&read).expect("what was read can be written");
    let again: T = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(again, read, "written again: {text}");
    Some(read)
}
