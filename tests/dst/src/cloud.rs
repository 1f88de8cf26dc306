//! The host on which webex-sim runs, and the way in which the world acts on it.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use webex_sim::{Config, Listen as _, PersonSpec, WebexSim};

use crate::network::Port;
use crate::time::EPOCH;

/// Where webex-sim is, as Lockstep calls it: plain text is for loopback addresses only.
pub const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

type Order = Box<dyn FnOnce(&WebexSim) + Send>;

/// A handle to Webex; clones share it.
///
/// What the world wants of webex-sim is done by webex-sim's own host, whose clock its instants
/// belong to.
#[derive(Clone, Default)]
pub struct Cloud {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    orders: Mutex<VecDeque<Order>>,
    more: Notify,
    sim: Mutex<Option<Arc<WebexSim>>>,
}

/// The mail address of an agent's human.
pub fn address(agent: &str) -> String {
    format!("agent{agent}@example.com")
}

impl Cloud {
    /// What the host runs.
    pub async fn run(
        self,
        seed: u64,
        agents: Vec<String>,
        token_life: Duration,
    ) -> turmoil::Result {
        let config = Config {
            agents: 0,
            people: agents.iter().map(|id| PersonSpec::from(address(id).as_str())).collect(),
            seed: Some(seed),
            epoch: Timestamp::from_millisecond(EPOCH).ok(),
            access_token_lifetime: token_life,
            rotate_refresh_tokens: false,
            ..Config::default()
        };
        let listener = Port::bind(ADDRESS).await?;
        let sim = Arc::new(WebexSim::serve(config, ADDRESS, listener)?);
        *lock(&self.state.sim) = Some(Arc::clone(&sim));
        loop {
            while let Some(order) = self.next() {
                order(&sim);
            }
            self.state.more.notified().await;
        }
    }

    /// Does something in webex-sim's host.
    pub fn order(&self, order: impl FnOnce(&WebexSim) + Send + 'static) {
        lock(&self.state.orders).push_back(Box::new(order));
        self.state.more.notify_one();
    }

    /// What the client did that the wire notes do not allow.
    pub fn violations(&self) -> Vec<String> {
        lock(&self.state.sim).as_ref().map(|sim| sim.violations()).unwrap_or_default()
    }

    fn next(&self) -> Option<Order> {
        lock(&self.state.orders).pop_front()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
