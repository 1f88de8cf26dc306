//! `bundle.json`, which `cargo xtask gadget` writes beside the gadget's files.
//!
//! Read by the build script, which embeds what it names; nothing here is part of the server.

use std::fmt::Write as _;
use std::path::{Component, Path};
use std::{fs, io};

use serde::Deserialize;

/// The file that names all others of a bundle.
pub(crate) const NAME: &str = "bundle.json";

const REMEDY: &str = "run `cargo xtask gadget` again";

/// What a bundle consists of; paths are relative to its folder.
#[derive(Debug, Deserialize)]
pub(crate) struct Manifest {
    /// The script that loads the rest.
    loader: String,
    /// The template of the gadget's XML.
    xml: String,
    /// Everything else, and perhaps the loader.
    files: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    path: String,
    /// The media type.
    #[serde(rename = "type")]
    media_type: String,
    /// The same, compressed, where that is smaller.
    gzip: Option<String>,
    /// The same by brotli; bundles of before have none.
    brotli: Option<String>,
}

/// The Rust expression of what is embedded of the bundle in `dir`: an `Option<Embedded>`.
///
/// # Errors
///
/// A sentence with a remedy: the bundle is there and cannot be used.
pub(crate) fn embed(dir: &Path) -> Result<String, String> {
    let path = dir.join(NAME);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok("None".to_owned()),
        Err(error) => return Err(format!("failed to read {}: {error}", path.display())),
    };
    let mut manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| format!("{}: {error}; {REMEDY}", path.display()))?;
    manifest.name_loader(dir);
    manifest.code(dir)
}

impl Manifest {
    /// The loader is one of the files, also where it is named on its own only.
    fn name_loader(&mut self, dir: &Path) {
        if self.files.iter().any(|file| file.path == self.loader) {
            return;
        }
        let packed =
            |end| Some(format!("{}.{end}", self.loader)).filter(|name| dir.join(name).exists());
        self.files.push(Entry {
            path: self.loader.clone(),
            media_type: "text/javascript".to_owned(),
            gzip: packed("gz"),
            brotli: packed("br"),
        });
    }

    fn code(&self, dir: &Path) -> Result<String, String> {
        let mut code = String::from("Some(Embedded {");
        let xml = whole(dir, &self.xml)?;
        add(&mut code, format_args!(" loader: {:?}, xml: include_str!({xml:?}),", self.loader));
        add(&mut code, format_args!(" files: &["));
        for Entry { path, media_type, gzip, brotli } in &self.files {
            let body = whole(dir, path)?;
            add(&mut code, format_args!("\n    EmbeddedFile {{ path: {path:?},"));
            add(&mut code, format_args!(" media_type: {media_type:?},"));
            add(&mut code, format_args!(" body: include_bytes!({body:?}),"));
            let (gzip, brotli) = (packed(dir, gzip.as_deref())?, packed(dir, brotli.as_deref())?);
            add(&mut code, format_args!(" gzip: {gzip}, brotli: {brotli} }},"));
        }
        code.push_str("\n] })");
        Ok(code)
    }
}

/// The Rust expression of what is embedded of a coding.
fn packed(dir: &Path, name: Option<&str>) -> Result<String, String> {
    let Some(name) = name else { return Ok("None".to_owned()) };
    Ok(format!("Some(include_bytes!({:?}))", whole(dir, name)?))
}

fn add(code: &mut String, more: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = code.write_fmt(more);
}

/// The whole path of a file of the bundle, which must be there, and inside.
fn whole(dir: &Path, name: &str) -> Result<String, String> {
    let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside || name.is_empty() {
        return Err(format!("{NAME} names {name:?}, which is not a path inside the bundle"));
    }
    let path = dir.join(name);
    if !path.is_file() {
        return Err(format!("{NAME} names {name}, which is not there; {REMEDY}"));
    }
    path.into_os_string()
        .into_string()
        .map_err(|path| format!("the path {} is not UTF-8", path.display()))
}
