//! `lockstep check`.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use super::{FAILED, Finding, Findings};
use crate::config::{Config, Origin};

/// Checks, prints the findings, and exits 1 if something is red.
pub fn check(config: &Config, origin: &Origin, json: bool) -> anyhow::Result<ExitCode> {
    let findings = Findings(configuration(config, origin));
    let mut out = io::stdout().lock();
    if json {
        findings.write_json(&mut out)?;
    } else {
        let colour = out.is_terminal();
        findings.write_text(&mut out, colour)?;
    }
    Ok(if findings.is_red() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

/// What can be said of the configuration alone.
fn configuration(config: &Config, origin: &Origin) -> Vec<Finding> {
    let path = origin.path().display();
    let text = format!("{path} is valid, mode {}", config.sync.mode);
    let rules = config.rules.rules.rules().len();
    let source = match &config.rules.file {
        Some(path) => path.display().to_string(),
        None => "the built-in rules".to_owned(),
    };
    let mut findings = vec![
        Finding::green("configuration", text),
        Finding::green("rules", format!("{source}: {rules} rules and a default")),
    ];
    findings.extend(config.warnings.iter().map(|warning| {
        let text = format!("{}: {}", warning.place, warning.what);
        Finding::amber(&warning.key, text, &warning.remedy)
    }));
    findings
}
