//! JSON to be read, as far as the messages need it: no fractions. The browser's own reader does the
//! work; the tests have the one that the server uses in its place.

#[cfg(not(test))]
use js_sys::JSON;
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

/// Deeper texts are not messages of ours; the deepest has six levels.
const DEEPEST: usize = 16;

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Flag(bool),
    /// What has a fraction is cut to its whole part.
    Number(i64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

// === impl Value ===

impl Value {
    /// Reads a text; `None` where it is not JSON.
    #[cfg(not(test))]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::of(&JSON::parse(text).ok()?)
    }

    /// Reads what the browser has read; `None` where it is too deep for a message of ours.
    pub(crate) fn of(value: &JsValue) -> Option<Self> {
        Self::below(value, DEEPEST)
    }

    #[expect(clippy::cast_possible_truncation, reason = "what has a fraction is cut")]
    fn below(value: &JsValue, depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        if let Some(text) = value.as_string() {
            return Some(Self::Text(text));
        }
        if let Some(number) = value.as_f64() {
            return Some(Self::Number(number as i64));
        }
        if let Some(flag) = value.as_bool() {
            return Some(Self::Flag(flag));
        }
        if let Some(list) = value.dyn_ref::<Array>() {
            return list
                .iter()
                .map(|value| Self::below(&value, depth))
                .collect::<Option<_>>()
                .map(Self::List);
        }
        let Some(object) = value.dyn_ref::<Object>() else { return Some(Self::Null) };
        let field = |entry: JsValue| {
            let entry = Array::from(&entry);
            Some((entry.get(0).as_string()?, Self::below(&entry.get(1), depth)?))
        };
        Object::entries(object).iter().map(field).collect::<Option<_>>().map(Self::Object)
    }

    /// The field of an object; `None` where it is absent or `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        let field = fields.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value).filter(|value| **value != Self::Null)
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) const fn as_flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }

    pub(crate) const fn as_int(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(crate) fn as_whole(&self) -> Option<u64> {
        self.as_int().and_then(|number| u64::try_from(number).ok())
    }
}
