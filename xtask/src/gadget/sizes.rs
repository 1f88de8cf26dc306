//! How large the bundle is, and how large it may be.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::bundle::{Bundle, XML};
use crate::out::say;

/// All of a first load, compressed.
const MOST: usize = 75 * 1024;
/// The module alone, compressed.
const MOST_WASM: usize = 45 * 1024;

/// In bytes: as it is, and as each coding sends it.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Size {
    fn plus(self, more: Self) -> Self {
        Self {
            raw: self.raw + more.raw,
            gzip: self.gzip + more.gzip,
            brotli: self.brotli + more.brotli,
        }
    }

    /// As a browser of today gets it.
    fn sent(self) -> usize {
        self.gzip.min(self.brotli)
    }

    /// Prints a line of the table.
    fn tell(self, name: &str, wide: usize, bound: Option<usize>) {
        let Self { raw, gzip, brotli } = self;
        let bound = bound.map_or_else(String::new, |most| format!("  of {most}"));
        say(&format!("{name:wide$}  {raw:>9}  {gzip:>9}  {brotli:>9}{bound}"));
    }
}

/// Prints the table; fails where a bound is passed.
pub(crate) fn tell() -> anyhow::Result<ExitCode> {
    let rows = rows(&super::folder())?;
    let wide = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    say(&format!("{:wide$}  {:>9}  {:>9}  {:>9}", "target/gadget", "bytes", "gzip", "brotli"));
    let (mut all, mut module) = (Size::default(), Size::default());
    for (name, size) in &rows {
        let is_wasm = Path::new(name).extension().is_some_and(|end| end == "wasm");
        if is_wasm {
            module = module.plus(*size);
        }
        all = all.plus(*size);
        size.tell(name, wide, is_wasm.then_some(MOST_WASM));
    }
    all.tell("first load", wide, Some(MOST));
    Ok(if fits("the first load", all, MOST) & fits("the module", module, MOST_WASM) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The smaller coding counts: it is the one that browsers ask for where both are offered.
fn fits(what: &str, size: Size, most: usize) -> bool {
    let sent = size.sent();
    if sent > most {
        say(&format!("{what} is too large: {sent} bytes compressed, at most {most} are allowed"));
    }
    sent <= most
}

fn rows(folder: &Path) -> anyhow::Result<Vec<(String, Size)>> {
    let bundle = std::fs::read(folder.join("bundle.json")).context("there is no bundle")?;
    let bundle: Bundle =
        serde_json::from_slice(&bundle).context("bundle.json is not one of ours")?;
    let length = |path: &str| -> anyhow::Result<usize> {
        let data = std::fs::metadata(folder.join(path)).with_context(|| format!("no {path}"))?;
        Ok(usize::try_from(data.len())?)
    };
    // It is not packed: the server puts its address into it.
    let xml = length(XML)?;
    let mut rows = vec![(XML.to_owned(), Size { raw: xml, gzip: xml, brotli: xml })];
    for file in bundle.files {
        let packed = |coding: Option<&str>| length(coding.unwrap_or(&file.path));
        let size = Size {
            raw: length(&file.path)?,
            gzip: packed(file.gzip.as_deref())?,
            brotli: packed(file.brotli.as_deref())?,
        };
        rows.push((file.path, size));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_coding_is_held_to_the_bound() {
        let size = Size { raw: 90, gzip: 12, brotli: 10 };
        assert!(fits("it", size, 10));
        assert!(!fits("it", size, 9));
        assert!(!fits("it", size.plus(size), 19));
    }
}
