//! The real Finesse: REST with XML bodies (Finesse notes 1). Nothing outside knows the wire.
//!
//! - `wire` — bodies in and out, pure
//! - `answer` — what a status means; `cause` — what broke below HTTP
//! - `account` — a wrong password is sent once; `accounts` — all of them; `credentials`
//! - `urgency` — what goes first where requests wait: for an account's turn and for the `pace`
//! - `nodes` — which node is in use, without a socket; `route` — asks them
//! - `teams` — which supervisor acts for which team
//! - `ask` — one call through all of these; `http` — one exchange
//! - `reasons` — reason codes: what there is, and making those that are missing
//! - `identify` — one call in the name of somebody who is none of our accounts

mod account;
mod accounts;
mod answer;
mod ask;
mod cause;
mod credentials;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod health;
mod http;
mod identify;
mod metering;
mod nodes;
mod pace;
mod reasons;
mod route;
mod settings;
mod teams;
mod urgency;
mod wire;

#[cfg(feature = "measured")]
pub(crate) mod measured {
    pub(crate) use super::wire::change_body;
    use crate::finesse::Member;

    /// The members in a team's list; nobody in what is none.
    pub(crate) fn team(body: &[u8]) -> Vec<Member> {
        super::wire::team(body).unwrap_or_default()
    }
}

use std::convert::Infallible;

use lockstep_core::finesse::{AgentView, Target};
use lockstep_core::{AgentId, TeamId, Time};
use tokio::sync::watch;

use self::account::Word;
use self::accounts::Accounts;
use self::answer::Subject;
use self::ask::{Ask, AskedChange};
use self::metering::Call;
use self::pace::Pace;
use self::route::Route;
use self::teams::Teams;
use self::urgency::Urgency;
use super::{Assignment, Change, Finesse, FinesseError, Member, Need, System, User};
use crate::clock::Clock;

pub use health::{Health, NodeHealth};
pub use settings::{AccountSettings, Limits, Settings, SettingsError};

/// The client of one Finesse cluster. Cheap to share behind an `Arc`; starts no task of its own.
#[derive(Debug)]
pub struct Rest {
    clock: Clock,
    limits: Limits,
    route: Route,
    pace: Pace,
    accounts: Accounts,
    teams: Teams,
}

impl Rest {
    /// Makes the client; nothing is contacted.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, SettingsError> {
        settings.check()?;
        let client = http::client(settings)?;
        let limits = settings.limits;
        let width = limits.in_flight_per_account;
        let accounts = Accounts::new(&settings.admin, &settings.supervisors, width)?;
        metering::describe();
        Ok(Self {
            clock,
            limits,
            route: Route::new(client, &settings.nodes, limits.probe, clock),
            pace: Pace::new(limits.requests_per_second, limits.burst),
            teams: Teams::new(accounts.supervisors()),
            accounts,
        })
    }

    /// Takes over other accounts and passwords, as an operator gave them. A password that Finesse
    /// refused and that is still the same is tried once more, five minutes after the refusal at
    /// the earliest: the same password again is the operator's word.
    pub fn set_accounts(
        &self,
        admin: &AccountSettings,
        supervisors: &[AccountSettings],
    ) -> Result<(), SettingsError> {
        let heeded = self.accounts.replace(admin, supervisors)?;
        self.teams.replace(self.accounts.supervisors());
        self.count_stopped();
        for (account, word) in heeded {
            tell(&account, word);
        }
        Ok(())
    }

    fn count_stopped(&self) {
        metering::accounts_stopped(self.accounts.stopped().len());
    }

    /// How Finesse is doing, as far as the last requests tell.
    pub fn health(&self) -> Health {
        self.route.health(self.accounts.stopped())
    }
}

/// Answers an operator's word in the log.
fn tell(account: &str, word: Word) {
    match word {
        Word::Nothing => {}
        Word::Renewed => tracing::info!(
            finesse.account = account,
            "the account has another password, which is tried once"
        ),
        Word::OnceMore => tracing::warn!(
            finesse.account = account,
            "the password that finesse refused is tried once more"
        ),
        Word::NotYet(wait) => tracing::warn!(
            finesse.account = account,
            wait_s = wait.as_secs() + 1,
            "finesse refused this account's password and it has not changed: correct it, or reload again in {} s to have it tried once more",
            wait.as_secs() + 1
        ),
    }
}

impl Finesse for Rest {
    async fn system(&self) -> Result<System, FinesseError> {
        self.read_system().await
    }

    async fn users(&self) -> Result<Vec<User>, FinesseError> {
        let admin = self.accounts.admin();
        let ask = Ask::get(Call::Users, Subject::Users, &["Users"], &admin, Urgency::Routine);
        self.read(ask, wire::users).await
    }

    async fn team(&self, team: &TeamId, need: Need) -> Result<Vec<Member>, FinesseError> {
        let reader = self.teams.reader(team)?;
        let path = ["Team", team.as_str()];
        let urgency = match need {
            Need::Decision => Urgency::Look,
            Need::Routine => Urgency::Routine,
        };
        self.read(Ask::get(Call::Team, Subject::Team(team), &path, &reader, urgency), wire::team)
            .await
    }

    async fn look(&self, agent: &AgentId) -> Result<AgentView, FinesseError> {
        let path = ["User", agent.as_str()];
        let (subject, admin) = (Subject::Agent(agent), self.accounts.admin());
        self.read(Ask::get(Call::Look, subject, &path, &admin, Urgency::Look), wire::user).await
    }

    async fn change(&self, change: &Change) -> Result<(), FinesseError> {
        let supervisor = self.teams.supervisor(&change.team)?;
        let path = ["User", change.agent.as_str()];
        let urgency = match change.target {
            Target::Ready => Urgency::MakeAvailable,
            Target::NotReady | Target::Logout => Urgency::MakeUnavailable,
        };
        let subject = Subject::Agent(&change.agent);
        let ask = Ask::get(Call::Change, subject, &path, &supervisor, urgency);
        let body = wire::change_body(change.target);
        let (request_id, seen_at) = (&*change.request_id, change.seen_at);
        self.queue(Ask { change: Some(AskedChange { body, request_id, seen_at }), ..ask }).await
    }

    fn assign(&self, users: &[User], wanted: &[TeamId]) -> Assignment {
        self.teams.assign(users, wanted)
    }

    fn fail_overs(&self) -> watch::Receiver<Option<Time>> {
        self.route.fail_overs()
    }

    async fn attend(&self) -> Infallible {
        self.route.attend(self.limits.heartbeat).await
    }

    fn stopped_accounts(&self) -> Vec<String> {
        self.accounts.stopped()
    }
}
