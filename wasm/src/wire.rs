//! Messages to and from JavaScript's own objects.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// As JSON would have it: objects, not maps; nothing that is `undefined`.
pub(crate) fn object(message: &impl Serialize) -> JsValue {
    message.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}

/// The message in `value`, if it is one.
pub(crate) fn read<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(value).ok()
}

/// As JSON.
pub(crate) fn text(message: &impl Serialize) -> String {
    js_sys::JSON::stringify(&object(message)).map(String::from).unwrap_or_default()
}

/// The message in a JSON text, if it is one.
pub(crate) fn read_text<T: DeserializeOwned>(text: &str) -> Option<T> {
    read(js_sys::JSON::parse(text).ok()?)
}
