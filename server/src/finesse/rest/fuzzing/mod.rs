//! What holds for every byte that Finesse may send: one function per parser, which takes any bytes
//! and panics where a promise is broken. The targets in `fuzz` call them.

mod errors;
mod system;
mod users;

pub use errors::errors;
pub use system::{reason_codes, system_info};
pub use users::users;

use quick_xml::escape::escape;
use reqwest::header::HeaderValue;

use super::http;

/// The value of a `Retry-After` header.
pub fn retry_after(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let wait = http::retry_after(Some(&value));
    assert!(wait.is_none_or(|wait| wait.as_secs() <= 300), "{wait:?}");
}

/// An element as Finesse would write it; nothing where there is no text.
fn element(name: &str, text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("<{name}>{}</{name}>", escape(text)))
}
