//! One walk from the token to the first subscription, step by step, for whoever checks an
//! installation; what the feed does over and over, done once and told singly.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use jiff::Timestamp;
use lockstep_core::PersonId;
use serde_json::Value;
use tokio::time::timeout;

use super::client::{Client, Context};
use super::composition::text;
use super::device::Device;
use super::discovery::Catalog;
use super::pauses::{Service, http_date};
use super::people::raw_id;
use super::presence::Presence;
use super::rest::{RestError, below, read};
use super::session::Socket;
use super::transport::Request;

/// Half of a second: `Date` has whole ones, cut off.
const HALF_SECOND_MS: i64 = 500;

/// The owner of the token, as Webex has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owner {
    /// `displayName`.
    pub name: Option<String>,
    /// `bot` or `person`.
    pub kind: Option<String>,
    /// The raw id of the organisation.
    pub organisation: Option<String>,
    /// How far Webex's clock is ahead of ours, in milliseconds and within half a second.
    pub clock_ahead_ms: Option<i64>,
}

/// Somebody that was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Who.
    pub person: PersonId,
    /// The raw id of the organisation.
    pub organisation: Option<String>,
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The token is refused: nothing further can work.
    #[error("webex refused the token; {detail}")]
    Token {
        /// What to do.
        detail: String,
    },
    /// Webex does not let this token subscribe presence, which can be polled then.
    #[error("webex does not permit subscriptions: {detail}")]
    NotPermitted {
        /// Webex's words.
        detail: String,
    },
    /// A host that may not see the token.
    #[error("{detail}")]
    Untrusted {
        /// Which.
        detail: String,
    },
    /// Anything else.
    #[error("{detail}")]
    Failed {
        /// What happened.
        detail: String,
    },
}

/// What the walk has reached; [`Probe::end`] leaves nothing behind.
pub struct Probe {
    context: Arc<Context>,
    catalog: Option<Catalog>,
    device: Option<Device>,
    socket: Option<Socket>,
}

impl Client {
    /// Begins a walk of its own; its device must not be the one of a running server.
    pub fn probe(&self) -> Probe {
        let context = self.context();
        Probe { context, catalog: None, device: None, socket: None }
    }
}

impl Probe {
    /// `GET people/me`: is the token good, and whose is it?
    pub async fn owner(&self) -> Result<Owner, ProbeError> {
        let (reply, date) = self.people(&["people", "me"], None).await?;
        let now = i64::try_from(self.context.now().as_millis()).unwrap_or(i64::MAX);
        Ok(Owner {
            name: text(&reply, "displayName").map(plain),
            kind: text(&reply, "type").map(plain),
            organisation: organisation(&reply),
            clock_ahead_ms: date.map(|date| date.as_millisecond() + HALF_SECOND_MS - now),
        })
    }

    /// `GET people?email=`: who has this address?
    pub async fn find(&self, address: &str) -> Result<Option<Found>, ProbeError> {
        let (reply, _) = match self.people(&["people"], Some(address)).await {
            Ok(found) => found,
            Err(None) => return Ok(None),
            Err(Some(error)) => return Err(error.into()),
        };
        let person = super::people::found(&reply, address);
        let person = person.map_err(|detail| ProbeError::Failed { detail })?;
        let items = reply.get("items").and_then(Value::as_array);
        let is_it = |item: &&Value| text(item, "id").and_then(raw_id) == person;
        let item = items.and_then(|items| items.iter().find(is_it));
        let organisation = item.and_then(organisation);
        Ok(person.map(|person| Found { person, organisation }))
    }

    /// The catalog of services.
    pub async fn discover(&mut self) -> Result<(), ProbeError> {
        let catalog = self.context.rest.catalog(&self.context.settings.u2c_url).await?;
        self.catalog = Some(catalog);
        Ok(())
    }

    /// Registers the device.
    pub async fn register(&mut self) -> Result<(), ProbeError> {
        let Some(catalog) = &self.catalog else { return Err(out_of_turn("discovery")) };
        let device = self.context.rest.device(&self.context.home(&catalog.wdm)).await?;
        self.device = Some(device);
        Ok(())
    }

    /// Opens the Mercury socket and waits until it is ready for events.
    pub async fn connect(&mut self) -> Result<(), ProbeError> {
        let Some(device) = &self.device else { return Err(out_of_turn("the device")) };
        let bearer = self.context.rest.tokens.bearer().await.map_err(RestError::from)?;
        let socket = self.context.connect(&device.socket, &bearer).await;
        let failed =
            |end: super::mercury::SocketEnd| ProbeError::Failed { detail: end.to_string() };
        self.socket = Some(socket.map_err(failed)?);
        Ok(())
    }

    /// Subscribes `people` for `ttl`, and returns those who are refused, each with Webex's code and
    /// words.
    pub async fn subscribe(
        &self,
        people: &[PersonId],
        ttl: Duration,
    ) -> Result<Vec<(PersonId, String)>, ProbeError> {
        let (Some(catalog), Some(device)) = (&self.catalog, &self.device) else {
            return Err(out_of_turn("the device"));
        };
        let base = catalog.presence.as_ref().or(device.presence.as_ref());
        let base = base.ok_or_else(|| ProbeError::NotPermitted {
            detail: "neither the catalog nor the device names a presence service".to_owned(),
        })?;
        let at = Presence { base: base.clone(), device: device.url.clone() };
        let mut refused = Vec::new();
        for batch in people.chunks(super::presence::BATCH) {
            let items = self.context.rest.subscribe(&at, batch, ttl).await;
            let items = items.map_err(|error| match error.status() {
                Some(403 | 404 | 405 | 501) => {
                    ProbeError::NotPermitted { detail: error.to_string() }
                }
                _ => error.into(),
            })?;
            let denied = items.into_iter().filter(|item| !(200..300).contains(&item.code));
            refused.extend(denied.map(|item| {
                (item.person, format!("{} {}", item.code, item.message).trim_end().to_owned())
            }));
        }
        Ok(refused)
    }

    /// Closes the socket and removes the device, so that nothing of the walk is left.
    pub async fn end(mut self) {
        let limit = self.context.settings.timing.farewell / 2;
        if let Some(socket) = self.socket.take() {
            socket.close(limit).await;
        }
        let Some(device) = &self.device else { return };
        match timeout(limit, self.context.rest.unregister(&device.url)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "failed to remove the webex device"),
            Err(_) => tracing::warn!("failed to remove the webex device in time"),
        }
    }

    /// An answer of the public API, and when Webex gave it.
    async fn people(
        &self,
        path: &[&str],
        email: Option<&str>,
    ) -> Result<(Value, Option<Timestamp>), Option<RestError>> {
        let mut url = below(&self.context.settings.api_url, path);
        if let Some(email) = email {
            url.query_pairs_mut().append_pair("email", email);
        }
        let service = Service::People;
        let request = Request::new(service, Method::GET, url);
        match self.context.rest.answered(&request).await {
            Ok((answer, bearer)) => {
                let date = answer.date.as_deref().and_then(http_date);
                read(&answer, service.label(), &bearer).map(|value| (value, date)).map_err(Some)
            }
            // 400 is Webex's word for an address that cannot be one.
            Err(error) if email.is_some() && matches!(error.status(), Some(400 | 404)) => Err(None),
            Err(error) => Err(Some(error)),
        }
    }
}

impl From<Option<RestError>> for ProbeError {
    fn from(error: Option<RestError>) -> Self {
        error.map_or_else(|| Self::Failed { detail: "nobody is there".to_owned() }, Self::from)
    }
}

impl From<RestError> for ProbeError {
    fn from(error: RestError) -> Self {
        let detail = error.to_string();
        match error {
            RestError::Token(token) if token.is_refusal() => Self::Token { detail },
            RestError::Untrusted(_) => Self::Untrusted { detail },
            _ => Self::Failed { detail },
        }
    }
}

fn out_of_turn(what: &str) -> ProbeError {
    ProbeError::Failed { detail: format!("{what} comes first") }
}

fn organisation(person: &Value) -> Option<String> {
    text(person, "orgId").and_then(raw_id).map(|id| id.to_string())
}

/// Webex's words on one line of ours.
fn plain(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(80).collect()
}
