//! The supervisors' page: live, explained, and only for those who may look.
//!
//! - `assets` — its files, embedded; `embed` is the build script's part
//! - `door` — what a request must show; `sign_in`, `sessions`, `rights` — who somebody is
//! - `hub` — one `table` for all browsers, kept up to date while anybody looks; `wire` — a row as
//!   the page reads it, `health`
//! - `stream`, `events` — what changes, as it does; `agents` — everything at once
//! - `actions` — what a supervisor may ask for
//! - `archive` — the journal; `day` — an agent's, `report` — figures

mod actions;
mod agents;
mod archive;
mod assets;
mod day;
mod door;
mod events;
mod health;
mod hub;
mod report;
mod rights;
mod sessions;
mod sign_in;
mod stream;
mod table;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use rand::rngs::StdRng;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use self::archive::Archive;
use self::door::Outside;
use self::hub::Hub;
use self::rights::{Account, Rights};
use self::sessions::Sessions;
use self::sign_in::SignIn;
use self::stream::Streams;
use crate::clock::Clock;
use crate::config::Config;
use crate::directory::Roll;
use crate::engine::Handle;
use crate::finesse::Identify;
use crate::gadgets::Asking;
use crate::running::Running;
use crate::status::Status;

pub use self::sessions::Lifetimes;

/// Bytes of a request's body; the longest, a sign-in, has some hundred.
const MAX_BODY: usize = 4 * 1024;

/// What the page is made of.
#[derive(Debug)]
pub struct Parts<I> {
    /// The configuration.
    pub config: watch::Receiver<Arc<Config>>,
    /// The time.
    pub clock: Clock,
    /// Answers whose password it is.
    pub asking: Arc<Asking<I>>,
    /// Owns the agents.
    pub engine: Handle,
    /// How the server is.
    pub status: Status,
    /// Who is who in Finesse.
    pub roll: Roll,
    /// Draws the cookies.
    pub random: StdRng,
    /// Woken where an administrator wants the configuration to be read again.
    pub reload: Arc<Notify>,
}

/// What every request needs.
#[derive(Debug)]
struct Page {
    config: watch::Receiver<Arc<Config>>,
    clock: Clock,
    roll: Roll,
    /// The name of Lockstep's own administrator, who is nobody in the contact centre.
    administrator: String,
    outside: Outside,
    sessions: Arc<Sessions>,
    hub: Arc<Hub>,
    streams: Streams,
    archive: Archive,
    reload: Arc<Notify>,
    stop: CancellationToken,
}

/// The page's routes; what keeps it up to date runs until `running` stops. Nothing where the
/// configuration has switched it off.
pub fn routes<I: Identify>(parts: Parts<I>, running: &Running) -> Router {
    let Parts { config, clock, asking, engine, status, roll, random, reload } = parts;
    let first = Arc::clone(&config.borrow());
    if !first.dashboard.enabled {
        return Router::new();
    }
    let hub = Arc::new(Hub::new(engine, status, clock));
    running.spawn("page", Arc::clone(&hub).run(running.stop().clone()));
    let page = Arc::new(Page {
        config,
        clock,
        roll,
        administrator: first.finesse.admin.user.trim().to_owned(),
        outside: Outside::new(first.http.public_url.as_ref(), first.http.tls.is_some()),
        sessions: Arc::new(Sessions::new(first.dashboard.lifetimes(), random)),
        hub,
        streams: Streams::default(),
        archive: Archive::in_dir(first.state.dir.clone()),
        reload,
        stop: running.stop().clone(),
    });
    let way = Arc::new(SignIn { page: Arc::clone(&page), asking });
    let signing_in =
        Router::new().route("/api/sign-in", post(sign_in::sign_in::<I>)).with_state(way);
    Router::new()
        .route("/api/sign-out", post(sign_in::sign_out))
        .route("/api/me", get(sign_in::me))
        .route("/api/agents", get(agents::agents))
        .route("/api/stream", get(stream::stream))
        .route("/api/agents/{agent}/day", get(day::day))
        .route("/api/report", get(report::json))
        .route("/api/report.csv", get(report::csv))
        .route("/api/agents/{agent}/snooze", post(actions::snooze))
        .route("/api/agents/{agent}/unsnooze", post(actions::unsnooze))
        .route("/api/agents/{agent}/release", post(actions::release))
        .route("/api/teams/{team}/pause", post(actions::pause))
        .route("/api/teams/{team}/resume", post(actions::resume))
        .route("/api/reload", post(actions::reload))
        .with_state(Arc::clone(&page))
        .merge(signing_in)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .merge(assets::routes())
        .layer(from_fn_with_state(page, door::enter))
}

impl Page {
    /// What an account may now.
    fn rights(&self, account: &Account) -> Option<Rights> {
        account.rights(&*self.roll.read()?)
    }
}
