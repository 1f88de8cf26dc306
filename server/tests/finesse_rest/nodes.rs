//! Two nodes: the one in service is asked, and nothing is lost when it changes.

use std::time::Duration;

use finesse_sim::{AgentState, Deployment, Fault, FinesseSim, Node, Phase, Scope};
use lockstep::finesse::{Finesse, FinesseError};
use lockstep_core::AgentId;
use lockstep_core::finesse::Target;
use tokio::time::{Instant, sleep};

use crate::stage::{AGENT, Stage, client, quick, settings_for, stage};

fn on(node: Node) -> Scope {
    Scope { node: Some(node), ..Scope::default() }
}

async fn pair() -> Stage {
    let stage = stage(quick(Deployment::Uccx).with_secondary()).await;
    stage.assign().await;
    assert_eq!(stage.rest.health().in_use, Some(stage.sim.base_url()));
    stage
}

/// Looks until it works again, as the engine would.
async fn until_seen(stage: &Stage) {
    until_seen_or_not(stage, true).await;
}

/// Looks until there is an answer, or until no node is in use any more.
async fn until_seen_or_not(stage: &Stage, seen: bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let answer = stage.rest.look(&AgentId::new(AGENT)).await;
        if if seen { answer.is_ok() } else { stage.rest.health().in_use.is_none() } {
            return;
        }
        assert!(Instant::now() < deadline, "never came true, seen {seen}: {answer:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_node_that_goes_out_of_service_is_left_for_the_other() {
    for fault in [
        Fault::OutOfService,
        Fault::PartialService,
        Fault::BlackHole { phase: Phase::Before },
        Fault::ResetConnection { phase: Phase::Before },
    ] {
        let stage = pair().await;
        stage.sim.fault_in(fault.clone(), on(Node::Primary));
        until_seen(&stage).await;
        let health = stage.rest.health();
        assert_eq!(health.in_use, stage.sim.secondary_url(), "{fault:?}");
        assert!(health.is_good());
        assert!(!health.nodes[0].in_service && health.nodes[1].in_service, "{health:?}");
        stage.set(Target::NotReady, "r1").await.unwrap();
        stage.until_state(AGENT, AgentState::NotReady).await;
        stage.sim.clear_faults();
        until_seen(&stage).await;
        assert_eq!(stage.rest.health().in_use, stage.sim.secondary_url(), "it stays");
    }
}

#[tokio::test]
async fn a_node_that_refuses_connections_certainly_got_nothing() {
    let stage = pair().await;
    stage.sim.refuse(Node::Primary, true);
    let answer = stage.set(Target::NotReady, "r1").await;
    match answer {
        Err(FinesseError::Unavailable { not_sent, .. }) => assert!(not_sent),
        // A connection that was open when the node went.
        Err(FinesseError::Silent { .. }) => {}
        other => panic!("{other:?}"),
    }
    until_seen(&stage).await;
    stage.set(Target::NotReady, "r2").await.unwrap();
    stage.until_state(AGENT, AgentState::NotReady).await;
}

#[tokio::test]
async fn a_node_without_a_cti_heartbeat_is_not_chosen() {
    let stage = stage(quick(Deployment::Ucce).with_secondary()).await;
    let lie = Fault::SystemInfoLies {
        status: None,
        deployment_type: None,
        cti_heartbeat: Some("failure".into()),
    };
    stage.sim.fault_in(lie, on(Node::Primary));
    stage.assign().await;
    assert_eq!(stage.rest.health().in_use, stage.sim.secondary_url());
}

#[tokio::test]
async fn with_no_node_in_service_calls_are_answered_at_once_until_one_is_back() {
    let stage = stage(quick(Deployment::Uccx).with_secondary()).await;
    let fault = stage.sim.fault(Fault::OutOfService);
    for _ in 0..20 {
        let error = stage.rest.look(&AgentId::new(AGENT)).await.unwrap_err();
        let FinesseError::Unavailable { not_sent, detail, retry_after } = error else {
            panic!("{error}");
        };
        assert!(not_sent && retry_after.is_some());
        assert_eq!(detail.matches("OUT_OF_SERVICE").count(), 2, "{detail}");
    }
    assert_eq!(stage.sim.log().len(), 2, "each node was asked once");
    assert_eq!(stage.rest.health().in_use, None);
    stage.sim.end_fault(fault);
    until_seen(&stage).await;
    assert!(stage.rest.health().is_good());
}

#[tokio::test]
async fn a_single_node_is_tried_again_when_it_is_back() {
    let stage = stage(quick(Deployment::Uccx)).await;
    stage.assign().await;
    stage.sim.refuse(Node::Primary, true);
    until_seen_or_not(&stage, false).await;
    let error = stage.rest.look(&AgentId::new(AGENT)).await.unwrap_err();
    assert!(matches!(error, FinesseError::Unavailable { not_sent: true, .. }), "{error}");
    stage.sim.refuse(Node::Primary, false);
    until_seen(&stage).await;
}

#[tokio::test]
async fn nobody_there_at_the_start_is_an_error_and_not_the_end() {
    let sim = FinesseSim::start(quick(Deployment::Uccx)).await.unwrap();
    let address = sim.base_url();
    sim.shutdown().await;
    let rest = client(&settings_for([address.clone()]));
    let error = rest.system().await.unwrap_err();
    let FinesseError::Unavailable { not_sent: true, detail, .. } = error else {
        panic!("{error}");
    };
    assert!(detail.contains(&address), "{detail}");
    let mut config = quick(Deployment::Uccx);
    config.listen = address.trim_start_matches("http://").parse().unwrap();
    let sim = FinesseSim::start(config).await.unwrap();
    let stage = Stage { sim, rest };
    until_seen(&stage).await;
}
