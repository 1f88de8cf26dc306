//! Where the server is, out of its configuration.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use super::{INVALID, complain};
use crate::config::Origin;
use crate::gadget_files::Place;

/// `http.public_url` of the configuration at `path`. What is wrong with it is told on stderr.
pub(super) fn of_config(
    path: &Path,
    environment: Vec<(OsString, OsString)>,
) -> Result<Place, ExitCode> {
    let told = match Origin::new(path.to_owned(), environment).load() {
        Ok(config) => match &config.http.public_url {
            Some(url) => return Ok(url.into()),
            None => format!(
                "{}: http.public_url is missing: say where browsers reach the server",
                path.display()
            ),
        },
        Err(problems) => format!("the configuration is not valid\n{problems}"),
    };
    complain(&format!("lockstep: {told}"));
    Err(ExitCode::from(INVALID))
}
