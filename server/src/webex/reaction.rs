//! What to do after a connection ended: a table, no I/O (Webex notes 3.6, 9).

use std::time::Duration;

use super::mercury::SocketEnd;
use super::rest::RestError;
use super::token::TokenError;

/// Failures in a row after which the device is refreshed: its address may be stale. As many refusals
/// of a token that works elsewhere are no slip any more.
pub(super) const REFRESH_AFTER: u32 = 3;
/// Failures in a row after which the catalog is read afresh too.
const DISCOVER_AFTER: u32 = 6;
/// A socket that stays unknown although its device can be refreshed: every so many failures the
/// device is given up for a new one, so that a dead address is not asked for ever.
const REGISTER_EVERY: u32 = 12;

/// How one connection, or the attempt to make one, ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    /// We were asked to stop.
    #[error("stopped")]
    Stopped,
    /// The socket.
    #[error(transparent)]
    Socket(#[from] SocketEnd),
    /// A request without which there is no connection.
    #[error(transparent)]
    Rest(#[from] RestError),
    /// The device does not exist any more.
    #[error("webex dropped the device")]
    DeviceGone,
    /// Presence cannot be subscribed at all.
    #[error("presence cannot be subscribed: {why}")]
    Unsubscribable { why: String },
    /// The presence service knows either our device or the whole request not.
    #[error("the presence service does not find what is asked: {why}")]
    NotFound { why: String },
    /// The feed lives and tells nothing: presence changed, and no event said so.
    #[error("webex tells no changes: {missed} people changed unheard")]
    Deaf { missed: usize },
    /// A subscription ended without being renewed in time.
    #[error("presence subscriptions could not be renewed in time: {why}")]
    Lapsed { why: String },
    /// The server announced its end and we could not move in time.
    #[error("the mercury server shuts down")]
    Shutdown,
}

/// How long to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Not at all, the first time; then like `Backoff`.
    Prompt,
    /// As the backoff says.
    Backoff,
    /// As Webex asked, and not less than the backoff says.
    Asked(Duration),
    /// Another instance holds the device: give it the field.
    StandDown,
    /// Only a person can cure it: probe now and then.
    Slow,
}

/// What happens to the device before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Remake {
    /// It is used as it is.
    #[default]
    Keep,
    /// It is refreshed, which may change the socket's address.
    Refresh,
    /// It is given up, and a new one is registered.
    Register,
}

/// What must be made anew before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Renew {
    /// The access token.
    pub(super) token: bool,
    pub(super) device: Remake,
    /// The catalog is read again.
    pub(super) catalog: bool,
}

impl Renew {
    const NOTHING: Self = Self { token: false, device: Remake::Keep, catalog: false };
    const TOKEN: Self = Self { token: true, ..Self::NOTHING };
    const DEVICE: Self = Self { device: Remake::Refresh, ..Self::NOTHING };
    const CATALOG: Self = Self { catalog: true, ..Self::DEVICE };
}

/// What is known beside the end itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Circumstances {
    /// An integration, which can get another token, and not a bot.
    pub(super) renewable: bool,
    /// Failures before this one since the last healthy connection.
    pub(super) failures: u32,
    /// The bot's token was accepted a moment ago although a socket or a service refused it.
    pub(super) token_works: bool,
    /// The connection before was deaf too.
    pub(super) deaf_before: bool,
}

/// The reaction to an [`End`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reaction {
    pub(super) wait: Wait,
    pub(super) renew: Renew,
    /// A condition that needs a person, by the label of its metric.
    pub(super) alarm: Option<&'static str>,
}

impl Reaction {
    const fn new(wait: Wait, renew: Renew) -> Self {
        Self { wait, renew, alarm: None }
    }

    const fn slow(alarm: &'static str) -> Self {
        Self { wait: Wait::Slow, renew: Renew::NOTHING, alarm: Some(alarm) }
    }
}

/// Does `end` say that the token is refused?
pub(super) const fn refuses_token(end: &End) -> bool {
    matches!(
        end,
        End::Socket(SocketEnd::Closed { code: 4401, .. } | SocketEnd::Upgrade { status: 401, .. })
            | End::Rest(RestError::Token(TokenError::Bot))
    )
}

/// Another connection took this one's place on the device (Webex notes 3.6: also without a code).
pub(super) fn is_replaced(end: &End) -> bool {
    matches!(end, End::Socket(SocketEnd::Closed { code: 4000 | 1005, reason })
        if reason.eq_ignore_ascii_case("replaced"))
}

/// The table.
pub(super) fn react(end: &End, about: Circumstances) -> Reaction {
    let failures = about.failures + 1;
    let mut reaction = match end {
        _ if is_replaced(end) => {
            Reaction { wait: Wait::StandDown, renew: Renew::NOTHING, alarm: Some("replaced") }
        }
        _ if refuses_token(end) => to_refused_token(about),
        End::Socket(end) => to_socket(end, failures),
        End::Rest(error) => to_rest(error),
        End::DeviceGone | End::NotFound { .. } => Reaction::new(Wait::Prompt, Renew::DEVICE),
        End::Shutdown => Reaction::new(Wait::Prompt, Renew::NOTHING),
        End::Deaf { .. } => Reaction {
            alarm: about.deaf_before.then_some("deaf"),
            ..Reaction::new(Wait::Prompt, Renew::DEVICE)
        },
        End::Stopped | End::Lapsed { .. } | End::Unsubscribable { .. } => {
            Reaction::new(Wait::Backoff, Renew::NOTHING)
        }
    };
    let renew = &mut reaction.renew;
    if failures >= REFRESH_AFTER {
        renew.device = renew.device.max(Remake::Refresh);
    }
    renew.catalog |= failures >= DISCOVER_AFTER;
    if about.failures > 0 && reaction.wait == Wait::Prompt {
        reaction.wait = Wait::Backoff;
    }
    reaction
}

fn to_refused_token(about: Circumstances) -> Reaction {
    if about.renewable {
        Reaction::new(Wait::Prompt, Renew::TOKEN)
    } else if about.token_works && about.failures + 1 < REFRESH_AFTER {
        Reaction::new(Wait::Backoff, Renew::NOTHING)
    } else {
        Reaction::slow("token")
    }
}

fn to_socket(end: &SocketEnd, failures: u32) -> Reaction {
    match end {
        SocketEnd::Closed { code: 4404, .. } | SocketEnd::Upgrade { status: 404 | 410, .. } => {
            let mut renew = Renew::DEVICE;
            if failures % REGISTER_EVERY == REFRESH_AFTER {
                renew.device = Remake::Register;
            }
            Reaction::new(Wait::Prompt, renew)
        }
        SocketEnd::Closed { code: 4400 | 4403, .. }
        | SocketEnd::Upgrade { status: 403 | 451, .. } => Reaction::slow("forbidden"),
        SocketEnd::Upgrade { pause: Some(pause), .. } => {
            Reaction::new(Wait::Asked(*pause), Renew::NOTHING)
        }
        // Everything else, also codes that do not exist yet, may heal by itself.
        SocketEnd::Closed { .. }
        | SocketEnd::Upgrade { .. }
        | SocketEnd::Broken { .. }
        | SocketEnd::Silent { .. } => Reaction::new(Wait::Backoff, Renew::NOTHING),
    }
}

fn to_rest(error: &RestError) -> Reaction {
    match error {
        RestError::Token(TokenError::Unavailable { .. }) | RestError::Failed { .. } => {
            Reaction::new(Wait::Backoff, Renew::NOTHING)
        }
        RestError::Token(_) => Reaction::slow("token"),
        RestError::Untrusted(_) => {
            Reaction { renew: Renew::CATALOG, ..Reaction::slow("untrusted_host") }
        }
        RestError::Pause { wait, .. } => Reaction::new(Wait::Asked(*wait), Renew::NOTHING),
        error if error.is_excessive() => Reaction::slow("devices"),
        RestError::Status { status: 403 | 451, .. } => Reaction::slow("forbidden"),
        RestError::Status { .. } => Reaction::new(Wait::Backoff, Renew::NOTHING),
    }
}

/// The end's label in metrics.
pub(super) const fn label(end: &End) -> &'static str {
    match end {
        End::Stopped => "stopped",
        End::Socket(SocketEnd::Closed { code, .. }) => known_code(*code),
        End::Socket(SocketEnd::Upgrade { .. }) => "upgrade",
        End::Socket(SocketEnd::Broken { .. }) => "broken",
        End::Socket(SocketEnd::Silent { .. }) => "silent",
        End::Rest(_) => "request",
        End::DeviceGone => "device_gone",
        End::NotFound { .. } => "not_found",
        End::Unsubscribable { .. } => "unsubscribable",
        End::Deaf { .. } => "deaf",
        End::Lapsed { .. } => "lapsed",
        End::Shutdown => "shutdown",
    }
}

/// A server that makes up codes must not make up time series.
const fn known_code(code: u16) -> &'static str {
    match code {
        1000 => "close_1000",
        1001 => "close_1001",
        1003 => "close_1003",
        1005 => "close_1005",
        1006 => "close_1006",
        1008 => "close_1008",
        1011 => "close_1011",
        1012 => "close_1012",
        4000 => "close_4000",
        4001 => "close_4001",
        4400 => "close_4400",
        4401 => "close_4401",
        4403 => "close_4403",
        4404 => "close_4404",
        _ => "close_other",
    }
}

#[cfg(test)]
#[path = "reaction_tests.rs"]
mod tests;
