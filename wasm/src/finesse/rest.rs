//! Questions to Finesse through the container's own proxy, as finesse.js asks them (Finesse notes
//! 4.1). Nothing is changed this way: changes go through the User.

use lockstep_core::words;
use wasm_bindgen::prelude::*;

use super::Desktop;
use crate::js;

/// Asks for `path`; `answered` hears the body of a 2xx, or `None`. `nonce` keeps caches out.
pub(crate) fn get(
    desktop: &Desktop,
    path: &str,
    nonce: u64,
    answered: impl Fn(Option<String>) + 'static,
) {
    let io = js::get(&desktop.gadgets, "io");
    let (Some(io), Some(authorization)) = (io, desktop.authorization()) else {
        return answered(None);
    };
    let address = [&desktop.node(), path, "?nocache=", &words::digits(nonce)].concat();
    let headers = js::object(&[("Authorization", JsValue::from_str(&authorization))]);
    let parameters = js::object(&[
        ("METHOD", JsValue::from_str("GET")),
        ("CONTENT_TYPE", JsValue::from_str("TEXT")),
        ("REFRESH_INTERVAL", JsValue::from(0)),
        ("HEADERS", headers),
    ]);
    let heard = js::function(move |response| answered(body(&response)));
    js::call(&io, "makeRequest", &[JsValue::from_str(&address), heard, parameters]);
}

fn body(response: &JsValue) -> Option<String> {
    let status = js::get(response, "rc").and_then(|status| status.as_f64())?;
    (200.0..300.0).contains(&status).then(|| js::text_of(response, "text"))?
}
