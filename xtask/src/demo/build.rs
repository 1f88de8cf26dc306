//! Builds the three programs and finds them.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::programs;

/// The programs of the demo.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) lockstep: PathBuf,
    pub(super) webex_sim: PathBuf,
    pub(super) finesse_sim: PathBuf,
}

/// `cargo build`.
pub(super) fn programs() -> anyhow::Result<Programs> {
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
