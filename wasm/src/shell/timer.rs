use std::cell::Cell;
use std::time::Duration;

use lockstep_core::Time;
use wasm_bindgen::prelude::*;

use super::{Event, Inbox};
use crate::js;

/// A browser takes longer times for none at all (2^31 ms); looking in once an hour costs nothing.
const LONGEST: Duration = Duration::from_hours(1);

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(call: &JsValue, millis: u32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// The gadget's one timer.
pub(super) struct Timer {
    ring: JsValue,
    running: Cell<Option<(Time, JsValue)>>,
}

impl Timer {
    pub(super) fn new(inbox: &Inbox) -> Self {
        let inbox = inbox.clone();
        Self { ring: js::function(move |_| inbox.post(Event::Timer)), running: Cell::new(None) }
    }

    /// Rings at `at`, or not at all; what was set before is forgotten.
    pub(super) fn set(&self, now: Time, at: Option<Time>) {
        if let Some((_, id)) = self.running.take() {
            clear_timeout(&id);
        }
        let Some(at) = at else { return };
        // One more, because a browser may round down.
        let wait = at.since(now).min(LONGEST).as_millis() + 1;
        let id = set_timeout(&self.ring, u32::try_from(wait).unwrap_or(u32::MAX));
        self.running.set(Some((at, id)));
    }
}
