//! Asks Finesse whose password it is, and never so often that anybody is locked out: gadgets and the
//! supervisors' page share one count, because Finesse has one.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hmac::Mac as _;
use lockstep_core::AgentId;
use secrecy::{ExposeSecret, SecretString};

use super::Key;
use super::attempts::{Attempts, Digest, Hold, Outcome};
use crate::clock::Clock;
use crate::finesse::{FinesseError, Identify};

/// The one way from a stranger's password to Finesse.
#[derive(Debug)]
pub struct Asking<I> {
    finesse: Arc<I>,
    clock: Clock,
    key: Arc<Key>,
    attempts: Mutex<Attempts>,
}

impl<I: Identify> Asking<I> {
    /// Nobody has tried yet.
    pub fn new(finesse: Arc<I>, clock: Clock, key: Arc<Key>) -> Self {
        Self { finesse, clock, key, attempts: Mutex::default() }
    }

    /// Who Finesse says that this is; nothing is asked where that might lock `agent` out.
    pub(crate) async fn who(
        &self,
        agent: &AgentId,
        authorization: &SecretString,
        address: IpAddr,
    ) -> Result<Result<AgentId, FinesseError>, Hold> {
        let mut attempt = self.begin(agent, authorization, address)?;
        let answer = self.finesse.identify(agent, authorization).await;
        attempt.outcome = outcome(&answer);
        Ok(answer)
    }

    /// Does Finesse say that `user` is an administrator?
    pub(crate) async fn administers(
        &self,
        user: &str,
        authorization: &SecretString,
        address: IpAddr,
    ) -> Result<Result<(), FinesseError>, Hold> {
        // One count with a user of that name: whoever was made a moment ago may not be listed yet.
        let account = AgentId::new(user.to_lowercase());
        let mut attempt = self.begin(&account, authorization, address)?;
        let answer = self.finesse.administers(user, authorization).await;
        attempt.outcome = outcome(&answer);
        Ok(answer)
    }

    /// Told its outcome also when the caller goes away meanwhile.
    fn begin(
        &self,
        account: &AgentId,
        authorization: &SecretString,
        address: IpAddr,
    ) -> Result<Attempt<'_, I>, Hold> {
        let digest = self.digest(authorization);
        self.attempts().begin(self.clock.now(), account, &digest, address)?;
        let account = account.clone();
        Ok(Attempt { asking: self, account, digest, address, outcome: Outcome::Unknown })
    }

    /// Keyed, so that what is remembered of a password cannot be guessed from elsewhere.
    fn digest(&self, authorization: &SecretString) -> Digest {
        let mut mac = self.key.mac();
        mac.update(b"attempt");
        mac.update(authorization.expose_secret().as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt that was begun and must be ended.
struct Attempt<'a, I: Identify> {
    asking: &'a Asking<I>,
    account: AgentId,
    digest: Digest,
    address: IpAddr,
    outcome: Outcome,
}

impl<I: Identify> Drop for Attempt<'_, I> {
    fn drop(&mut self) {
        let now = self.asking.clock.now();
        let mut attempts = self.asking.attempts();
        attempts.end(now, &self.account, self.digest, self.address, self.outcome);
    }
}

fn outcome<T>(answer: &Result<T, FinesseError>) -> Outcome {
    match answer {
        Ok(_) | Err(FinesseError::NotOurs { .. } | FinesseError::NotFound { .. }) => Outcome::Good,
        Err(FinesseError::Credential { .. }) => Outcome::Bad,
        Err(FinesseError::Unavailable { not_sent: true, .. }) => Outcome::NotAsked,
        Err(_) => Outcome::Unknown,
    }
}
