//! JavaScript's objects as they come: every finesse.js has other members, so each is asked for and
//! may be absent.

use js_sys::{Array, Function, Number, Object, Reflect};
use wasm_bindgen::prelude::*;

/// A member; `None` where it is absent, `undefined` or `null`.
pub(crate) fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// A member of members: `a.b.c`.
pub(crate) fn path(object: &JsValue, names: &str) -> Option<JsValue> {
    match names.split_once('.') {
        Some((first, rest)) => path(&get(object, first)?, rest),
        None => get(object, names),
    }
}

pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    // It fails on frozen objects only; these are our own.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// Calls a method; `None` where it is absent or throws.
pub(crate) fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = get(object, name)?.dyn_into().ok()?;
    let arguments: Array = arguments.iter().collect();
    method.apply(object, &arguments).ok()
}

/// A text, or a number as text; anything else is nothing.
pub(crate) fn text(value: &JsValue) -> Option<String> {
    value.as_string().or_else(|| {
        let number = value.dyn_ref::<Number>()?;
        number.to_string_with_radix(10).ok().map(String::from)
    })
}

/// The text of a member; `None` where it is empty.
pub(crate) fn text_of(object: &JsValue, name: &str) -> Option<String> {
    text(&get(object, name)?).filter(|text| !text.trim().is_empty())
}

/// A function for JavaScript to call; it goes when JavaScript lets go of it.
pub(crate) fn function(call: impl FnMut(JsValue) + 'static) -> JsValue {
    let boxed: Box<dyn FnMut(JsValue)> = Box::new(call);
    Closure::wrap(boxed).into_js_value()
}

/// An object with these members.
pub(crate) fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, value);
    }
    object.into()
}
