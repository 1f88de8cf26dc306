//! The gadget's module: runs the core beside the live Finesse user object, in the agent's browser.
//!
//! The shell decides nothing: [`lockstep_core::desk`] does, and [`lockstep_core::panel`] says what is
//! shown. Modules by what they touch: `finesse` the desktop's own library, `session` and `link` the
//! server, `view` the page, `storage` the tab; `wire` and what `finesse` reads touch nothing.

mod clock;
mod finesse;
mod js;
mod link;
mod options;
mod session;
mod shell;
mod storage;
mod view;
mod wire;

use wasm_bindgen::prelude::*;

pub use finesse::{
    FinesseClock, SeenReason, SeenUser, timestamp_from_xml, user_from_xml, view as agent_view,
};
pub use options::Options;

use self::shell::{Event, Inbox, Shell};

/// The standard library's own allocator is three times as large.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Starts the gadget; the loader calls it once.
#[wasm_bindgen]
pub fn start(options: Options) {
    let inbox = Inbox::default();
    inbox.open(Shell::new(options, inbox.clone()));
    let gone = inbox.clone();
    let window = js_sys::global();
    let hears = js::function(move |_| gone.post(Event::Gone));
    js::call(&window, "addEventListener", &[JsValue::from_str("pagehide"), hears]);
    inbox.post(Event::Start);
}

/// Never in what ships: plays a numbered history in this build.
#[cfg(feature = "agree")]
#[wasm_bindgen]
pub fn history(number: u32) -> String {
    lockstep_core::agent::history(number.into())
}
