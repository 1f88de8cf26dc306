//! Changes of state, as the supervisor.

use std::time::Duration;

use finesse_sim::{
    AgentState, By, CallEvent, Deployment, Endpoint, Fault, Phase, Scope, Unauthorized,
};
use futures_util::future::join_all;
use lockstep::finesse::{Finesse, FinesseError, Need};
use lockstep_core::finesse::{self as core, Target};
use lockstep_core::{AgentId, TeamId};

use crate::stage::{AGENT, change, quick, stage, stage_with};

/// Strikes the next PUT only.
fn next_put() -> Scope {
    Scope {
        endpoint: Some(Endpoint::User),
        method: Some("PUT".into()),
        times: Some(1),
        ..Scope::default()
    }
}

#[tokio::test]
async fn there_and_back_with_the_supervisors_reason() {
    for (deployment, code) in [(Deployment::Uccx, 33), (Deployment::Ucce, 999)] {
        let stage = stage(quick(deployment)).await;
        stage.assign().await;
        stage.set(Target::NotReady, "r1").await.unwrap();
        stage.until_state(AGENT, AgentState::NotReady).await;
        let view = stage.rest.look(&AgentId::new(AGENT)).await.unwrap();
        assert_eq!(view.reason.unwrap().code, Some(code));
        stage.set(Target::Ready, "r2").await.unwrap();
        stage.until_state(AGENT, AgentState::Ready).await;
        let puts: Vec<_> = stage.sim.log().into_iter().filter(|r| r.method == "PUT").collect();
        assert_eq!(puts[0].body, "<User><state>NOT_READY</state></User>");
        assert_eq!(puts[0].request_id.as_deref(), Some("r1"));
        assert_eq!(puts[0].actor.as_deref(), Some("supervisor1"));
        assert_eq!(stage.sim.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn any_2xx_is_queued_and_a_slow_cti_is_not_waited_for() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    stage.sim.fault(Fault::PutAnswers200);
    stage.sim.fault(Fault::NoRequestIdEcho);
    stage.sim.fault(Fault::SlowCti { delay_ms: 14_000 });
    stage.set(Target::NotReady, "r1").await.unwrap();
    assert_eq!(stage.sim.state(AGENT), AgentState::Ready, "202 is not done");
}

#[tokio::test]
async fn a_supervisor_is_refused_during_a_call() {
    let stage = stage(quick(Deployment::Ucce)).await;
    stage.assign().await;
    stage.sim.call(AGENT, CallEvent::Ring).unwrap();
    stage.sim.call(AGENT, CallEvent::Answer).unwrap();
    let error = stage.set(Target::NotReady, "r1").await.unwrap_err();
    assert!(matches!(error, FinesseError::InvalidState { .. }), "{error}");
}

#[tokio::test]
async fn an_agent_who_moved_to_another_team_is_not_ours() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    stage.sim.put_team(77, "Elsewhere");
    stage.sim.move_user(AGENT, 77).unwrap();
    let error = stage.set(Target::NotReady, "r1").await.unwrap_err();
    assert!(matches!(error, FinesseError::NotOurs { .. }), "{error}");
    assert!(stage.rest.team(&TeamId::new("1"), Need::Routine).await.is_ok(), "the account goes on");
}

#[tokio::test]
async fn a_team_without_a_supervisor_is_not_asked_for() {
    let stage = stage(quick(Deployment::Uccx)).await;
    let error = stage.set(Target::NotReady, "r1").await.unwrap_err();
    assert!(matches!(error, FinesseError::NoSupervisor { .. }), "{error}");
    assert!(stage.sim.log().is_empty());
}

#[tokio::test]
async fn a_5xx_says_whether_it_may_have_been_applied() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    let rows = [
        (Fault::ErrorBefore { status: 503 }, true, AgentState::Ready),
        (Fault::ErrorBefore { status: 500 }, false, AgentState::Ready),
        (Fault::ErrorAfter { status: 500 }, false, AgentState::NotReady),
    ];
    for (row, (fault, certain, state)) in rows.into_iter().enumerate() {
        stage.sim.fault_in(fault.clone(), next_put());
        let answer = stage.set(Target::NotReady, &format!("r{row}")).await;
        let Err(FinesseError::Unavailable { not_sent, .. }) = answer else {
            panic!("{fault:?}: {answer:?}");
        };
        assert_eq!(not_sent, certain, "{fault:?}");
        stage.until_state(AGENT, state).await;
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_sending_is_silence() {
    let stage = stage_with(quick(Deployment::Uccx), |settings| {
        settings.limits.total = Duration::from_millis(300);
    })
    .await;
    stage.assign().await;
    for (row, fault) in [
        Fault::ResetConnection { phase: Phase::Before },
        Fault::BlackHole { phase: Phase::Before },
        Fault::ResetConnection { phase: Phase::After },
    ]
    .into_iter()
    .enumerate()
    {
        stage.sim.fault_in(fault.clone(), next_put());
        let error = stage.set(Target::NotReady, &format!("r{row}")).await.unwrap_err();
        assert!(matches!(error, FinesseError::Silent { .. }), "{fault:?}: {error}");
    }
    stage.until_state(AGENT, AgentState::NotReady).await;
    assert_eq!(stage.arrived("PUT"), 3, "nothing was sent twice");
}

#[tokio::test]
async fn each_refusal_keeps_finesses_words() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    let status = |status, kind: &str, data: &str| Fault::Status {
        status,
        error_type: Some(kind.into()),
        error_data: Some(data.into()),
        error_message: None,
        phase: Phase::Before,
    };
    let rows = [
        (status(400, "Invalid Input", "finesse.api.reasoncode.not_allowed"), "refused"),
        (status(400, "Parameter Missing", "state"), "refused"),
        (status(403, "Forbidden", "x"), "refused"),
        (status(405, "Method Not Allowed", "x"), "refused"),
        (status(404, "User Not Found", "x"), "not_found"),
        (Fault::Unauthorized { kind: Unauthorized::InvalidState }, "invalid_state"),
        (Fault::Unauthorized { kind: Unauthorized::InvalidSupervisor }, "not_ours"),
        (Fault::Unauthorized { kind: Unauthorized::InvalidUser }, "not_ours"),
        (Fault::HtmlError { status: 500 }, "unavailable"),
    ];
    for (row, (fault, kind)) in rows.into_iter().enumerate() {
        stage.sim.fault_in(fault.clone(), next_put());
        let error = stage.set(Target::NotReady, &format!("r{row}")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        if row == 0 {
            assert!(error.to_string().contains("reasoncode.not_allowed"), "{error}");
        }
    }
    stage.set(Target::NotReady, "last").await.unwrap();
}

#[tokio::test]
async fn two_hundred_agents_at_once_are_all_asked_for_within_their_time() {
    let mut config = quick(Deployment::Ucce);
    config.users = finesse_sim::usual_users(200, 1, AgentState::Ready);
    let stage = stage(config).await;
    stage.assign().await;
    let ids: Vec<String> = (1..=200).map(|number| (1_001_000 + number).to_string()).collect();
    let changes: Vec<_> =
        ids.iter().map(|id| change(id, Target::NotReady, &format!("{id}-there"))).collect();
    let answers = join_all(changes.iter().map(|change| stage.rest.change(change))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    for id in &ids {
        stage.until_state(id, AgentState::NotReady).await;
    }
    let members = stage.rest.team(&TeamId::new("1"), Need::Routine).await.unwrap();
    assert!(members.iter().all(|member| member.view.state == core::AgentState::NotReady));
    assert_eq!(stage.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_lunch_is_seen_before_anything_is_asked() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    stage.sim.set_state(AGENT, "NOT_READY", Some("Lunch"), By::Agent).unwrap();
    let members = stage.rest.team(&TeamId::new("1"), Need::Routine).await.unwrap();
    let agent = members.iter().find(|member| member.id.as_str() == AGENT).unwrap();
    assert!(agent.view.reason.as_ref().unwrap().has_label("lunch"));
}
