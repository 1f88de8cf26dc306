//! Whose token it is and whether it is still good (wire notes 1.1 and 5).

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

/// Tokens remembered so that they can be revoked; clients use one or two, so this bounds only a
/// runaway test. The oldest knowledge stays.
const REMEMBERED: usize = 10_000;

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Any well-formed token that was not given out here.
    Bot,
    /// A token that the refresh grant gave out.
    Integration,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadToken {
    /// Not `<anything>_PF84_<uuid>`.
    Malformed,
    /// Revoked, or past its lifetime.
    Dead,
}

#[derive(Debug, Default)]
pub(crate) struct Tokens {
    seen: HashSet<String>,
    revoked: HashSet<String>,
    issued: HashMap<String, Instant>,
    used_refresh: HashSet<String>,
    /// Given out by the refresh grant.
    shown: Vec<String>,
}

// === impl Tokens ===

impl Tokens {
    pub(crate) fn check(&mut self, token: &str, now: Instant) -> Result<Caller, BadToken> {
        if !well_formed(token) {
            return Err(BadToken::Malformed);
        }
        if self.revoked.contains(token) {
            return Err(BadToken::Dead);
        }
        match self.issued.get(token) {
            Some(expires) if *expires <= now => Err(BadToken::Dead),
            Some(_) => Ok(Caller::Integration),
            None => {
                if self.seen.len() < REMEMBERED {
                    self.seen.insert(token.to_owned());
                }
                Ok(Caller::Bot)
            }
        }
    }

    pub(crate) fn issue(&mut self, token: String, lifetime: Duration, now: Instant) {
        if self.issued.len() >= REMEMBERED {
            self.issued.retain(|_, expires| *expires > now);
        }
        self.issued.insert(token, now + lifetime);
    }

    pub(crate) fn show(&mut self, token: &str) {
        if self.shown.len() < REMEMBERED {
            self.shown.push(token.to_owned());
        }
    }

    pub(crate) fn shown(&self) -> &[String] {
        &self.shown
    }

    /// Refuses every access token seen or issued until now.
    pub(crate) fn revoke_all(&mut self) {
        self.revoked.extend(self.seen.drain());
        self.revoked.extend(self.issued.drain().map(|(token, _)| token));
    }

    /// Accepts revoked tokens again, as the bot's.
    pub(crate) fn forgive(&mut self) {
        self.revoked.clear();
    }

    /// `false` when this refresh token was replaced before.
    pub(crate) fn refresh_is_good(&self, refresh: &str) -> bool {
        !self.used_refresh.contains(refresh)
    }

    pub(crate) fn replace_refresh(&mut self, refresh: &str) {
        if self.used_refresh.len() < REMEMBERED {
            self.used_refresh.insert(refresh.to_owned());
        }
    }
}

/// Three fields between underscores, the third an organisation's id: what the vendor's SDK demands
/// of a token that is not a JWT.
fn well_formed(token: &str) -> bool {
    let mut fields = token.rsplitn(3, '_');
    let organisation = fields.next().is_some_and(|field| Uuid::try_parse(field).is_ok());
    organisation
        && fields.next() == Some("PF84")
        && fields.next().is_some_and(|rest| !rest.is_empty())
}
