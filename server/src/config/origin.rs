//! Where a configuration comes from, to read it again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Config, Problems};

/// A file and the environment that overrides it, as they were when the process started.
///
/// Not `Debug`: the environment may hold secrets.
#[derive(Clone)]
pub struct Origin {
    path: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

impl Origin {
    /// The file at `path`, overridden by `environment`.
    pub const fn new(path: PathBuf, environment: Vec<(OsString, OsString)>) -> Self {
        Self { path, environment }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads and checks it as it is now.
    pub fn load(&self) -> Result<Config, Problems> {
        let pairs = self.environment.iter();
        Config::load(&self.path, pairs.map(|(name, value)| (name.clone(), value.clone())))
    }
}
