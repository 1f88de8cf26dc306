//! Each fault does what its line in the catalogue says.

use std::time::Duration;

use crate::desk::{client, desk, desk_with, quick, wait_for};
use finesse_sim::{
    AgentState, By, CtiError, Deployment::Ucce, Deployment::Uccx, Endpoint, EventKind, Fault, Node,
    Phase, Scope, Unauthorized,
};
use serde_json::json;

fn on(endpoint: Endpoint) -> Scope {
    Scope { endpoint: Some(endpoint), ..Scope::default() }
}

fn status(status: u16) -> Fault {
    Fault::Status {
        status,
        error_type: None,
        error_data: None,
        error_message: None,
        phase: Phase::Before,
    }
}

#[tokio::test]
async fn a_status_strikes_the_endpoint_the_user_and_as_often_as_told() {
    let desk = desk(Ucce).await;
    let scope = Scope { user: Some("agent1001".to_owned()), times: Some(2), ..on(Endpoint::User) };
    desk.sim.fault_in(status(500), scope);
    let path = "/finesse/api/User/1001001";
    assert_eq!(desk.get("/finesse/api/User/1001002", "administrator").await.status, 200);
    assert_eq!(desk.get("/finesse/api/Team/1", "administrator").await.status, 200);
    let struck = desk.get(path, "administrator").await;
    assert_eq!((struck.status, struck.text("ErrorType")), (500, "Internal Server Error"));
    assert_eq!(desk.get(path, "administrator").await.status, 500);
    assert_eq!(desk.get(path, "administrator").await.status, 200);
}

#[tokio::test]
async fn an_error_before_applies_nothing_and_an_error_after_everything() {
    let desk = desk(Ucce).await;
    let once = || Scope { times: Some(1), ..Scope::default() };
    desk.sim.fault_in(Fault::ErrorBefore { status: 500 }, once());
    assert_eq!(desk.supervisor_sets("1001001", "NOT_READY").await.status, 500);
    desk.sim.fault_in(Fault::ErrorAfter { status: 503 }, once());
    assert_eq!(desk.supervisor_sets("1001002", "NOT_READY").await.status, 503);
    desk.reaches("1001002", AgentState::NotReady).await;
    assert_eq!(desk.sim.state("1001001"), AgentState::Ready);
}

#[tokio::test]
async fn chances_come_from_the_seed() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let desk = desk_with(finesse_sim::Config { seed: Some(9), ..quick(Ucce) }).await;
        let half = Scope { probability: Some(0.5), ..Scope::default() };
        desk.sim.fault_in(status(500), half);
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(desk.get("/finesse/api/Team/1", "administrator").await.status);
        }
        assert!(statuses.contains(&200) && statuses.contains(&500), "{statuses:?}");
        seen.push(statuses);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn cti_can_drop_a_request_or_refuse_it() {
    let desk = desk(Ucce).await;
    let once = || Scope { times: Some(1), ..Scope::default() };
    desk.sim.fault_in(Fault::CtiDrop, once());
    let refused = desk.supervisor_sets("1001001", "READY").await;
    assert_eq!(refused.status, 400, "and spends no fault of CTI");
    assert_eq!(desk.supervisor_sets("1001001", "NOT_READY").await.status, 202);
    wait_for("the request was dropped", || {
        let history = desk.sim.user("1001001").and_then(|user| user.history).expect("there");
        let last = history.last().map(|entry| entry.kind);
        if last == Some(EventKind::Dropped) { Ok(()) } else { Err(last) }
    })
    .await;
    let fault = Fault::CtiError { code: 33, error_type: None, error_message: None };
    desk.sim.fault_in(fault, once());
    assert_eq!(desk.supervisor_sets("1001001", "NOT_READY").await.status, 202);
    assert_eq!(desk.fails("1001001").await, CtiError::of_code(33));
    assert_eq!(desk.sim.state("1001001"), AgentState::Ready);
}

#[tokio::test]
async fn latency_takes_its_time_and_a_client_that_gives_up_is_counted() {
    let desk = desk(Ucce).await;
    desk.sim.fault(Fault::Latency { min_ms: 60_000, max_ms: 60_000, phase: Phase::After });
    let request = desk.request(reqwest::Method::PUT, "/finesse/api/User/1001001", "supervisor1");
    let request = crate::desk::xml_body(request, "<User><state>NOT_READY</state></User>");
    let waiting = tokio::spawn(request.send());
    desk.reaches("1001001", AgentState::NotReady).await;
    assert!(!waiting.is_finished());
    waiting.abort();
    wait_for("the request counts as abandoned", || {
        let abandoned = desk.sim.counters().abandoned;
        if abandoned == 1 { Ok(()) } else { Err(abandoned) }
    })
    .await;
}

#[tokio::test]
async fn connections_are_reset_swallowed_or_refused() {
    let desk = desk_with(quick(Ucce).with_secondary()).await;
    let url = format!("{}/finesse/api/SystemInfo", desk.base);
    let id = desk.sim.fault(Fault::ResetConnection { phase: Phase::Before });
    assert!(client().get(&url).send().await.is_err());
    desk.sim.end_fault(id);
    let id = desk.sim.fault(Fault::BlackHole { phase: Phase::Before });
    let hasty = client().get(&url).timeout(Duration::from_millis(100)).send().await;
    assert!(hasty.expect_err("no answer").is_timeout());
    desk.sim.end_fault(id);
    desk.sim.refuse(Node::Primary, true);
    let address = desk.sim.addr();
    refuses(address, true).await;
    let secondary = desk.sim.secondary_url().expect("two nodes");
    let info = client().get(format!("{secondary}/finesse/api/SystemInfo")).send().await;
    assert_eq!(info.expect("answers").status(), 200);
    desk.sim.refuse(Node::Primary, false);
    refuses(address, false).await;
    assert_eq!(desk.get("/finesse/api/SystemInfo", "").await.status, 200);
}

async fn refuses(address: std::net::SocketAddr, refused: bool) {
    let deadline = tokio::time::Instant::now() + crate::desk::PATIENCE;
    while tokio::net::TcpStream::connect(address).await.is_err() != refused {
        assert!(tokio::time::Instant::now() < deadline, "never came true: refused is {refused}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn answers_can_be_html_malformed_or_huge() {
    let desk = desk(Ucce).await;
    let id = desk.sim.fault(Fault::HtmlError { status: 502 });
    let html = desk.get("/finesse/api/Team/1", "supervisor1").await;
    assert_eq!((html.status, html.header("content-type")), (502, "text/html;charset=utf-8"));
    desk.sim.end_fault(id);
    let id = desk.sim.fault(Fault::MalformedXml);
    let broken = desk.get("/finesse/api/Team/1", "supervisor1").await;
    assert!(broken.status == 200 && broken.body.ends_with("<User"));
    desk.sim.end_fault(id);
    desk.sim.fault(Fault::HugeBody { bytes: 1_000_000 });
    assert_eq!(desk.get("/finesse/api/Team/1", "supervisor1").await.body.len(), 1_000_000);
    desk.assert_no_violations();
}

#[tokio::test]
async fn each_kind_of_401_can_be_had() {
    let desk = desk(Ucce).await;
    for (kind, word) in [
        (Unauthorized::AuthorizationFailure, "Authorization Failure"),
        (Unauthorized::AuthenticationFailure, "Authentication Failure"),
        (Unauthorized::Unauthorized, "Unauthorized"),
        (Unauthorized::InvalidUser, "Invalid Authorization User Specified"),
        (Unauthorized::InvalidSupervisor, "Invalid Supervisor"),
        (Unauthorized::InvalidState, "Invalid State"),
        (Unauthorized::Html, ""),
    ] {
        let id = desk.sim.fault(Fault::Unauthorized { kind });
        let answer = desk.supervisor_sets("1001001", "READY").await;
        assert_eq!((answer.status, answer.text("ErrorType")), (401, word));
        desk.sim.end_fault(id);
    }
}

#[tokio::test]
async fn reason_codes_can_be_none_without_id_lower_case_or_with_the_systems() {
    let desk = desk(Uccx).await;
    let path = "/finesse/api/User/1001001/ReasonCodes?category=NOT_READY";
    let id = desk.sim.fault(Fault::NoReasonCodes);
    assert_eq!(desk.get(path, "1001001").await.body, "<ReasonCodes></ReasonCodes>");
    assert_eq!(desk.agent_sets("1001001", "NOT_READY", None).await.status, 202);
    desk.sim.end_fault(id);
    let id = desk.sim.fault(Fault::ReasonIdsMissing);
    let list = desk.get(path, "1001001").await;
    assert!(list.count("id") == 0 && list.count("uri") == 8);
    desk.sim.end_fault(id);
    let id = desk.sim.fault(Fault::SystemCodesListed);
    assert!(desk.get(path, "1001001").await.body.contains("<systemCode>true</systemCode>"));
    desk.sim.end_fault(id);
    desk.sim.set_state("1001002", "NOT_READY", Some("Lunch"), By::Agent).expect("allowed");
    desk.sim.fault(Fault::LowerCaseReasonCode);
    let user = desk.get("/finesse/api/User/1001002", "1001002").await;
    assert_eq!((user.count("ReasonCode"), user.count("reasonCode")), (0, 1));
}

#[tokio::test]
async fn shown_users_can_be_distorted_one_by_one() {
    let desk = desk(Ucce).await;
    let only = Scope { user: Some("1001001".to_owned()), ..Scope::default() };
    desk.sim.fault_in(Fault::EmptyStateChangeTime, only.clone());
    desk.sim.fault_in(Fault::UnknownState { state: "NAPPING".to_owned() }, only);
    let team = desk.get("/finesse/api/Team/1", "supervisor1").await;
    assert_eq!(team.body.matches("<stateChangeTime></stateChangeTime>").count(), 1);
    assert_eq!(team.body.matches("<state>NAPPING</state>").count(), 1);
    desk.sim.clear_faults();
    desk.sim.fault(Fault::SingleElementLists);
    assert_eq!(desk.get("/finesse/api/Users", "administrator").await.count("User"), 1);
}

#[tokio::test]
async fn the_clock_of_finesse_can_be_wrong() {
    let mut config = quick(Ucce);
    config.clock = finesse_sim::Clock::manual("2026-11-21T10:00:00Z".parse().expect("a time"));
    let desk = desk_with(config).await;
    desk.sim.fault(Fault::ClockSkew { offset_ms: -90_000 });
    let info = desk.get("/finesse/api/SystemInfo", "").await;
    assert_eq!(info.text("currentTimestamp"), "2026-11-21T09:58:30.000Z");
    let user = desk.get("/finesse/api/User/1001001", "1001001").await;
    assert_eq!(user.text("stateChangeTime"), "2026-11-21T09:58:30.000Z");
}

#[tokio::test]
async fn system_info_can_lie_and_a_put_can_answer_200_without_its_id() {
    let desk = desk(Ucce).await;
    let lie = Fault::SystemInfoLies {
        status: Some("OUT_OF_SERVICE".to_owned()),
        deployment_type: Some("UCCX".to_owned()),
        cti_heartbeat: None,
    };
    desk.sim.fault(lie);
    let info = desk.get("/finesse/api/SystemInfo", "").await;
    assert_eq!((info.text("status"), info.text("deploymentType")), ("OUT_OF_SERVICE", "UCCX"));
    desk.sim.fault(Fault::PutAnswers200);
    desk.sim.fault(Fault::NoRequestIdEcho);
    let answer = desk.supervisor_sets("1001001", "NOT_READY").await;
    assert_eq!((answer.status, answer.header("requestid")), (200, ""));
}

#[tokio::test]
async fn faults_end_by_themselves() {
    let mut config = quick(Ucce);
    config.clock = finesse_sim::Clock::manual("2026-11-21T10:00:00Z".parse().expect("a time"));
    let desk = desk_with(config).await;
    let brief = json!({"fault": "out_of_service", "for_ms": 1_000});
    let (status, _) = desk.control(reqwest::Method::POST, "/sim/faults", Some(brief)).await;
    assert_eq!(status, 200);
    assert_eq!(desk.get("/finesse/api/Team/1", "supervisor1").await.status, 503);
    desk.sim.advance(Duration::from_secs(1));
    assert_eq!(desk.get("/finesse/api/Team/1", "supervisor1").await.status, 200);
}

#[tokio::test]
async fn one_node_can_be_out_of_service_while_the_other_serves() {
    let desk = desk_with(quick(Uccx).with_secondary()).await;
    let primary = Scope { node: Some(Node::Primary), ..Scope::default() };
    desk.sim.fault_in(Fault::OutOfService, primary);
    assert_eq!(desk.supervisor_sets("1001001", "NOT_READY").await.status, 503);
    let secondary = desk.sim.secondary_url().expect("two nodes");
    let url = format!("{secondary}/finesse/api/User/1001001");
    let request = desk.client.put(url).basic_auth("supervisor1", Some("secret"));
    let xml = "<User><state>NOT_READY</state></User>";
    assert_eq!(crate::desk::answer(crate::desk::xml_body(request, xml)).await.status, 202);
    desk.reaches("1001001", AgentState::NotReady).await;
}
