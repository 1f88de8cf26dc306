//! What the loader hands over.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The argument of [`start`](crate::start).
    pub type Options;
    /// The server's public address, without a slash at its end.
    #[wasm_bindgen(method, getter)]
    pub fn server(this: &Options) -> String;
    /// Where the panel goes.
    #[wasm_bindgen(method, getter)]
    pub fn root(this: &Options) -> web_sys::HtmlElement;
    /// The Socket.IO client's `io`.
    #[wasm_bindgen(method, getter)]
    pub fn io(this: &Options) -> js_sys::Function;
    /// The desktop's own `window.finesse`.
    #[wasm_bindgen(method, getter)]
    pub fn finesse(this: &Options) -> JsValue;
    /// The container's `window.gadgets`.
    #[wasm_bindgen(method, getter)]
    pub fn gadgets(this: &Options) -> JsValue;
}
