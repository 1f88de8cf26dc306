//! The program under measurement, started and ready.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use crate::child::Program;
use crate::site::Site;

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Subject {
    pub(super) program: Program,
}

impl Subject {
    /// Starts the program and waits until it watches everybody.
    pub(super) async fn start(site: &Site, relay: bool, program: &Path) -> anyhow::Result<Self> {
        let folder = site.folder.path();
        let mut program = if relay {
            site.configure_relay()?;
            let (webex, token) = (site.webex.base_url(), site.webex.token());
            let finesse = site.finesse.addr().to_string();
            let arguments =
                ["--webex", &webex, "--token", &token, "--finesse", &finesse, "--people", "people"];
            Program::start("relay", program, &arguments.map(OsStr::new), folder)?
        } else {
            site.configure_lockstep()?;
            let arguments = ["run", "--config", "lockstep.toml"].map(OsStr::new);
            Program::start("lockstep", program, &arguments, folder)?
        };
        let everybody = site.webex.people().len();
        let subscribed = || (site.webex.subscriptions() >= everybody).then_some(());
        program.until("everybody is subscribed in webex", PATIENCE, subscribed).await?;
        Ok(Self { program })
    }
}
