//! The Debian package: laid out as a folder, packed by dpkg-deb, judged by lintian.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Build, binary, emptied, folder, put, told, write};
use crate::out::say;
use crate::workspace;

/// The name of whoever answers for the package.
const MAINTAINER: &str = "The Lockstep authors <lockstep@packages.invalid>";
/// What goes where as it is in the workspace.
const FILES: [(&str, &str, u32); 11] = [
    ("packaging/systemd/lockstep.service", "usr/lib/systemd/system/lockstep.service", 0o644),
    ("packaging/debian/postinst", "DEBIAN/postinst", 0o755),
    ("packaging/debian/prerm", "DEBIAN/prerm", 0o755),
    ("packaging/debian/postrm", "DEBIAN/postrm", 0o755),
    ("packaging/debian/lintian-overrides", "usr/share/lintian/overrides/lockstep", 0o644),
    ("README.md", "usr/share/doc/lockstep/README.md", 0o644),
    ("docs/running.md", "usr/share/doc/lockstep/running.md", 0o644),
    ("docs/gadget.md", "usr/share/doc/lockstep/gadget.md", 0o644),
    ("server/lockstep.example.toml", "usr/share/doc/lockstep/examples/lockstep.toml", 0o644),
    (
        "packaging/prometheus/lockstep.rules.yml",
        "usr/share/lockstep/prometheus/lockstep.rules.yml",
        0o644,
    ),
    ("packaging/grafana/lockstep.json", "usr/share/lockstep/grafana/lockstep.json", 0o644),
];
/// What the system's service needs otherwise than the example has it.
const STATE: (&str, &str) = ("# dir = \"state\"", "dir = \"/var/lib/lockstep\"");

/// Builds it; gives its path.
pub(super) fn build(build: Build) -> anyhow::Result<PathBuf> {
    let folder = folder()?;
    let program = binary::build(build, &folder)?;
    let root = folder.join("deb");
    emptied(&root)?;
    lay_out(&root, &program)?;
    let version = env!("CARGO_PKG_VERSION");
    let architecture = told(Command::new("dpkg").arg("--print-architecture"))?;
    let architecture = architecture.trim();
    let control = control(version, architecture, &binary::glibc(&program)?, size(&root)?);
    write(&root.join("DEBIAN/control"), control.as_bytes(), 0o644)?;
    write(&root.join("DEBIAN/conffiles"), b"/etc/lockstep/lockstep.toml\n", 0o644)?;
    let package = folder.join(format!("lockstep_{version}_{architecture}.deb"));
    let mut pack = Command::new("dpkg-deb");
    pack.args(["--root-owner-group", "-Zxz", "--build"]).arg(&root).arg(&package);
    told(&mut pack).context("dpkg-deb packs it; every Debian has it")?;
    judge(&package)?;
    say(&format!("{}: {} KiB", package.display(), fs::metadata(&package)?.len() / 1024));
    Ok(package)
}

fn lay_out(root: &Path, program: &Path) -> anyhow::Result<()> {
    let source = workspace::root();
    put(program, &root.join("usr/bin/lockstep"), 0o755)?;
    for (from, to, mode) in FILES {
        put(&source.join(from), &root.join(to), mode)?;
    }
    layouts(&source.join("layout"), &root.join("usr/share/lockstep/layout"))?;
    let example = fs::read_to_string(source.join("server/lockstep.example.toml"))?;
    let configuration = configuration(&example)?;
    write(&root.join("etc/lockstep/lockstep.toml"), configuration.as_bytes(), 0o644)?;
    let doc = root.join("usr/share/doc/lockstep");
    write(&doc.join("copyright"), copyright(&source)?.as_bytes(), 0o644)?;
    let version = env!("CARGO_PKG_VERSION");
    let changes = format!(
        "lockstep ({version}) unstable; urgency=medium\n\n  * See README.md.\n\n \
         -- {MAINTAINER}  Thu, 01 Jan 2026 00:00:00 +0000\n"
    );
    write(&doc.join("changelog.gz"), &packed(changes.as_bytes())?, 0o644)?;
    let manual = fs::read(source.join("packaging/debian/lockstep.1"))?;
    write(&root.join("usr/share/man/man1/lockstep.1.gz"), &packed(&manual)?, 0o644)
}

/// The layouts of Finesse's desktops, in their folders.
fn layouts(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("failed to read {}", from.display()))? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            layouts(&entry.path(), &to)?;
        } else {
            put(&entry.path(), &to, 0o644)?;
        }
    }
    Ok(())
}

/// The example with the service's own folder for the state.
fn configuration(example: &str) -> anyhow::Result<String> {
    let (before, after) = STATE;
    anyhow::ensure!(example.matches(before).count() == 1, "the example does not say {before} once");
    Ok(example.replace(before, after))
}

fn control(version: &str, architecture: &str, glibc: &str, kib: u64) -> String {
    format!(
        "Package: lockstep\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: {MAINTAINER}\n\
         Installed-Size: {kib}\n\
         Section: net\n\
         Priority: optional\n\
         Depends: libc6 (>= {glibc}), libgcc-s1, ca-certificates, passwd\n\
         Description: keeps Cisco Finesse agents in step with their Webex presence\n \
         While a person is busy in Webex, Lockstep makes their Finesse agent Not Ready,\n \
         so that no customer call rings at a desk where nobody answers; when they are\n \
         free again, they are Ready again. What an agent or a supervisor chose by hand\n \
         is never touched.\n \
         .\n \
         The service is neither enabled nor started before it is configured.\n"
    )
}

/// KiB of everything that is installed.
fn size(root: &Path) -> anyhow::Result<u64> {
    let mut kib = 0;
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            kib += 1 + if entry.file_name() == "DEBIAN" { 0 } else { size(&entry.path())? };
        } else {
            kib += entry.metadata()?.len().div_ceil(1024);
        }
    }
    Ok(kib)
}

/// In the form that machines read: either licence, as the user likes.
fn copyright(source: &Path) -> anyhow::Result<String> {
    let licence = fs::read_to_string(source.join("LICENSE-MIT"))?;
    let (_, licence) = licence.split_once("\n\n").context("LICENSE-MIT begins with its authors")?;
    let indented =
        |line: &str| if line.is_empty() { " .\n".to_owned() } else { format!(" {line}\n") };
    let licence: String = licence.trim_end().lines().map(indented).collect();
    Ok(format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: lockstep\n\n\
         Files: *\n\
         Copyright: 2026 The Lockstep authors\n\
         License: Expat or Apache-2.0\n\n\
         License: Expat\n{licence}\n\
         License: Apache-2.0\n \
         On Debian systems the text of this licence is in\n \
         /usr/share/common-licenses/Apache-2.0.\n"
    ))
}

/// As `gzip -9n`: without a name and a time, so that the same text packs into the same bytes.
fn packed(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

/// What Debian itself says of the package, where its judge is at hand.
fn judge(package: &Path) -> anyhow::Result<()> {
    if Command::new("lintian").arg("--version").output().is_err() {
        say("lintian is not there: apt-get install lintian, to have the package judged");
        return Ok(());
    }
    let mut lintian = Command::new("lintian");
    lintian.args([
        "--fail-on",
        "error,warning",
        "--suppress-tags",
        "initial-upload-closes-no-bugs",
    ]);
    lintian.args(["--allow-root", "--info"]).arg(package);
    told(&mut lintian).context("lintian complains")?;
    say("lintian: nothing to complain of");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_configuration_is_the_example_with_its_own_state() {
        let example = fs::read_to_string(workspace::root().join("server/lockstep.example.toml"));
        let made = configuration(&example.unwrap()).unwrap();
        assert!(made.contains("\ndir = \"/var/lib/lockstep\"\n"), "{made}");
        assert!(configuration("nothing of that").is_err());
    }

    #[test]
    fn the_licence_is_told_in_the_form_that_machines_read() {
        let text = copyright(&workspace::root()).unwrap();
        assert!(text.contains("\nLicense: Expat\n Permission is hereby granted"), "{text}");
        assert!(text.lines().all(|line| line.len() < 120), "{text}");
    }
}
