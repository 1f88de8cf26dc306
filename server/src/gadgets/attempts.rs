//! How often who may try to prove themselves, so that nobody is locked out through us.
//!
//! Five failures in a row lock an agent out of Finesse for five minutes (Finesse notes 1.8). A
//! desktop that was left open after its password was changed, or a stranger with a list of
//! passwords, must never make them here: what was refused is not tried again for a while, and of
//! one agent only a few different ones are.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use lockstep_core::{AgentId, Time};

/// How long an authorization that Finesse refused is not tried again.
const REFUSED_FOR: Duration = Duration::from_mins(5);
/// Failures of one agent within [`FAILURES_WITHIN`], those under way included. Two are left for the
/// agent's own fingers.
const FAILURES: usize = 3;
/// The window of [`FAILURES`].
const FAILURES_WITHIN: Duration = Duration::from_mins(30);
/// A question that Finesse did not answer may have been a failure, which Finesse forgets after this.
const UNKNOWN_WITHIN: Duration = Duration::from_mins(5);
/// Failures from one address within [`ADDRESS_WITHIN`]: behind one proxy there may be a whole floor
/// of desktops, of which some are always out of date.
const ADDRESS_FAILURES: usize = 60;
/// The window of [`ADDRESS_FAILURES`].
const ADDRESS_WITHIN: Duration = Duration::from_mins(10);
/// Questions under way at once: after a restart of Finesse every desktop comes at once, and Finesse
/// has its own desktops to serve.
const AT_ONCE: usize = 64;
/// Accounts remembered at once: agents who are watched, and names that strangers type, each of which
/// has failed lately.
const ACCOUNTS: usize = 20_000;
/// How often what no longer counts is forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(1);

/// Tells authorizations apart without keeping them.
pub(super) type Digest = [u8; 32];

/// Why an attempt is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Finesse refused this very authorization.
    Refused(Duration),
    /// Too many others failed for this agent, or from this address.
    TooMany(Duration),
    /// Too many are under way.
    Crowded,
}

/// What Finesse made of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The authorization is good, whosever it is.
    Good,
    /// It is not.
    Bad,
    /// There was no answer.
    Unknown,
    /// Nothing was asked.
    NotAsked,
}

/// Remembers attempts: of so many accounts at most, each with a few failures.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    /// Until when each is not tried again.
    refused: BTreeMap<Digest, Time>,
    agents: BTreeMap<AgentId, Tries>,
    addresses: BTreeMap<IpAddr, VecDeque<Time>>,
    under_way: usize,
    forgot_at: Time,
}

/// Of one agent.
#[derive(Debug, Default)]
struct Tries {
    /// Until when each of the failures counts.
    failures: VecDeque<Time>,
    under_way: usize,
}

impl Attempts {
    /// May it be tried? Whoever may must tell the outcome.
    pub(super) fn begin(
        &mut self,
        now: Time,
        agent: &AgentId,
        digest: &Digest,
        address: IpAddr,
    ) -> Result<(), Hold> {
        self.forget(now);
        if let Some(until) = self.refused.get(digest).copied()
            && until > now
        {
            return Err(Hold::Refused(until.since(now)));
        }
        if self.under_way >= AT_ONCE {
            return Err(Hold::Crowded);
        }
        if let Some(failures) = self.addresses.get(&address) {
            wait_for(now, failures, ADDRESS_FAILURES)
                .map_or(Ok(()), |wait| Err(Hold::TooMany(wait)))?;
        }
        if self.agents.len() >= ACCOUNTS && !self.agents.contains_key(agent) {
            return Err(Hold::Crowded);
        }
        let tries = self.agents.entry(agent.clone()).or_default();
        tries.failures.retain(|until| *until > now);
        if tries.failures.len() + tries.under_way >= FAILURES {
            let soonest = tries.failures.front().map(|until| until.since(now));
            return Err(match soonest {
                Some(wait) if tries.failures.len() >= FAILURES => Hold::TooMany(wait),
                _ => Hold::Crowded,
            });
        }
        tries.under_way += 1;
        self.under_way += 1;
        Ok(())
    }

    /// What became of it.
    pub(super) fn end(
        &mut self,
        now: Time,
        agent: &AgentId,
        digest: Digest,
        address: IpAddr,
        outcome: Outcome,
    ) {
        self.under_way = self.under_way.saturating_sub(1);
        let tries = self.agents.entry(agent.clone()).or_default();
        tries.under_way = tries.under_way.saturating_sub(1);
        match outcome {
            // Failures count in a row.
            Outcome::Good => tries.failures.clear(),
            Outcome::NotAsked => {}
            Outcome::Unknown => insert(&mut tries.failures, now.after(UNKNOWN_WITHIN)),
            Outcome::Bad => {
                insert(&mut tries.failures, now.after(FAILURES_WITHIN));
                self.refused.insert(digest, now.after(REFUSED_FOR));
                let failures = self.addresses.entry(address).or_default();
                failures.retain(|until| *until > now);
                insert(failures, now.after(ADDRESS_WITHIN));
            }
        }
    }

    fn forget(&mut self, now: Time) {
        if now.since(self.forgot_at) < FORGET_EVERY {
            return;
        }
        self.forgot_at = now;
        let counts = |failures: &VecDeque<Time>| failures.back().is_some_and(|until| *until > now);
        self.refused.retain(|_, until| *until > now);
        self.agents.retain(|_, tries| tries.under_way > 0 || counts(&tries.failures));
        self.addresses.retain(|_, failures| counts(failures));
    }
}

/// How long to wait until fewer than `most` count.
fn wait_for(now: Time, failures: &VecDeque<Time>, most: usize) -> Option<Duration> {
    let counting: Vec<&Time> = failures.iter().filter(|until| **until > now).collect();
    let over = counting.len().checked_sub(most)?;
    counting.get(over).map(|until| until.since(now))
}

/// Keeps them in the order in which they cease to count.
fn insert(failures: &mut VecDeque<Time>, until: Time) {
    let place = failures.partition_point(|other| *other <= until);
    failures.insert(place, until);
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const NOW: Time = Time::from_millis(10_000_000);
    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn try_it(
        attempts: &mut Attempts,
        now: Time,
        agent: &str,
        digest: u8,
        outcome: Outcome,
    ) -> Result<(), Hold> {
        let (agent, digest) = (AgentId::new(agent), [digest; 32]);
        attempts.begin(now, &agent, &digest, HERE)?;
        attempts.end(now, &agent, digest, HERE, outcome);
        Ok(())
    }

    #[test]
    fn what_finesse_refused_is_not_tried_again_for_five_minutes() {
        let mut attempts = Attempts::default();
        try_it(&mut attempts, NOW, "1", 7, Outcome::Bad).unwrap();
        let later = NOW.after(Duration::from_mins(2));
        let held = try_it(&mut attempts, later, "1", 7, Outcome::Bad);
        assert_eq!(held, Err(Hold::Refused(Duration::from_mins(3))));
        assert_eq!(try_it(&mut attempts, later, "1", 8, Outcome::Good), Ok(()));
        assert_eq!(try_it(&mut attempts, NOW.after(REFUSED_FOR), "1", 7, Outcome::Bad), Ok(()));
    }

    /// Five failures in a row lock the account: whatever comes, we never make more than three in
    /// half an hour.
    #[test]
    fn nobody_is_locked_out_through_us() {
        let mut attempts = Attempts::default();
        let mut asked = Vec::new();
        for second in 0..7_200 {
            let now = NOW.after(Duration::from_secs(second));
            let digest = (second % 251) as u8;
            if try_it(&mut attempts, now, "1", digest, Outcome::Bad).is_ok() {
                asked.push(second);
            }
        }
        assert!(asked.len() > FAILURES, "{asked:?}");
        for window in asked.windows(FAILURES + 1) {
            assert!(window[FAILURES] - window[0] >= 1_800, "{asked:?}");
        }
        let now = NOW.after(Duration::from_secs(7_199));
        assert!(matches!(
            attempts.begin(now, &AgentId::new("1"), &[1; 32], HERE),
            Err(Hold::TooMany(_))
        ));
        assert_eq!(attempts.begin(now, &AgentId::new("2"), &[2; 32], HERE), Ok(()), "nobody else");
    }

    #[test]
    fn attempts_under_way_count_as_failures_until_they_are_answered() {
        let mut attempts = Attempts::default();
        let agent = AgentId::new("1");
        for digest in 0..3 {
            attempts.begin(NOW, &agent, &[digest; 32], HERE).unwrap();
        }
        assert_eq!(attempts.begin(NOW, &agent, &[9; 32], HERE), Err(Hold::Crowded));
        attempts.end(NOW, &agent, [0; 32], HERE, Outcome::Good);
        assert_eq!(attempts.begin(NOW, &agent, &[9; 32], HERE), Ok(()));
    }

    /// Failures count in a row, and a time-out may have been one.
    #[test]
    fn a_success_clears_the_failures_and_silence_counts_for_five_minutes() {
        let mut attempts = Attempts::default();
        for outcome in [Outcome::Bad, Outcome::Unknown, Outcome::Good, Outcome::Bad, Outcome::Bad] {
            let digest = u8::try_from(attempts.refused.len() * 10 + 1).unwrap();
            try_it(&mut attempts, NOW, "1", digest, outcome).unwrap();
        }
        for (digest, outcome) in [(101, Outcome::Unknown), (102, Outcome::NotAsked)] {
            let held = try_it(&mut attempts, NOW, "1", digest, outcome);
            assert_eq!(held.is_ok(), digest == 101, "{held:?}");
        }
        let later = NOW.after(UNKNOWN_WITHIN);
        assert_eq!(try_it(&mut attempts, later, "1", 103, Outcome::Good), Ok(()));
    }

    #[test]
    fn a_stranger_with_a_list_of_agents_is_held_too() {
        let mut attempts = Attempts::default();
        let tried = (0..1_000_u32).filter(|number| {
            let mut digest = [0; 32];
            digest[..4].copy_from_slice(&number.to_le_bytes());
            let agent = AgentId::new(number.to_string());
            let may = attempts.begin(NOW, &agent, &digest, HERE).is_ok();
            if may {
                attempts.end(NOW, &agent, digest, HERE, Outcome::Bad);
            }
            may
        });
        assert_eq!(tried.count(), ADDRESS_FAILURES);
        let elsewhere = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(attempts.begin(NOW, &AgentId::new("x"), &[255; 32], elsewhere), Ok(()));
    }

    #[test]
    fn what_no_longer_counts_is_forgotten() {
        let mut attempts = Attempts::default();
        for agent in 0..50_u8 {
            try_it(&mut attempts, NOW, &agent.to_string(), agent, Outcome::Bad).unwrap();
        }
        let later = NOW.after(Duration::from_hours(1));
        try_it(&mut attempts, later, "new", 200, Outcome::Good).unwrap();
        assert_eq!((attempts.refused.len(), attempts.addresses.len()), (0, 0));
        assert_eq!((attempts.agents.len(), attempts.under_way), (1, 0));
    }
}
