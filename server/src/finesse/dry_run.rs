//! Reads like the Finesse inside and changes nothing: for a first day in production.

use std::convert::Infallible;

use lockstep_core::finesse::AgentView;
use lockstep_core::{AgentId, TeamId, Time};
use secrecy::SecretString;
use tokio::sync::watch;

use super::{Assignment, Change, Finesse, FinesseError, Identify, Member, Need, System, User};

/// Lets every read through; every change is answered with [`FinesseError::DryRun`].
#[derive(Debug, Clone)]
pub struct DryRun<F>(F);

impl<F: Finesse> DryRun<F> {
    /// Wraps `inner`.
    pub fn new(inner: F) -> Self {
        Self(inner)
    }

    /// The Finesse inside.
    pub fn inner(&self) -> &F {
        &self.0
    }
}

impl<F: Finesse> Finesse for DryRun<F> {
    async fn system(&self) -> Result<System, FinesseError> {
        self.0.system().await
    }

    async fn users(&self) -> Result<Vec<User>, FinesseError> {
        self.0.users().await
    }

    async fn team(&self, team: &TeamId, need: Need) -> Result<Vec<Member>, FinesseError> {
        self.0.team(team, need).await
    }

    async fn look(&self, agent: &AgentId) -> Result<AgentView, FinesseError> {
        self.0.look(agent).await
    }

    async fn change(&self, _change: &Change) -> Result<(), FinesseError> {
        Err(FinesseError::DryRun)
    }

    fn assign(&self, users: &[User], wanted: &[TeamId]) -> Assignment {
        self.0.assign(users, wanted)
    }

    fn fail_overs(&self) -> watch::Receiver<Option<Time>> {
        self.0.fail_overs()
    }

    async fn attend(&self) -> Infallible {
        self.0.attend().await
    }

    fn stopped_accounts(&self) -> Vec<String> {
        self.0.stopped_accounts()
    }
}

impl<I: Identify> Identify for DryRun<I> {
    async fn identify(
        &self,
        agent: &AgentId,
        authorization: &SecretString,
    ) -> Result<AgentId, FinesseError> {
        self.0.identify(agent, authorization).await
    }

    async fn administers(
        &self,
        user: &str,
        authorization: &SecretString,
    ) -> Result<(), FinesseError> {
        self.0.administers(user, authorization).await
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::finesse::{AgentState, Deployment, Target};

    use super::*;
    use crate::clock::Clock;
    use crate::finesse::fake::Fake;

    #[tokio::test(start_paused = true)]
    async fn reads_pass_and_nothing_is_sent() {
        let fake = Fake::new(Deployment::Ccx, Clock::starting_at(Time::from_millis(1_000_000)));
        fake.add_agent("1001", "7", AgentState::Ready);
        let dry = DryRun::new(fake.clone());
        let users = dry.users().await.unwrap();
        dry.assign(&users, &[TeamId::new("7")]);
        let change = Change {
            agent: AgentId::new("1001"),
            team: TeamId::new("7"),
            target: Target::NotReady,
            request_id: "r1".into(),
            seen_at: Time::from_millis(1_000_000),
        };
        assert!(matches!(dry.change(&change).await, Err(FinesseError::DryRun)));
        assert_eq!(dry.look(&change.agent).await.unwrap().state, AgentState::Ready);
        assert_eq!(dry.team(&change.team, Need::Routine).await.unwrap().len(), 1);
        assert_eq!(dry.system().await.unwrap().deployment, Deployment::Ccx);
        assert_eq!(dry.inner().changes(), []);
    }
}
