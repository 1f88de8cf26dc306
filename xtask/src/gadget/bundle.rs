//! The files of the bundle, named after their contents, and `bundle.json` that lists them.

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::coding::Packed;
use super::module::Glue;
use super::stamp;
use crate::workspace;

pub(crate) const LOADER: &str = "loader.js";
pub(crate) const XML: &str = "lockstep.xml";
/// Where the loader's source has the names of the others.
const NAMES: &str = "/* names */ {} /* names */";
const SCRIPT: &str = "text/javascript";
/// Hex digits of a name; 64 bits tell any two builds apart.
const DIGITS: usize = 16;

/// `bundle.json`, which the server's build reads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Bundle {
    pub(crate) loader: String,
    pub(crate) xml: String,
    pub(crate) files: Vec<File>,
}

/// One file; all but the loader never change under their names.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) path: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The same, compressed, where that is smaller.
    pub(crate) gzip: Option<String>,
    /// The same by brotli, where that is smaller.
    pub(crate) brotli: Option<String>,
}

/// One file before it has its name.
struct Asset {
    /// As the loader calls it.
    key: &'static str,
    stem: &'static str,
    end: &'static str,
    kind: &'static str,
    bytes: Vec<u8>,
}

/// Writes the bundle beside the one that is there and puts it in its place.
pub(crate) fn write(glue: &Glue, client: &[u8], stamp: &str) -> anyhow::Result<()> {
    let gadget = workspace::root().join("gadget");
    let target = workspace::target();
    std::fs::create_dir_all(&target).context("failed to make the target folder")?;
    let new = tempfile::tempdir_in(&target).context("failed to make a scratch folder")?;
    std::fs::create_dir(new.path().join("assets")).context("failed to make a folder")?;
    let mut files = Vec::new();
    let mut names = serde_json::Map::new();
    for asset in assets(glue, client, &gadget)? {
        let file = put(new.path(), &asset)?;
        names.insert(asset.key.to_owned(), file.path.clone().into());
        files.push(file);
    }
    let loader = text(&gadget.join(LOADER))?;
    anyhow::ensure!(loader.contains(NAMES), "gadget/{LOADER} has no place for the names");
    let loader = loader.replace(NAMES, &serde_json::Value::Object(names).to_string());
    files.push(pack(new.path(), LOADER, SCRIPT, loader.as_bytes())?);
    save(&new.path().join(XML), text(&gadget.join(XML))?.as_bytes())?;
    stamp::keep(new.path(), stamp)?;
    let bundle = Bundle { loader: LOADER.to_owned(), xml: XML.to_owned(), files };
    save(&new.path().join("bundle.json"), &serde_json::to_vec_pretty(&bundle)?)?;
    replace(new, &super::folder())
}

/// What the loader fetches.
fn assets(glue: &Glue, client: &[u8], gadget: &Path) -> anyhow::Result<[Asset; 4]> {
    let asset = |key, stem, end, kind, bytes| Asset { key, stem, end, kind, bytes };
    let style = text(&gadget.join("tokens.css"))? + "\n" + &text(&gadget.join("panel.css"))?;
    Ok([
        asset("module", "lockstep_gadget", "js", SCRIPT, glue.script.clone()),
        asset("wasm", "lockstep_gadget_bg", "wasm", "application/wasm", glue.wasm.clone()),
        asset("client", "socket.io", "js", SCRIPT, client.to_vec()),
        asset("style", "panel", "css", "text/css", style.into_bytes()),
    ])
}

fn put(folder: &Path, asset: &Asset) -> anyhow::Result<File> {
    let Asset { stem, end, kind, bytes, .. } = asset;
    let digest = stamp::hex(&Sha256::digest(bytes));
    let path = format!("assets/{stem}.{}.{end}", &digest[..DIGITS]);
    pack(folder, &path, kind, bytes)
}

/// Writes it as it is, and beside it each coding that is smaller.
fn pack(folder: &Path, path: &str, kind: &str, bytes: &[u8]) -> anyhow::Result<File> {
    save(&folder.join(path), bytes)?;
    let keep = |packed: &[u8], end| -> anyhow::Result<Option<String>> {
        if packed.len() >= bytes.len() {
            return Ok(None);
        }
        let name = format!("{path}.{end}");
        save(&folder.join(&name), packed)?;
        Ok(Some(name))
    };
    let packed = Packed::of(bytes)?;
    let (gzip, brotli) = (keep(&packed.gzip, "gz")?, keep(&packed.brotli, "br")?);
    Ok(File { path: path.to_owned(), kind: kind.to_owned(), gzip, brotli })
}

/// The old bundle stays until the new one is whole.
fn replace(new: tempfile::TempDir, place: &Path) -> anyhow::Result<()> {
    if place.exists() {
        std::fs::remove_dir_all(place).context("failed to remove the bundle from before")?;
    }
    std::fs::rename(new.keep(), place).context("failed to put the bundle in its place")
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}

fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("failed to write {}", path.display()))
}
