//! What the tasks need beside cargo, and how it comes here.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use lockstep_chromium::{CHROMEDRIVER, CHROMIUM, program};
use tokio::time::Instant;

use crate::out::say;
use crate::workspace;

/// The version that `deny.toml` was written for.
const CARGO_DENY: &str = "0.20.2";
/// How long rustup may take: it fetches some 30 MB, or hangs where there is no network.
const RUSTUP: Duration = Duration::from_mins(3);

/// How long the system's packages may take: Chromium is 150 MB with what it needs, npm 80 MB.
const PACKAGES: Duration = Duration::from_mins(5);

/// A part of the toolchain that rustup can add.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    name: &'static str,
    kind: &'static str,
    /// What to do where rustup cannot.
    remedy: &'static str,
}

/// `cargo fmt`.
pub(crate) const RUSTFMT: Part = Part {
    name: "rustfmt",
    kind: "component",
    remedy: "install your distribution's package of rustfmt for this very rustc",
};
/// `cargo clippy`.
pub(crate) const CLIPPY: Part = Part {
    name: "clippy",
    kind: "component",
    remedy: "install your distribution's package of clippy for this very rustc",
};
/// The standard library for the browser.
pub(crate) const WASM: Part = Part {
    name: "wasm32-unknown-unknown",
    kind: "target",
    remedy: "install your distribution's package of Rust's standard library for wasm32 \
             (Debian: libstd-rust-dev-wasm32), of the same version as this rustc",
};

/// The sources of the standard library, to build it anew.
pub(crate) const RUST_SRC: Part = Part {
    name: "rust-src",
    kind: "component",
    remedy: "install your distribution's package of Rust's sources for this very rustc \
             (Debian: rust-src)",
};

/// Adds what is missing, under a time limit, or says what to do.
pub(crate) fn need(part: Part) -> anyhow::Result<()> {
    if there(part) {
        return Ok(());
    }
    let Part { name, kind, remedy } = part;
    say(&format!("{name} is missing; running: rustup {kind} add {name}"));
    let added = within(RUSTUP, Command::new("rustup").args([kind, "add", name]));
    match added {
        Ok(()) if there(part) => Ok(()),
        Ok(()) => {
            anyhow::bail!("rustup added {name} to a toolchain that is not this one: {remedy}")
        }
        Err(error) => anyhow::bail!(
            "{name} is missing and could not be added ({error:#}). \
             With a network, run: rustup {kind} add {name}. Without rustup, {remedy}"
        ),
    }
}

fn there(part: Part) -> bool {
    if part.kind == "target" {
        return sysroot().is_some_and(|root| root.join("lib/rustlib").join(part.name).is_dir());
    }
    if part.name == RUST_SRC.name {
        let lock = "lib/rustlib/src/rust/library/Cargo.lock";
        return sysroot().is_some_and(|root| root.join(lock).is_file());
    }
    let program = if part.name == "clippy" { "clippy-driver" } else { part.name };
    let asked = Command::new(program).arg("--version").output();
    asked.is_ok_and(|answer| answer.status.success())
}

/// Where the rustc that builds keeps its libraries.
fn sysroot() -> Option<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(rustc)
        .args(["--print", "sysroot"])
        .current_dir(workspace::root())
        .output()
        .ok()?;
    Some(PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim()))
}

/// cargo-deny of the version that is wanted, in `target/tools`.
pub(crate) fn cargo_deny() -> anyhow::Result<PathBuf> {
    let home = workspace::target().join("tools");
    let program = home.join("bin/cargo-deny");
    let version = Command::new(&program).arg("--version").output();
    let is_it = version.is_ok_and(|answer| {
        String::from_utf8_lossy(&answer.stdout).trim() == format!("cargo-deny {CARGO_DENY}")
    });
    if !is_it {
        say(&format!("cargo-deny {CARGO_DENY} is missing; installing it into target/tools"));
        let status = workspace::cargo()
            .args(["install", "cargo-deny", "--locked", "--version", CARGO_DENY, "--root"])
            .arg(&home)
            .status()
            .context("failed to start cargo")?;
        anyhow::ensure!(
            status.success(),
            "cargo-deny could not be installed. With a network, run: \
             cargo install cargo-deny --locked --version {CARGO_DENY} --root target/tools"
        );
    }
    Ok(program)
}

/// valgrind, from the system's packages.
pub(crate) fn valgrind() -> anyhow::Result<()> {
    packages("valgrind", &["valgrind"], || starts("valgrind").is_some())
}

/// mmdebstrap, which makes clean roots, from the system's packages.
pub(crate) fn mmdebstrap() -> anyhow::Result<()> {
    packages("mmdebstrap", &["mmdebstrap"], || starts("mmdebstrap").is_some())
}

/// npm, from the system's packages.
pub(crate) fn npm() -> anyhow::Result<()> {
    packages("npm", &["npm"], || starts("npm").is_some())
}

/// Chromium and its driver, from the system's packages, of one version.
pub(crate) fn chromium() -> anyhow::Result<String> {
    let driver = program(CHROMEDRIVER);
    let browser = program(CHROMIUM);
    packages("Chromium", &["chromium", "chromium-driver"], || {
        starts(&driver).is_some() && starts(&browser).is_some()
    })
    .context("another Chromium can be named by the variables CHROMIUM and CHROMEDRIVER")?;
    let (driver, browser) = (starts(&driver), starts(&browser));
    let (driver, browser) = (driver.unwrap_or_default(), browser.unwrap_or_default());
    anyhow::ensure!(
        major(&driver) == major(&browser),
        "Chromium and its driver differ: `{browser}` and `{driver}`. Install both of one version"
    );
    Ok(browser)
}

/// What the program says of its version, if it starts.
fn starts(program: &str) -> Option<String> {
    let answer = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    answer.status.success().then_some(said)
}

/// `Chromium 156.0.8078.79 built on …`, `ChromeDriver 156.0.8078.79 (…)`: 156.
fn major(said: &str) -> Option<u32> {
    said.split_whitespace().find_map(|word| word.split('.').next()?.parse().ok())
}

/// Installs packages of the system where something is missing, or says what to do.
fn packages(what: &str, names: &[&str], there: impl Fn() -> bool) -> anyhow::Result<()> {
    if there() {
        return Ok(());
    }
    let names = names.join(" ");
    say(&format!("{what} is missing; running: apt-get install {names}"));
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        within(PACKAGES, apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(names.split(' '));
    let added = apt(&["update"]).and_then(|()| apt(&install));
    match added {
        Ok(()) if there() => Ok(()),
        Ok(()) => anyhow::bail!("apt-get installed {names}, and {what} does not start"),
        Err(error) => anyhow::bail!(
            "{what} is missing and could not be installed ({error:#}). As root, run: \
             apt-get install {names}; elsewhere, install your system's packages of {what}"
        ),
    }
}

/// Runs a command that may hang.
pub(crate) fn within(limit: Duration, command: &mut Command) -> anyhow::Result<()> {
    let mut child = command.stdin(Stdio::null()).spawn().context("failed to start it")?;
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().context("failed to wait for it")? {
            anyhow::ensure!(status.success(), "it ended with {status}");
            return Ok(());
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let _ = child.kill();
    let _ = child.wait();
    anyhow::bail!("it took longer than {} s", limit.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_hangs_is_ended_and_one_that_fails_is_told() {
        let hangs = within(Duration::from_millis(100), Command::new("sleep").arg("60"));
        assert!(hangs.expect_err("too long").to_string().contains("longer"));
        let fails = within(Duration::from_secs(10), &mut Command::new("false"));
        assert!(fails.expect_err("exit 1").to_string().contains("ended"));
        within(Duration::from_secs(10), &mut Command::new("true")).expect("well");
    }

    #[test]
    fn the_version_is_found_in_what_a_browser_says() {
        assert_eq!(major("Chromium 156.0.8078.79 built on Debian 12"), Some(156));
        assert_eq!(major("ChromeDriver 156.0.8078.79 (abc-refs/x@{#1})"), Some(156));
        assert_eq!(major(""), None);
    }

    #[test]
    fn the_compiler_that_builds_this_has_its_own_target() {
        assert!(sysroot().is_some_and(|root| root.join("lib").is_dir()));
    }
}
