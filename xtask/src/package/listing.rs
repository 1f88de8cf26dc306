//! What is in a root: every path with its kind, its owner and its rights, to be compared.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::Context as _;

/// What the kernel keeps, and no package.
const NOT_FILES: [&str; 3] = ["/proc", "/sys", "/dev"];
/// The diaries of the system's own tools: of the package manager, and what those that make users
/// keep of each file from before their last change. What they wrote there goes with no package.
const DIARIES: [&str; 12] = [
    "/etc/passwd-",
    "/etc/group-",
    "/etc/shadow-",
    "/etc/gshadow-",
    "/var/log/dpkg.log",
    "/var/log/alternatives.log",
    "/var/log/faillog",
    "/var/log/lastlog",
    "/var/lib/dpkg/lock",
    "/var/lib/dpkg/status",
    "/var/lib/dpkg/status-old",
    "/var/lib/dpkg/triggers/Lock",
];
/// Files whose content says who the users are: compared by their lines.
const USERS: [&str; 4] = ["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"];

/// Everything that was found, by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Listing(BTreeMap<String, String>);

impl Listing {
    /// Reads a root.
    pub(super) fn of(root: &Path) -> anyhow::Result<Self> {
        let mut listing = Self::default();
        listing.read(root, root)?;
        Ok(listing)
    }

    fn read(&mut self, root: &Path, folder: &Path) -> anyhow::Result<()> {
        let entries = fs::read_dir(folder);
        for entry in entries.with_context(|| format!("failed to list {}", folder.display()))? {
            let path = entry?.path();
            let shown = format!("/{}", path.strip_prefix(root)?.display());
            if NOT_FILES.contains(&shown.as_str()) || DIARIES.contains(&shown.as_str()) {
                continue;
            }
            let is = path.symlink_metadata()?;
            let mut line = format!("{:o} {}:{}", is.mode(), is.uid(), is.gid());
            if USERS.contains(&shown.as_str()) {
                line.push_str(&fs::read_to_string(&path)?);
            } else if is.is_file() && shown.starts_with("/etc/") {
                line = format!("{line} {} bytes", is.len());
            }
            self.0.insert(shown, line);
            if is.is_dir() {
                self.read(root, &path)?;
            }
        }
        Ok(())
    }

    /// How many paths there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is there now and was not (`+`), what is gone (`-`), and what is otherwise (`~`).
    pub(super) fn since(&self, before: &Self) -> Vec<String> {
        let new = self.0.iter().filter_map(|(path, is)| match before.0.get(path) {
            None => Some(format!("+ {path}")),
            Some(was) if was != is => Some(format!("~ {path}")),
            Some(_) => None,
        });
        let gone = before.0.keys().filter(|path| !self.0.contains_key(*path));
        new.chain(gone.map(|path| format!("- {path}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_went_and_changed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["stays", "goes", "etc/changes", "etc/passwd"] {
            super::super::write(&root.join(name), b"as it was", 0o644).unwrap();
        }
        let before = Listing::of(root).unwrap();
        assert_eq!(before.len(), 5);
        assert!(before.since(&before).is_empty());
        fs::remove_file(root.join("goes")).unwrap();
        super::super::write(&root.join("etc/changes"), b"as it is now", 0o644).unwrap();
        super::super::write(&root.join("etc/passwd"), b"as it is.", 0o644).unwrap();
        super::super::write(&root.join("var/lib/new"), b"", 0o600).unwrap();
        super::super::write(&root.join("var/log/dpkg.log"), b"", 0o600).unwrap();
        let now = Listing::of(root).unwrap().since(&before);
        let expected = [
            "~ /etc/changes",
            "~ /etc/passwd",
            "+ /var",
            "+ /var/lib",
            "+ /var/lib/new",
            "+ /var/log",
            "- /goes",
        ];
        assert_eq!(now, expected);
    }
}
