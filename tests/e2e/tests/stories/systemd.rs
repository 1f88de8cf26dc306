//! What systemd sees: ready when it serves, reloads, an orderly stop, and a watchdog that bites.

use std::process::Stdio;
use std::time::Duration;

use finesse_sim::Deployment;
use lockstep_e2e::{PATIENCE, Signal, Site, SiteConfig, Systemd, lockstep};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::Instant;

/// Long enough that a busy machine is not taken for a stuck engine.
const WATCHDOG: Duration = Duration::from_secs(3);

fn watched(agents: usize, systemd: &Systemd) -> SiteConfig {
    let mut config = SiteConfig::new(Deployment::Uccx, agents);
    config.environment = systemd.environment();
    config
}

#[tokio::test]
async fn systemd_is_told_of_start_reload_and_stop_and_the_watchdog_is_fed() {
    let systemd = Systemd::with_watchdog(Duration::from_millis(500));
    let mut site = Site::prepare_and_run(watched(1, &systemd)).await;
    systemd.hears("READY=1").await;
    site.wait_for("ready is told by who serves", Site::listens_on).await;
    assert_eq!(site.get("/healthz").await.status, 200);
    for _ in 0..3 {
        systemd.hears("WATCHDOG=1").await;
    }

    site.signal(Signal::Hup);
    let reloading = systemd.hears("RELOADING=1").await;
    assert!(reloading.contains("MONOTONIC_USEC="), "notify-reload wants it: {reloading}");
    systemd.hears("READY=1").await;
    site.folder.write("lockstep.toml", "nothing that can be read");
    site.signal(Signal::Hup);
    systemd.hears("RELOADING=1").await;
    systemd.hears("READY=1").await;

    assert_eq!(site.stop_by(Signal::Term).await.code, Some(0));
    systemd.hears("STOPPING=1").await;
    site.end().await;
}

#[tokio::test]
async fn a_start_that_fails_never_says_that_it_is_ready() {
    let systemd = Systemd::with_watchdog(Duration::from_millis(500));
    let mut site = Site::prepare(watched(1, &systemd)).await;
    site.configure("http", "listen", "192.0.2.1:1");
    site.run();
    assert_eq!(site.exit().await.code, Some(1));
    assert!(systemd.barks().await, "nothing was told");
    site.end().await;
}

/// A process of which only the engine's decisions are told, and nobody reads those; the rest of the
/// start is read. Gives the process, and what it goes on to print.
async fn start_unread(site: &Site, systemd: &Systemd) -> (Child, Lines<BufReader<ChildStderr>>) {
    let mut child = Command::new(lockstep())
        .args(["run", "--config", "lockstep.toml"])
        .current_dir(site.folder.path())
        .env_clear()
        .envs(systemd.environment())
        .env("LOCKSTEP_LOG", "lockstep::service=info,lockstep::engine=info")
        // A request that Finesse refuses is a line, too: each of the 64 under way at once may stand
        // with its thread, and some must be left for the rest.
        .env("TOKIO_WORKER_THREADS", "100")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    loop {
        let line = lines.next_line().await.expect("text").expect("it goes on");
        let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if line["http.listen"].is_string() {
            return (child, lines);
        }
    }
}

/// As before a journal that hangs: the engine stands in the middle of a line, and goes on when the
/// line is read. Whether the pages answer meanwhile is chance: the thread that stands may be the one
/// that all connections wait on.
#[tokio::test]
async fn an_engine_that_stands_still_is_not_fed_until_it_goes_on() {
    let systemd = Systemd::with_watchdog(WATCHDOG);
    let site = Site::prepare(watched(40, &systemd)).await;
    let (mut child, mut lines) = start_unread(&site, &systemd).await;
    systemd.hears("READY=1").await;
    assert!(!systemd.barks().await, "it is fed at first");

    let everybody: Vec<String> = (1001..1041).map(|number| format!("agent{number}")).collect();
    let deadline = Instant::now() + PATIENCE;
    for presence in ["dnd", "active"].into_iter().cycle() {
        for agent in &everybody {
            site.presence(agent, presence);
        }
        if systemd.barks().await {
            break;
        }
        assert!(Instant::now() < deadline, "the engine never stood still");
    }
    assert!(child.try_wait().expect("it can be asked").is_none(), "it stands still, and runs");

    let reading = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    systemd.hears("WATCHDOG=1").await;
    child.kill().await.expect("it runs");
    reading.await.expect("no panic");
    site.end().await;
}
