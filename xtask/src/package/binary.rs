//! The server to be shipped, and what it is linked to.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::Build;
use crate::{gadget, programs};

/// Builds the gadget and the server; gives the server, without what only debuggers read.
pub(super) fn build(build: Build, folder: &Path) -> anyhow::Result<PathBuf> {
    gadget::run().context("the gadget cannot be built")?;
    // The development build with all members, so that nothing is compiled twice.
    let arguments: &[&str] = if build.dev {
        &["--workspace", "--bin", "lockstep"]
    } else {
        &["--package", "lockstep", "--bin", "lockstep", "--release"]
    };
    let found = programs::build(arguments, &[])?;
    let (_, program) = found.into_iter().next().context("cargo build made no lockstep")?;
    let stripped = folder.join("lockstep");
    let mut strip = Command::new("strip");
    let status = strip.arg("-o").arg(&stripped).arg(&program).status();
    let status = status.context("failed to start strip, which comes with the linker (binutils)")?;
    anyhow::ensure!(status.success(), "strip ended with {status}");
    Ok(stripped)
}

/// The newest version of glibc that the binary asks for, as in `2.34`.
pub(super) fn glibc(binary: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(binary).context("failed to read the binary")?;
    newest(&bytes).context("the binary asks for no version of glibc; is it linked to another one?")
}

/// Among all `GLIBC_2.17` in the text of a binary.
fn newest(bytes: &[u8]) -> Option<String> {
    const MARK: &[u8] = b"GLIBC_2.";
    let marks = bytes.windows(MARK.len()).enumerate().filter(|(_, text)| *text == MARK);
    let minor = |at: usize| {
        let digits = bytes[at + MARK.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        let digits: String = digits.map(|byte| char::from(*byte)).collect();
        digits.parse::<u32>().ok()
    };
    let newest = marks.filter_map(|(at, _)| minor(at)).max()?;
    Some(format!("2.{newest}"))
}

/// The libraries that the binary is loaded with, the loader included.
pub(super) fn libraries(binary: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let output = Command::new("ldd").arg(binary).output().context("failed to start ldd")?;
    anyhow::ensure!(output.status.success(), "ldd does not know {}", binary.display());
    Ok(paths(&String::from_utf8_lossy(&output.stdout)))
}

/// `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, `/lib64/ld-linux-x86-64.so.2 (0x…)`.
fn paths(said: &str) -> Vec<PathBuf> {
    let path =
        |line: &str| line.split_whitespace().find(|word| word.starts_with('/')).map(PathBuf::from);
    said.lines().filter_map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let text = b"\0GLIBC_2.9\0GLIBC_2.34\0GLIBC_PRIVATE\0GLIBC_2.2.5\0GLIBC_2.";
        assert_eq!(newest(text).as_deref(), Some("2.34"));
        assert_eq!(newest(b"no such thing"), None);
    }

    #[test]
    fn libraries_are_found_in_what_ldd_says() {
        let said = "\tlinux-vdso.so.1 (0x1)\n\tlibc.so.6 => /lib/libc.so.6 (0x2)\n\t/lib64/ld.so.2 (0x3)\n";
        assert_eq!(paths(said), [PathBuf::from("/lib/libc.so.6"), PathBuf::from("/lib64/ld.so.2")]);
    }
}
