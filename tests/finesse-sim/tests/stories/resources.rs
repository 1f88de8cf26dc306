//! Reading users, teams and reason codes, and configuring the last (Finesse notes 1.1, 1.5, 1.7).

use crate::desk::{answer, desk, desk_with, quick, xml_body};
use finesse_sim::{
    CallEvent, CallOptions, Config, Deployment::Ucce, Deployment::Uccx, FinesseSim, ReasonSpec,
    UserSpec,
};
use reqwest::Method;

#[tokio::test]
async fn system_info_needs_no_credentials_and_names_both_nodes() {
    let desk = desk_with(quick(Uccx).with_secondary()).await;
    let info = desk.get("/finesse/api/SystemInfo", "").await;
    assert_eq!(info.status, 200);
    assert_eq!((info.text("status"), info.text("deploymentType")), ("IN_SERVICE", "UCCX"));
    assert_eq!(info.text("systemAuthMode"), "NON_SSO");
    assert!(info.text("currentTimestamp").ends_with('Z'));
    let secondary = desk.sim.secondary_url().expect("two nodes");
    let port = secondary.rsplit(':').next().expect("a port");
    assert!(info.text("secondaryNode").contains(&format!("<httpsPort>{port}</httpsPort>")));
}

#[tokio::test]
async fn one_node_names_no_secondary() {
    let desk = desk(Uccx).await;
    let info = desk.get("/finesse/api/SystemInfo", "").await;
    assert_eq!((info.count("primaryNode"), info.count("secondaryNode")), (1, 0));
}

#[tokio::test]
async fn the_list_of_users_is_for_administrators() {
    let desk = desk(Ucce).await;
    let users = desk.get("/finesse/api/Users", "administrator").await;
    assert_eq!((users.status, users.count("loginId")), (200, 4));
    assert_eq!(desk.get("/finesse/api/Users", "supervisor1").await.status, 401);
    assert_eq!(desk.get("/finesse/api/Users", "1001001").await.status, 401);
}

#[tokio::test]
async fn a_single_user_with_zeros_and_an_address_stays_as_they_are() {
    let mut config = Config::empty(Ucce);
    config.users.push(UserSpec::agent("0001", "ann@example.com"));
    let desk = desk_with(config).await;
    let users = desk.get("/finesse/api/Users", "administrator").await;
    assert_eq!((users.count("User"), users.text("loginId")), (1, "0001"));
    let user = desk.get("/finesse/api/User/0001", "0001").await;
    assert_eq!(user.text("loginName"), "ann@example.com");
    assert_eq!(user.text("uri"), "/finesse/api/User/0001");
    assert_eq!(desk.get("/finesse/api/User/1", "administrator").await.status, 404);
    let by_name = desk.get("/finesse/api/User/ann%40example.com", "administrator").await;
    assert_eq!(by_name.text("loginId"), "0001");
}

#[tokio::test]
async fn an_agent_reads_themself_and_a_supervisor_their_teams() {
    let mut config = quick(Ucce);
    config.teams.push((8, "Night".to_owned()));
    config.users.push(UserSpec::supervisor("night", &[8]));
    let desk = desk_with(config).await;
    let path = "/finesse/api/User/1001001";
    assert_eq!(desk.get(path, "1001001").await.status, 200);
    assert_eq!(desk.get(path, "supervisor1").await.status, 200);
    let other = desk.get(path, "1001002").await;
    assert_eq!(other.text("ErrorType"), "Invalid Authorization User Specified");
    assert_eq!(desk.get(path, "night").await.text("ErrorType"), "Invalid Supervisor");
}

#[tokio::test]
async fn a_supervisor_has_both_roles_and_their_teams() {
    let desk = desk(Ucce).await;
    let user = desk.get("/finesse/api/User/supervisor1", "supervisor1").await;
    assert!(user.text("roles").contains("<role>Agent</role><role>Supervisor</role>"));
    assert!(user.text("teams").contains("<id>1</id><name>Sales</name>"));
    assert_eq!(user.text("stateChangeTime"), "", "no state event yet");
}

#[tokio::test]
async fn a_team_shows_all_states_at_once_and_on_ccx_who_is_busy_elsewhere() {
    let desk = desk(Uccx).await;
    desk.sim
        .set_state("1001001", "NOT_READY", Some("Lunch"), finesse_sim::By::Agent)
        .expect("allowed");
    let own = CallOptions { icd: Some(false), ..CallOptions::default() };
    desk.sim.call_with("1001001", CallEvent::Dial, own).expect("dials");
    let team = desk.get("/finesse/api/Team/1", "supervisor1").await;
    assert_eq!((team.count("loginId"), team.text("uri")), (3, "/finesse/api/Team/1/"));
    assert!(team.body.contains("<mediaState>BUSY</mediaState>"));
    assert!(team.text("reasonCode").contains("<label>Lunch</label>"));
    assert_eq!(desk.get("/finesse/api/Team/1/", "supervisor1").await.status, 200);
    assert_eq!(desk.get("/finesse/api/Team/1", "1001001").await.status, 401);
    assert_eq!(desk.get("/finesse/api/Team/77", "administrator").await.status, 404);
}

#[tokio::test]
async fn cce_shows_no_media_state() {
    let desk = desk(Ucce).await;
    assert_eq!(desk.get("/finesse/api/Team/1", "supervisor1").await.count("mediaState"), 0);
}

#[tokio::test]
async fn reason_codes_of_other_teams_are_absent() {
    let mut config = quick(Ucce);
    config.teams.push((8, "Night".to_owned()));
    config.reasons = vec![
        ReasonSpec::not_ready(1, "Lunch"),
        ReasonSpec { teams: vec![8], ..ReasonSpec::not_ready(2, "Night Break") },
        ReasonSpec::logout(3, "End of Shift"),
    ];
    let desk = desk_with(config).await;
    let path = "/finesse/api/User/1001001/ReasonCodes";
    let list = desk.get(&format!("{path}?category=NOT_READY&nocache=1"), "1001001").await;
    assert_eq!((list.count("ReasonCode"), list.text("label")), (1, "Lunch"));
    let team = desk.get("/finesse/api/Team/8/ReasonCodes?category=NOT_READY", "supervisor1").await;
    assert_eq!(team.status, 401, "supervisor1 supervises the teams of the start only");
    let team =
        desk.get("/finesse/api/Team/8/ReasonCodes?category=NOT_READY", "administrator").await;
    assert_eq!(team.count("ReasonCode"), 2);
    let own = desk.get("/finesse/api/Team/1/ReasonCodes?category=LOGOUT", "1001001").await;
    assert_eq!(own.text("label"), "End of Shift");
    assert_eq!(desk.get(path, "1001001").await.text("ErrorType"), "Parameter Missing");
    let odd = desk.get(&format!("{path}?category=LUNCH"), "1001001").await;
    assert_eq!(odd.text("ErrorType"), "Invalid Input");
    let other = desk.get(&format!("{path}?category=NOT_READY"), "1001002").await;
    assert_eq!(other.status, 401);
}

#[tokio::test]
async fn one_reason_code_is_read_by_its_id() {
    let desk = desk(Ucce).await;
    let id = desk.reason_id("Lunch");
    let one = desk.get(&format!("/finesse/api/User/1001001/ReasonCode/{id}"), "1001001").await;
    assert_eq!((one.text("label"), one.text("category")), ("Lunch", "NOT_READY"));
    assert_eq!(one.text("uri"), format!("/finesse/api/ReasonCode/{id}"));
}

#[tokio::test]
async fn an_administrator_configures_reason_codes_on_the_primary() {
    let desk = desk_with(quick(Uccx).with_secondary()).await;
    let new = "<ReasonCode><category>NOT_READY</category><code>77</code><label>Coaching</label>\
               <forAll>true</forAll></ReasonCode>";
    let post = |base: &str, user: &str| {
        let url = format!("{base}/finesse/api/ReasonCode/");
        answer(xml_body(desk.client.post(url).basic_auth(user, Some("secret")), new))
    };
    let secondary = desk.sim.secondary_url().expect("two nodes");
    let refused = post(&secondary, "administrator").await;
    assert_eq!((refused.status, refused.text("ErrorType")), (403, "Forbidden"));
    assert_eq!(post(&desk.base, "supervisor1").await.status, 401);
    let made = post(&desk.base, "administrator").await;
    assert_eq!(made.status, 200);
    let path = made.header("location").to_owned();
    assert_eq!(desk.get(&path, "administrator").await.text("label"), "Coaching");
    assert_eq!(post(&desk.base, "administrator").await.text("ErrorType"), "Finesse API Error");
    let change = "<ReasonCode><label>Coaching 1:1</label></ReasonCode>";
    let put = xml_body(desk.request(Method::PUT, &path, "administrator"), change);
    assert_eq!(answer(put).await.status, 200);
    let list = desk.get("/finesse/api/ReasonCodes?category=NOT_READY", "administrator").await;
    assert!(list.body.contains("<label>Coaching 1:1</label>"));
    let delete = desk.request(Method::DELETE, &path, "administrator");
    assert_eq!(answer(delete).await.status, 200);
    assert_eq!(desk.get(&path, "administrator").await.status, 404);
}

#[tokio::test]
async fn an_administrator_says_which_codes_a_team_has_besides_the_global_ones() {
    let mut config = quick(Uccx);
    config.reasons = vec![
        ReasonSpec::not_ready(1, "Lunch"),
        ReasonSpec { teams: vec![2], ..ReasonSpec::not_ready(2, "Night Break") },
    ];
    let desk = desk_with(config).await;
    let path = "/finesse/api/Team/1/ReasonCodes?category=NOT_READY";
    let put = |ids: Vec<u32>, user: &'static str| {
        let one = |id| format!("<ReasonCode><uri>/finesse/api/ReasonCode/{id}</uri></ReasonCode>");
        let codes: String = ids.into_iter().map(one).collect();
        let body = format!("<ReasonCodes>{codes}</ReasonCodes>");
        answer(xml_body(desk.request(Method::PUT, path, user), &body))
    };
    let (own, global) = (desk.reason_id("Night Break"), desk.reason_id("Lunch"));
    assert_eq!(put(vec![own], "supervisor1").await.status, 401);
    assert_eq!(put(vec![global], "administrator").await.text("ErrorType"), "Finesse API Error");
    assert_eq!(put(vec![own], "administrator").await.status, 200);
    assert_eq!(desk.get(path, "administrator").await.count("ReasonCode"), 2);
    let other = "/finesse/api/Team/2/ReasonCodes?category=NOT_READY";
    assert_eq!(desk.get(other, "administrator").await.count("ReasonCode"), 2, "still theirs too");
    assert_eq!(put(Vec::new(), "administrator").await.status, 200);
    assert_eq!(desk.get(path, "administrator").await.count("ReasonCode"), 1, "taken again");
}

#[tokio::test]
async fn codes_and_labels_out_of_range_are_refused() {
    for (deployment, code, status) in [(Uccx, 1_000, 400), (Ucce, 1_000, 200), (Ucce, 65_536, 400)]
    {
        let desk = desk(deployment).await;
        let new = format!(
            "<ReasonCode><category>LOGOUT</category><code>{code}</code><label>L</label>\
             <forAll>true</forAll></ReasonCode>"
        );
        let request = desk.request(Method::POST, "/finesse/api/ReasonCodes", "administrator");
        assert_eq!(answer(xml_body(request, &new)).await.status, status, "{deployment:?} {code}");
    }
}

#[tokio::test]
async fn database_ids_differ_per_start_and_are_never_codes() {
    let ids = |seed| async move {
        let config = Config { seed: Some(seed), ..Config::new(Uccx, 1) };
        let sim = FinesseSim::start(config).await.expect("starts");
        sim.reason(finesse_sim::Category::NotReady, "Webex Call").expect("configured")
    };
    let (first, second, again) = (ids(1).await, ids(2).await, ids(1).await);
    assert_ne!(first.id, second.id);
    assert_eq!(first, again);
    assert_ne!(i64::from(first.id), i64::from(first.code));
}

#[tokio::test]
async fn a_client_log_is_accepted_and_dialogs_are_empty() {
    let desk = desk(Uccx).await;
    let path = "/finesse/api/User/1001001/ClientLog";
    let log = "<ClientLog><logData>hello</logData></ClientLog>";
    for method in [Method::POST, Method::PUT] {
        let request = xml_body(desk.request(method, path, "1001001"), log);
        assert_eq!(answer(request).await.status, 202);
    }
    let dialogs = desk.get("/finesse/api/User/1001001/Dialogs", "1001001").await;
    assert_eq!(dialogs.body, "<Dialogs></Dialogs>");
    desk.assert_no_violations();
}
