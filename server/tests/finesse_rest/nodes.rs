//! Two nodes: the one in service is asked, and nothing is lost when it changes.

use std::time::Duration;

use finesse_sim::{AgentState, Deployment, Fault, FinesseSim, Node, Phase, Scope};
use lockstep::finesse::{Finesse, FinesseError};
use lockstep_core::AgentId;
use lockstep_core::finesse::Target;
use tokio::time::{Instant, sleep};

use crate::stage::{AGENT, Stage, change, client, quick, settings_for, stage, stage_with};

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

/// Finesse notes 6, 31: everything is read again before any write.
#[tokio::test]
async fn law_2_a_change_decided_before_the_fail_over_is_not_sent() {
    let stage = pair().await;
    let decided = change(AGENT, Target::NotReady, "r1");
    let mut fail_overs = stage.rest.fail_overs();
    assert_eq!(*fail_overs.borrow_and_update(), None);
    stage.sim.fault_in(Fault::OutOfService, on(Node::Primary));
    until_seen(&stage).await;
    assert!(fail_overs.has_changed().unwrap());
    assert!(*fail_overs.borrow_and_update() > Some(decided.seen_at));
    let answer = stage.rest.change(&decided).await;
    assert!(matches!(answer, Err(FinesseError::FailedOver { .. })), "{answer:?}");
    assert_eq!(stage.arrived("PUT"), 0);
    stage.set(Target::NotReady, "decided on what the other node says").await.unwrap();
    stage.until_state(AGENT, AgentState::NotReady).await;
}

/// The same node after a gap is as good as another one.
#[tokio::test]
async fn law_2_a_change_decided_before_finesse_was_gone_is_not_sent_when_it_is_back() {
    let stage = stage(quick(Deployment::Ucce)).await;
    stage.assign().await;
    let decided = change(AGENT, Target::NotReady, "r1");
    let fault = stage.sim.fault(Fault::OutOfService);
    until_seen_or_not(&stage, false).await;
    stage.sim.end_fault(fault);
    until_seen(&stage).await;
    let answer = stage.rest.change(&decided).await;
    assert!(matches!(answer, Err(FinesseError::FailedOver { .. })), "{answer:?}");
    assert_eq!(stage.arrived("PUT"), 0);
}

/// A heartbeat leaves a node before any request has failed there, and does not come back by itself.
#[tokio::test]
async fn a_node_that_says_it_is_out_is_left_without_a_failed_request() {
    for cti_only in [false, true] {
        let stage = stage_with(quick(Deployment::Uccx).with_secondary(), |settings| {
            settings.limits.heartbeat = Duration::from_millis(50);
        })
        .await;
        stage.assign().await;
        let cti_lost = Fault::SystemInfoLies {
            status: None,
            deployment_type: None,
            cti_heartbeat: Some("failure".into()),
        };
        let fault = if cti_only { cti_lost } else { Fault::OutOfService };
        stage.sim.fault_in(fault, on(Node::Primary));
        let left = async {
            let mut fail_overs = stage.rest.fail_overs();
            fail_overs.changed().await.expect("the client is there");
        };
        tokio::select! {
            _ = stage.rest.attend() => {}
            () = left => {}
        }
        assert_eq!(stage.rest.health().in_use, stage.sim.secondary_url());
        let failed = stage.sim.log().iter().filter(|r| r.status == Some(503)).count();
        assert_eq!(failed, 0, "no request had to fail");
        stage.sim.clear_faults();
        let asked = stage.arrived("GET");
        let some_beats = async {
            crate::stage::until("five more beats", || stage.arrived("GET") > asked + 10).await;
        };
        tokio::select! {
            _ = stage.rest.attend() => {}
            () = some_beats => {}
        }
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
