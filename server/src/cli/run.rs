//! `lockstep run`.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::FAILED;
use crate::clock::Clock;
use crate::config::{Config, Origin};
use crate::finesse::dry_run::DryRun;
use crate::finesse::rest::Rest;
use crate::service::{Parts, Service};
use crate::{assembly, http, metering, systemd, tls};

/// Serves until it is told to stop; `origin` reads the configuration again on SIGHUP.
pub fn run(config: Config, origin: &Origin) -> anyhow::Result<ExitCode> {
    for warning in &config.warnings {
        tracing::warn!(config.key = warning.key, config.place = %warning.place, "{warning}");
    }
    tls::install();
    http::descriptors::raise();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    let outcome = runtime.block_on(serve(config, origin));
    // What has not ended within its bounds, on a dead disk, is not waited for.
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config, origin: &Origin) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;

    let (service, accounts) = start(config).await?;
    systemd::ready();
    let code = loop {
        tokio::select! {
            _ = terminate.recv() => break ExitCode::SUCCESS,
            _ = interrupt.recv() => break ExitCode::SUCCESS,
            () = service.ended() => break ExitCode::from(FAILED),
            _ = hang_up.recv() => read_again(origin, &service, &accounts),
            () = service.reload_asked() => read_again(origin, &service, &accounts),
        }
    };
    systemd::stopping();
    tracing::info!("stopping: what is under way is finished first");
    service.stop().await;
    Ok(code)
}

fn read_again(origin: &Origin, service: &Service, accounts: &Rest) {
    systemd::reloading();
    reload(origin, service, accounts);
    systemd::ready();
}

/// Reads the configuration again; a broken one is told, and changes nothing.
fn reload(origin: &Origin, service: &Service, accounts: &Rest) {
    match origin.load() {
        Ok(config) => {
            tracing::info!("the configuration was read again");
            let (admin, supervisors) = assembly::finesse_accounts(&config);
            if let Err(error) = accounts.set_accounts(&admin, &supervisors) {
                tracing::error!(error = %error, "finesse's accounts stay as they were");
            }
            service.reload(config);
        }
        Err(problems) => {
            tracing::error!("the configuration was not read again, the old one stays: {problems}");
        }
    }
}

/// The service, and the client whose accounts may be replaced.
async fn start(config: Config) -> anyhow::Result<(Service, Arc<Rest>)> {
    let clock = Clock::system();
    let metrics = metering::page()?.install_recorder().context("failed to set up metrics")?;
    let mut random = assembly::random()?;
    let device_name = assembly::own_device_name(&config, &mut random)?;
    let key = assembly::gadget_key(&config, &mut random)?;
    let ids = assembly::random()?;
    let cookies = assembly::random()?;
    let rest = Arc::new(assembly::finesse(&config, clock)?);
    let webex = Arc::new(assembly::webex(&config, clock, random, device_name)?);
    let config = Arc::new(config);
    let finesse = Arc::clone(&rest);
    let service = if config.modes().has_server() {
        let random = cookies;
        Service::start(Parts { config, clock, finesse, webex, metrics, key, ids, random }).await?
    } else {
        tracing::info!("sync.mode is gadget: agents' own desktops set their states");
        // The engine asks for no change in this mode; should it ever, none is made.
        let finesse = Arc::new(DryRun::new(finesse));
        let random = cookies;
        Service::start(Parts { config, clock, finesse, webex, metrics, key, ids, random }).await?
    };
    Ok((service, rest))
}
