//! The Finesse side: one port, and beside it the real, the fake and the dry-run implementation.
//!
//! Only [`rest`] knows the wire. Nothing here decides: what may be asked of Finesse is a table in
//! `lockstep_core::finesse`, and when to ask is up to `lockstep_core::agent`.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use lockstep_core::finesse::{AgentView, Deployment, Target};
use lockstep_core::{AgentId, TeamId, Time};
use secrecy::SecretString;
use tokio::sync::watch;

pub mod dry_run;
mod error;
pub mod fake;
pub mod rest;

pub use error::FinesseError;

/// What `SystemInfo` says of the system as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// CCE or CCX.
    pub deployment: Deployment,
    /// How far Finesse's clock is ahead of ours, in milliseconds, where it told its time.
    pub clock_ahead_ms: Option<i64>,
}

/// One user of the admin's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// `loginId`.
    pub id: AgentId,
    /// `loginName`.
    pub login_name: String,
    /// First and last name, for people to read.
    pub name: String,
    /// The home team, where there is one.
    pub team: Option<Team>,
    /// Teams that this user supervises.
    pub supervises: Vec<TeamId>,
    /// The state in the list.
    pub view: AgentView,
}

/// A team's id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The id.
    pub id: TeamId,
    /// The name.
    pub name: String,
}

/// One agent in a team's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// `loginId`.
    pub id: AgentId,
    /// The state in the list.
    pub view: AgentView,
}

/// A change of state that Lockstep asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose state.
    pub agent: AgentId,
    /// The team through which the agent is reached: its supervisor's account is used.
    pub team: TeamId,
    /// The state asked for.
    pub target: Target,
    /// `requestId` header: unique per request.
    pub request_id: String,
    /// When the look was asked for that this was decided on. A change that was decided before
    /// Finesse failed over is not sent (Finesse notes 6, 31).
    pub seen_at: Time,
}

/// What a reading is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A decision waits for it.
    Decision,
    /// It is time again.
    Routine,
}

/// Which teams our supervisor accounts leave out, and which accounts nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignment {
    /// Teams asked for that none of our supervisors supervises.
    pub unsupervised: Vec<TeamId>,
    /// Configured supervisors that are not in the users list, by the name they are configured
    /// with.
    pub unknown_supervisors: Vec<String>,
}

/// Finesse, as Lockstep needs it. Every call has a total time limit of its own.
pub trait Finesse: Send + Sync + 'static {
    /// Reads `SystemInfo` of the node in use.
    fn system(&self) -> impl Future<Output = Result<System, FinesseError>> + Send;

    /// Reads every user, as the administrator.
    fn users(&self) -> impl Future<Output = Result<Vec<User>, FinesseError>> + Send;

    /// Reads the states of a team, as its supervisor.
    fn team(
        &self,
        team: &TeamId,
        need: Need,
    ) -> impl Future<Output = Result<Vec<Member>, FinesseError>> + Send;

    /// Looks at one agent, as the administrator. `busy_elsewhere` is never set: only a team's list
    /// tells it (Finesse notes 1.1).
    fn look(&self, agent: &AgentId)
    -> impl Future<Output = Result<AgentView, FinesseError>> + Send;

    /// Asks for a change; `Ok` means "queued" (202), never "done" (law 7).
    fn change(&self, change: &Change) -> impl Future<Output = Result<(), FinesseError>> + Send;

    /// Tells which teams each of our supervisor accounts may act for, and returns what is missing
    /// for the teams of `wanted`.
    fn assign(&self, users: &[User], wanted: &[TeamId]) -> Assignment;

    /// When Finesse last began to speak through another node, or spoke again after it was gone:
    /// what was read before says nothing any more. `None` until that happens.
    fn fail_overs(&self) -> watch::Receiver<Option<Time>>;

    /// Keeps an eye on the nodes for as long as it is polled.
    fn attend(&self) -> impl Future<Output = Infallible> + Send;

    /// Accounts that Finesse refused and that are not tried again for now.
    fn stopped_accounts(&self) -> Vec<String>;
}

/// Answers whose authorization it is, for whoever is not one of our own accounts.
pub trait Identify: Send + Sync + 'static {
    /// Asks Finesse once who `agent` is, with an authorization that is the agent's own
    /// (`Basic …` or `Bearer …`), and returns the `loginId` that it answers. Never repeated: five
    /// failures lock an account (Finesse notes 1.8). No error holds the authorization.
    fn identify(
        &self,
        agent: &AgentId,
        authorization: &SecretString,
    ) -> impl Future<Output = Result<AgentId, FinesseError>> + Send;

    /// Asks Finesse once for something that only an administrator is told, with an authorization of
    /// `user`'s own. `Ok` where Finesse answered as to an administrator, [`FinesseError::Credential`]
    /// where it did not, which is also how it answers a wrong password. Never repeated either.
    fn administers(
        &self,
        user: &str,
        authorization: &SecretString,
    ) -> impl Future<Output = Result<(), FinesseError>> + Send;
}

impl<I: Identify> Identify for Arc<I> {
    async fn identify(
        &self,
        agent: &AgentId,
        authorization: &SecretString,
    ) -> Result<AgentId, FinesseError> {
        I::identify(self, agent, authorization).await
    }

    async fn administers(
        &self,
        user: &str,
        authorization: &SecretString,
    ) -> Result<(), FinesseError> {
        I::administers(self, user, authorization).await
    }
}

/// A shared one is as good: whoever asks for health or reason codes keeps a handle too.
impl<F: Finesse> Finesse for Arc<F> {
    async fn system(&self) -> Result<System, FinesseError> {
        F::system(self).await
    }

    async fn users(&self) -> Result<Vec<User>, FinesseError> {
        F::users(self).await
    }

    async fn team(&self, team: &TeamId, need: Need) -> Result<Vec<Member>, FinesseError> {
        F::team(self, team, need).await
    }

    async fn look(&self, agent: &AgentId) -> Result<AgentView, FinesseError> {
        F::look(self, agent).await
    }

    async fn change(&self, change: &Change) -> Result<(), FinesseError> {
        F::change(self, change).await
    }

    fn assign(&self, users: &[User], wanted: &[TeamId]) -> Assignment {
        F::assign(self, users, wanted)
    }

    fn fail_overs(&self) -> watch::Receiver<Option<Time>> {
        F::fail_overs(self)
    }

    async fn attend(&self) -> Infallible {
        F::attend(self).await
    }

    fn stopped_accounts(&self) -> Vec<String> {
        F::stopped_accounts(self)
    }
}
