//! The key that signs tokens, one per installation.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac, digest};
use rand::RngExt;
use rand::rngs::StdRng;
use sha2::Sha256;

/// Bytes of a key: as many as SHA-256 yields, which is all that HMAC makes use of.
const LENGTH: usize = 32;
const NAME: &str = "gadget-key";

/// Signs and proves tokens. It outlives a restart, so that a restart does not send every desktop to
/// Finesse at once. Its `Debug` does not show it.
pub struct Key([u8; LENGTH]);

/// The key can neither be read nor made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The disk's fault.
    #[error("failed to read or write the key of the gadgets' tokens, {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It holds something else.
    #[error("{0} is no key: remove it, and a new one is made (gadgets then sign in again)")]
    NotAKey(PathBuf),
}

impl Key {
    /// The key in `dir`; the first start draws one. Only the owner may read it.
    pub fn in_dir(dir: &Path, random: &mut StdRng) -> Result<Self, KeyError> {
        let path = dir.join(NAME);
        let io = |source| KeyError::Io { path: path.clone(), source };
        if let Some(key) = Self::kept_in(dir)? {
            // It may have been copied by somebody who minded less.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(io)?;
            return Ok(key);
        }
        let key = Self::drawn(random);
        write(dir, &path, &key).map_err(io)?;
        Ok(key)
    }

    /// The key that an earlier start has left in `dir`; nothing is changed.
    pub fn kept_in(dir: &Path) -> Result<Option<Self>, KeyError> {
        let path = dir.join(NAME);
        match fs::read_to_string(&path) {
            Ok(text) => {
                parse(text.trim()).map(|key| Some(Self(key))).ok_or(KeyError::NotAKey(path))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeyError::Io { path, source }),
        }
    }

    /// A key that is kept nowhere.
    pub fn drawn(random: &mut StdRng) -> Self {
        let mut key = [0; LENGTH];
        random.fill(&mut key[..]);
        Self(key)
    }

    /// An HMAC-SHA-256 that has seen nothing yet.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        // HMAC's key is as long as the hash's block, filled up with zeros.
        let mut block = digest::Key::<Hmac<Sha256>>::default();
        block.iter_mut().zip(self.0).for_each(|(place, byte)| *place = byte);
        Mac::new(&block)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

fn parse(text: &str) -> Option<[u8; LENGTH]> {
    let mut key = [0; LENGTH];
    if text.len() != 2 * LENGTH || !text.is_ascii() {
        return None;
    }
    for (place, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(key)
}

/// Writes it as a whole or not at all.
fn write(dir: &Path, path: &Path, key: &Key) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let fresh = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&fresh)?;
    for byte in key.0 {
        write!(file, "{byte:02x}")?;
    }
    writeln!(file)?;
    file.sync_data()?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn key(dir: &Path, seed: u64) -> Result<Key, KeyError> {
        Key::in_dir(dir, &mut StdRng::seed_from_u64(seed))
    }

    #[test]
    fn a_key_outlives_a_restart_is_the_owners_only_and_differs_between_installations() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = key(one.path(), 1).unwrap();
        fs::set_permissions(one.path().join(NAME), fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(key(one.path(), 2).unwrap().0, first.0);
        assert_ne!(key(two.path(), 3).unwrap().0, first.0);
        for dir in [&one, &two] {
            let mode = fs::metadata(dir.path().join(NAME)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        assert_eq!(format!("{first:?}"), "Key");
    }

    #[test]
    fn a_file_that_is_no_key_is_named_and_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["", "zz", &"0".repeat(63), &"g".repeat(64), &"ü".repeat(32)] {
            fs::write(dir.path().join(NAME), text).unwrap();
            let error = key(dir.path(), 1).unwrap_err().to_string();
            assert!(error.contains(NAME) && error.contains("remove it"), "{error}");
            assert_eq!(fs::read_to_string(dir.path().join(NAME)).unwrap(), text);
        }
    }
}
