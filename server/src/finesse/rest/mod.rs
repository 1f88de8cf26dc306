//! The real Finesse: REST with XML bodies (Finesse notes 1). Nothing outside knows the wire.
//!
//! - `wire` — bodies in and out, pure
//! - `answer` — what a status means; `cause` — what broke below HTTP
//! - `accounts` — a wrong password is sent once; `pace` — how fast we ask
//! - `nodes` — which node is in use, without a socket; `route` — asks them
//! - `teams` — which supervisor acts for which team
//! - `ask` — one call through all of these; `http` — one exchange

mod accounts;
mod answer;
mod ask;
mod cause;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod health;
mod http;
mod metering;
mod nodes;
mod pace;
mod route;
mod settings;
mod teams;
mod wire;

use std::sync::Arc;

use lockstep_core::finesse::AgentView;
use lockstep_core::{AgentId, TeamId};

use self::accounts::Account;
use self::answer::Subject;
use self::ask::Ask;
use self::metering::Call;
use self::pace::Pace;
use self::route::Route;
use self::teams::Teams;
use super::{Assignment, Change, Finesse, FinesseError, Member, System, User};
use crate::clock::Clock;

pub use health::{Health, NodeHealth};
pub use settings::{AccountSettings, Limits, Settings, SettingsError};
pub use wire::ReasonCode;

/// The client of one Finesse cluster. Cheap to share behind an `Arc`; starts no task of its own.
#[derive(Debug)]
pub struct Rest {
    clock: Clock,
    limits: Limits,
    route: Route,
    pace: Pace,
    admin: Arc<Account>,
    /// Every account once, the administrator's too.
    accounts: Vec<Arc<Account>>,
    teams: Teams,
}

impl Rest {
    /// Makes the client; nothing is contacted.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, SettingsError> {
        settings.check()?;
        let client = http::client(settings)?;
        let limits = settings.limits;
        let width = limits.in_flight_per_account;
        let (admin, supervisors) = accounts::all(&settings.admin, &settings.supervisors, width)?;
        let mut accounts = vec![Arc::clone(&admin)];
        accounts.extend(supervisors.iter().filter(|s| !Arc::ptr_eq(s, &admin)).map(Arc::clone));
        metering::describe();
        Ok(Self {
            clock,
            limits,
            route: Route::new(client, &settings.nodes, limits.probe),
            pace: Pace::new(limits.requests_per_second, limits.burst),
            admin,
            accounts,
            teams: Teams::new(supervisors),
        })
    }

    /// How Finesse is doing, as far as the last requests tell.
    pub fn health(&self) -> Health {
        let stopped = self.accounts.iter().filter(|account| account.is_stopped());
        self.route.health(stopped.map(|account| account.user().to_owned()).collect())
    }

    /// The `NOT_READY` reasons that agents of `team` may choose, without the system's own; as the
    /// administrator (Finesse notes 1.5).
    ///
    /// Before 12.5 Finesse has no list by team and answers 404; [`Self::reason_codes_of`] reads
    /// the same by agent.
    pub async fn reason_codes(&self, team: &TeamId) -> Result<Vec<ReasonCode>, FinesseError> {
        let subject = Subject::ReasonCodes(team.as_str());
        self.read_reason_codes(&["Team", team.as_str(), "ReasonCodes"], subject).await
    }

    /// The `NOT_READY` reasons that `agent` may choose; deprecated since 12.5 and still served.
    pub async fn reason_codes_of(&self, agent: &AgentId) -> Result<Vec<ReasonCode>, FinesseError> {
        let subject = Subject::ReasonCodes(agent.as_str());
        self.read_reason_codes(&["User", agent.as_str(), "ReasonCodes"], subject).await
    }

    async fn read_reason_codes(
        &self,
        path: &[&str],
        subject: Subject<'_>,
    ) -> Result<Vec<ReasonCode>, FinesseError> {
        let query = Some(("category", "NOT_READY"));
        let ask = Ask { query, ..Ask::get(Call::ReasonCodes, subject, path, &self.admin) };
        self.read(ask, wire::reason_codes).await
    }
}

impl Finesse for Rest {
    async fn system(&self) -> Result<System, FinesseError> {
        self.read_system().await
    }

    async fn users(&self) -> Result<Vec<User>, FinesseError> {
        self.read(Ask::get(Call::Users, Subject::Users, &["Users"], &self.admin), wire::users).await
    }

    async fn team(&self, team: &TeamId) -> Result<Vec<Member>, FinesseError> {
        let reader = self.teams.reader(team)?;
        let path = ["Team", team.as_str()];
        self.read(Ask::get(Call::Team, Subject::Team(team), &path, &reader), wire::team).await
    }

    async fn look(&self, agent: &AgentId) -> Result<AgentView, FinesseError> {
        let path = ["User", agent.as_str()];
        self.read(Ask::get(Call::Look, Subject::Agent(agent), &path, &self.admin), wire::user).await
    }

    async fn change(&self, change: &Change) -> Result<(), FinesseError> {
        let supervisor = self.teams.supervisor(&change.team)?;
        let path = ["User", change.agent.as_str()];
        let ask = Ask {
            body: Some(wire::change_body(change.target)),
            request_id: Some(&change.request_id),
            ..Ask::get(Call::Change, Subject::Agent(&change.agent), &path, &supervisor)
        };
        self.queue(ask).await
    }

    fn assign(&self, users: &[User], wanted: &[TeamId]) -> Assignment {
        self.teams.assign(users, wanted)
    }
}
