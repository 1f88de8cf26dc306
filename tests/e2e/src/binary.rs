//! Finds `lockstep` beside the test's own executable, and builds it where it is missing or older
//! than its source.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// What the binary is made of, below the workspace's folder.
/// The gadget's bundle is embedded.
const SOURCES: [&str; 5] =
    ["core", "server", "Cargo.toml", "Cargo.lock", "target/gadget/bundle.json"];

/// The path of the binary; the first call may build it.
pub fn lockstep() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(find)
}

fn find() -> PathBuf {
    let own = env::current_exe().expect("a test has an executable");
    // target/debug/deps/stories-0123456789abcdef
    let profile = own.ancestors().nth(2).expect("the executable lies in target/<profile>/deps");
    let binary = profile.join(format!("lockstep{}", env::consts::EXE_SUFFIX));
    if !is_fresh(&binary) {
        build(profile);
    }
    assert!(binary.is_file(), "{} is not there after a build", binary.display());
    binary
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/e2e in the workspace")
}

fn is_fresh(binary: &Path) -> bool {
    let Ok(built) = fs::metadata(binary).and_then(|file| file.modified()) else { return false };
    SOURCES.iter().all(|part| newest(&workspace().join(part)) <= built)
}

/// When the file, or the newest file in the folder, was changed.
fn newest(path: &Path) -> SystemTime {
    let own = fs::metadata(path).and_then(|file| file.modified());
    let own = own.unwrap_or(SystemTime::UNIX_EPOCH);
    let inside = fs::read_dir(path).into_iter().flatten().flatten();
    inside.map(|entry| newest(&entry.path())).fold(own, SystemTime::max)
}

/// With all members selected: features are then those of a build of the whole workspace, and the
/// libraries are not compiled a second time.
fn build(profile: &Path) {
    let target = profile.parent().expect("target/<profile>");
    let name = profile.file_name().and_then(|name| name.to_str()).unwrap_or("debug");
    let name = if name == "debug" { "dev" } else { name };
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(workspace())
        .args(["build", "--quiet", "--workspace", "--bin", "lockstep", "--profile", name])
        .arg("--target-dir")
        .arg(target)
        .status()
        .expect("cargo starts; it builds the binary under test");
    assert!(built.success(), "cargo build --bin lockstep failed: {built}");
}
