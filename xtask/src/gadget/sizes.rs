//! How large the bundle is, and how large it may be.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::bundle::{Bundle, LOADER, XML, compressed};
use crate::out::say;

/// All of a first load, compressed.
const MOST: usize = 75 * 1024;
/// The module alone, compressed.
const MOST_WASM: usize = 45 * 1024;

#[derive(Debug, Clone)]
struct Row {
    name: String,
    raw: usize,
    packed: usize,
}

/// Prints the table; fails where a bound is passed.
pub(crate) fn tell() -> anyhow::Result<ExitCode> {
    let rows = rows(&super::folder())?;
    let wide = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    say(&format!("{:wide$}  {:>9}  {:>9}", "target/gadget", "bytes", "gzip"));
    for Row { name, raw, packed } in &rows {
        say(&format!("{name:wide$}  {raw:>9}  {packed:>9}"));
    }
    let raw: usize = rows.iter().map(|row| row.raw).sum();
    let packed = rows.iter().map(|row| row.packed).sum();
    say(&format!("{:wide$}  {raw:>9}  {packed:>9}  of {MOST}", "first load"));
    let wasm = rows.iter().filter(|row| row.name.ends_with(".wasm")).map(|row| row.packed).sum();
    Ok(if fits("the first load", packed, MOST) & fits("the module", wasm, MOST_WASM) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn fits(what: &str, size: usize, most: usize) -> bool {
    if size > most {
        say(&format!("{what} is too large: {size} bytes compressed, at most {most} are allowed"));
    }
    size <= most
}

fn rows(folder: &Path) -> anyhow::Result<Vec<Row>> {
    let bundle = std::fs::read(folder.join("bundle.json")).context("there is no bundle")?;
    let bundle: Bundle =
        serde_json::from_slice(&bundle).context("bundle.json is not one of ours")?;
    let length = |path: &str| -> anyhow::Result<usize> {
        let data = std::fs::metadata(folder.join(path)).with_context(|| format!("no {path}"))?;
        Ok(usize::try_from(data.len())?)
    };
    let mut rows = Vec::new();
    for name in [XML, LOADER] {
        let bytes = std::fs::read(folder.join(name)).with_context(|| format!("no {name}"))?;
        rows.push(Row { name: name.into(), raw: bytes.len(), packed: compressed(&bytes)?.len() });
    }
    for file in bundle.files {
        let packed = length(file.gzip.as_deref().unwrap_or(&file.path))?;
        rows.push(Row { raw: length(&file.path)?, name: file.path, packed });
    }
    Ok(rows)
}
