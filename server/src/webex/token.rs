use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;
use url::Url;

use super::backoff::Backoff;
use super::draw::Draw;
use super::grant::{Granted, read_grant};
use super::metric::Metric;
use super::settings::Token;
use super::transport::Transport;

/// An access token is renewed this long before it expires (S1-35).
const MARGIN: Duration = Duration::from_mins(1);
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

/// An access token and which one it is.
#[derive(Debug, Clone)]
pub(super) struct Bearer {
    pub(super) secret: Arc<SecretString>,
    generation: u64,
}

impl Bearer {
    /// `text` without the token, should a server repeat it to us.
    pub(super) fn scrub(&self, text: &str) -> String {
        let secret = self.secret.expose_secret();
        if secret.is_empty() { text.to_owned() } else { text.replace(secret, "[token]") }
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
            Token::Bot(secret) => {
                Source::Bot(Bearer { secret: Arc::new(secret.clone()), generation: 0 })
            }
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
                let now = Instant::now();
                let resting = state.not_before.is_some_and(|until| now < until);
                match &state.access {
                    Some(access) if now < access.renew_at => Ok(access.bearer.clone()),
                    Some(access) if resting && now < access.expires_at => Ok(access.bearer.clone()),
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
                state.access = None;
                renew(state, Arc::clone(exchange)).await.map(|_| ())
            }
        }
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
            return Err(revoked.clone());
        }
        if let Some(wait) = state.not_before.map(|at| at.saturating_duration_since(Instant::now()))
            && !wait.is_zero()
        {
            let detail = format!("the last attempt failed, next in {} s", wait.as_secs() + 1);
            return Err(TokenError::Unavailable { detail });
        }
        match self.ask(&state.refresh).await {
            Ok(granted) => self.adopt(&mut state, granted).await,
            Err(error) => {
                self.note_failure(&mut state, &error);
                let now = Instant::now();
                match &state.access {
                    Some(access) if now < access.expires_at => Ok(access.bearer.clone()),
                    _ => Err(error),
                }
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
        let renew_in = granted.life.saturating_sub(MARGIN).max(granted.life / 2);
        state.access = Some(Access {
            bearer: bearer.clone(),
            renew_at: now + renew_in,
            expires_at: now + granted.life,
        });
        state.backoff.reset();
        state.not_before = None;
        Ok(bearer)
    }

    fn note_failure(&self, state: &mut State, error: &TokenError) {
        if matches!(error, TokenError::Revoked { .. }) {
            Metric::TokenRefreshes.count_by("outcome", "revoked");
            state.revoked = Some(error.clone());
            return;
        }
        Metric::TokenRefreshes.count_by("outcome", "failed");
        state.not_before = Some(Instant::now() + self.draw.after_failure(&mut state.backoff));
    }
}
