//! How much a browser loads until the gadget is there, as its bundle tells.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

/// What crosses the network at the first load, in bytes; compressed where a compressed form exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sizes {
    pub(super) files: usize,
    pub(super) compressed: u64,
    pub(super) wasm: u64,
}

impl Sizes {
    /// Of the bundle in this folder; `None` without one.
    pub(super) fn of(folder: &Path) -> anyhow::Result<Option<Self>> {
        let text = match fs::read_to_string(folder.join("bundle.json")) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("failed to read bundle.json"),
        };
        let bundle: Value = serde_json::from_str(&text).context("bundle.json is not JSON")?;
        let files = bundle.get("files").and_then(Value::as_array).context("a bundle of no files")?;
        let mut sizes = Self::default();
        for file in files {
            let name = |key: &str| file.get(key).and_then(Value::as_str);
            let path = name("path").context("a file without a path")?;
            let sent = name("gzip").unwrap_or(path);
            let size = fs::metadata(folder.join(sent)).with_context(|| sent.to_owned())?.len();
            sizes.files += 1;
            sizes.compressed += size;
            if path.ends_with(".wasm") {
                sizes.wasm += size;
            }
        }
        Ok(Some(sizes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_counted_compressed_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Sizes::of(folder.path()).unwrap(), None);
        for (name, bytes) in [("a.js", 100), ("a.js.gz", 40), ("b.wasm", 70), ("c.css", 9)] {
            fs::write(folder.path().join(name), vec![0; bytes]).unwrap();
        }
        let files = r#"{"path":"a.js","gzip":"a.js.gz"},{"path":"b.wasm","gzip":null},{"path":"c.css"}"#;
        fs::write(folder.path().join("bundle.json"), format!("{{\"files\":[{files}]}}")).unwrap();
        let expected = Sizes { files: 3, compressed: 119, wasm: 70 };
        assert_eq!(Sizes::of(folder.path()).unwrap(), Some(expected));
    }
}
