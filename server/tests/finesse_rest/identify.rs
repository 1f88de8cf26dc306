//! Whose authorization it is: asked once, in the desktop's own words, and never repeated.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use finesse_sim::{Deployment, Endpoint, Fault, Phase, Scope, Unauthorized};
use lockstep::finesse::{Finesse as _, FinesseError, Identify as _};
use lockstep_core::AgentId;
use secrecy::SecretString;
use tokio::time::Instant;

use crate::stage::{AGENT, Stage, quick, stage};

/// Another agent of the simulator.
const OTHER: &str = "1001002";
/// What must not be in any error.
const BEARER: &str = "eyJhbGciOiJub25lIn0.of-nobody";

fn basic(user: &str, password: &str) -> SecretString {
    SecretString::from(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

/// A stage whose client knows which node serves, and nothing was asked about anybody.
async fn ready(deployment: Deployment) -> Stage {
    let stage = stage(quick(deployment)).await;
    stage.assign().await;
    stage.sim.clear_log();
    stage
}

async fn identify(stage: &Stage, agent: &str, own: &SecretString) -> Result<AgentId, FinesseError> {
    let answer = stage.rest.identify(&AgentId::new(agent), own).await;
    if let Err(error) = &answer {
        let told = format!("{error} {error:?}");
        for secret in
            [BEARER, "wrong-password", &STANDARD.encode(format!("{AGENT}:wrong-password"))]
        {
            assert!(!told.contains(secret), "{told}");
        }
    }
    answer
}

/// Questions about a user that arrived, on any node.
fn asked(stage: &Stage) -> usize {
    stage.sim.log().iter().filter(|record| record.endpoint == Endpoint::User).count()
}

#[tokio::test]
async fn the_agents_own_password_proves_the_agent_by_id_and_by_name() {
    for deployment in [Deployment::Uccx, Deployment::Ucce] {
        let stage = ready(deployment).await;
        for (count, user) in [AGENT, "agent1001"].into_iter().enumerate() {
            let found = identify(&stage, AGENT, &basic(user, "secret")).await;
            assert_eq!(found.expect("proved"), AgentId::new(AGENT));
            assert_eq!(asked(&stage), count + 1, "one question each");
        }
        let log = stage.sim.log();
        assert!(log.iter().all(|record| record.actor.as_deref() != Some("administrator")));
        assert_eq!(stage.sim.violations(), Vec::<String>::new());
    }
}

/// Five failures lock the agent out (Finesse notes 1.8): one is all that a wrong password costs.
#[tokio::test]
async fn a_wrong_password_costs_one_failure() {
    for deployment in [Deployment::Uccx, Deployment::Ucce] {
        let stage = ready(deployment).await;
        let refused = identify(&stage, AGENT, &basic(AGENT, "wrong-password")).await;
        assert!(matches!(refused, Err(FinesseError::Credential { .. })), "{refused:?}");
        assert_eq!(asked(&stage), 1, "neither repeated nor tried at the other node");
        assert_eq!(stage.sim.counters().unauthorized.get(AGENT), Some(&1));
        assert!(stage.sim.locked_accounts().is_empty());
        // It is the agent's affair: our own accounts go on.
        assert!(stage.rest.stopped_accounts().is_empty());
        assert!(stage.rest.users().await.is_ok());
    }
}

#[tokio::test]
async fn every_401_is_said_once_and_stops_nobody_of_ours() {
    for kind in [
        Unauthorized::AuthorizationFailure,
        Unauthorized::AuthenticationFailure,
        Unauthorized::Unauthorized,
        Unauthorized::Html,
    ] {
        let stage = ready(Deployment::Ucce).await;
        let user = Scope { endpoint: Some(Endpoint::User), ..Scope::default() };
        stage.sim.fault_in(Fault::Unauthorized { kind }, user);
        let refused = identify(&stage, AGENT, &basic(AGENT, "secret")).await;
        assert!(matches!(refused, Err(FinesseError::Credential { .. })), "{kind:?}: {refused:?}");
        assert_eq!(asked(&stage), 1, "{kind:?}");
        assert!(stage.rest.stopped_accounts().is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn somebody_elses_authorization_proves_nothing_about_the_agent() {
    for deployment in [Deployment::Uccx, Deployment::Ucce] {
        let stage = ready(deployment).await;
        let answer = identify(&stage, OTHER, &basic(AGENT, "secret")).await;
        assert!(answer.is_err(), "{answer:?}");
        assert_eq!(asked(&stage), 1);
        assert_eq!(stage.sim.counters().unauthorized.get(OTHER), None, "the other failed nowhere");
    }
    // As the documents print it.
    let stage = ready(Deployment::Ucce).await;
    let user = Scope { endpoint: Some(Endpoint::User), ..Scope::default() };
    stage.sim.fault_in(Fault::Unauthorized { kind: Unauthorized::InvalidUser }, user);
    let answer = identify(&stage, OTHER, &basic(AGENT, "secret")).await;
    assert!(matches!(answer, Err(FinesseError::NotOurs { .. })), "{answer:?}");
}

#[tokio::test]
async fn whom_finesse_does_not_know_is_not_found() {
    let stage = ready(Deployment::Uccx).await;
    let unknown = Fault::Status {
        status: 404,
        error_type: Some("User Not Found".to_owned()),
        error_data: None,
        error_message: None,
        phase: Phase::Before,
    };
    stage.sim.fault(unknown);
    let answer = identify(&stage, AGENT, &basic(AGENT, "secret")).await;
    assert!(matches!(answer, Err(FinesseError::NotFound { .. })), "{answer:?}");
}

/// A bearer's token goes as it came; this Finesse has no single sign-on, and says so once.
#[tokio::test]
async fn a_bearer_token_is_asked_about_once_too() {
    let stage = ready(Deployment::Ucce).await;
    let own = SecretString::from(format!("Bearer {BEARER}"));
    let refused = identify(&stage, AGENT, &own).await;
    assert!(matches!(refused, Err(FinesseError::Credential { .. })), "{refused:?}");
    assert_eq!(asked(&stage), 1);
    let told = stage.sim.violations().join(" ");
    assert!(told.contains("Bearer"), "it came as a bearer's: {told}");
}

/// A system with single sign-on: a token each for an agent and for the team's supervisor.
async fn signed_on(deployment: Deployment) -> Stage {
    let mut config = quick(deployment);
    config.tokens = [("of-the-agent", AGENT), ("of-the-boss", "supervisor1")]
        .map(|(token, user)| (token.to_owned(), user.to_owned()))
        .to_vec();
    let stage = stage(config).await;
    stage.assign().await;
    stage.sim.clear_log();
    stage
}

fn bearer(token: &str) -> SecretString {
    SecretString::from(format!("Bearer {token}"))
}

#[tokio::test]
async fn an_agents_own_token_proves_the_agent_and_a_supervisors_does_not() {
    for deployment in [Deployment::Uccx, Deployment::Ucce] {
        let stage = signed_on(deployment).await;
        let found = identify(&stage, AGENT, &bearer("of-the-agent")).await;
        assert_eq!(found.expect("proved"), AgentId::new(AGENT));
        // The supervisor sees the agent, and is not the agent.
        let refused = identify(&stage, AGENT, &bearer("of-the-boss")).await;
        assert!(matches!(refused, Err(FinesseError::NotOurs { .. })), "{refused:?}");
        let refused = identify(&stage, OTHER, &bearer("of-the-agent")).await;
        assert!(matches!(refused, Err(FinesseError::NotOurs { .. })), "{refused:?}");
        let refused = identify(&stage, AGENT, &bearer("of-nobody")).await;
        assert!(matches!(refused, Err(FinesseError::Credential { .. })), "{refused:?}");
        assert_eq!(stage.sim.violations(), Vec::<String>::new());
    }
}

/// What is deprecated may go one day: nobody is shut out by it. One that is out of service says
/// nothing.
#[tokio::test]
async fn a_second_question_that_is_not_served_any_more_shuts_nobody_out() {
    for (status, proved) in [(404, true), (503, false)] {
        let stage = signed_on(Deployment::Ucce).await;
        let reasons = Scope { endpoint: Some(Endpoint::UserReasonCodes), ..Scope::default() };
        stage.sim.fault_in(Fault::ErrorBefore { status }, reasons);
        let found = identify(&stage, AGENT, &bearer("of-the-agent")).await;
        assert_eq!(found.is_ok(), proved, "{status}: {found:?}");
    }
}

#[tokio::test]
async fn a_finesse_that_fails_is_away_and_not_asked_again_at_once() {
    for (status, not_sent) in [(500, false), (502, false), (503, true), (429, true)] {
        let stage = ready(Deployment::Uccx).await;
        let user = Scope { endpoint: Some(Endpoint::User), ..Scope::default() };
        stage.sim.fault_in(Fault::ErrorBefore { status }, user);
        let answer = identify(&stage, AGENT, &basic(AGENT, "secret")).await;
        let Err(FinesseError::Unavailable { not_sent: told, .. }) = answer else {
            panic!("{status}: {answer:?}");
        };
        assert_eq!(told, not_sent, "{status}: it counts as a failure unless it certainly was none");
        assert_eq!(asked(&stage), 1, "{status}");
    }
}

#[tokio::test]
async fn a_finesse_that_is_slow_or_says_nothing_is_given_up_in_time() {
    let slow = Fault::Latency { min_ms: 60_000, max_ms: 60_000, phase: Phase::Before };
    for fault in [slow, Fault::BlackHole { phase: Phase::After }] {
        let stage = ready(Deployment::Uccx).await;
        let user = Scope { endpoint: Some(Endpoint::User), ..Scope::default() };
        stage.sim.fault_in(fault.clone(), user);
        let began = Instant::now();
        let answer = identify(&stage, AGENT, &basic(AGENT, "secret")).await;
        assert!(matches!(answer, Err(FinesseError::Silent { .. })), "{fault:?}: {answer:?}");
        // The stage's limit is two seconds; the rest is for a busy machine.
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn an_answer_that_is_no_user_proves_nobody() {
    for fault in [Fault::MalformedXml, Fault::HugeBody { bytes: 4 << 20 }] {
        let stage = ready(Deployment::Ucce).await;
        let user = Scope { endpoint: Some(Endpoint::User), ..Scope::default() };
        stage.sim.fault_in(fault.clone(), user);
        let answer = identify(&stage, AGENT, &basic(AGENT, "secret")).await;
        assert!(matches!(answer, Err(FinesseError::Unreadable { .. })), "{fault:?}: {answer:?}");
    }
}

/// The administrator is no user of the contact centre, so another question proves them, once.
#[tokio::test]
async fn an_administrator_is_whoever_is_told_what_only_administrators_are() {
    for deployment in [Deployment::Uccx, Deployment::Ucce] {
        let stage = ready(deployment).await;
        let good = basic("administrator", "secret");
        stage.rest.administers("administrator", &good).await.expect("the administrator");
        for (user, password) in [("administrator", "wrong-password"), ("supervisor1", "secret")] {
            stage.sim.clear_log();
            let refused = stage.rest.administers(user, &basic(user, password)).await;
            let error = refused.expect_err("no administrator");
            assert!(matches!(error, FinesseError::Credential { .. }), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("wrong-password"));
            assert_eq!(stage.sim.log().len(), 1, "one question");
        }
    }
}
