//! The stage: both simulators and the server, in a folder of their own.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;
use tokio::time::Instant;

use super::build::Programs;
use super::config::{self, Places};
use super::control::Control;
use super::layout;
use super::log::Tail;
use crate::child::Child;

/// How many agents there are.
pub(super) const AGENTS: usize = 12;
/// How long a program may take until it says where it listens.
const START: Duration = Duration::from_secs(10);

/// Everything that runs. Dropping it ends everything and removes the folder.
#[derive(Debug)]
pub(super) struct Stage {
    // In this order they are stopped: the server takes its leave from Webex first.
    children: Vec<Child>,
    folder: TempDir,
    /// Who to ask and tell.
    pub(super) control: Control,
}

impl Stage {
    /// Starts everything and returns once all of it listens.
    pub(super) async fn set(programs: &Programs) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("lockstep-demo-")
            .tempdir()
            .context("failed to make a folder")?;
        let at = folder.path();
        let agents = AGENTS.to_string();
        let mut webex = start(
            "webex-sim",
            &programs.webex_sim,
            &["--listen", "127.0.0.1:0", "--agents", &agents],
            at,
        )?;
        let mut finesse = start(
            "finesse-sim",
            &programs.finesse_sim,
            &["--listen", "127.0.0.1:0", "--agents", &agents, "--deployment", "ucce"],
            at,
        )?;
        let webex_url = listens(&mut webex, at).await?;
        let finesse_url = listens(&mut finesse, at).await?;
        let places = Places { webex: &webex_url, finesse: &finesse_url, lockstep: free_address()? };
        let file = config::write(at, places)?;
        let arguments = [OsStr::new("run"), OsStr::new("--config"), file.as_os_str()];
        let mut lockstep = child("lockstep", &programs.lockstep, &arguments, at)?;
        let serves = serves(&mut lockstep, at).await?;
        let control = Control::new(&webex_url, &finesse_url, &serves)?;
        control.layout(layout::with_gadget(&programs.lockstep, at, &serves)?).await?;
        Ok(Self { children: vec![lockstep, webex, finesse], folder, control })
    }

    /// The folder with the configuration and the logs.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server's log.
    pub(super) fn log(&self) -> PathBuf {
        errors_of("lockstep", self.folder.path())
    }

    /// Fails when a program has ended that should not have.
    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        let at = self.folder.path();
        self.children.iter_mut().try_for_each(|child| alive(child, at))
    }

    /// Stops everything in order; `keep` leaves the folder to be looked at.
    pub(super) async fn strike(self, keep: bool) {
        for child in self.children {
            child.stop().await;
        }
        if keep {
            let _ = self.folder.keep();
        }
    }
}

/// A port of the moment, on this machine only.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("failed to find a port")?;
    listener.local_addr().context("failed to read its number")
}

pub(crate) fn start(
    name: &'static str,
    program: &Path,
    arguments: &[&str],
    folder: &Path,
) -> anyhow::Result<Child> {
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    child(name, program, &arguments, folder)
}

fn child(
    name: &'static str,
    program: &Path,
    arguments: &[&OsStr],
    folder: &Path,
) -> anyhow::Result<Child> {
    let file = |path: PathBuf| {
        File::create(&path).with_context(|| format!("failed to create {}", path.display()))
    };
    let output = file(output_of(name, folder))?;
    let errors = file(errors_of(name, folder))?;
    Child::start(name, program, arguments, output, errors)
}

fn output_of(name: &str, folder: &Path) -> PathBuf {
    folder.join(format!("{name}.out"))
}

fn errors_of(name: &str, folder: &Path) -> PathBuf {
    folder.join(format!("{name}.log"))
}

fn alive(child: &mut Child, folder: &Path) -> anyhow::Result<()> {
    let Some(status) = child.ended() else { return Ok(()) };
    let words = fs::read_to_string(errors_of(child.name(), folder)).unwrap_or_default();
    let mut last: Vec<&str> = words.lines().rev().take(5).collect();
    last.reverse();
    anyhow::bail!("{} has ended ({status}); its last words:\n{}", child.name(), last.join("\n"))
}

/// The address in a simulator's first line: `webex-sim listening on http://127.0.0.1:4321`.
pub(crate) async fn listens(child: &mut Child, folder: &Path) -> anyhow::Result<String> {
    let file = output_of(child.name(), folder);
    let address = || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let (line, _) = text.split_once('\n')?;
        line.rsplit_once(' ').map(|(_, address)| address.to_owned())
    };
    until(child, folder, address).await
}

/// The address that the server logs.
async fn serves(child: &mut Child, folder: &Path) -> anyhow::Result<String> {
    let mut log = Tail::new(errors_of(child.name(), folder));
    let address =
        || log.lines().into_iter().find_map(|line| line.listen).map(|at| format!("http://{at}"));
    until(child, folder, address).await
}

async fn until<T>(
    child: &mut Child,
    folder: &Path,
    mut look: impl FnMut() -> Option<T>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + START;
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        alive(child, folder)?;
        let name = child.name();
        anyhow::ensure!(Instant::now() < deadline, "{name} did not say where it listens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
