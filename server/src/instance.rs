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
///
/// Its second line tells from which configured token it descends: when somebody authorises the
/// integration again and configures another one, what was kept before is worth nothing.
#[derive(Debug)]
pub struct RefreshTokenFile {
    path: PathBuf,
    ancestor: String,
}

impl RefreshTokenFile {
    /// The file in `dir`, beside a configuration that names the token `configured`.
    pub fn in_dir(dir: &Path, configured: &SecretString) -> Self {
        let ancestor = format!("{:016x}", fingerprint(configured.expose_secret()));
        Self { path: dir.join("webex-refresh-token"), ancestor }
    }

    /// The newest token that was kept, where it descends from the configured one.
    pub fn kept(&self) -> Option<SecretString> {
        let text = fs::read_to_string(&self.path).ok()?;
        let mut lines = text.lines().map(str::trim);
        let token = lines.next().filter(|token| !token.is_empty())?;
        // A file of an earlier version has one line.
        if lines.next().is_some_and(|ancestor| ancestor != self.ancestor) {
            tracing::info!("another webex refresh token is configured; the kept one is not used");
            return None;
        }
        Some(SecretString::from(token))
    }
}

impl TokenKeeper for RefreshTokenFile {
    fn keep<'a>(&'a self, refresh_token: &'a SecretString) -> Keeping<'a> {
        let path = self.path.clone();
        let text =
            SecretString::from(format!("{}\n{}\n", refresh_token.expose_secret(), self.ancestor));
        Box::pin(async move {
            let written = tokio::task::spawn_blocking(move || replace(&path, &text)).await;
            written.unwrap_or_else(|error| Err(io::Error::other(error)))
        })
    }
}

/// Replaces the file as a whole; it waits for the disk.
fn replace(path: &Path, text: &SecretString) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(text.expose_secret().as_bytes())?;
    file.sync_data()?;
    fs::rename(fresh, path)
}

/// FNV-1a: tells two tokens apart, the same in every version; nothing is proved by it.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
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
        let file = RefreshTokenFile::in_dir(dir.path(), &SecretString::from("configured"));
        assert!(file.kept().is_none());
        file.keep(&SecretString::from("newest")).await.unwrap();
        assert_eq!(file.kept().unwrap().expose_secret(), "newest");
        let mode =
            fs::metadata(dir.path().join("webex-refresh-token")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }

    #[tokio::test]
    async fn a_kept_token_counts_only_beside_the_configured_one_that_it_descends_from() {
        let dir = tempfile::tempdir().unwrap();
        let beside =
            |text: &str| RefreshTokenFile::in_dir(dir.path(), &SecretString::from(text.to_owned()));
        beside("first").keep(&SecretString::from("newest")).await.unwrap();
        assert_eq!(beside("first").kept().unwrap().expose_secret(), "newest");
        assert!(beside("second").kept().is_none(), "authorised again");
        fs::write(dir.path().join("webex-refresh-token"), "of an earlier version").unwrap();
        assert_eq!(beside("second").kept().unwrap().expose_secret(), "of an earlier version");
    }
}
