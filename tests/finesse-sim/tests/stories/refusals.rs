//! Every refusal of Finesse notes 1.4, in the order of checks of 7.

use crate::desk::{Answer, answer, desk, desk_with, quick, xml_body};
use finesse_sim::{AgentState, By, Deployment::Ucce, Deployment::Uccx, Fault, UserSpec};
use reqwest::Method;

fn refused(answer: &Answer, status: u16, kind: &str, data: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!((answer.text("ErrorType"), answer.text("ErrorData")), (kind, data), "{answer:?}");
}

#[tokio::test]
async fn a_wrong_password_is_an_authorization_failure_and_five_lock_for_five_minutes() {
    let mut config = quick(Ucce);
    config.clock = finesse_sim::Clock::manual("2026-11-21T10:00:00Z".parse().expect("a time"));
    let desk = desk_with(config).await;
    let team = || desk.client.get(format!("{}/finesse/api/Team/1", desk.base));
    for _ in 0..5 {
        let wrong = answer(team().basic_auth("supervisor1", Some("wrong"))).await;
        refused(&wrong, 401, "Authorization Failure", "supervisor1");
        assert_eq!(wrong.text("ErrorMessage"), "UNAUTHORIZED");
    }
    assert_eq!(desk.get("/finesse/api/Team/1", "supervisor1").await.status, 401);
    assert_eq!(desk.sim.locked_accounts(), ["supervisor1"]);
    assert_eq!(desk.get("/finesse/api/Team/1", "administrator").await.status, 200);
    desk.sim.advance(std::time::Duration::from_mins(5));
    assert_eq!(desk.get("/finesse/api/Team/1", "supervisor1").await.status, 200);
    assert_eq!(desk.sim.counters().unauthorized["supervisor1"], 6);
    desk.assert_no_violations();
}

#[tokio::test]
async fn four_failures_and_a_success_lock_nobody() {
    let desk = desk(Ucce).await;
    let url = format!("{}/finesse/api/Team/1", desk.base);
    for _ in 0..3 {
        for _ in 0..4 {
            answer(desk.client.get(&url).basic_auth("supervisor1", Some("wrong"))).await;
        }
        assert_eq!(desk.get("/finesse/api/Team/1", "supervisor1").await.status, 200);
    }
}

#[tokio::test]
async fn no_credentials_and_bearer_tokens_are_refused_clearly() {
    let desk = desk(Ucce).await;
    refused(&desk.get("/finesse/api/Users", "").await, 401, "Authorization Failure", "");
    let url = format!("{}/finesse/api/Users", desk.base);
    let bearer = answer(desk.client.get(url).bearer_auth("token")).await;
    assert_eq!(bearer.status, 401);
    assert!(bearer.text("ErrorMessage").contains("NON_SSO"));
    assert_eq!(desk.sim.violations().len(), 2);
}

#[tokio::test]
async fn an_unknown_user_is_not_found_before_the_body_is_read() {
    let desk = desk(Ucce).await;
    refused(&desk.put("9999", "supervisor1", "<nonsense").await, 404, "User Not Found", "9999");
}

#[tokio::test]
async fn the_body_is_checked_before_who_acts() {
    let desk = desk(Ucce).await;
    let other = "1001002";
    let agent = "1001001";
    refused(&desk.put(other, agent, "<User><state>").await, 400, "Bad Request", "");
    refused(&desk.put(other, agent, "<User></User>").await, 400, "Parameter Missing", "state");
    let missing = desk.put(other, agent, "<User></User>").await;
    assert_eq!(missing.text("ErrorMessage"), "State Parameter missing");
    let odd = desk.put(other, agent, "<User><state>BUSY</state></User>").await;
    refused(&odd, 400, "Invalid Input", "state");
    let unknown = desk.put(other, agent, "<User><state>READY</state><mood>x</mood></User>").await;
    refused(&unknown, 400, "Bad Request", "");
    let root = desk.put(other, agent, "<Agent><state>READY</state></Agent>").await;
    refused(&root, 400, "Bad Request", "");
    let right = desk.put(other, agent, "<User><state>READY</state></User>").await;
    refused(&right, 401, "Invalid Authorization User Specified", other);
    assert_eq!(desk.sim.counters().violations, 6);
    assert_eq!(desk.sim.counters().refusals, 1);
}

#[tokio::test]
async fn a_put_without_the_right_content_type_is_a_violation() {
    let desk = desk(Ucce).await;
    let path = "/finesse/api/User/1001001";
    let xml = "<User><state>READY</state></User>";
    for kind in ["text/plain", "application/json"] {
        let request = desk.request(Method::PUT, path, "1001001").header("content-type", kind);
        refused(&answer(request.body(xml)).await, 400, "Bad Request", "");
    }
    let charset = desk
        .request(Method::PUT, path, "1001001")
        .header("content-type", "application/xml; charset=utf-8");
    assert_eq!(answer(charset.body(xml)).await.status, 202);
    assert_eq!(desk.sim.violations().len(), 2);
}

#[tokio::test]
async fn a_supervisor_acts_on_their_own_teams_only_and_never_with_a_reason() {
    let mut config = quick(Uccx);
    config.teams.push((8, "Night".to_owned()));
    config.users.push(UserSpec::supervisor("night", &[8]));
    let desk = desk_with(config).await;
    let xml = "<User><state>NOT_READY</state></User>";
    refused(&desk.put("1001001", "night", xml).await, 401, "Invalid Supervisor", "1001001");
    let id = desk.reason_id("Lunch");
    let with_reason =
        format!("<User><state>NOT_READY</state><reasonCodeId>{id}</reasonCodeId></User>");
    let other = desk.put("1001001", "night", &with_reason).await;
    refused(&other, 401, "Invalid Supervisor", "1001001");
    desk.assert_no_violations();
    let own = desk.put("1001001", "supervisor1", &with_reason).await;
    refused(&own, 400, "Invalid Input", "finesse.api.reasoncode.not_allowed");
    assert_eq!(own.text("ErrorMessage"), "For this operation, Reason Codes are not allowed.");
    assert_eq!(desk.sim.violations().len(), 1);
    desk.sim.move_user("1001001", 8).expect("there");
    assert_eq!(desk.put("1001001", "night", xml).await.status, 202);
}

#[tokio::test]
async fn a_supervisor_sets_not_ready_from_ready_and_wrap_up_only() {
    let desk = desk(Ucce).await;
    for state in AgentState::ALL {
        desk.sim.set_state("1001001", state.wire(), None, By::System).expect("forced");
        let answer = desk.supervisor_sets("1001001", "NOT_READY").await;
        if matches!(state, AgentState::Ready | AgentState::Work | AgentState::WorkReady) {
            assert_eq!(answer.status, 202, "{state}");
            desk.reaches("1001001", AgentState::NotReady).await;
        } else {
            refused(&answer, 400, "Invalid State", "");
        }
    }
    desk.assert_no_violations();
}

#[tokio::test]
async fn an_administrator_may_read_everything_and_set_nothing() {
    let desk = desk(Ucce).await;
    let xml = "<User><state>READY</state></User>";
    let put = desk.put("1001001", "administrator", xml).await;
    refused(&put, 401, "Authorization Failure", "administrator");
    assert_eq!(desk.get("/finesse/api/User/1001001", "administrator").await.status, 200);
    assert_eq!(desk.get("/finesse/api/Team/1", "administrator").await.status, 200);
}

#[tokio::test]
async fn an_agent_needs_a_reason_that_exists_for_them() {
    let desk = desk(Uccx).await;
    let none = desk.agent_sets("1001001", "NOT_READY", None).await;
    refused(&none, 400, "Parameter Missing", "finesse.api.reasoncode.require_reasoncode");
    assert_eq!(none.text("ErrorMessage"), "The state change requires a valid reason code.");
    let empty = "<User><state>NOT_READY</state><reasonCodeId/></User>";
    let empty = desk.put("1001001", "1001001", empty).await;
    refused(&empty, 400, "Parameter Missing", "finesse.api.reasoncode.require_reasoncode");
    // The code of Lunch is 1; ids are never codes.
    let code = "<User><state>NOT_READY</state><reasonCodeId>1</reasonCodeId></User>";
    let code = desk.put("1001001", "1001001", code).await;
    refused(&code, 400, "Invalid Input", "finesse.api.reasoncode.not_valid");
    let ready = desk.agent_sets("1001001", "READY", Some("Lunch")).await;
    refused(&ready, 400, "Invalid Input", "finesse.api.reasoncode.not_allowed");
}

#[tokio::test]
async fn without_configured_reasons_a_plain_not_ready_reports_zero_and_any_id_is_wrong() {
    let mut config = quick(Ucce);
    config.reasons.clear();
    let desk = desk_with(config).await;
    let xml = "<User><state>NOT_READY</state><reasonCodeId>5</reasonCodeId></User>";
    let wrong = desk.put("1001001", "1001001", xml).await;
    refused(&wrong, 400, "Invalid Input", "finesse.api.reasoncode.not_valid");
    assert_eq!(desk.agent_sets("1001001", "NOT_READY", None).await.status, 202);
    desk.reaches("1001001", AgentState::NotReady).await;
    let shown = desk.get("/finesse/api/User/1001001", "1001001").await;
    assert_eq!(shown.text("reasonCodeId"), "0");
    assert_eq!(shown.count("ReasonCode"), 0);
}

#[tokio::test]
async fn logging_out_twice_is_an_invalid_state() {
    let desk = desk(Uccx).await;
    assert_eq!(desk.agent_sets("1001001", "LOGOUT", None).await.status, 202);
    desk.reaches("1001001", AgentState::Logout).await;
    refused(&desk.agent_sets("1001001", "LOGOUT", None).await, 400, "Invalid State", "");
}

#[tokio::test]
async fn a_login_needs_an_extension_that_is_a_number() {
    let desk = desk(Uccx).await;
    let bare = desk.put("1001001", "1001001", "<User><state>LOGIN</state></User>").await;
    refused(&bare, 400, "Parameter Missing", "extension");
    let odd = "<User><state>LOGIN</state><extension>x</extension></User>";
    refused(&desk.put("1001001", "1001001", odd).await, 400, "Bad Request", "");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_violations() {
    let desk = desk(Ucce).await;
    assert_eq!(desk.get("/finesse/api/Teams", "administrator").await.status, 404);
    assert_eq!(desk.get("/finesse/api/user/1001001", "administrator").await.status, 404);
    let path = "/finesse/api/User/1001001";
    let post = answer(xml_body(desk.request(Method::POST, path, "1001001"), "<User/>")).await;
    assert_eq!((post.status, post.header("allow")), (405, "GET,OPTIONS,HEAD,PUT"));
    assert_eq!(desk.sim.violations().len(), 3);
}

#[tokio::test]
async fn a_node_out_of_service_answers_503_before_anything_else() {
    let desk = desk(Ucce).await;
    for (fault, word) in
        [(Fault::OutOfService, "OUT_OF_SERVICE"), (Fault::PartialService, "PARTIAL_SERVICE")]
    {
        desk.sim.fault(fault);
        let put = desk.put("9999", "nobody", "<nonsense").await;
        refused(&put, 503, "Service Unavailable", "SERVER_OUT_OF_SERVICE");
        let info = desk.get("/finesse/api/SystemInfo", "").await;
        assert_eq!((info.status, info.text("status")), (200, word));
        assert_eq!(info.text("lastCTIHeartbeatStatus"), "failure");
        desk.sim.clear_faults();
    }
    desk.assert_no_violations();
}

#[tokio::test]
async fn login_names_are_found_in_paths_on_cce_only() {
    for (deployment, status) in [(Ucce, 200), (Uccx, 404)] {
        let desk = desk(deployment).await;
        assert_eq!(desk.get("/finesse/api/User/agent1001", "administrator").await.status, status);
    }
}
