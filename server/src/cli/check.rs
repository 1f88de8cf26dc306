//! `lockstep check`.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;

use super::{FAILED, Finding, Findings};
use crate::clock::Clock;
use crate::config::{Config, Origin};
use crate::gadget_files::{BUILD_IT, Bundle};
use crate::{assembly, preflight, tls};

/// Checks, prints the findings, and exits 1 if something is red.
pub fn check(config: &Config, origin: &Origin, json: bool) -> anyhow::Result<ExitCode> {
    let mut findings = configuration(config, origin);
    tls::install();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    findings.extend(runtime.block_on(outside(config))?);

    let findings = Findings(findings);
    let mut out = io::stdout().lock();
    if json {
        findings.write_json(&mut out)?;
    } else {
        let colour = out.is_terminal();
        findings.write_text(&mut out, colour)?;
    }
    Ok(if findings.is_red() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

/// What only Finesse, Webex and the disk can tell.
async fn outside(config: &Config) -> anyhow::Result<Vec<Finding>> {
    let clock = Clock::system();
    let mut findings = preflight::state(&config.state.dir);
    let finesse = assembly::finesse(config, clock)?;
    let watched = preflight::finesse(&finesse, config, &mut findings).await;
    let name = assembly::check_device_name()?;
    let webex = Arc::new(assembly::webex(config, clock, assembly::random()?, name)?);
    let people = preflight::people(&*webex, &watched, &mut findings).await;
    if !people.is_empty() {
        findings.extend(preflight::feed(webex, people).await);
    }
    Ok(findings)
}

/// What can be said of the configuration alone.
fn configuration(config: &Config, origin: &Origin) -> Vec<Finding> {
    let path = origin.path().display();
    let text = format!("{path} is valid, mode {}", config.modes());
    let rules = config.rules.rules.rules().len();
    let source = match &config.rules.file {
        Some(path) => path.display().to_string(),
        None => "the built-in rules".to_owned(),
    };
    let mut findings = vec![
        Finding::green("configuration", text),
        Finding::green("rules", format!("{source}: {rules} rules and a default")),
    ];
    if config.modes().has_gadget() {
        findings.push(gadget());
    }
    findings.extend(config.warnings.iter().map(|warning| {
        let text = format!("{}: {}", warning.place, warning.what);
        Finding::amber(&warning.key, text, &warning.remedy)
    }));
    findings
}

/// Can desktops load the gadget from this build?
fn gadget() -> Finding {
    match Bundle::embedded() {
        Some(bundle) => {
            let bytes: usize = bundle.files.iter().map(|file| file.body.len()).sum();
            let text = format!(
                "{} files, {} KB, are part of this build",
                bundle.files.len(),
                bytes / 1024
            );
            Finding::green("gadget", text)
        }
        None => Finding::red("gadget", "this build has none", BUILD_IT),
    }
}
