//! Embeds the supervisors' page (`dashboard/embed.rs`) and the gadget's files, which `cargo xtask gadget` builds into `target/gadget/`.
//!
//! Without them the server still builds; it then says what is missing where they are asked for.
//! Another folder may be named by `LOCKSTEP_GADGET_DIR`.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

#[path = "src/gadget_files/manifest.rs"]
mod manifest;
#[path = "src/dashboard/embed.rs"]
mod page;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=LOCKSTEP_GADGET_DIR");
    println!("cargo:rerun-if-changed=src/gadget_files/manifest.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let dir = match std::env::var_os("LOCKSTEP_GADGET_DIR") {
        Some(dir) => fs::canonicalize(dir)?,
        None => beside_profiles(&out).ok_or("OUT_DIR is not inside a target folder")?,
    };
    watch(&dir)?;
    let kept = out.join("gadget");
    keep(&dir, &kept)?;
    fs::write(out.join("gadget_bundle.rs"), manifest::embed(&kept)?)?;
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or("no package")?);
    fs::write(out.join("page_files.rs"), page::embed(&package)?)?;
    Ok(())
}

/// Copies the bundle to where only this build looks: another one may take its place, under other
/// names, before the compiler reads it.
fn keep(dir: &Path, kept: &Path) -> std::io::Result<()> {
    if kept.exists() {
        fs::remove_dir_all(kept)?;
    }
    fs::create_dir_all(kept)?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let to = kept.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            keep(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// `target/gadget`, from `target/[triple/]profile/build/package/out`.
fn beside_profiles(out: &Path) -> Option<PathBuf> {
    let triple = std::env::var_os("TARGET")?;
    let mut target = out.ancestors().nth(4)?;
    if target.file_name() == Some(&triple) {
        target = target.parent()?;
    }
    Some(target.join("gadget"))
}

/// Has cargo run this again when a bundle comes, changes or goes.
///
/// A path that does not exist would make every build a new one, so the folder is made; it is made
/// old, because cargo takes what is younger than this run for changed.
fn watch(dir: &Path) -> std::io::Result<()> {
    let bundle = dir.join(manifest::NAME);
    if bundle.exists() {
        println!("cargo:rerun-if-changed={}", bundle.display());
        return Ok(());
    }
    if !dir.exists() {
        fs::create_dir_all(dir)?;
        File::open(dir)?.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    println!("cargo:rerun-if-changed={}", dir.display());
    Ok(())
}
