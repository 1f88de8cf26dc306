//! What to do after a connection ended: a table, no I/O (Webex notes 3.6, 9).

use std::time::Duration;

use super::mercury::SocketEnd;
use super::rest::RestError;
use super::token::TokenError;

/// Failures in a row after which the device is refreshed: its address may be stale.
pub(super) const REFRESH_AFTER: u32 = 3;
/// Failures in a row after which the catalog is read afresh too.
const DISCOVER_AFTER: u32 = 6;

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

/// What must be made anew before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Renew {
    Nothing,
    /// The access token.
    Token,
    /// The device, and with it the socket's address.
    Device,
    /// The catalog and the device.
    Catalog,
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
        Self { wait: Wait::Slow, renew: Renew::Nothing, alarm: Some(alarm) }
    }
}

/// The table. `failures` counts those before this one since the last healthy connection;
/// `renewable` tells an integration from a bot.
pub(super) fn react(end: &End, renewable: bool, failures: u32) -> Reaction {
    let mut reaction = match end {
        End::Socket(end) => to_socket(end, renewable),
        End::Rest(error) => to_rest(error),
        End::DeviceGone | End::NotFound { .. } => Reaction::new(Wait::Prompt, Renew::Device),
        End::Shutdown => Reaction::new(Wait::Prompt, Renew::Nothing),
        End::Stopped | End::Lapsed { .. } | End::Unsubscribable { .. } => {
            Reaction::new(Wait::Backoff, Renew::Nothing)
        }
    };
    if failures + 1 >= DISCOVER_AFTER {
        reaction.renew = Renew::Catalog;
    } else if failures + 1 >= REFRESH_AFTER {
        reaction.renew = reaction.renew.max(Renew::Device);
    }
    if failures > 0 && reaction.wait == Wait::Prompt {
        reaction.wait = Wait::Backoff;
    }
    reaction
}

fn to_socket(end: &SocketEnd, renewable: bool) -> Reaction {
    match end {
        SocketEnd::Closed { code: 4000, reason } if reason.eq_ignore_ascii_case("replaced") => {
            Reaction { wait: Wait::StandDown, renew: Renew::Nothing, alarm: Some("replaced") }
        }
        SocketEnd::Closed { code: 4401, .. } | SocketEnd::Upgrade { status: 401, .. } => {
            if renewable {
                Reaction::new(Wait::Prompt, Renew::Token)
            } else {
                Reaction::slow("token")
            }
        }
        SocketEnd::Closed { code: 4404, .. } | SocketEnd::Upgrade { status: 404, .. } => {
            Reaction::new(Wait::Prompt, Renew::Device)
        }
        SocketEnd::Closed { code: 4400 | 4403, .. } | SocketEnd::Upgrade { status: 403, .. } => {
            Reaction::slow("forbidden")
        }
        SocketEnd::Upgrade { pause: Some(pause), .. } => {
            Reaction::new(Wait::Asked(*pause), Renew::Nothing)
        }
        // Everything else, also codes that do not exist yet, may heal by itself.
        SocketEnd::Closed { .. }
        | SocketEnd::Upgrade { .. }
        | SocketEnd::Broken { .. }
        | SocketEnd::Silent { .. } => Reaction::new(Wait::Backoff, Renew::Nothing),
    }
}

fn to_rest(error: &RestError) -> Reaction {
    match error {
        RestError::Token(TokenError::Unavailable { .. }) | RestError::Failed { .. } => {
            Reaction::new(Wait::Backoff, Renew::Nothing)
        }
        RestError::Token(_) => Reaction::slow("token"),
        RestError::Untrusted(_) => {
            Reaction { renew: Renew::Catalog, ..Reaction::slow("untrusted_host") }
        }
        RestError::Pause { wait, .. } => Reaction::new(Wait::Asked(*wait), Renew::Nothing),
        RestError::Status { status: 403 | 451, .. } => Reaction::slow("forbidden"),
        RestError::Status { .. } => Reaction::new(Wait::Backoff, Renew::Nothing),
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
        End::Lapsed { .. } => "lapsed",
        End::Shutdown => "shutdown",
    }
}

/// A server that makes up codes must not make up time series.
const fn known_code(code: u16) -> &'static str {
    match code {
        1000 => "close_1000",
        1001 => "close_1001",
        1005 => "close_1005",
        1006 => "close_1006",
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
mod tests {
    use super::*;

    fn closed(code: u16, reason: &str) -> End {
        SocketEnd::Closed { code, reason: reason.into() }.into()
    }

    fn upgrade(status: u16, pause: Option<u64>) -> End {
        SocketEnd::Upgrade { status, pause: pause.map(Duration::from_secs) }.into()
    }

    #[test]
    fn the_table_of_close_codes() {
        let backoff = Reaction::new(Wait::Backoff, Renew::Nothing);
        let device = Reaction::new(Wait::Prompt, Renew::Device);
        let cases = [
            (closed(1000, ""), backoff),
            (closed(1001, ""), backoff),
            (closed(1003, "rejected last message"), backoff),
            (closed(1005, ""), backoff),
            (closed(1012, ""), backoff),
            (closed(4001, ""), backoff),
            (closed(4999, "new"), backoff),
            (closed(4000, "rebalancing"), backoff),
            (upgrade(500, None), backoff),
            (
                upgrade(429, Some(7)),
                Reaction::new(Wait::Asked(Duration::from_secs(7)), Renew::Nothing),
            ),
            (upgrade(404, None), device),
            (closed(4404, ""), device),
            (End::DeviceGone, device),
            (closed(4400, ""), Reaction::slow("forbidden")),
            (closed(4403, ""), Reaction::slow("forbidden")),
            (closed(4401, ""), Reaction::slow("token")),
            (End::Shutdown, Reaction::new(Wait::Prompt, Renew::Nothing)),
        ];
        for (end, expected) in cases {
            assert_eq!(react(&end, false, 0), expected, "{end}");
        }
    }

    #[test]
    fn replaced_stands_down_with_an_alarm() {
        let reaction = react(&closed(4000, "Replaced"), false, 0);
        assert_eq!((reaction.wait, reaction.alarm), (Wait::StandDown, Some("replaced")));
    }

    #[test]
    fn an_integration_gets_a_new_token_where_a_bot_waits_for_a_person() {
        let reaction = react(&closed(4401, ""), true, 0);
        assert_eq!(reaction, Reaction::new(Wait::Prompt, Renew::Token));
        let revoked = RestError::Token(TokenError::Revoked { detail: String::new() });
        assert_eq!(react(&revoked.into(), true, 0), Reaction::slow("token"));
    }

    #[test]
    fn repeated_failures_lose_their_promptness_and_renew_more() {
        let end = closed(4404, "");
        assert_eq!(react(&end, false, 1).wait, Wait::Backoff);
        assert_eq!(react(&closed(1006, ""), false, 1).renew, Renew::Nothing);
        assert_eq!(react(&closed(1006, ""), false, 2).renew, Renew::Device);
        assert_eq!(react(&closed(1006, ""), false, 5).renew, Renew::Catalog);
    }
}
