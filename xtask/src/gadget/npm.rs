//! The official Socket.IO client, as npm has it: version and checksum are in
//! `gadget/package-lock.json`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;

use crate::{tools, workspace};

/// Ten packages, with the judge of the panel that its stories take (axe-core); npm hangs for long where there is no network.
const INSTALL: Duration = Duration::from_mins(3);
/// The build for browsers, as a module.
const CLIENT: &str = "node_modules/socket.io-client/dist/socket.io.esm.min.js";
const LOCK: &str = "package-lock.json";

/// The client's bytes, unchanged.
pub(crate) fn socket_io_client() -> anyhow::Result<Vec<u8>> {
    let folder = workspace::target().join("npm");
    if !is_installed(&folder) {
        install(&folder)?;
    }
    std::fs::read(folder.join(CLIENT)).with_context(|| format!("npm has left no {CLIENT}"))
}

/// The lock is copied when npm is done, so it tells what is there.
fn is_installed(folder: &std::path::Path) -> bool {
    let wanted = std::fs::read(workspace::root().join("gadget").join(LOCK)).ok();
    wanted.is_some() && wanted == std::fs::read(folder.join("installed.json")).ok()
}

fn install(folder: &PathBuf) -> anyhow::Result<()> {
    tools::npm()?;
    std::fs::create_dir_all(folder).context("failed to make target/npm")?;
    let from = workspace::root().join("gadget");
    for name in ["package.json", LOCK] {
        std::fs::copy(from.join(name), folder.join(name))
            .with_context(|| format!("failed to copy gadget/{name}"))?;
    }
    let mut npm = Command::new("npm");
    // No package of these has a script to run, and none is to get one.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]);
    tools::within(INSTALL, npm.current_dir(folder)).context(
        "the Socket.IO client could not be fetched: `npm ci` in gadget/ needs a package registry",
    )?;
    std::fs::copy(folder.join(LOCK), folder.join("installed.json"))
        .context("failed to note what npm has installed")?;
    Ok(())
}
