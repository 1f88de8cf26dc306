//! What a bundle was made of, so that nothing is made twice.

use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::workspace;

/// Grows when the bundle is made differently from the same sources.
const RECIPE: &str = "3";
const FILE: &str = "made-of";

/// The digest of everything that goes into the bundle.
pub(crate) fn of(wasm: &Path) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    digest.update(RECIPE);
    take(&mut digest, wasm)?;
    let gadget = workspace::root().join("gadget");
    let mut folders = vec![gadget];
    while let Some(folder) = folders.pop() {
        let listed =
            std::fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))?;
        let mut paths: Vec<_> = listed.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else {
                take(&mut digest, &path)?;
            }
        }
    }
    Ok(hex(&digest.finalize()))
}

/// Was the bundle that is there made of this?
pub(crate) fn is_kept(stamp: &str) -> bool {
    std::fs::read_to_string(super::folder().join(FILE)).is_ok_and(|kept| kept == stamp)
}

/// Notes it beside a bundle.
pub(crate) fn keep(folder: &Path, stamp: &str) -> anyhow::Result<()> {
    std::fs::write(folder.join(FILE), stamp).context("failed to note what the bundle is made of")
}

/// As text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

fn take(digest: &mut Sha256, path: &Path) -> anyhow::Result<()> {
    let bytes =
        std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    digest.update(path.file_name().unwrap_or_default().as_encoded_bytes());
    digest.update(bytes.len().to_le_bytes());
    digest.update(bytes);
    Ok(())
}
