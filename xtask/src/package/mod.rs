//! `cargo xtask package`: the Debian package and the image, and whether they work.
//!
//! - `binary` — the server to be shipped, and what it is linked to
//! - `deb` — the package; `check` — installed into a clean root, run there, removed
//! - `image` — the image's contents as a folder, run unpacked
//! - `stage` — the simulators that a shipped server is run against; `health` — is it well?

mod binary;
mod check;
mod deb;
mod health;
mod image;
mod listing;
mod stage;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::out::say;
use crate::steps::Said;
use crate::workspace;

/// What is to be made.
#[derive(Debug, Subcommand)]
pub(crate) enum Package {
    /// Build the Debian package into target/package
    ///
    /// Needs dpkg-deb, which every Debian has. Where lintian is there, its complaints are failures.
    Deb(Build),
    /// Install the Debian package into a clean root, run it there, remove it, and look for traces
    ///
    /// Needs root, and mmdebstrap, which it installs (apt-get) if it is missing, or says how. The
    /// clean root is made once, target/package/clean.tar, of the release of this machine. The server
    /// runs there against simulators of this machine.
    Check(Build),
    /// Build the image's contents, target/package/image, and run the server in them
    ///
    /// As root: in a mount namespace of its own, everything read-only but the state, as the user
    /// 10001, until it is well. packaging/Dockerfile takes the very same folder.
    Image {
        /// How to build it.
        #[command(flatten)]
        build: Build,
        /// Only build the folder
        #[arg(long)]
        only_root: bool,
    },
}

/// How to build.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Build {
    /// Take the development build, which is there sooner and is not for shipping
    #[arg(long)]
    dev: bool,
}

/// Makes it.
pub(crate) fn run(what: &Package) -> anyhow::Result<ExitCode> {
    match what {
        Package::Deb(build) => {
            deb::build(*build)?;
            Ok(ExitCode::SUCCESS)
        }
        Package::Check(build) => check::run(*build),
        Package::Image { build, only_root } => image::run(*build, *only_root),
    }
}

/// What CI does, of the development build: the package is built where there is a dpkg-deb, and the
/// image run where that is allowed. The clean root takes a system of packages from the network, so
/// it is a command of its own.
pub(crate) fn step() -> Said {
    let build = Build { dev: true };
    if !cfg!(target_os = "linux") {
        return Ok("both are for Linux".to_owned());
    }
    let packs = Command::new("dpkg-deb").arg("--version").output().is_ok();
    if packs {
        deb::build(build)?;
    }
    let runs = may_mount();
    let done = image::run(build, !runs)?;
    anyhow::ensure!(done == ExitCode::SUCCESS, "its words are above");
    let package = if packs { "the package is built" } else { "no package without dpkg-deb" };
    let image = if runs { "the image ran" } else { "the image is run by root only" };
    Ok(format!("{package}; {image}"))
}

/// May this process change what is mounted, in a namespace of its own? In a container root may not.
fn may_mount() -> bool {
    let tried = Command::new("unshare").args(["--mount", "true"]).stdin(Stdio::null()).output();
    is_root() && tried.is_ok_and(|tried| tried.status.success())
}

/// `target/package`.
fn folder() -> anyhow::Result<PathBuf> {
    let folder = workspace::target().join("package");
    std::fs::create_dir_all(&folder).context("failed to make target/package")?;
    Ok(folder)
}

/// Runs a command, shows it and what it says, and gives that back.
fn told(command: &mut Command) -> anyhow::Result<String> {
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let words: Vec<_> = words.into_iter().map(|word| word.to_string_lossy()).collect();
    let line = words.join(" ");
    say(&format!("    $ {line}"));
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("failed to start {line}"))?;
    let said =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    for text in said.iter().flat_map(|text| text.lines()) {
        say(&format!("      {text}"));
    }
    anyhow::ensure!(output.status.success(), "it ended with {}: {line}", output.status);
    let [out, _] = said;
    Ok(out)
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A folder that is made anew.
fn emptied(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("failed to empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))
}

/// Copies a file, to be read (`0o644`) or to be run (`0o755`).
fn put(from: &Path, to: &Path, mode: u32) -> anyhow::Result<()> {
    let text = std::fs::read(from).with_context(|| format!("failed to read {}", from.display()))?;
    write(to, &text, mode)
}

/// Writes a file, and the folders above it.
fn write(to: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = || format!("failed to write {}", to.display());
    if let Some(above) = to.parent() {
        std::fs::create_dir_all(above).with_context(failed)?;
    }
    std::fs::write(to, bytes).with_context(failed)?;
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(mode)).with_context(failed)
}
