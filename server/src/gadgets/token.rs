//! Tokens: whose gadget it is, until when, signed. They mean nothing to anybody but us.
//!
//! `v1.<claims>.<mac>`, both parts base64 for URLs: the claims as JSON, and their HMAC-SHA-256.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use lockstep_core::protocol::SessionReply;
use lockstep_core::{AgentId, Time};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::Key;

/// How long a token lasts: long enough that a server which is down for a while finds its gadgets
/// with good ones, short enough that one which leaks is soon worth nothing.
pub(super) const LASTS: Duration = Duration::from_mins(15);
/// How long a proof lasts over any number of renewals: a shift. Then the desktop proves itself anew.
const PROOF_LASTS: Duration = Duration::from_hours(12);
/// Tokens longer than this are not looked at; ours have a third of it.
const LONGEST: usize = 1_024;
const VERSION: &str = "v1";

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    /// Whose.
    #[serde(rename = "a")]
    pub(super) agent: AgentId,
    /// When they proved themselves to Finesse.
    #[serde(rename = "p")]
    pub(super) proved_at: Time,
    /// Until when it is good.
    #[serde(rename = "e")]
    pub(super) expires_at: Time,
}

/// Why a token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadToken {
    #[error("the token is not one of this server: sign in again")]
    Forged,
    #[error("the token has expired: sign in again")]
    Expired,
}

impl Claims {
    /// Of somebody who has just proved themselves.
    pub(super) fn proved(agent: AgentId, now: Time) -> Self {
        Self { agent, proved_at: now, expires_at: now.after(LASTS) }
    }

    /// The same for longer, where the proof still lasts.
    pub(super) fn renewed(&self, now: Time) -> Option<Self> {
        let proof_ends = self.proved_at.after(PROOF_LASTS);
        let expires_at = now.after(LASTS).min(proof_ends);
        (expires_at > self.expires_at).then(|| Self { expires_at, ..self.clone() })
    }

    /// When it is to be renewed: after two thirds of its life, so that one that goes astray leaves
    /// time for another.
    pub(super) fn renew_at(&self) -> Time {
        self.expires_at.before(LASTS / 3)
    }

    /// As the gadget gets it.
    pub(super) fn reply(&self, key: &Key, now: Time) -> SessionReply {
        let token = sign(key, self);
        SessionReply { agent: self.agent.clone(), token, expires_at: self.expires_at, now }
    }
}

fn sign(key: &Key, claims: &Claims) -> String {
    // Two strings and two numbers cannot fail to be JSON.
    let claims = serde_json::to_vec(claims).unwrap_or_default();
    let signed = format!("{VERSION}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mac = mac(key, signed.as_bytes()).finalize().into_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
}

/// What a token says, where it is ours and still good. Compares in constant time.
pub(super) fn read(key: &Key, token: &str, now: Time) -> Result<Claims, BadToken> {
    if token.len() > LONGEST {
        return Err(BadToken::Forged);
    }
    let (signed, given) = token.rsplit_once('.').ok_or(BadToken::Forged)?;
    let (version, claims) = signed.split_once('.').ok_or(BadToken::Forged)?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| BadToken::Forged);
    mac(key, signed.as_bytes()).verify_slice(&decoded(given)?).map_err(|_| BadToken::Forged)?;
    let claims: Claims = serde_json::from_slice(&decoded(claims)?).map_err(|_| BadToken::Forged)?;
    if version != VERSION {
        return Err(BadToken::Forged);
    }
    if claims.expires_at <= now {
        return Err(BadToken::Expired);
    }
    Ok(claims)
}

fn mac(key: &Key, bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = key.mac();
    mac.update(bytes);
    mac
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const NOW: Time = Time::from_millis(1_000_000);

    fn key(seed: u64) -> Key {
        Key::drawn(&mut StdRng::seed_from_u64(seed))
    }

    fn token(key: &Key) -> String {
        Claims::proved(AgentId::new("0001"), NOW).reply(key, NOW).token
    }

    #[test]
    fn a_token_is_good_for_its_agent_until_it_expires() {
        let (key, later) = (key(1), NOW.after(LASTS));
        let claims = read(&key, &token(&key), NOW).unwrap();
        assert_eq!(claims.agent, AgentId::new("0001"));
        assert_eq!(claims.expires_at, later);
        assert!(read(&key, &token(&key), later.before(Duration::from_millis(1))).is_ok());
        assert_eq!(read(&key, &token(&key), later), Err(BadToken::Expired));
    }

    /// No bit of it may be changed, and no other installation's is good.
    #[test]
    fn a_token_that_we_did_not_sign_is_forged() {
        let (own, token) = (key(1), token(&key(1)));
        assert_eq!(read(&key(2), &token, NOW), Err(BadToken::Forged));
        for place in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            if forged != token {
                assert_eq!(read(&own, &forged, NOW), Err(BadToken::Forged), "{place}: {forged}");
            }
        }
        for token in ["", ".", "..", "v1..", "v1.e30.", &"a".repeat(100_000)] {
            assert_eq!(read(&own, token, NOW), Err(BadToken::Forged), "{token:.20}");
        }
    }

    #[test]
    fn a_proof_lasts_a_shift_however_often_it_is_renewed() {
        let mut claims = Claims::proved(AgentId::new("0001"), NOW);
        let mut renewals = 0;
        while let Some(next) = claims.renewed(claims.renew_at()) {
            assert!(claims.renew_at() < claims.expires_at);
            claims = next;
            renewals += 1;
        }
        assert_eq!(claims.expires_at, NOW.after(PROOF_LASTS));
        assert!(renewals > 40, "{renewals}");
    }
}
