//! `cargo xtask package check`: installed into a clean root, run, removed, and nothing is left.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context as _;

use super::listing::Listing;
use super::stage::Stage;
use super::{Build, deb, folder, is_root, told};
use crate::out::say;
use crate::steps::Steps;
use crate::{tools, workspace};

/// Every step of it.
pub(super) fn run(build: Build) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(is_root(), "this makes a root of its own, which takes root: run it by sudo");
    let folder = folder()?;
    let root = tempfile::Builder::new().prefix("root-").tempdir_in(&folder)?;
    let root = root.path();
    let mut package = PathBuf::new();
    let mut before = Listing::default();
    let mut steps = Steps::default();
    steps.step("the package", || {
        package = deb::build(build)?;
        Ok(package.display().to_string())
    });
    steps.step("a clean root", || {
        unpack(&clean(&folder)?, root)?;
        before = Listing::of(root)?;
        Ok(format!("{} paths", before.len()))
    });
    steps.step("install", || {
        dpkg(root, &["--install", place(&package, root)?.as_str()])?;
        let added = Listing::of(root)?.since(&before);
        shown(&added);
        Ok(format!("{} paths", added.len()))
    });
    steps.step("install again", || {
        dpkg(root, &["--install", place(&package, root)?.as_str()])?;
        Ok("the scripts may be called twice".to_owned())
    });
    steps.step("start, health, stop", || serve(root));
    steps.step("remove", || {
        dpkg(root, &["--remove", "lockstep"])?;
        let kept = root.join("etc/lockstep/lockstep.toml");
        anyhow::ensure!(kept.exists(), "a removal keeps the configuration");
        anyhow::ensure!(!root.join("usr/bin/lockstep").exists(), "the binary is still there");
        Ok("configuration and state stay".to_owned())
    });
    steps.step("purge", || {
        dpkg(root, &["--purge", "lockstep"])?;
        let left = Listing::of(root)?.since(&before);
        shown(&left);
        anyhow::ensure!(left.is_empty(), "{} traces are left", left.len());
        Ok("nothing is left".to_owned())
    });
    Ok(steps.end())
}

/// The archive of a clean root, made once.
fn clean(folder: &Path) -> anyhow::Result<PathBuf> {
    let archive = folder.join("clean.tar");
    if archive.exists() {
        say(&format!("    {} is there already", archive.display()));
        return Ok(archive);
    }
    tools::mmdebstrap()?;
    let half = folder.join("clean.tar.half");
    let mut make = Command::new("mmdebstrap");
    make.args(["--quiet", "--format=tar", "--variant=minbase", "--include=ca-certificates"]);
    told(make.arg(release()?).arg(&half))?;
    fs::rename(&half, &archive)?;
    Ok(archive)
}

/// The name of this machine's Debian, for whose C library the binary was built.
fn release() -> anyhow::Result<String> {
    let text = fs::read_to_string("/etc/os-release").context("this is no Debian")?;
    let name = text.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    Ok(name.context("this Debian has no name in /etc/os-release")?.trim_matches('"').to_owned())
}

fn unpack(archive: &Path, root: &Path) -> anyhow::Result<()> {
    let mut tar = Command::new("tar");
    // Devices are the kernel's; where none can be made the root works without.
    tar.args(["--extract", "--numeric-owner", "--exclude=./dev/*", "--file"]).arg(archive);
    told(tar.arg("--directory").arg(root))?;
    // Scripts and programs throw words away.
    let null = root.join("dev/null");
    told(Command::new("mknod").args(["-m", "666"]).arg(&null).args(["c", "1", "3"]))?;
    Ok(())
}

/// Puts the package where the root sees it; gives its path there.
fn place(package: &Path, root: &Path) -> anyhow::Result<String> {
    let name = package.file_name().context("a package has a name")?.to_string_lossy();
    // The folder is emptied again, whatever becomes of the rest.
    fs::copy(package, root.join("proc").join(&*name))?;
    Ok(format!("/proc/{name}"))
}

fn dpkg(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let mut dpkg = Command::new("chroot");
    dpkg.arg(root).arg("dpkg").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    dpkg.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C");
    told(&mut dpkg)?;
    Ok(())
}

/// As the service's own user.
fn serve(root: &Path) -> crate::steps::Said {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let words = workspace::target().join("package/said");
        super::emptied(&words)?;
        let stage = Stage::set(&words).await?;
        let readable = root.join("var/lib/lockstep").metadata()?.gid();
        stage.configure(root, readable)?;
        let user = OsStr::new("--userspec=lockstep:lockstep");
        let inside = [OsStr::new("chroot"), user, root.as_os_str()];
        let outcome = stage.run(&inside).await;
        stage.strike().await;
        outcome?;
        anyhow::ensure!(root.join("var/lib/lockstep/lockstep.db").exists(), "no ledger was kept");
        Ok("as the user lockstep, against both simulators".to_owned())
    })
}

/// What is there, or is not; long lists in short.
fn shown(lines: &[String]) {
    const MOST: usize = 60;
    for line in lines.iter().take(MOST) {
        say(&format!("      {line}"));
    }
    if lines.len() > MOST {
        say(&format!("      … and {} more", lines.len() - MOST));
    }
}
