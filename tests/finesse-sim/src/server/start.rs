//! Starts a simulator from its configuration, or says what is wrong with it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::{StdRng, SysRng};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::listener::NodeListener;
use super::sim::FinesseSim;
use super::tls::acceptor;
use super::world::{Nodes, keep_time};
use super::{Node, Shared, World};
use crate::clock::Clock;
use crate::config::Config;
use crate::desktop::{Desk, Layout};
use crate::faults::FaultBook;
use crate::log::RequestLog;
use crate::model::Centre;
use crate::model::reasons::Catalogue;
use crate::rest::auth::{Admin, Lockout};

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The simulator takes any password and must not be reached from elsewhere.
    #[error("finesse-sim listens on loopback addresses only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The address is taken or not there.
    #[error("failed to listen on {address}")]
    Bind {
        /// Where it should have listened.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A user or team of the configuration.
    #[error("the users are wrong: {0}")]
    Directory(String),
    /// A reason code of the configuration.
    #[error("the reason codes are wrong: {0}")]
    Reasons(String),
    /// The desktop layout of the configuration.
    #[error("the desktop layout is wrong: {0}")]
    Layout(String),
    /// The folder for the CA cannot be written.
    #[error("failed to write {}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The certificate could not be made.
    #[error("failed to make a certificate: {0}")]
    Certificate(String),
    /// The machine gives no randomness.
    #[error("failed to draw a seed: {0}")]
    Seed(String),
}

impl FinesseSim {
    /// Starts the nodes; they serve when this returns.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let (primary, first) = bind(config.listen).await?;
        let (secondary, second) = match config.secondary {
            Some(address) => bind(address).await.map(|(s, at)| (Some(s), Some(at)))?,
            None => (None, None),
        };
        let nodes = Nodes { primary: first, secondary: second };
        // Clients judge a certificate by the machine's clock, whatever a test's clock shows.
        let now = Clock::System.now();
        let tls = config.tls.as_deref().map(|folder| acceptor(folder, &config.certificate, now));
        let tls = tls.transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared::new(world(&config, nodes)?, config.clock.clone()));
        // A fault of the start may refuse connections already.
        shared.with(|_, _| ());
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let listeners =
            [(Node::Primary, Some(primary), Some(first)), (Node::Secondary, secondary, second)];
        for (node, listener, address) in listeners {
            let (Some(listener), Some(address)) = (listener, address) else { continue };
            let shared = Arc::clone(&shared);
            let (tls, stop) = (tls.clone(), stop.clone());
            let serving = NodeListener { node, address, shared, tls, stop, tasks: tasks.clone() };
            tasks.spawn(serving.run(listener));
        }
        let timekeeper = Arc::clone(&shared);
        let stopped = stop.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                () = keep_time(&timekeeper) => {}
            }
        });
        Ok(Self::new(shared, nodes, scheme, stop, tasks))
    }
}

pub(super) fn world(config: &Config, nodes: Nodes) -> Result<World, StartError> {
    let mut rng = match config.seed {
        Some(seed) => StdRng::seed_from_u64(seed),
        None => StdRng::try_from_rng(&mut SysRng)
            .map_err(|error| StartError::Seed(error.to_string()))?,
    };
    let reasons = Catalogue::new(config.deployment, &config.reasons, &mut rng)
        .map_err(|error| StartError::Reasons(error.to_string()))?;
    let mut centre = Centre::new(config.deployment, reasons, config.wrap_up_for);
    for (id, name) in &config.teams {
        centre.put_team(*id, name);
    }
    let now = config.clock.now();
    for user in &config.users {
        centre
            .add_user(user.clone(), now)
            .map_err(|error| StartError::Directory(error.to_string()))?;
    }
    let mut faults = FaultBook::default();
    for (fault, scope) in &config.faults {
        faults.install(fault.clone(), scope.clone(), now);
    }
    let (name, password) = config.admin.clone();
    Ok(World {
        centre,
        admin: Admin { name, password },
        tokens: config.tokens.iter().cloned().collect(),
        lockout: Lockout::default(),
        faults,
        log: RequestLog::default(),
        rng,
        nodes,
        cti_delay: config.cti_delay,
        desk: desk(config)?,
    })
}

fn desk(config: &Config) -> Result<Desk, StartError> {
    let layout = match &config.layout {
        Some(text) => Layout::read(text).map_err(StartError::Layout)?,
        None => Layout::default(),
    };
    Ok(Desk {
        layout,
        finesse_js: config.finesse_js.clone(),
        jquery: config.jquery.clone(),
        ca: config.tls.as_ref().map(|folder| folder.join("ca.pem")),
        ..Desk::default()
    })
}

/// Listens, and says on which port.
async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    if !address.ip().is_loopback() {
        return Err(StartError::NotLoopback(address));
    }
    let failed = |source| StartError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}
