//! The gadget's module: runs the core beside the live Finesse user object, in the agent's browser.
//!
//! The shell decides nothing.

mod options;
mod session;
mod wire;

use lockstep_core::AgentId;
use wasm_bindgen::prelude::*;

pub use options::Options;

/// Starts the gadget; the loader calls it once.
#[wasm_bindgen]
pub fn start(options: &Options) {
    let root = options.root();
    root.set_text_content(Some("hello"));
    let (server, io) = (options.server(), options.io());
    wasm_bindgen_futures::spawn_local(async move {
        let said = match session::ask(&server, &AgentId::new("1001001"), "Basic x").await {
            Ok(reply) => {
                let options = js_sys::Object::new();
                let auth =
                    wire::object(&lockstep_core::protocol::SocketAuth { token: reply.token });
                let _ = js_sys::Reflect::set(&options, &"auth".into(), &auth);
                let address = format!("{server}/gadget");
                let _ = io.call2(&JsValue::NULL, &address.into(), &options);
                "hello, connecting".to_owned()
            }
            Err(error) => format!("hello, {error:?}"),
        };
        root.set_text_content(Some(&said));
    });
}
