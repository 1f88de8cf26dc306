//! `cargo xtask gadget`: what the agent's desktop loads, in `target/gadget`.
//!
//! The module is built by cargo for the browser, its glue by wasm-bindgen as a library, and the
//! Socket.IO client comes from npm as it is. Everything but the loader and the XML is named after
//! its contents, so that browsers may keep it for ever.

mod bundle;
mod coding;
mod module;
mod npm;
mod sizes;
mod stamp;
mod standard;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::workspace;

pub(crate) use self::sizes::tell as tell_sizes;

/// Where the server's build looks for it.
pub(crate) fn folder() -> PathBuf {
    workspace::target().join("gadget")
}

/// Builds what has changed and prints the sizes.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let wasm = module::build()?;
    let stamp = stamp::of(&wasm)?;
    if !stamp::is_kept(&stamp) {
        let client = npm::socket_io_client()?;
        let glue = module::bind(&wasm)?;
        bundle::write(&glue, &client, &stamp)?;
    }
    sizes::tell()
}
