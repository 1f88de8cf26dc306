//! The image's contents as a folder, and the server run in it: read-only, without root.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context as _;

use super::listing::Listing;
use super::stage::Stage;
use super::{Build, binary, emptied, folder, is_root, put, told, write};
use crate::out::say;
use crate::steps::{Said, Steps};
use crate::workspace;

/// Who the server is in there; a number, as orchestrators ask for, with a name for people.
const USER: u32 = 10_001;
/// Where Debian keeps the certificates that the machine trusts.
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// Builds it, and runs it unless told otherwise.
pub(super) fn run(build: Build, only_root: bool) -> anyhow::Result<ExitCode> {
    let root = folder()?.join("image");
    let mut steps = Steps::default();
    steps.step("the image's contents", || lay_out(&root, build));
    if !only_root {
        steps.step("run unpacked: read-only, user 10001, no capability", || serve(&root));
    }
    Ok(steps.end())
}

fn lay_out(root: &Path, build: Build) -> Said {
    let program = binary::build(build, &folder()?)?;
    emptied(root)?;
    put(&program, &root.join("usr/bin/lockstep"), 0o755)?;
    for library in binary::libraries(&program)? {
        put(&library, &root.join(library.strip_prefix("/")?), 0o755)?;
    }
    let certificates = Path::new("/").join(CERTIFICATES);
    let remedy = "they come with the package ca-certificates";
    put(&certificates, &root.join(CERTIFICATES), 0o644).context(remedy)?;
    let users = format!("lockstep:x:{USER}:{USER}::/var/lib/lockstep:/\n");
    write(&root.join("etc/passwd"), users.as_bytes(), 0o644)?;
    write(&root.join("etc/group"), format!("lockstep:x:{USER}:\n").as_bytes(), 0o644)?;
    write(&root.join("etc/nsswitch.conf"), b"hosts: files dns\n", 0o644)?;
    for empty in ["etc/lockstep", "var/lib/lockstep"] {
        fs::create_dir_all(root.join(empty))?;
    }
    if is_root() {
        let state = root.join("var/lib/lockstep");
        std::os::unix::fs::chown(&state, Some(USER), Some(USER))
            .context("failed to give the state away")?;
    }
    let mut files = Vec::new();
    list(root, &mut files)?;
    for file in &files {
        say(&format!(
            "      /{} {} KiB",
            file.0.strip_prefix(root)?.display(),
            file.1.div_ceil(1024)
        ));
    }
    let bytes: u64 = files.iter().map(|file| file.1).sum();
    Ok(format!("{} files, {} KiB", files.len(), bytes.div_ceil(1024)))
}

fn list(folder: &Path, files: &mut Vec<(PathBuf, u64)>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list(&entry.path(), files)?;
        } else {
            files.push((entry.path(), entry.metadata()?.len()));
        }
    }
    Ok(())
}

/// In a mount namespace of its own: the contents read-only, but for a state of its own.
const INSIDE: &str = "root=$1; state=$2; shift 2; \
    mount --bind \"$root\" \"$root\" && mount -o remount,bind,ro \"$root\" && \
    mount --bind \"$state\" \"$root/var/lib/lockstep\" && \
    exec setpriv --no-new-privs chroot --userspec=10001:10001 \"$root\" \"$@\"";

fn serve(contents: &Path) -> Said {
    anyhow::ensure!(
        is_root(),
        "this mounts and changes its root, which takes root: run it by sudo"
    );
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let words = workspace::target().join("package/said");
        emptied(&words)?;
        let stage = Stage::set(&words).await?;
        let copy = tempfile::Builder::new().prefix("image-").tempdir_in(folder()?)?;
        let (root, kept) = (copy.path().join("root"), copy.path().join("state"));
        told(Command::new("cp").arg("--archive").arg(contents).arg(&root))?;
        told(Command::new("cp").arg("--archive").arg(root.join("var/lib/lockstep")).arg(&kept))?;
        fs::set_permissions(copy.path(), fs::Permissions::from_mode(0o755))?;
        stage.configure(&root, USER)?;
        let before = Listing::of(&root)?;
        let words = ["unshare", "--mount", "sh", "-c", INSIDE, "sh"].map(OsStr::new);
        let inside: Vec<&OsStr> =
            words.into_iter().chain([root.as_os_str(), kept.as_os_str()]).collect();
        let outcome = stage.run(&inside).await;
        stage.strike().await;
        outcome?;
        let changed = Listing::of(&root)?.since(&before);
        anyhow::ensure!(changed.is_empty(), "the read-only root has changed: {changed:?}");
        anyhow::ensure!(kept.join("lockstep.db").exists(), "no ledger was kept");
        Ok("healthy; only the state was written".to_owned())
    })
}
