//! `lockstep check`.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::oneshot;

use super::{FAILED, Finding, Findings, Section};
use crate::clock::Clock;
use crate::config::{Config, Origin};
use crate::gadget_files::{BUILD_IT, Bundle};
use crate::webex::Timing;
use crate::{assembly, preflight, tls};

/// How the findings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For scripts.
    Json,
    /// For people.
    Plain,
    /// For people, in colour where a terminal shows it.
    Coloured,
}

/// Checks, prints the findings, and exits 1 if something is red.
pub fn check(config: &Config, origin: &Origin, form: Form) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    findings.add(Section::Configuration, configuration(config, origin));
    tls::install();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    runtime.block_on(outside(config, &mut findings))?;
    // A name that is being looked up must not hold the end up.
    runtime.shutdown_background();

    let mut out = io::stdout().lock();
    match form {
        Form::Json => findings.write_json(&mut out)?,
        Form::Plain => findings.write_text(&mut out, false)?,
        Form::Coloured => {
            let colour = out.is_terminal();
            findings.write_text(&mut out, colour)?;
        }
    }
    Ok(if findings.is_red() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

/// What only Finesse, Webex, the network and the disk can tell; all sides at the same time.
async fn outside(config: &Config, findings: &mut Findings) -> anyhow::Result<()> {
    let clock = Clock::system();
    let limits = preflight::limits(assembly::limits());
    let port = assembly::finesse_within(config, limits, clock)?;
    let name = assembly::check_device_name()?;
    let client = assembly::webex_within(config, timing(), clock, assembly::random()?, name)?;
    let (tell, watched) = oneshot::channel();

    let state = tokio::task::spawn_blocking({
        let (dir, kept) = (config.state.dir.clone(), config.journal);
        move || {
            let mut findings = preflight::state(&dir);
            findings.extend(preflight::journal(&dir, kept));
            findings
        }
    });
    let mut seen = preflight::Seen::default();
    let finesse = preflight::bounded("finesse", Vec::new(), async |_| {
        let tell = |watched| {
            // Nobody listens where Webex has failed already.
            let _ = tell.send(watched);
        };
        preflight::finesse(&port, config, &mut seen, tell).await;
    });
    let nodes = preflight::bounded("node", Vec::new(), async |findings| {
        preflight::nodes(config, limits, clock, findings).await;
    });
    let desktop = preflight::bounded("public url", Vec::new(), async |findings| {
        preflight::desktop(config, clock, findings).await;
    });
    let webex = preflight::webex(&client, config, watched);
    let traces = preflight::traces(&config.traces);
    let (late, nodes, desktop, webex, traces) =
        tokio::join!(finesse, nodes, desktop, webex, traces);

    findings.add(Section::Configuration, state.await.unwrap_or_default());
    findings.add(Section::Configuration, preflight::served(config, clock.now()));
    findings.add(Section::Configuration, traces.into_iter().collect());
    findings.add(Section::Finesse, nodes);
    findings.add(Section::Finesse, seen.finesse);
    findings.add(Section::Finesse, late);
    findings.add(Section::Finesse, seen.reasons);
    findings.add(Section::Agents, seen.agents);
    findings.add(Section::Agents, webex.agents);
    findings.add(Section::Webex, webex.webex);
    findings.add(Section::Desktops, desktop);
    Ok(())
}

/// Shorter than a server's: the whole check has [`preflight::WITHIN`].
fn timing() -> Timing {
    Timing { request: Duration::from_secs(5), ready: Duration::from_secs(8), ..Timing::default() }
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
