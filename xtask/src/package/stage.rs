//! The simulators that a shipped server is run against, on loopback.

use std::ffi::OsStr;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::{health, write};
use crate::child::Child;
use crate::demo::{config, stage};
use crate::out::say;
use crate::programs;

/// Both simulators, and where the server will listen.
#[derive(Debug)]
pub(super) struct Stage {
    simulators: Vec<Child>,
    webex: String,
    finesse: String,
    /// Where the server is to listen.
    pub(super) listen: SocketAddr,
    folder: PathBuf,
}

impl Stage {
    /// Builds and starts them; `folder` is for what they say.
    pub(super) async fn set(folder: &Path) -> anyhow::Result<Self> {
        let (mut simulators, mut addresses) = (Vec::new(), Vec::new());
        let packages = ["--workspace", "--bin", "webex-sim", "--bin", "finesse-sim"];
        for (name, program) in programs::build(&packages, &[])? {
            let name = if name == "webex-sim" { "webex-sim" } else { "finesse-sim" };
            let listen = ["--listen", "127.0.0.1:0", "--agents", "12"];
            let deployment: &[&str] =
                if name == "webex-sim" { &[] } else { &["--deployment", "ucce"] };
            let arguments: Vec<&str> = listen.iter().chain(deployment).copied().collect();
            let mut simulator = stage::start(name, &program, &arguments, folder)?;
            addresses.push((name, stage::listens(&mut simulator, folder).await?));
            simulators.push(simulator);
        }
        let address = |wanted: &str| {
            let found = addresses.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, at)| at.clone()).with_context(|| format!("{wanted} was not built"))
        };
        let (webex, finesse) = (address("webex-sim")?, address("finesse-sim")?);
        let listen = stage::free_address()?;
        Ok(Self { simulators, webex, finesse, listen, folder: folder.to_owned() })
    }

    /// Configures the server in `root` as an administrator would, by /etc/lockstep.
    pub(super) fn configure(&self, root: &Path, readable: u32) -> anyhow::Result<()> {
        let places =
            config::Places { webex: &self.webex, finesse: &self.finesse, lockstep: self.listen };
        let text = config::text(places) + "\n[state]\ndir = \"/var/lib/lockstep\"\n";
        for (name, text) in [
            ("lockstep.toml", text.as_str()),
            ("webex-token", config::TOKEN),
            ("finesse-password", config::PASSWORD),
        ] {
            let file = root.join("etc/lockstep").join(name);
            write(&file, text.as_bytes(), 0o640)?;
            std::os::unix::fs::chown(&file, Some(0), Some(readable))
                .with_context(|| format!("failed to let the server read {name}"))?;
        }
        Ok(())
    }

    /// Starts the server by `inside` (a command that runs what follows in the root), waits until it
    /// is well, and stops it.
    pub(super) async fn run(&self, inside: &[&OsStr]) -> anyhow::Result<()> {
        let Some((program, before)) = inside.split_first() else { anyhow::bail!("no command") };
        let run = ["/usr/bin/lockstep", "run", "--config", "/etc/lockstep/lockstep.toml"];
        let arguments: Vec<&OsStr> = before.iter().copied().chain(run.map(OsStr::new)).collect();
        let words: Vec<_> = inside.iter().map(|word| word.to_string_lossy()).collect();
        say(&format!("    $ {} {}", words.join(" "), run.join(" ")));
        let log = self.folder.join("lockstep.log");
        let output = File::create(self.folder.join("lockstep.out"))?;
        let mut server =
            Child::start("lockstep", program.as_ref(), &arguments, output, File::create(&log)?)?;
        let url = format!("http://{}/readyz", self.listen);
        say(&format!("    $ … lockstep healthcheck {url}"));
        let ask = || {
            let mut ask = Command::new(program);
            ask.args(before).args(["/usr/bin/lockstep", "healthcheck", &url]);
            ask
        };
        health::awaited(&mut server, &log, ask).await?;
        let status = server.stop().await.context("the server did not stop")?;
        anyhow::ensure!(status.success(), "the stop in order ended with {status}");
        say("    SIGTERM: it stopped in order, exit 0");
        Ok(())
    }

    /// Stops the simulators.
    pub(super) async fn strike(self) {
        for simulator in self.simulators {
            simulator.stop().await;
        }
    }
}
