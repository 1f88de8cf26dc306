//! Users, teams, single agents and reason codes of both deployments.

use finesse_sim::{By, CallEvent, CallOptions, Config, Deployment, Fault, Scope, UserSpec};
use lockstep::finesse::{Finesse, FinesseError, Need};
use lockstep_core::finesse as core;
use lockstep_core::{AgentId, TeamId};

use crate::stage::{AGENT, quick, stage};

#[tokio::test]
async fn the_deployment_and_the_clock_are_told() {
    for (deployment, expected) in
        [(Deployment::Uccx, core::Deployment::Ccx), (Deployment::Ucce, core::Deployment::Cce)]
    {
        let stage = stage(quick(deployment)).await;
        let system = stage.rest.system().await.unwrap();
        assert_eq!(system.deployment, expected);
        let ahead = system.clock_ahead_ms.unwrap();
        assert!(ahead.abs() < 1_000, "same machine, {ahead} ms ahead");
        stage.sim.fault(Fault::ClockSkew { offset_ms: 90_000 });
        let ahead = stage.rest.system().await.unwrap().clock_ahead_ms.unwrap();
        assert!((89_000..91_000).contains(&ahead), "{ahead} ms ahead");
        assert_eq!(stage.sim.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn users_teams_and_agents_agree_about_a_state() {
    for deployment in [Deployment::Uccx, Deployment::Ucce] {
        let stage = stage(quick(deployment)).await;
        stage.sim.set_state(AGENT, "NOT_READY", Some("Lunch"), By::Agent).unwrap();
        stage.assign().await;
        let agent = AgentId::new(AGENT);
        let looked = stage.rest.look(&agent).await.unwrap();
        assert_eq!(looked.state, core::AgentState::NotReady);
        assert!(looked.reason.as_ref().unwrap().has_label("Lunch"));
        assert!(looked.changed_at.is_some());
        let users = stage.rest.users().await.unwrap();
        let listed = users.iter().find(|user| user.id == agent).unwrap();
        assert_eq!(listed.view.state, looked.state);
        assert_eq!(listed.login_name, "agent1001");
        assert_eq!(listed.team.as_ref().unwrap().name, "Sales");
        let members = stage.rest.team(&TeamId::new("1"), Need::Routine).await.unwrap();
        let member = members.iter().find(|member| member.id == agent).unwrap();
        assert_eq!((member.view.state, member.view.changed_at), (looked.state, looked.changed_at));
        assert_eq!(members.len(), 3);
        assert_eq!(stage.sim.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_single_user_with_leading_zeros_is_a_list_of_one() {
    let mut config = Config::empty(Deployment::Uccx);
    config.users = vec![UserSpec::agent("0001", "only")];
    let stage = stage(config).await;
    let users = stage.rest.users().await.unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].id.as_str(), "0001");
    let assignment = stage.rest.assign(&users, &[TeamId::new("1")]);
    assert_eq!(assignment.unsupervised, [TeamId::new("1")]);
    assert_eq!(assignment.unknown_supervisors, ["supervisor1"]);
    assert!(stage.rest.look(&users[0].id).await.is_ok());
    assert_eq!(stage.sim.log().last().unwrap().path, "/finesse/api/User/0001");
}

#[tokio::test]
async fn a_pending_state_is_seen() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    for event in [CallEvent::Ring, CallEvent::Answer] {
        stage.sim.call(AGENT, event).unwrap();
    }
    stage.sim.set_state(AGENT, "NOT_READY", Some("Lunch"), By::Agent).unwrap();
    let view = stage.rest.look(&AgentId::new(AGENT)).await.unwrap();
    assert_eq!(view.state, core::AgentState::Talking);
    assert_eq!(view.pending, Some(core::AgentState::NotReady));
}

#[tokio::test]
async fn a_call_elsewhere_is_seen_in_the_team_and_nowhere_else() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    stage.sim.set_state(AGENT, "NOT_READY", Some("Lunch"), By::Agent).unwrap();
    let elsewhere = CallOptions { icd: Some(false), ..CallOptions::default() };
    stage.sim.call_with(AGENT, CallEvent::Ring, elsewhere).unwrap();
    stage.sim.call(AGENT, CallEvent::Answer).unwrap();
    let members = stage.rest.team(&TeamId::new("1"), Need::Routine).await.unwrap();
    let member = members.iter().find(|member| member.id.as_str() == AGENT).unwrap();
    assert_eq!(member.view.state, core::AgentState::NotReady);
    assert_eq!(member.view.busy_elsewhere, Some(true));
    let looked = stage.rest.look(&member.id).await.unwrap();
    assert_eq!(looked.busy_elsewhere, None, "GET User has no mediaState (Finesse notes 1.1)");
}

#[tokio::test]
async fn what_versions_write_differently_is_read_the_same() {
    for fault in [
        Fault::LowerCaseReasonCode,
        Fault::EmptyStateChangeTime,
        Fault::ReasonIdsMissing,
        Fault::UnknownState { state: "PAUSED_BY_FUTURE_VERSION".into() },
    ] {
        let stage = stage(quick(Deployment::Ucce)).await;
        stage.sim.set_state(AGENT, "NOT_READY", Some("Lunch"), By::Agent).unwrap();
        stage.assign().await;
        stage.sim.fault(fault.clone());
        let view = stage.rest.look(&AgentId::new(AGENT)).await.unwrap();
        match fault {
            Fault::EmptyStateChangeTime => assert_eq!(view.changed_at, None),
            Fault::UnknownState { .. } => assert_eq!(view.state, core::AgentState::Unknown),
            _ => assert!(view.reason.unwrap().has_label("Lunch"), "{fault:?}"),
        }
        assert_eq!(
            stage.rest.team(&TeamId::new("1"), Need::Routine).await.unwrap().len(),
            3,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn reason_codes_are_offered_by_label_without_the_systems_own() {
    let stage = stage(quick(Deployment::Uccx)).await;
    for fault in [None, Some(Fault::ReasonIdsMissing), Some(Fault::SystemCodesListed)] {
        stage.sim.clear_faults();
        fault.map(|fault| stage.sim.fault(fault));
        let by_team = stage.rest.reason_codes(&TeamId::new("1")).await.unwrap();
        let by_agent = stage.rest.reason_codes_of(&AgentId::new(AGENT)).await.unwrap();
        assert_eq!(by_team, by_agent);
        let meeting = by_team.iter().find(|code| code.label == "Webex Meeting").unwrap();
        let told = stage.sim.reason(finesse_sim::Category::NotReady, "Webex Meeting").unwrap();
        assert_eq!(meeting.id, told.id.to_string());
        assert!(by_team.iter().all(|code| code.label != "Call Not Answered"));
    }
    stage.sim.fault(Fault::NoReasonCodes);
    assert_eq!(stage.rest.reason_codes(&TeamId::new("1")).await.unwrap(), []);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_says_why() {
    let stage = stage(quick(Deployment::Uccx)).await;
    let agent = AgentId::new(AGENT);
    let scope = || Scope { times: Some(1), user: Some(AGENT.into()), ..Scope::default() };
    stage.sim.fault_in(Fault::MalformedXml, scope());
    let error = stage.rest.look(&agent).await.unwrap_err();
    assert!(matches!(error, FinesseError::Unreadable { .. }), "{error}");
    stage.sim.fault_in(Fault::HugeBody { bytes: 1_000_000 }, scope());
    let error = stage.rest.look(&agent).await.unwrap_err().to_string();
    assert!(error.contains("over 262144 bytes"), "{error}");
    stage.sim.fault_in(Fault::HtmlError { status: 200 }, scope());
    let error = stage.rest.look(&agent).await.unwrap_err().to_string();
    assert!(error.contains("<html>"), "{error}");
    assert!(stage.rest.look(&agent).await.is_ok());
}

#[tokio::test]
async fn whom_finesse_does_not_know_is_named() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    let error = stage.rest.look(&AgentId::new("4711")).await.unwrap_err();
    assert_eq!(error.to_string(), "finesse knows no user 4711");
    let asked = stage.sim.log().len();
    for id in ["", ".", ".."] {
        let error = stage.rest.look(&AgentId::new(id)).await.unwrap_err();
        assert!(matches!(error, FinesseError::NotFound { .. }), "{error}");
    }
    assert_eq!(stage.sim.log().len(), asked, "nothing was sent");
}
