//! The contact centre without its nodes, for simulations that speak to it by direct call.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::sim::FinesseSim;
use super::start::{StartError, world};
use super::world::{Nodes, Shared};
use crate::config::Config;
use crate::model::cti::CtiError;
use crate::model::rules::Refusal;
use crate::model::state::{Via, Wish};
use crate::model::user::{Cause, CtiPlan, Ending};
use crate::rest::auth::Account;
use crate::rest::{capacity, ordered};

/// A request to change somebody's state, as the REST API would take it: a supervisor's, or one's own.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The account that asks, by loginId.
    pub actor: &'a str,
    /// Whose state, by loginId.
    pub target: &'a str,
    /// READY or `NOT_READY`: otherwise the other one.
    pub ready: bool,
    /// The database id of the reason, which only agents give for themselves.
    pub reason: Option<&'a str>,
    /// The `requestId` header.
    pub request_id: &'a str,
    /// When CTI answers.
    pub cti_delay: Duration,
    /// What CTI does then.
    pub cti: CtiAnswer,
}

/// What CTI does with an accepted request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CtiAnswer {
    /// What the tables say.
    AsItShould,
    /// Nothing; nobody is told.
    Drops,
    /// Refuses, with an error that polling does not show.
    Fails(CtiError),
}

/// Why a request is refused at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// 404.
    #[error("{0}")]
    NotFound(String),
    /// 401 or 403: not in a team of this supervisor.
    #[error("{0}")]
    NotTheirs(String),
    /// 400 `Invalid State`.
    #[error("{0}")]
    InvalidState(String),
    /// Any other 4xx.
    #[error("{0}")]
    Other(String),
    /// 503: too many requests wait for this user.
    #[error("too many requests wait for this user")]
    Full,
}

impl FinesseSim {
    /// A contact centre that is reached by [`FinesseSim::submit`] and by the script alone: no
    /// socket, no task. With [`Clock::Manual`](crate::Clock::Manual) nothing in it depends on
    /// anything but what is asked of it.
    pub fn unplugged(config: &Config) -> Result<Self, StartError> {
        let nowhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let nodes = Nodes { primary: nowhere, secondary: None };
        let shared = Arc::new(Shared::new(world(config, nodes)?, config.clock.clone()));
        Ok(Self::new(shared, nodes, "http", CancellationToken::new(), TaskTracker::new()))
    }

    /// Checks and queues a request, as `PUT User` does before it answers 202.
    pub fn submit(&self, asked: &Asked<'_>) -> Result<(), Refused> {
        self.with(|world, now| {
            let account = Account::User(asked.actor.to_owned());
            let by = capacity(world, &account, asked.target)?;
            let cause = Cause {
                by,
                via: Via::Api,
                actor: Some(asked.actor.to_owned()),
                request_id: Some(asked.request_id.to_owned()),
            };
            let wish = if asked.ready { Wish::Ready } else { Wish::NotReady };
            let order = ordered(world, asked.target, wish, asked.reason, cause, true)?;
            let ending = match &asked.cti {
                CtiAnswer::AsItShould => Ending::Table,
                CtiAnswer::Drops => Ending::Dropped,
                CtiAnswer::Fails(error) => Ending::Error(error.clone()),
            };
            let plan = CtiPlan { delay: asked.cti_delay, ending };
            let taken = world.centre.submit(asked.target, order, plan, now);
            if taken { Ok(()) } else { Err(Refused::Full) }
        })
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::UserNotFound(_) => Self::NotFound(text),
            Refusal::RoleNotAllowed { .. }
            | Refusal::OtherUser(_)
            | Refusal::InvalidSupervisor(_) => Self::NotTheirs(text),
            Refusal::InvalidState { .. } => Self::InvalidState(text),
            Refusal::ReasonNotAllowed | Refusal::ReasonRequired | Refusal::ReasonNotValid => {
                Self::Other(text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{AgentState, Clock, Deployment};

    fn ask(target: &str) -> Asked<'_> {
        Asked {
            actor: "supervisor1",
            target,
            ready: false,
            reason: None,
            request_id: "one",
            cti_delay: Duration::from_millis(100),
            cti: CtiAnswer::AsItShould,
        }
    }

    #[test]
    fn a_request_takes_effect_when_cti_answers() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let config = Config { clock, seed: Some(1), ..Config::new(Deployment::Ucce, 1) };
        let sim = FinesseSim::unplugged(&config).expect("starts");
        sim.submit(&ask("1001001")).expect("accepted");
        assert_eq!(sim.state("1001001"), AgentState::Ready);
        sim.advance(Duration::from_millis(100));
        assert_eq!(sim.state("1001001"), AgentState::NotReady);
        let refused = sim.submit(&ask("1001001")).expect_err("NOT_READY already");
        assert!(matches!(refused, Refused::InvalidState(_)), "{refused:?}");
        assert!(matches!(sim.submit(&ask("7")), Err(Refused::NotFound(_) | Refused::NotTheirs(_))));
    }
}
