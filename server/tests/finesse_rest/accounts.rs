//! A wrong password is sent once, and an account that was refused is left alone.

use finesse_sim::{AgentState, Deployment, Endpoint, Fault, Scope, Unauthorized};
use futures_util::future::join_all;
use lockstep::finesse::{Finesse, FinesseError, Need};
use lockstep_core::finesse::Target;
use lockstep_core::{AgentId, TeamId};

use crate::stage::{AGENT, account, change, quick, stage, stage_with};

#[tokio::test]
async fn a_wrong_password_is_sent_once_with_twenty_calls_at_once() {
    let stage = stage_with(quick(Deployment::Uccx), |settings| {
        settings.admin = account("administrator", "wrong");
    })
    .await;
    let agent = AgentId::new(AGENT);
    let answers = join_all((0..20).map(|_| stage.rest.look(&agent))).await;
    let refused = |a: &&Result<_, _>| matches!(a, Err(FinesseError::Credential { .. }));
    let stopped = |a: &&Result<_, _>| matches!(a, Err(FinesseError::Stopped { .. }));
    assert_eq!(answers.iter().filter(refused).count(), 1);
    assert_eq!(answers.iter().filter(stopped).count(), 19);
    assert!(matches!(stage.rest.users().await, Err(FinesseError::Stopped { .. })));
    assert_eq!(stage.sim.counters().unauthorized.get("administrator"), Some(&1));
    assert_eq!(stage.sim.locked_accounts(), Vec::<String>::new());
    assert_eq!(stage.rest.health().stopped_accounts, ["administrator"]);
    assert!(stage.rest.system().await.is_ok(), "SystemInfo needs no account");
}

#[tokio::test]
async fn a_password_that_is_changed_while_we_run_does_not_lock_the_account() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    stage.set(Target::NotReady, "before").await.unwrap();
    let scope = || Scope { actor: Some("supervisor1".into()), ..Scope::default() };
    stage.sim.fault_in(
        Fault::Latency { min_ms: 20, max_ms: 60, phase: finesse_sim::Phase::Before },
        scope(),
    );
    stage.sim.fault_in(Fault::Unauthorized { kind: Unauthorized::AuthorizationFailure }, scope());
    stage.sim.clear_log();
    let team = TeamId::new("1");
    let answers = join_all((0..40).map(|_| stage.rest.team(&team, Need::Routine))).await;
    assert!(answers.iter().all(Result::is_err));
    let sent = stage.sim.log().len();
    assert!((1..=4).contains(&sent), "{sent} requests carried the old password");
}

#[tokio::test]
async fn every_401_that_is_not_about_the_agent_stops_the_account() {
    for kind in [
        Unauthorized::AuthorizationFailure,
        Unauthorized::AuthenticationFailure,
        Unauthorized::Unauthorized,
        Unauthorized::Html,
    ] {
        let stage = stage(quick(Deployment::Ucce)).await;
        stage.assign().await;
        let put = Scope { endpoint: Some(Endpoint::User), times: Some(1), ..Scope::default() };
        stage.sim.fault_in(Fault::Unauthorized { kind }, put);
        let error = stage.set(Target::NotReady, "r1").await.unwrap_err();
        assert!(matches!(error, FinesseError::Credential { .. }), "{kind:?}: {error}");
        let error = stage.set(Target::NotReady, "r2").await.unwrap_err();
        assert!(matches!(error, FinesseError::Stopped { .. }), "{kind:?}: {error}");
        assert_eq!(stage.arrived("PUT"), 1);
        assert!(stage.rest.look(&AgentId::new(AGENT)).await.is_ok(), "the administrator goes on");
    }
}

#[tokio::test]
async fn another_supervisor_of_the_team_takes_over() {
    let mut config = quick(Deployment::Uccx);
    config.users.push(finesse_sim::UserSpec::supervisor("supervisor2", &[1]));
    let stage = stage_with(config, |settings| {
        settings.supervisors =
            vec![account("supervisor1", "wrong"), account("supervisor2", "secret")];
    })
    .await;
    stage.assign().await;
    let one = stage.rest.change(&change(AGENT, Target::NotReady, "r1")).await;
    assert!(matches!(one, Err(FinesseError::Credential { account }) if account == "supervisor1"));
    stage.set(Target::NotReady, "r2").await.unwrap();
    stage.until_state(AGENT, AgentState::NotReady).await;
}

/// A mended password is taken over without a restart, and tried once.
#[tokio::test]
async fn a_new_password_is_taken_over_and_proves_itself() {
    let stage = stage_with(quick(Deployment::Uccx), |settings| {
        settings.admin = account("administrator", "wrong");
    })
    .await;
    assert!(stage.rest.users().await.is_err());
    assert_eq!(stage.rest.stopped_accounts(), ["administrator"]);
    let supervisors = [account("supervisor1", "secret")];
    stage.rest.set_accounts(&account("administrator", "wrong"), &supervisors).unwrap();
    let answer = stage.rest.users().await;
    assert!(matches!(answer, Err(FinesseError::Stopped { .. })), "five minutes have not passed");
    stage.rest.set_accounts(&account("administrator", "wrong as well"), &supervisors).unwrap();
    assert!(matches!(stage.rest.users().await, Err(FinesseError::Credential { .. })));
    stage.rest.set_accounts(&account("administrator", "secret"), &supervisors).unwrap();
    assert!(stage.rest.stopped_accounts().is_empty());
    stage.assign().await;
    assert_eq!(stage.sim.counters().unauthorized.get("administrator"), Some(&2));
    assert_eq!(stage.sim.locked_accounts(), Vec::<String>::new());
}

#[tokio::test]
async fn supervisors_come_and_go_while_we_run() {
    let mut config = quick(Deployment::Ucce);
    config.users.push(finesse_sim::UserSpec::supervisor("supervisor2", &[1]));
    let stage = stage(config).await;
    stage.assign().await;
    let admin = account("administrator", "secret");
    stage.rest.set_accounts(&admin, &[account("supervisor2", "secret")]).unwrap();
    let none = stage.set(Target::NotReady, "r1").await;
    assert!(matches!(none, Err(FinesseError::NoSupervisor { .. })), "{none:?}");
    stage.assign().await;
    stage.set(Target::NotReady, "r2").await.unwrap();
    let log = stage.sim.log();
    let put = log.iter().find(|record| record.method == "PUT").expect("a change");
    assert_eq!(put.actor.as_deref(), Some("supervisor2"));
}
