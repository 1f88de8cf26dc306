//! A simulator, a client of it, and waiting with a reason.

use std::time::Duration;

use finesse_sim::{Config, Deployment, FinesseSim};
use lockstep::clock::Clock;
use lockstep::finesse::rest::{AccountSettings, Limits, Rest, Settings};
use lockstep::finesse::{Change, Finesse};
use lockstep_core::finesse::Target;
use lockstep_core::{AgentId, TeamId};
use tokio::time::Instant;

/// The first agent of the simulator.
pub(crate) const AGENT: &str = "1001001";
const PATIENCE: Duration = Duration::from_secs(10);

/// A simulator and a client that speaks to it.
pub(crate) struct Stage {
    pub(crate) sim: FinesseSim,
    pub(crate) rest: Rest,
}

/// The simulator's usual contact centre with a fast CTI.
pub(crate) fn quick(deployment: Deployment) -> Config {
    let mut config = Config::new(deployment, 3);
    config.cti_delay = (Duration::from_millis(1), Duration::from_millis(5));
    config
}

pub(crate) fn account(user: &str, password: &str) -> AccountSettings {
    AccountSettings { user: user.into(), password: password.into() }
}

/// Settings for both nodes of a simulator, with limits that suit loopback.
pub(crate) fn settings(sim: &FinesseSim) -> Settings {
    let nodes = [Some(sim.base_url()), sim.secondary_url()];
    settings_for(nodes.into_iter().flatten())
}

pub(crate) fn settings_for(nodes: impl IntoIterator<Item = String>) -> Settings {
    let limits = Limits {
        total: Duration::from_secs(2),
        probe: Duration::from_millis(500),
        ..Limits::default()
    };
    Settings {
        nodes: nodes.into_iter().map(|node| node.parse().expect("an address")).collect(),
        admin: account("administrator", "secret"),
        supervisors: vec![account("supervisor1", "secret")],
        ca: None,
        limits,
    }
}

/// Starts a simulator and makes a client; nothing was asked yet.
pub(crate) async fn stage(config: Config) -> Stage {
    stage_with(config, |_| {}).await
}

pub(crate) async fn stage_with(config: Config, adjust: impl FnOnce(&mut Settings)) -> Stage {
    let sim = FinesseSim::start(config).await.expect("the simulator starts");
    let mut settings = settings(&sim);
    adjust(&mut settings);
    let rest = client(&settings);
    Stage { sim, rest }
}

pub(crate) fn client(settings: &Settings) -> Rest {
    Rest::new(settings, Clock::system()).expect("a client")
}

impl Stage {
    /// Reads the users and finds out who supervises whom.
    pub(crate) async fn assign(&self) {
        let users = self.rest.users().await.expect("the users");
        let assignment = self.rest.assign(&users, &[TeamId::new("1")]);
        assert_eq!(assignment.unsupervised, []);
    }

    /// Asks for a state of the first agent.
    pub(crate) async fn set(
        &self,
        target: Target,
        id: &str,
    ) -> Result<(), lockstep::finesse::FinesseError> {
        self.rest.change(&change(AGENT, target, id)).await
    }

    /// Waits until the simulator shows `state`.
    pub(crate) async fn until_state(&self, agent: &str, state: finesse_sim::AgentState) {
        until(&format!("{agent} is {state:?}"), || self.sim.state(agent) == state).await;
    }

    /// Requests of this method that arrived, per simulator's log.
    pub(crate) fn arrived(&self, method: &str) -> usize {
        self.sim.log().iter().filter(|record| record.method == method).count()
    }
}

pub(crate) fn change(agent: &str, target: Target, id: &str) -> Change {
    let (agent, team, request_id) = (AgentId::new(agent), TeamId::new("1"), id.to_owned());
    // Long after any fail-over: these stories tell what is asked, not on which word.
    let seen_at = Clock::system().now();
    Change { agent, team, target, request_id, seen_at }
}

/// Waits until `condition` holds; says what never came true.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
