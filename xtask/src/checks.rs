//! later
use std::process::ExitCode;
pub(crate) fn test() -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
pub(crate) fn ci() -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
