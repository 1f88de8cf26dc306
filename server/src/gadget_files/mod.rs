//! What the browser loads of the gadget: its XML, the loader, and the files that the loader names.
//!
//! The XML is tiny and never changes but for the server's address, because Finesse caches it (Finesse
//! notes 3.4); everything behind it is asked for anew (`no-cache` and an `ETag`) or carries a digest
//! of itself in its name (`immutable`).

mod answer;
mod bundle;
mod export;
#[cfg(test)]
mod manifest;
mod routes;
#[cfg(test)]
mod tests;
mod xml;

pub(crate) use answer::{Answer, Packed};
pub use bundle::{Bundle, File};
pub use export::{ExportError, Exported, RECORD, XML, export};
pub use routes::{BUILD_IT, mount, routes};
pub use xml::{NotAPlace, Place, exported, served};
