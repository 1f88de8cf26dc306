//! What the build embeds of the supervisors' page: every file of `assets/`, and of the gadget the
//! tokens and shapes that both faces share.
//!
//! Read by the build script; nothing here is part of the server.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The page's own files, from the package's folder.
const ASSETS: &str = "src/dashboard/assets";
/// What is shared with the gadget: from the package's folder, and as what.
const SHARED: [(&str, &str); 2] =
    [("../gadget/tokens.css", "tokens.css"), ("../gadget/shapes", "shapes")];

/// The Rust expression of all files: a slice of paths and contents.
pub(crate) fn embed(package: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    println!("cargo:rerun-if-changed=src/dashboard/embed.rs");
    collect(&package.join(ASSETS), "", &mut files)?;
    for (from, to) in SHARED {
        collect(&package.join(from), to, &mut files)?;
    }
    files.sort();
    let mut code = String::from("&[");
    for (path, file) in files {
        // Writing to a text cannot fail.
        let _ = write!(code, "\n    ({path:?}, include_bytes!({:?}).as_slice()),", file.display());
    }
    code.push_str("\n]");
    Ok(code)
}

/// Adds the file at `at`, or every file below it, by its path below `path`.
fn collect(at: &Path, path: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    if !at.exists() {
        return Ok(());
    }
    println!("cargo:rerun-if-changed={}", at.display());
    if at.is_file() {
        files.push((path.to_owned(), at.to_owned()));
        return Ok(());
    }
    for entry in fs::read_dir(at)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if path.is_empty() { name } else { format!("{path}/{name}") };
        collect(&entry.path(), &path, files)?;
    }
    Ok(())
}
