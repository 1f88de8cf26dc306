//! The control API: people, calls, faults, the log; and the program itself.

use crate::desk::{answer, client, desk, desk_with, quick, wait_for};
use finesse_sim::{AgentState, Config, Deployment::Ucce, Deployment::Uccx, FinesseSim, StartError};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn people_act_by_hand_under_the_same_rules() {
    let desk = desk(Uccx).await;
    let path = "/sim/users/agent1001/state";
    let lunch = json!({"state": "NOT_READY", "reason": "Lunch", "by": "agent"});
    assert_eq!(desk.control(Method::PUT, path, Some(lunch.clone())).await.0, 204);
    let (status, user) = desk.control(Method::GET, "/sim/users/1001001", None).await;
    assert_eq!((status, &user["state"]), (200, &json!("NOT_READY")));
    assert_eq!(user["reason"]["label"], "Lunch");
    assert_eq!(user["history"][0]["via"], "control");
    for (body, word) in [
        (json!({"state": "NOT_READY", "by": "agent"}), "requires a reason"),
        (json!({"state": "NOT_READY", "by": "supervisor"}), "NOT_READY"),
        (json!({"state": "NOT_READY", "reason": "Lunsh", "by": "agent"}), "Lunch, Break"),
        (json!({"state": "TALKING", "by": "agent"}), "cannot be asked for"),
        (json!({"state": "READY", "why": "x"}), "unknown field"),
        (json!({"state": "NAPPING", "by": "system"}), "no state"),
    ] {
        let (status, mistake) = desk.control(Method::PUT, path, Some(body)).await;
        assert_eq!(status, 400);
        assert!(mistake["error"].as_str().is_some_and(|why| why.contains(word)), "{mistake}");
    }
    let forced = json!({"state": "WORK", "by": "system"});
    assert_eq!(desk.control(Method::PUT, path, Some(forced)).await.0, 204);
    assert_eq!(desk.sim.state("agent1001"), AgentState::Work);
    assert_eq!(desk.control(Method::PUT, "/sim/users/nobody/state", Some(lunch)).await.0, 400);
    assert_eq!(desk.control(Method::GET, "/sim/users/nobody", None).await.0, 404);
}

#[tokio::test]
async fn a_call_is_played_by_hand() {
    let desk = desk(Ucce).await;
    let path = "/sim/users/agent1001/call";
    for (event, state) in [
        ("ring", AgentState::Reserved),
        ("answer", AgentState::Talking),
        ("hold", AgentState::Hold),
        ("resume", AgentState::Talking),
    ] {
        assert_eq!(desk.control(Method::POST, path, Some(json!({"event": event}))).await.0, 204);
        assert_eq!(desk.sim.state("1001001"), state);
    }
    let end = json!({"event": "end", "wrap_up": true, "wrap_up_ms": 30});
    assert_eq!(desk.control(Method::POST, path, Some(end)).await.0, 204);
    desk.reaches("1001001", AgentState::Ready).await;
    let history = desk.sim.user("1001001").and_then(|user| user.history).expect("there");
    assert!(history.iter().any(|entry| entry.to == AgentState::WorkReady));
    let (status, mistake) = desk.control(Method::POST, path, Some(json!({"event": "end"}))).await;
    assert_eq!(status, 400);
    assert!(mistake["error"].as_str().is_some_and(|why| why.contains("no call")));
}

#[tokio::test]
async fn users_and_teams_come_go_and_move_while_it_runs() {
    let desk = desk(Ucce).await;
    assert_eq!(
        desk.control(Method::PUT, "/sim/teams/9", Some(json!({"name": "Night"}))).await.0,
        204
    );
    let new = json!({"loginId": "0007", "loginName": "bond@example.com", "team": 9});
    assert_eq!(desk.control(Method::POST, "/sim/users", Some(new.clone())).await.0, 204);
    assert_eq!(desk.control(Method::POST, "/sim/users", Some(new)).await.0, 400);
    let team = desk.get("/finesse/api/Team/9", "administrator").await;
    assert_eq!(team.text("loginId"), "0007");
    let sales = json!({"team": "Sales"});
    assert_eq!(desk.control(Method::PUT, "/sim/users/0007/team", Some(sales)).await.0, 204);
    assert_eq!(desk.get("/finesse/api/Team/9", "administrator").await.count("loginId"), 0);
    assert_eq!(desk.control(Method::DELETE, "/sim/users/0007", None).await.0, 204);
    assert_eq!(desk.get("/finesse/api/User/0007", "administrator").await.status, 404);
}

#[tokio::test]
async fn faults_are_listed_installed_and_ended() {
    let desk = desk(Ucce).await;
    let wrong = json!({"fault": "slow_ct"});
    let (status, mistake) = desk.control(Method::POST, "/sim/faults", Some(wrong)).await;
    assert_eq!(status, 400);
    assert!(mistake["error"].as_str().is_some_and(|why| why.contains("`slow_cti`")));
    let refuse = json!({"fault": "refuse_connections"});
    assert_eq!(desk.control(Method::POST, "/sim/faults", Some(refuse)).await.0, 400);
    let slow = json!({"fault": "slow_cti", "user": "agent1001", "times": 3});
    let (_, made) = desk.control(Method::POST, "/sim/faults", Some(slow)).await;
    let (_, list) = desk.control(Method::GET, "/sim/faults", None).await;
    assert_eq!(list["active"][0]["fault"], "slow_cti");
    assert_eq!(list["active"][0]["user"], "1001001");
    assert!(list["faults"].as_array().is_some_and(|known| known.len() >= 25));
    let path = format!("/sim/faults/{}", made["id"]);
    assert_eq!(desk.control(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(desk.control(Method::DELETE, &path, None).await.0, 404);
    assert_eq!(desk.control(Method::DELETE, "/sim/faults", None).await.0, 204);
}

#[tokio::test]
async fn the_log_is_in_order_and_knows_no_password() {
    let desk = desk(Ucce).await;
    desk.get("/finesse/api/Team/1", "supervisor1").await;
    desk.supervisor_sets("1001001", "NOT_READY").await;
    desk.get("/finesse/api/Nothing", "supervisor1").await;
    let (_, log) = desk.control(Method::GET, "/sim/log", None).await;
    let requests = log["requests"].as_array().expect("a list");
    let seen: Vec<_> = requests.iter().map(|r| (&r["seq"], &r["outcome"])).collect();
    let expected =
        [(json!(1), json!("fine")), (json!(2), json!("fine")), (json!(3), json!("violation"))];
    assert_eq!(seen, expected.iter().map(|(seq, outcome)| (seq, outcome)).collect::<Vec<_>>());
    assert_eq!(log["summary"]["violations"], 1);
    assert_eq!(log["summary"]["writes"]["1001001"], 1);
    assert_eq!(
        (&requests[1]["actor"], &requests[1]["target"]),
        (&json!("supervisor1"), &json!("1001001"))
    );
    assert!(!log.to_string().contains("secret"));
    let (_, rest) = desk.control(Method::GET, "/sim/log?after=2", None).await;
    assert_eq!(rest["requests"].as_array().map(Vec::len), Some(1));
    assert_eq!(desk.control(Method::GET, "/sim/log?after=x", None).await.0, 400);
}

#[tokio::test]
async fn concurrent_writes_of_one_account_for_one_user_are_counted_not_refused() {
    let desk = desk(Ucce).await;
    let slow = json!({"fault": "latency", "min_ms": 500, "max_ms": 500});
    assert_eq!(desk.control(Method::POST, "/sim/faults", Some(slow)).await.0, 200);
    let xml = "<User><state>READY</state></User>";
    let put = || desk.put("1001001", "1001001", xml);
    let (first, second, third) = tokio::join!(put(), put(), put());
    assert_eq!([first.status, second.status, third.status], [202, 202, 202]);
    assert_eq!(desk.sim.counters().max_in_flight, 3);
    assert_eq!(desk.sim.counters().in_flight_per_user["1001001"], 3);
    desk.assert_no_violations();
}

#[tokio::test]
async fn fail_over_by_hand_loses_what_is_pending() {
    let desk = desk(Uccx).await;
    for event in ["ring", "answer"] {
        let body = json!({"event": event});
        desk.control(Method::POST, "/sim/users/1001001/call", Some(body)).await;
    }
    assert_eq!(desk.control(Method::POST, "/sim/failover", None).await.0, 204);
    let pending = desk.sim.user("1001001").and_then(|user| user.pending_state);
    assert_eq!(pending, Some(AgentState::Logout));
    let (_, events) = desk.control(Method::GET, "/sim/events", None).await;
    let kinds: Vec<&Value> =
        events.as_array().expect("a list").iter().map(|e| &e["kind"]).collect();
    assert!(kinds.contains(&&json!("republished")), "{kinds:?}");
}

#[tokio::test]
async fn unknown_control_paths_and_methods_say_so() {
    let desk = desk(Uccx).await;
    assert_eq!(desk.control(Method::GET, "/sim/nothing", None).await.0, 404);
    assert_eq!(desk.control(Method::DELETE, "/sim/users/1001001/state", None).await.0, 405);
    desk.assert_no_violations();
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let listen = "0.0.0.0:0".parse().expect("an address");
    let refused = FinesseSim::start(Config { listen, ..quick(Uccx) }).await;
    assert!(matches!(refused, Err(StartError::NotLoopback(_))));
}

#[tokio::test]
async fn tls_is_trusted_by_its_own_ca_and_by_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let tls = Some(folder.path().to_owned());
    let desk = desk_with(Config { tls, ..quick(Uccx) }).await;
    let pem = std::fs::read(folder.path().join("ca.pem")).expect("written");
    let ca = reqwest::Certificate::from_pem(&pem).expect("a certificate");
    let trusting = reqwest::Client::builder().tls_certs_only([ca]).build().expect("a client");
    let port = desk.sim.addr().port();
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{port}/finesse/api/SystemInfo");
        assert_eq!(answer(trusting.get(url)).await.status, 200);
    }
    let url = format!("{}/finesse/api/SystemInfo", desk.base);
    assert!(client().get(url).send().await.is_err());
}

#[tokio::test]
async fn shutdown_closes_everything_even_what_is_open() {
    let desk = desk(Uccx).await;
    desk.sim.fault(finesse_sim::Fault::BlackHole { phase: finesse_sim::Phase::Before });
    let request = client().get(format!("{}/finesse/api/SystemInfo", desk.base)).send();
    let waiting = tokio::spawn(request);
    wait_for("the request has arrived", || {
        let requests = desk.sim.counters().requests;
        if requests == 1 { Ok(()) } else { Err(requests) }
    })
    .await;
    let address = desk.sim.addr();
    desk.sim.shutdown().await;
    assert!(waiting.await.expect("ran").is_err());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_forced_call_is_a_call() {
    let desk = desk(Uccx).await;
    let talking = json!({"state": "TALKING", "by": "system"});
    desk.control(Method::PUT, "/sim/users/1001001/state", Some(talking)).await;
    desk.agent_sets("1001001", "NOT_READY", Some("Webex Call")).await;
    desk.pends("1001001", AgentState::NotReady).await;
    desk.agent_sets("1001001", "NOT_READY", Some("Lunch")).await;
    assert_eq!(desk.fails("1001001").await.error_data, "265");
    let end = json!({"event": "end"});
    assert_eq!(desk.control(Method::POST, "/sim/users/1001001/call", Some(end)).await.0, 204);
    assert_eq!(desk.sim.state("1001001"), AgentState::NotReady);
}
