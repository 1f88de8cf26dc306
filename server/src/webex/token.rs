use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::backoff::Backoff;
use super::bearer::Bearer;
use super::draw::Draw;
use super::grant::{Granted, read_grant};
use super::metric::Metric;
use super::settings::Token;
use super::transport::Transport;

/// An access token is renewed this long before it expires (S1-35).
const MARGIN: Duration = Duration::from_mins(1);
/// No token is renewed more often than this because of its age, whatever life it was granted.
const LEAST_LIFE: Duration = Duration::from_secs(1);
/// A token that is refused later than this after the last one that was refused is a new story.
const REFUSED_BEFORE: Duration = Duration::from_mins(5);
/// How long a request for a token waits for a pause that Webex asked for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Keeps the newest refresh token where it survives a restart.
///
/// Called before the access token that came with it is used, because the older refresh token may
/// be worthless from then on.
pub trait TokenKeeper: Send + Sync + 'static {
    /// Stores the refresh token.
    fn keep<'a>(&'a self, refresh_token: &'a SecretString) -> Keeping<'a>;
}

/// What [`TokenKeeper::keep`] returns.
pub type Keeping<'a> = Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>;

/// Keeps nothing: for bots, whose token never changes.
#[derive(Debug, Clone, Copy)]
pub struct KeepNothing;

impl TokenKeeper for KeepNothing {
    fn keep<'a>(&'a self, _refresh_token: &'a SecretString) -> Keeping<'a> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Why there is no usable token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenError {
    #[error("webex refused the bot's token; put a valid one into webex.token_file")]
    Bot,
    #[error("webex refused the refresh token ({detail}); authorise the integration again")]
    Revoked { detail: String },
    #[error("webex refused a token that was just renewed")]
    Renewed,
    #[error("failed to renew the access token: {detail}")]
    Unavailable { detail: String },
}

impl TokenError {
    /// Did Webex say no, rather than nothing?
    pub(super) const fn is_refusal(&self) -> bool {
        !matches!(self, Self::Unavailable { .. })
    }
}

/// Hands out access tokens; renews those of an integration, one request at a time.
pub(super) struct Tokens {
    source: Source,
}

enum Source {
    Bot(Bearer),
    Integration { state: Arc<Mutex<State>>, exchange: Arc<Exchange> },
}

struct State {
    refresh: SecretString,
    access: Option<Access>,
    generation: u64,
    /// Set for good when Webex says that the refresh token is worthless: it is never sent again.
    revoked: Option<TokenError>,
    backoff: Backoff,
    not_before: Option<Instant>,
    /// How soon a refused token may be exchanged again: a service that refuses every token must not
    /// make us draw one after the other.
    refusals: Backoff,
    refused_at: Option<Instant>,
    next_refusal: Option<Instant>,
}

struct Access {
    bearer: Bearer,
    renew_at: Instant,
    expires_at: Instant,
}

struct Exchange {
    url: Url,
    client_id: String,
    client_secret: SecretString,
    transport: Arc<Transport>,
    keeper: Arc<dyn TokenKeeper>,
    draw: Arc<Draw>,
}

impl Tokens {
    /// `url` is the token service, `{api}/access_token`.
    pub(super) fn new(
        token: &Token,
        url: Url,
        transport: Arc<Transport>,
        keeper: Arc<dyn TokenKeeper>,
        draw: Arc<Draw>,
    ) -> Self {
        let source = match token {
            Token::Bot(secret) => Source::Bot(Bearer::first(secret)),
            Token::Integration { client_id, client_secret, refresh_token } => {
                let (client_id, client_secret) = (client_id.clone(), client_secret.clone());
                let exchange = Exchange { url, client_id, client_secret, transport, keeper, draw };
                let state = State {
                    refresh: refresh_token.clone(),
                    access: None,
                    generation: 0,
                    revoked: None,
                    backoff: Backoff::new(Duration::from_secs(1), Duration::from_mins(1)),
                    not_before: None,
                    refusals: Backoff::new(Duration::from_secs(2), Duration::from_mins(1)),
                    refused_at: None,
                    next_refusal: None,
                };
                let state = Arc::new(Mutex::new(state));
                Source::Integration { state, exchange: Arc::new(exchange) }
            }
        };
        Self { source }
    }

    /// A token that is good now, as far as we know.
    pub(super) async fn bearer(&self) -> Result<Bearer, TokenError> {
        match &self.source {
            Source::Bot(bearer) => Ok(bearer.clone()),
            Source::Integration { state, exchange } => {
                let state = Arc::clone(state).lock_owned().await;
                match &state.access {
                    Some(access) if Instant::now() < access.renew_at => Ok(access.bearer.clone()),
                    _ => renew(state, Arc::clone(exchange)).await,
                }
            }
        }
    }

    /// Webex refused `bearer`: gets another one where that is possible. `Ok` means: try again.
    pub(super) async fn refused(&self, bearer: &Bearer) -> Result<(), TokenError> {
        match &self.source {
            Source::Bot(_) => Err(TokenError::Bot),
            Source::Integration { state, exchange } => {
                let mut state = Arc::clone(state).lock_owned().await;
                if state.generation != bearer.generation {
                    return Ok(()); // somebody else was faster
                }
                state.note_refusal(&exchange.draw);
                renew(state, Arc::clone(exchange)).await.map(|_| ())
            }
        }
    }

    /// Webex refused `bearer`, which is new: it is not sent again, and another one has to wait.
    pub(super) async fn distrust(&self, bearer: &Bearer) {
        if let Source::Integration { state, exchange } = &self.source {
            let mut state = state.lock().await;
            if state.generation == bearer.generation {
                state.note_refusal(&exchange.draw);
            }
        }
    }

    /// Renews the token in time, also while nothing is asked for, so that trouble with that is
    /// known while the present token is still good (S1-35). Never ends.
    pub(super) async fn keep_fresh(&self) -> Infallible {
        if let Source::Integration { state, .. } = &self.source {
            loop {
                let Some(at) = state.lock().await.renewal() else { break };
                sleep_until(at).await;
                if let Err(error) = self.bearer().await {
                    tracing::debug!(%error, "no webex access token for now");
                }
            }
        }
        std::future::pending().await
    }
}

impl State {
    /// A token that is good until it expires.
    fn still_good(&self) -> Option<Bearer> {
        let access = self.access.as_ref().filter(|access| Instant::now() < access.expires_at);
        access.map(|access| access.bearer.clone())
    }

    /// When the token is to be renewed; never when the refresh token is worthless.
    fn renewal(&self) -> Option<Instant> {
        if self.revoked.is_some() {
            return None;
        }
        let due = self.access.as_ref().map(|access| access.renew_at);
        let soon = || Instant::now() + LEAST_LIFE;
        due.max(self.not_before).or_else(|| Some(soon()))
    }

    /// The token is never sent again, come what may. The first refusal is answered by a new token
    /// at once; those that follow soon have to wait.
    fn note_refusal(&mut self, draw: &Draw) {
        let now = Instant::now();
        self.access = None;
        if self.refused_at.is_none_or(|at| now >= at + REFUSED_BEFORE) {
            self.refusals.reset();
            self.next_refusal = None;
        }
        self.refused_at = Some(now);
        self.not_before = self.not_before.max(self.next_refusal.filter(|at| now < *at));
        self.next_refusal = Some(now + draw.after_failure(&mut self.refusals));
    }
}

/// Runs the exchange to its end even when the caller goes away: a refresh token that was spent
/// and not stored would lock us out.
async fn renew(
    state: OwnedMutexGuard<State>,
    exchange: Arc<Exchange>,
) -> Result<Bearer, TokenError> {
    tokio::spawn(async move { exchange.run(state).await })
        .await
        .unwrap_or_else(|error| Err(TokenError::Unavailable { detail: error.to_string() }))
}

impl Exchange {
    async fn run(&self, mut state: OwnedMutexGuard<State>) -> Result<Bearer, TokenError> {
        if let Some(revoked) = &state.revoked {
            return state.still_good().ok_or_else(|| revoked.clone());
        }
        if let Some(wait) = state.not_before.map(|at| at.saturating_duration_since(Instant::now()))
            && !wait.is_zero()
        {
            let detail =
                format!("too soon after the last attempt, next in {} s", wait.as_secs() + 1);
            return state.still_good().ok_or(TokenError::Unavailable { detail });
        }
        match self.ask(&state.refresh).await {
            Ok(granted) => self.adopt(&mut state, granted).await,
            Err(error) => {
                self.note_failure(&mut state, &error);
                state.still_good().ok_or(error)
            }
        }
    }

    async fn ask(&self, refresh: &SecretString) -> Result<Granted, TokenError> {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose_secret()),
            ("refresh_token", refresh.expose_secret()),
        ];
        let answer = self.transport.form(&self.url, &fields, PATIENCE).await;
        read_grant(answer)
    }

    async fn adopt(&self, state: &mut State, granted: Granted) -> Result<Bearer, TokenError> {
        Metric::TokenRefreshes.count_by("outcome", "ok");
        if let Some(refresh) = granted.refresh {
            state.refresh = refresh.clone();
            if let Err(error) = self.keeper.keep(&refresh).await {
                Metric::Alarms.count_by("kind", "token_not_kept");
                tracing::error!(%error, "failed to store the new webex refresh token; a restart will need a new authorisation");
            }
        }
        let now = Instant::now();
        state.generation += 1;
        let bearer = Bearer { secret: Arc::new(granted.access), generation: state.generation };
        // A token that lives for less than two margins is renewed at half of its life.
        let renew_in = granted.life.saturating_sub(MARGIN).max(granted.life / 2).max(LEAST_LIFE);
        state.access = Some(Access {
            bearer: bearer.clone(),
            renew_at: now + renew_in,
            expires_at: now + granted.life.max(LEAST_LIFE),
        });
        tracing::info!(life_s = granted.life.as_secs(), "drew a webex access token");
        state.backoff.reset();
        state.not_before = None;
        Ok(bearer)
    }

    fn note_failure(&self, state: &mut State, error: &TokenError) {
        if matches!(error, TokenError::Revoked { .. }) {
            Metric::TokenRefreshes.count_by("outcome", "revoked");
            Metric::Alarms.count_by("kind", "token");
            tracing::error!(%error, "webex presence ends when the present access token does");
            state.revoked = Some(error.clone());
            return;
        }
        Metric::TokenRefreshes.count_by("outcome", "failed");
        let wait = self.draw.after_failure(&mut state.backoff);
        tracing::warn!(%error, retry_in_ms = wait.as_millis(), "the present webex token stays in use until it expires");
        state.not_before = Some(Instant::now() + wait);
    }
}
