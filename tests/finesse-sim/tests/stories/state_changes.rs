//! Changing states by REST: 202 first, the outcome later (Finesse notes 1.2, 1.3).

use crate::desk::{desk, desk_with, quick, wait_for};
use finesse_sim::{AgentState, By, EventKind, Fault};
use finesse_sim::{CallEvent, Deployment::Ucce, Deployment::Uccx, Via};

#[tokio::test]
async fn a_supervisor_takes_a_ready_agent_and_gives_them_back() {
    for (deployment, code) in [(Ucce, 999), (Uccx, 33)] {
        let desk = desk(deployment).await;
        let answer = desk.supervisor_sets("1001001", "NOT_READY").await;
        assert_eq!((answer.status, answer.body.as_str()), (202, ""));
        desk.reaches("1001001", AgentState::NotReady).await;
        let reason = desk.sim.user("1001001").and_then(|user| user.reason).expect("stamped");
        assert_eq!(reason.code, code);
        assert_eq!(desk.supervisor_sets("1001001", "READY").await.status, 202);
        desk.reaches("1001001", AgentState::Ready).await;
        desk.assert_no_violations();
    }
}

#[tokio::test]
async fn the_request_id_comes_back_and_into_the_history() {
    let desk = desk(Ucce).await;
    let xml = "<User><state>NOT_READY</state></User>";
    let request = desk
        .request(reqwest::Method::PUT, "/finesse/api/User/1001001", "supervisor1")
        .header("requestId", "id-42");
    let answer = crate::desk::answer(crate::desk::xml_body(request, xml)).await;
    assert_eq!(answer.header("requestid"), "id-42");
    desk.reaches("1001001", AgentState::NotReady).await;
    let history = desk.sim.user("1001001").and_then(|user| user.history).expect("a history");
    let entry = history.last().expect("an entry");
    assert_eq!(entry.request_id.as_deref(), Some("id-42"));
    assert_eq!((entry.by, entry.via), (By::Supervisor, Via::Api));
    assert_eq!(entry.actor.as_deref(), Some("supervisor1"));
}

#[tokio::test]
async fn an_agent_gives_a_reason_by_database_id() {
    let desk = desk(Uccx).await;
    assert_eq!(desk.agent_sets("1001001", "NOT_READY", Some("Webex Call")).await.status, 202);
    desk.reaches("1001001", AgentState::NotReady).await;
    let shown = desk.get("/finesse/api/User/1001001", "1001001").await;
    assert_eq!(shown.text("label"), "Webex Call");
    assert_eq!(shown.text("reasonCodeId"), desk.reason_id("Webex Call").to_string());
    assert_ne!(shown.text("reasonCodeId"), shown.text("code"));
    assert_eq!(desk.agent_sets("1001001", "NOT_READY", Some("Lunch")).await.status, 202);
    wait_for("the reason is Lunch", || {
        let reason = desk.sim.user("1001001").and_then(|user| user.reason);
        if reason.as_ref().is_some_and(|r| r.label == "Lunch") { Ok(()) } else { Err(reason) }
    })
    .await;
    desk.assert_no_violations();
}

#[tokio::test]
async fn requests_of_one_user_are_applied_in_order() {
    let desk = desk(Ucce).await;
    for _ in 0..5 {
        assert_eq!(desk.agent_sets("1001001", "NOT_READY", Some("Lunch")).await.status, 202);
        assert_eq!(desk.agent_sets("1001001", "READY", None).await.status, 202);
    }
    wait_for("ten changes have happened", || {
        let user = desk.sim.user("1001001").expect("there");
        if user.queued == 0 { Ok(()) } else { Err(user.queued) }
    })
    .await;
    assert_eq!(desk.sim.state("1001001"), AgentState::Ready);
    let history = desk.sim.user("1001001").and_then(|user| user.history).expect("a history");
    let changes = history.iter().filter(|entry| entry.kind == EventKind::State).count();
    assert_eq!(changes, 10);
}

#[tokio::test]
async fn a_slow_cti_leaves_the_state_while_the_202_is_long_there() {
    let mut config = quick(Ucce);
    config.clock = finesse_sim::Clock::manual("2026-11-21T10:00:00Z".parse().expect("a time"));
    let desk = desk_with(config).await;
    desk.sim.fault(Fault::SlowCti { delay_ms: 14_000 });
    assert_eq!(desk.supervisor_sets("1001001", "NOT_READY").await.status, 202);
    desk.sim.advance(std::time::Duration::from_millis(13_999));
    assert_eq!(desk.sim.state("1001001"), AgentState::Ready);
    desk.sim.advance(std::time::Duration::from_millis(1));
    assert_eq!(desk.sim.state("1001001"), AgentState::NotReady);
    let shown = desk.get("/finesse/api/User/1001001", "administrator").await;
    assert_eq!(shown.text("stateChangeTime"), "2026-11-21T10:00:14.000Z");
}

#[tokio::test]
async fn a_call_that_comes_between_check_and_cti_ends_in_an_asynchronous_error() {
    let mut config = quick(Ucce);
    config.clock = finesse_sim::Clock::manual("2026-11-21T10:00:00Z".parse().expect("a time"));
    let desk = desk_with(config).await;
    assert_eq!(desk.supervisor_sets("1001001", "NOT_READY").await.status, 202);
    desk.sim.call("1001001", CallEvent::Ring).expect("READY");
    desk.sim.advance(std::time::Duration::from_secs(1));
    assert_eq!(desk.fails("1001001").await.error_data, "265");
    assert_eq!(desk.sim.state("1001001"), AgentState::Reserved);
}

#[tokio::test]
async fn a_signed_out_agent_gets_202_and_then_the_error_of_the_deployment() {
    for (deployment, code) in [(Ucce, "257"), (Uccx, "1010")] {
        let desk = desk(deployment).await;
        desk.sim.set_state("1001001", "LOGOUT", None, By::System).expect("forced");
        let answer = desk.agent_sets("1001001", "NOT_READY", Some("Lunch")).await;
        assert_eq!(answer.status, 202);
        let error = desk.fails("1001001").await;
        assert_eq!((error.error_type.as_str(), error.error_data.as_str()), ("Invalid State", code));
        assert_eq!(desk.sim.state("1001001"), AgentState::Logout);
    }
}

#[tokio::test]
async fn an_agent_signs_in_to_not_ready_and_again_without_a_change() {
    let desk = desk(Uccx).await;
    desk.sim.set_state("1001001", "LOGOUT", None, By::System).expect("forced");
    let login = "<User><state>LOGIN</state><extension>4711</extension></User>";
    assert_eq!(desk.put("1001001", "1001001", login).await.status, 202);
    desk.reaches("1001001", AgentState::NotReady).await;
    let user = desk.sim.user("1001001").expect("there");
    assert_eq!(user.reason.map(|reason| reason.code), Some(32_760));
    assert_eq!(user.extension, "4711");
    desk.agent_sets("1001001", "READY", None).await;
    desk.reaches("1001001", AgentState::Ready).await;
    assert_eq!(desk.put("1001001", "1001001", login).await.status, 202);
    wait_for("the second LOGIN is through", || {
        let user = desk.sim.user("1001001").expect("there");
        if user.queued == 0 { Ok(()) } else { Err(user.queued) }
    })
    .await;
    assert_eq!(desk.sim.state("1001001"), AgentState::Ready);
}

#[tokio::test]
async fn on_a_call_the_change_is_pending_and_ccx_takes_one_only() {
    for (deployment, second_fails) in [(Ucce, false), (Uccx, true)] {
        let desk = desk(deployment).await;
        desk.sim.call("1001001", CallEvent::Ring).expect("READY");
        desk.sim.call("1001001", CallEvent::Answer).expect("rings");
        desk.agent_sets("1001001", "NOT_READY", Some("Webex Meeting")).await;
        desk.pends("1001001", AgentState::NotReady).await;
        let shown = desk.get("/finesse/api/User/1001001", "1001001").await;
        assert_eq!((shown.text("state"), shown.text("pendingState")), ("TALKING", "NOT_READY"));
        assert_eq!(desk.agent_sets("1001001", "NOT_READY", Some("Webex DND")).await.status, 202);
        if second_fails {
            assert_eq!(desk.fails("1001001").await.error_data, "265");
        } else {
            wait_for("the second change is pending", || {
                let history = desk.sim.user("1001001").and_then(|u| u.history).expect("there");
                let pending = history.iter().filter(|e| e.kind == EventKind::Pending).count();
                if pending == 2 { Ok(()) } else { Err(history) }
            })
            .await;
        }
        desk.sim.call("1001001", CallEvent::End).expect("talks");
        let reason = desk.sim.user("1001001").and_then(|user| user.reason).expect("a reason");
        let expected = if second_fails { "Webex Meeting" } else { "Webex DND" };
        assert_eq!(reason.label, expected);
        desk.assert_no_violations();
    }
}

#[tokio::test]
async fn a_supervisor_signs_an_agent_out_with_the_code_of_the_deployment() {
    for (deployment, code) in [(Ucce, 999), (Uccx, 22)] {
        let desk = desk(deployment).await;
        assert_eq!(desk.supervisor_sets("1001001", "LOGOUT").await.status, 202);
        desk.reaches("1001001", AgentState::Logout).await;
        let reason = desk.sim.user("1001001").and_then(|user| user.reason).expect("stamped");
        assert_eq!(reason.code, code);
    }
}

#[tokio::test]
async fn an_agent_signs_out_from_ready_on_ccx_only() {
    for (deployment, status) in [(Ucce, 400), (Uccx, 202)] {
        let desk = desk(deployment).await;
        assert_eq!(desk.agent_sets("1001001", "LOGOUT", None).await.status, status);
    }
}
