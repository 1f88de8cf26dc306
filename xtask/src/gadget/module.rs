//! The module: cargo for the browser's target, then wasm-bindgen.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context as _;
use serde_json::Value;
use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{Parser, Payload};

use super::standard::{self, Standard};
use crate::{tools, workspace};

const PACKAGE: &str = "lockstep-gadget";
const TARGET: &str = "wasm32-unknown-unknown";
/// The name of the files that wasm-bindgen writes.
const NAME: &str = "lockstep_gadget";

/// What wasm-bindgen made.
#[derive(Debug)]
pub(crate) struct Glue {
    pub(crate) script: Vec<u8>,
    pub(crate) wasm: Vec<u8>,
}

/// The module as the compiler leaves it, with the smallest standard library that can be had.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    standard::smallest(tools::need(tools::RUST_SRC), compile)
}

/// Compiles the package for the browser. It has a target folder of its own: a build for another
/// target in the same one would wait for a build that runs beside it.
fn compile(standard: Standard) -> anyhow::Result<PathBuf> {
    tools::need(tools::WASM)?;
    let mut cargo = workspace::cargo();
    // An `rlib` among the crate types would keep cargo from optimising over all crates.
    cargo.args(["rustc", "--package", PACKAGE, "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--target", TARGET, "--message-format", "json-render-diagnostics"]);
    cargo.args(["--profile", "gadget", "--target-dir"]).arg(workspace::target().join("wasm"));
    standard.set(&mut cargo);
    let mut build = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to start cargo")?;
    let lines = build.stdout.take().context("cargo has no standard output")?;
    let mut found = None;
    for line in BufReader::new(lines).lines() {
        found = module(&line.context("failed to read what cargo says")?).or(found);
    }
    let status = build.wait().context("failed to wait for cargo")?;
    anyhow::ensure!(
        status.success(),
        "the gadget's module does not build; cargo's words are above"
    );
    found.context("cargo does not say where the gadget's module is")
}

/// The module that a line of cargo's tells of.
fn module(line: &str) -> Option<PathBuf> {
    let value: Value = serde_json::from_str(line).ok()?;
    let files = value.get("filenames")?.as_array()?;
    let mut files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
    let of_ours = value.get("target")?.get("name")? == NAME;
    files.find(|file| of_ours && file.extension().is_some_and(|end| end == "wasm"))
}

/// Writes the glue between the module and the page.
pub(crate) fn bind(wasm: &Path) -> anyhow::Result<Glue> {
    let folder = tempfile::tempdir().context("failed to make a scratch folder")?;
    Bindgen::new()
        .input_path(wasm)
        .out_name(NAME)
        .web(true)?
        // The library's own default is another than that of the command-line program.
        .omit_default_module_path(false)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder.path())
        .context("wasm-bindgen does not take the gadget's module")?;
    let read = |name: &str| {
        std::fs::read(folder.path().join(name)).with_context(|| format!("failed to read {name}"))
    };
    let wasm = run_alone(&read(&format!("{NAME}_bg.wasm"))?)?;
    Ok(Glue { script: read(&format!("{NAME}.js"))?, wasm })
}

/// The module without its custom sections: they tell other tools of it, and every desktop would
/// load them.
fn run_alone(wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (mut kept, mut read) = (Vec::with_capacity(wasm.len()), 0);
    for part in Parser::new(0).parse_all(wasm) {
        let part = part.context("wasm-bindgen wrote no module")?;
        let (end, is_custom) = match &part {
            Payload::CustomSection(section) => (section.range().end, true),
            Payload::Version { range, .. } => (range.end, false),
            other => match other.as_section() {
                Some((_, range)) => (range.end, false),
                None => continue,
            },
        };
        if !is_custom {
            kept.extend_from_slice(wasm.get(read..end).unwrap_or_default());
        }
        read = end;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_browser_reads_is_left_out_and_the_rest_is_kept() {
        let head = b"\0asm\x01\0\0\0";
        // One type, `() -> ()`, between two custom sections with an empty name and one byte.
        let (custom, types) = (b"\0\x02\0!", b"\x01\x04\x01\x60\0\0");
        let module = [&head[..], custom, types, custom].concat();
        assert_eq!(run_alone(&module).unwrap(), [&head[..], types].concat());
        assert!(run_alone(b"no module").is_err());
    }

    #[test]
    fn the_module_is_where_cargo_says() {
        let ours = r#"{"target":{"name":"lockstep_gadget"},"filenames":["/x/a.wasm"]}"#;
        assert_eq!(module(ours), Some(PathBuf::from("/x/a.wasm")));
        let other = r#"{"target":{"name":"serde"},"filenames":["/x/libserde.rlib"]}"#;
        assert_eq!(module(other), None);
        assert_eq!(module("warning: something"), None);
    }
}
