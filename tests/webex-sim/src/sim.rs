//! The simulated cloud as a library: what a test or the demo holds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::cloud::{Cloud, organisation};
use crate::config::{Config, PersonSpec, StartError};
use crate::delivery::{self, UnknownPerson};
use crate::faults::{ActiveFault, Fault, FaultId, FaultOrder, OrderError};
use crate::inject;
use crate::journal::{Counters, Entry};
use crate::listen;
use crate::network::Listen;
use crate::people::Person;
use crate::presence::Change;
use crate::sockets::Socket;

/// How often a condition is looked at while nothing happens: subscriptions and devices run out
/// silently.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running simulator. Dropping it stops it; [`WebexSim::shutdown`] also waits for the end.
#[derive(Debug)]
pub struct WebexSim {
    cloud: Arc<Cloud>,
}

/// A condition that never came true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: not within {patience:?}; {seen}")]
pub struct NeverTrue {
    what: String,
    patience: Duration,
    seen: String,
}

// === impl WebexSim ===

impl WebexSim {
    /// Listens and serves until it is shut down or dropped.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let wanted = config.listen;
        if !wanted.ip().is_loopback() {
            return Err(StartError::NotLoopback(wanted));
        }
        let failed = |source| StartError::Listen { address: wanted, source };
        let listener = <TcpListener as Listen>::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Self::serve(config, address, listener)
    }

    /// Serves on a port of any network until it is shut down or dropped. Clients reach it at
    /// `address`; what [`Config::listen`] says does not count.
    pub fn serve<L: Listen>(
        config: Config,
        address: SocketAddr,
        listener: L,
    ) -> Result<Self, StartError> {
        // One pause at a time; a further one has nothing to close.
        let (offline_in, offline) = mpsc::channel(1);
        let cloud = Arc::new(Cloud::new(config, address, offline_in)?);
        cloud.tasks.spawn(listen::serve(Arc::clone(&cloud), listener, offline));
        Ok(Self { cloud })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.cloud.address
    }

    /// `http://127.0.0.1:4711`.
    pub fn base_url(&self) -> String {
        self.cloud.base()
    }

    /// What goes into `webex.u2c_url`.
    pub fn u2c_url(&self) -> String {
        format!("{}/u2c/api/v1", self.cloud.base())
    }

    /// What goes into `webex.api_url`.
    pub fn api_url(&self) -> String {
        format!("{}/v1", self.cloud.base())
    }

    /// A bot token that is accepted; any `<anything>_PF84_<uuid>` is.
    pub fn token(&self) -> String {
        format!("lockstepbot_PF84_{}", organisation())
    }

    /// Every token that the refresh grant gave out, access and refresh, for tests that look for
    /// them where they must not be.
    pub fn tokens_shown(&self) -> Vec<String> {
        self.cloud.lock().tokens.shown().to_vec()
    }

    /// Everybody, by address.
    pub fn people(&self) -> Vec<Person> {
        self.cloud.lock().people.all().cloned().collect()
    }

    /// The person with this address.
    pub fn person(&self, address: &str) -> Option<Person> {
        self.cloud.lock().people.at(address).cloned()
    }

    /// Adds somebody while the simulator runs.
    pub fn add_person(&self, spec: impl Into<PersonSpec>) -> Result<Uuid, StartError> {
        let spec = spec.into();
        self.cloud.update(|state| state.people.add(&spec, self.cloud.clock.now()))
    }

    /// Removes somebody; subscriptions for the id stay and say nothing more.
    pub fn remove_person(&self, address: &str) -> Result<(), UnknownPerson> {
        let gone = self.cloud.update(|state| state.people.remove(address));
        gone.map(drop).ok_or_else(|| UnknownPerson(address.to_owned()))
    }

    /// Changes a presence and sends the events: `sim.set_presence("agent1001@example.com", "dnd")`.
    pub fn set_presence(
        &self,
        address: &str,
        change: impl Into<Change>,
    ) -> Result<(), UnknownPerson> {
        delivery::set_presence(&self.cloud, address, change.into())
    }

    /// Sets a fault until it is cleared, or does at once what it says; an id comes back for what
    /// lasts.
    pub fn inject(&self, fault: Fault) -> Result<Option<FaultId>, OrderError> {
        inject::inject(&self.cloud, fault.into())
    }

    /// Sets a fault for a number of times.
    pub fn inject_times(&self, fault: Fault, times: u32) -> Result<Option<FaultId>, OrderError> {
        inject::inject(&self.cloud, FaultOrder { fault, times: Some(times) })
    }

    /// Clears every fault.
    pub fn clear_faults(&self) {
        inject::clear(&self.cloud);
    }

    /// The faults that are set.
    pub fn active_faults(&self) -> Vec<ActiveFault> {
        self.cloud.lock().faults.shown()
    }

    /// Resets every connection, sockets included.
    pub fn drop_connections(&self) {
        self.cloud.cut_links();
    }

    /// The ordered log, oldest first; bounded.
    pub fn log(&self) -> Vec<Entry> {
        self.cloud.lock().journal.entries()
    }

    /// The totals.
    pub fn counters(&self) -> Counters {
        self.cloud.lock().journal.counters.clone()
    }

    /// How often an endpoint was asked; 0 for one that was not.
    pub fn requests(&self, endpoint: &str) -> u64 {
        self.cloud.lock().journal.counters.requests.get(endpoint).copied().unwrap_or(0)
    }

    /// What clients did that the wire notes do not allow, as sentences.
    pub fn violations(&self) -> Vec<String> {
        self.cloud.lock().journal.violations()
    }

    /// The sockets that are ready.
    pub fn sockets(&self) -> Vec<Socket> {
        self.cloud.lock().sockets.shown()
    }

    /// The registered devices' ids.
    pub fn devices(&self) -> Vec<Uuid> {
        self.cloud.lock().devices.all().map(|device| device.id).collect()
    }

    /// How many subscriptions have not run out.
    pub fn subscriptions(&self) -> usize {
        self.cloud.lock().subscriptions.count(Instant::now())
    }

    /// Waits until the condition holds, looking after everything that happens here, and now and
    /// then for what only time brings about. The error says what never came true.
    pub async fn wait_for(
        &self,
        what: &str,
        patience: Duration,
        holds: impl Fn(&Self) -> bool,
    ) -> Result<(), NeverTrue> {
        let deadline = Instant::now() + patience;
        loop {
            let changed = self.cloud.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if holds(self) {
                return Ok(());
            }
            let look = deadline.min(Instant::now() + LOOK_EVERY);
            if timeout_at(look, changed).await.is_err() && Instant::now() >= deadline {
                let seen = format!("seen: {:?}", self.counters());
                return Err(NeverTrue { what: what.to_owned(), patience, seen });
            }
        }
    }

    /// Ends every connection and waits until nothing is left of it.
    pub async fn shutdown(self) {
        self.cloud.stop.cancel();
        self.cloud.tasks.close();
        self.cloud.tasks.wait().await;
    }
}

impl Drop for WebexSim {
    fn drop(&mut self) {
        self.cloud.stop.cancel();
    }
}
