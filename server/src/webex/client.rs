use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lockstep_core::{PersonId, Time};
use rand::rngs::StdRng;
use rustls::ClientConfig;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::backoff::Backoff;
use super::bearer::Bearer;
use super::device::Home;
use super::draw::Draw;
use super::feed::Feed;
use super::mercury::{self, Mercury, SocketEnd};
use super::metric::Metric;
use super::outlet::Outlet;
use super::pauses::Service;
use super::rest::{Rest, RestError, below};
use super::session::Socket;
use super::settings::{Settings, SettingsError};
use super::token::{TokenKeeper, Tokens};
use super::transport::Transport;
use super::wire::{self, Dial, Tcp};
use super::{FeedEvent, LookupError, PresenceSource};
use crate::clock::Clock;

/// Attempts at looking up a person, the first included.
const LOOKUPS: u32 = 3;

/// The real Webex client.
pub struct Client {
    context: Arc<Context>,
}

/// What every part of the client shares.
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) rest: Rest,
    pub(super) draw: Arc<Draw>,
    clock: Clock,
    dial: Arc<dyn Dial>,
    tls: Arc<ClientConfig>,
    epoch: AtomicU64,
}

impl Client {
    /// Builds the client; nothing is contacted yet.
    ///
    /// `random` is the only source of ids and jitter. `keeper` is told of every new refresh token
    /// of an integration; a bot needs none ([`KeepNothing`](super::KeepNothing)).
    pub fn new(
        settings: Settings,
        clock: Clock,
        random: StdRng,
        keeper: Arc<dyn TokenKeeper>,
    ) -> Result<Self, SettingsError> {
        Self::with_dial(settings, clock, random, keeper, Arc::new(Tcp))
    }

    /// As [`new`](Self::new), with the network passed in, for simulations.
    pub fn with_dial(
        settings: Settings,
        clock: Clock,
        random: StdRng,
        keeper: Arc<dyn TokenKeeper>,
        dial: Arc<dyn Dial>,
    ) -> Result<Self, SettingsError> {
        settings.validate()?;
        let draw = Arc::new(Draw::new(random));
        let tls = wire::tls(settings.ca_pem.as_deref())?;
        let transport = Arc::new(Transport::new(&settings, Arc::clone(&dial), &tls, draw.id()));
        let token_url = below(&settings.api_url, &["access_token"]);
        let tokens = Tokens::new(
            &settings.token,
            token_url,
            Arc::clone(&transport),
            keeper,
            Arc::clone(&draw),
        );
        let rest = Rest { transport, tokens };
        let epoch = AtomicU64::new(0);
        Ok(Self { context: Arc::new(Context { settings, rest, draw, clock, dial, tls, epoch }) })
    }
}

impl Client {
    pub(super) fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context)
    }
}

impl PresenceSource for Client {
    async fn person(&self, address: &str) -> Result<Option<PersonId>, LookupError> {
        let context = &self.context;
        let mut backoff = context.backoff();
        loop {
            match context.rest.person_of(&context.settings.api_url, address).await {
                Ok(person) => return Ok(person),
                Err(error) if worth_another(&error) && backoff.failures() + 1 < LOOKUPS => {
                    let delay = context.draw.after_failure(&mut backoff);
                    tokio::time::sleep(delay).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn watch(
        &self,
        people: watch::Receiver<Arc<[PersonId]>>,
        events: mpsc::Sender<FeedEvent>,
        stop: CancellationToken,
    ) {
        Feed::new(Arc::clone(&self.context), Outlet::new(events, stop)).run(people).await;
    }
}

impl From<RestError> for LookupError {
    fn from(error: RestError) -> Self {
        let detail = error.to_string();
        match error {
            RestError::Token(_) => Self::Token { detail },
            _ => Self::Unavailable { detail },
        }
    }
}

fn worth_another(error: &RestError) -> bool {
    matches!(error, RestError::Failed { .. }) || error.status().is_some_and(|status| status >= 500)
}

impl Context {
    /// The generation of the next connection; grows for as long as the process lives.
    pub(super) fn next_epoch(&self) -> u64 {
        self.epoch.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The time now.
    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Delays of reconnects and of repeated requests.
    pub(super) const fn backoff(&self) -> Backoff {
        Backoff::new(self.settings.timing.backoff_first, self.settings.timing.backoff_most)
    }

    /// Our place among the devices that are registered at `wdm`.
    pub(super) fn home<'a>(&'a self, wdm: &'a Url) -> Home<'a> {
        let unused = self.settings.timing.device_refresh * 3;
        let unused = u64::try_from(unused.as_millis()).unwrap_or(u64::MAX);
        let before = self.clock.now().as_millis().saturating_sub(unused);
        let name = &self.settings.device_name;
        Home { wdm, name, abandoned_before: Time::from_millis(before) }
    }

    /// Opens a socket at `base` that is ready for events.
    pub(super) async fn connect(&self, base: &Url, bearer: &Bearer) -> Result<Socket, SocketEnd> {
        let limit = self.settings.timing.ready;
        let pauses = &self.rest.transport.pauses;
        if let Err(wait) = pauses.turn(Service::Mercury, limit).await {
            return Err(SocketEnd::Upgrade { status: 429, pause: Some(wait) });
        }
        let result = timeout(limit, self.ready_socket(base, bearer)).await;
        let result = result.unwrap_or(Err(SocketEnd::Silent { what: "not ready in time" }));
        match &result {
            Ok(_) => Metric::Connects.count(),
            Err(SocketEnd::Upgrade { pause: Some(pause), .. }) => {
                pauses.ask(Service::Mercury, *pause);
            }
            Err(_) => {}
        }
        result
    }

    async fn ready_socket(&self, base: &Url, bearer: &Bearer) -> Result<Socket, SocketEnd> {
        let broken = |detail: String| SocketEnd::Broken { detail };
        self.rest.transport.trust().check(base).map_err(|error| broken(error.to_string()))?;
        let url = mercury::address(base, self.clock.now().as_millis());
        let stream = wire::open(&url, &*self.dial, &self.tls)
            .await
            .map_err(|error| broken(error.to_string()))?;
        let id = self.draw.id().to_string();
        Mercury::connect(stream, &url, bearer, &id, &self.rest.transport.tracking()).await
    }
}
