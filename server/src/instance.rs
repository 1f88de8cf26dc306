//! What marks this installation: its name towards Webex, and the newest refresh token.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rand::RngExt;
use rand::rngs::StdRng;
use secrecy::{ExposeSecret, SecretString};

use crate::webex::{Keeping, TokenKeeper};

/// The name under which this installation registers its device in Webex.
///
/// Drawn once and kept in `state.dir`: after a restart the device is used again, and two
/// installations never replace each other's connection (Webex notes 2.4, 3.6).
pub fn device_name(dir: &Path, random: &mut StdRng) -> io::Result<String> {
    let path = dir.join("instance");
    match fs::read_to_string(&path) {
        Ok(text) if is_id(text.trim()) => return Ok(format!("lockstep-{}", text.trim())),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    fs::create_dir_all(dir)?;
    let id = format!("{:08x}", random.random::<u32>());
    fs::write(&path, format!("{id}\n"))?;
    Ok(format!("lockstep-{id}"))
}

fn is_id(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Keeps the newest refresh token of an integration in `state.dir`, for the owner's eyes only.
#[derive(Debug)]
pub struct RefreshTokenFile {
    path: PathBuf,
}

impl RefreshTokenFile {
    /// The file in `dir`.
    pub fn in_dir(dir: &Path) -> Self {
        Self { path: dir.join("webex-refresh-token") }
    }

    /// The newest token that was kept; it is newer than the configured one.
    pub fn kept(&self) -> Option<SecretString> {
        let text = fs::read_to_string(&self.path).ok()?;
        let token = text.trim();
        (!token.is_empty()).then(|| SecretString::from(token))
    }
}

impl TokenKeeper for RefreshTokenFile {
    fn keep<'a>(&'a self, refresh_token: &'a SecretString) -> Keeping<'a> {
        let (path, token) = (self.path.clone(), refresh_token.clone());
        Box::pin(async move {
            let written = tokio::task::spawn_blocking(move || replace(&path, &token)).await;
            written.unwrap_or_else(|error| Err(io::Error::other(error)))
        })
    }
}

/// Replaces the file as a whole; it waits for the disk.
fn replace(path: &Path, token: &SecretString) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(token.expose_secret().as_bytes())?;
    file.sync_data()?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_device_keeps_its_name_over_a_restart_and_two_installations_differ() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = device_name(one.path(), &mut StdRng::seed_from_u64(1)).unwrap();
        let again = device_name(one.path(), &mut StdRng::seed_from_u64(2)).unwrap();
        let other = device_name(two.path(), &mut StdRng::seed_from_u64(3)).unwrap();
        assert_eq!(first, again);
        assert_ne!(first, other);
    }

    #[tokio::test]
    async fn s1_36_the_newest_refresh_token_is_kept_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = RefreshTokenFile::in_dir(dir.path());
        assert!(file.kept().is_none());
        file.keep(&SecretString::from("newest")).await.unwrap();
        assert_eq!(file.kept().unwrap().expose_secret(), "newest");
        let mode =
            fs::metadata(dir.path().join("webex-refresh-token")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
