//! Builds the gadget and the three programs, and finds them.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::{gadget, programs};

/// The programs of the demo.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) lockstep: PathBuf,
    pub(super) webex_sim: PathBuf,
    pub(super) finesse_sim: PathBuf,
}

/// The gadget's bundle, and then `cargo build`, which takes it into the server.
pub(super) fn programs() -> anyhow::Result<Programs> {
    // One that has grown too large says so and works: `cargo xtask test` is where that fails.
    gadget::run().context("the gadget cannot be built")?;
    let mut found = programs::build(&[], &[])?;
    let mut take = |name: &str| {
        let at = found.iter().position(|(found, _)| found == name);
        at.map(|at| found.swap_remove(at).1)
            .with_context(|| format!("cargo build made no program {name}"))
    };
    Ok(Programs {
        lockstep: take("lockstep")?,
        webex_sim: take("webex-sim")?,
        finesse_sim: take("finesse-sim")?,
    })
}
