//! later
use std::path::Path;
use std::process::ExitCode;
pub(crate) fn run(_: &Path) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
