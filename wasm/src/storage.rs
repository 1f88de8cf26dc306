//! What the tab keeps over a reload: the agent's ledger, and nothing secret.

use lockstep_core::agent::LedgerEntry;
use wasm_bindgen::JsValue;

use crate::{js, wire};

/// What was kept for this agent.
pub(crate) fn kept(agent: &str) -> Option<LedgerEntry> {
    let text = js::call(&storage()?, "getItem", &[key(agent)])?;
    wire::kept(&text.as_string()?)
}

/// A browser that forbids it costs a reload in the middle of a request, no more.
pub(crate) fn keep(agent: &str, kept: &LedgerEntry) {
    if let Some(storage) = storage() {
        let text = JsValue::from_str(&wire::write_kept(kept));
        js::call(&storage, "setItem", &[key(agent), text]);
    }
}

fn key(agent: &str) -> JsValue {
    JsValue::from_str(&["lockstep.", agent].concat())
}

fn storage() -> Option<JsValue> {
    js::get(&js_sys::global(), "sessionStorage")
}
