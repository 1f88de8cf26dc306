//! The agents' gadgets: whose desktop it is, proved once to Finesse, and the link to it.
//!
//! A gadget asks for a session (`session`), opens a Socket.IO connection with the token it got
//! (`token`), and from then on its `link` carries messages between it and the engine. Nothing
//! is sent or accepted without a token, nothing that crosses names another agent, and the desktop's
//! own authorization is forgotten as soon as Finesse has answered.
//!
//! - `attempts` — how often who may try, so that nobody is locked out through us; `asking` — the one
//!   way by which a password gets to Finesse
//! - `door` — what a request must show before it gets as far as Socket.IO
//! - `seats` — how many of Socket.IO's sessions there may be
//! - `socket` — Socket.IO itself; `listener` — what comes in, in order and in bounds
//! - `link` — one connection, from its hello to its end

mod asking;
mod attempts;
mod door;
mod key;
mod link;
mod listener;
mod report;
mod seats;
mod session;
mod socket;
mod token;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use lockstep_core::protocol::SESSION_PATH;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::engine::Handle;
use crate::finesse::Identify;
use crate::http::origins::{self, Origins};

pub use asking::Asking;
pub(crate) use attempts::Hold;
pub use key::{Key, KeyError};
pub use socket::SOCKET_PATH;

/// How long closing all links may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);

/// What the gadgets' side is made of.
#[derive(Debug)]
pub struct Parts<I> {
    /// Answers whose authorization it is.
    pub asking: Arc<Asking<I>>,
    /// Owns the agents.
    pub engine: Handle,
    /// The time.
    pub clock: Clock,
    /// Signs the tokens.
    pub key: Arc<Key>,
    /// The desktops' pages.
    pub origins: Origins,
}

/// The gadgets' side, which serves until it is closed.
#[derive(Debug)]
pub struct Gadgets {
    io: socketioxide::SocketIo,
    links: TaskTracker,
    stop: CancellationToken,
}

/// Makes the routes, and what closes them.
pub fn routes<I: Identify>(parts: Parts<I>) -> (Router, Gadgets) {
    let Parts { asking, engine, clock, key, origins } = parts;
    let (links, stop) = (TaskTracker::new(), CancellationToken::new());
    let hall = Arc::new(link::Hall {
        engine: engine.clone(),
        clock,
        key: Arc::clone(&key),
        stop: stop.clone(),
        links: links.clone(),
        last: AtomicU64::default(),
    });
    let (sockets, io) = socket::router(hall);
    let sessions = session::Sessions::new(asking, engine, clock, key);
    let sessions =
        Router::new().route(SESSION_PATH, post(session::ask::<I>)).with_state(Arc::new(sessions));
    let app = sockets
        .route_layer(from_fn_with_state(seats::Seats::default(), seats::seat))
        .merge(sessions)
        .route_layer(from_fn_with_state(origins.clone(), door::enter))
        .route_layer(from_fn_with_state(origins, origins::cors));
    (app, Gadgets { io, links, stop })
}

impl Gadgets {
    /// Says goodbye to every gadget and closes its connection; waits for that, within bounds.
    pub async fn close(self) {
        self.stop.cancel();
        self.links.close();
        let closed = async {
            self.links.wait().await;
            // Connections that never got as far as a link.
            self.io.close().await;
        };
        if timeout(CLOSE_WITHIN, closed).await.is_err() {
            tracing::debug!("not every gadget had closed in time");
        }
    }
}
