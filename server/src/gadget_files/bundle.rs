//! The gadget's files, as they were embedded when the server was built.

use bytes::Bytes;

/// What the build script found; see `manifest.rs`.
struct Embedded {
    loader: &'static str,
    xml: &'static str,
    files: &'static [EmbeddedFile],
}

struct EmbeddedFile {
    path: &'static str,
    media_type: &'static str,
    body: &'static [u8],
    gzip: Option<&'static [u8]>,
    brotli: Option<&'static [u8]>,
}

static EMBEDDED: Option<Embedded> = include!(concat!(env!("OUT_DIR"), "/gadget_bundle.rs"));

/// The gadget's files.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// The path of the script that loads the rest; one of [`Bundle::files`].
    pub loader: String,
    /// The template of the gadget's XML.
    pub xml: String,
    /// Everything but the XML.
    pub files: Vec<File>,
}

/// One of the gadget's files.
#[derive(Debug, Clone)]
pub struct File {
    /// Where it lies below the loader's folder: `assets/panel.3f2a….css`.
    pub path: String,
    /// Its media type, without parameters.
    pub media_type: String,
    /// What it holds.
    pub body: Bytes,
    /// The same, compressed by gzip, where that is smaller.
    pub gzip: Option<Bytes>,
    /// The same by brotli, where that is smaller.
    pub brotli: Option<Bytes>,
}

impl Bundle {
    /// What this build has; `None` where it was built before the gadget.
    pub fn embedded() -> Option<Self> {
        let embedded = EMBEDDED.as_ref()?;
        let file = |file: &EmbeddedFile| File {
            path: file.path.to_owned(),
            media_type: file.media_type.to_owned(),
            body: Bytes::from_static(file.body),
            gzip: file.gzip.map(Bytes::from_static),
            brotli: file.brotli.map(Bytes::from_static),
        };
        Some(Self {
            loader: embedded.loader.to_owned(),
            xml: embedded.xml.to_owned(),
            files: embedded.files.iter().map(file).collect(),
        })
    }
}

impl File {
    /// Does the name change with what it holds, so that it never has to be asked for again? Such
    /// are `assets/<name>.<hash>.<ext>`.
    pub fn is_versioned(&self) -> bool {
        let Some(name) = self.path.strip_prefix("assets/") else { return false };
        let mut parts = name.rsplit('.').skip(1);
        let hash = parts.next().unwrap_or_default();
        parts.next().is_some() && hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_hexdigit())
    }
}
