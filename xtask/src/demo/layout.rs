//! The agents' desktop: a layout as Finesse has it, and our gadget in it by the real command.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;

/// A desktop without the gadget, as administrators export it.
const CURRENT: &str = include_str!("../../../layout/base/12.5.xml");

/// The layout with the gadget, as `lockstep layout add` makes it.
pub(super) fn with_gadget(lockstep: &Path, folder: &Path, serves: &str) -> anyhow::Result<String> {
    let (current, new) = (folder.join("current-layout.xml"), folder.join("new-layout.xml"));
    fs::write(&current, CURRENT).context("failed to write the layout")?;
    let mut add = Command::new(lockstep);
    // The simulated desktop has no dark colours, so the panel is to have none there.
    add.args(["layout", "add", "--url"]).arg(format!("{serves}/gadget/lockstep.xml?theme=light"));
    add.arg("--in").arg(&current).arg("--out").arg(&new);
    let done = add.stdin(Stdio::null()).output().context("failed to start lockstep")?;
    let words = String::from_utf8_lossy(&done.stderr);
    anyhow::ensure!(done.status.success(), "lockstep layout add failed: {}", words.trim());
    fs::read_to_string(&new).context("lockstep layout add wrote nothing")
}
