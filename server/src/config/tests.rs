//! Configurations, good and bad.

mod bad;
mod changes;
mod good;
mod overrides;
mod policies;
mod secrets;
mod traces;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Config, Problems};

/// What every secret of these tests contains; it must occur in no output.
const SECRET: &str = "s3cret";
/// No environment.
const NONE: [(&str, &str); 0] = [];

/// A folder with every file that [`Folder::text`] names.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("a scratch folder"));
        folder.write("token", &format!("{SECRET}-token\n"));
        folder.write("admin", &format!("{SECRET}-admin\r\n"));
        folder
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("write a file");
        path
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("lockstep.toml")
    }

    fn load(&self, text: &str, environment: &[(&str, &str)]) -> Result<Config, Problems> {
        self.write("lockstep.toml", text);
        Config::load(&self.path(), environment.iter().copied())
    }
}

/// The smallest configuration of server mode, with more lines at the end of sections.
fn text(more: &[(&str, &str)]) -> String {
    let sections = [
        ("webex", "token_file = \"token\""),
        (
            "finesse",
            "nodes = [\"https://f1.example.com:8445\"]\n\
             admin = { user = \"administrator\", password_file = \"admin\" }\n\
             supervisors = [{ user = \"boss\", password = \"s3cret-boss\" }]",
        ),
        ("agents", "teams = [\"Sales\"]\nemail_domains = [\"example.com\"]"),
        ("sync", "mode = \"server\""),
        ("rules", ""),
        ("http", ""),
        ("state", ""),
        ("journal", ""),
        ("traces", ""),
    ];
    let section = |(name, keys): &(&str, &str)| {
        let more = more.iter().filter(|(section, _)| section == name).map(|(_, line)| *line);
        let keys: Vec<_> = std::iter::once(*keys).chain(more).collect();
        format!("[{name}]\n{}\n", keys.join("\n"))
    };
    sections.iter().map(section).collect::<Vec<_>>().concat()
}

/// Asserts that `text` is refused, and that some problem contains `expected`.
fn refused(folder: &Folder, text: &str, environment: &[(&str, &str)], expected: &str) {
    let problems = folder.load(text, environment).expect_err(expected).to_string();
    let plain = problems.replace(&format!("{}/", folder.0.path().display()), "");
    assert!(plain.contains(expected), "expected: {expected}\nfound: {plain}\n{text}");
    assert!(!plain.contains(SECRET), "a secret is shown: {plain}");
}

fn example() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/lockstep.example.toml"))
}
