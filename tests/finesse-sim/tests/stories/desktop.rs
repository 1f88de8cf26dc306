//! The desktop as its pages meet it: layouts, gadget frames, merged scripts, requests, notifications.

use std::time::Duration;

use finesse_sim::{Act, By, CallEvent, Config, Deployment, Fault, FinesseSim, PendingShape, Scope};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Answer, Desk, PATIENCE, answer, desk, desk_with, quick};

const GADGET: &str = r#"<Module><ModulePrefs title="Mine"><Require feature="pubsub-2"/></ModulePrefs>
    <UserPref name="id" default_value="nobody"/><Content type="html"><![CDATA[
    <script src="a.js"></script>
    <script src="b.js"></script><p id="p">__UP_id__ __MODULE_ID__</p>]]></Content></Module>"#;

async fn frame(desk: &Desk, url: &str) -> Answer {
    let encoded = url.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F");
    desk.get(&format!("/gadgets/ifr?url={encoded}&mid=4&up_id=1001001"), "").await
}

/// One desktop's stream of events.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(desk: &Desk, agent: &str) -> Self {
        let request = desk.request(Method::GET, "/desktop/events", agent);
        let mut stream =
            Self { response: request.send().await.expect("an answer"), text: String::new() };
        assert_eq!(stream.next().await["status"], "IN_SERVICE");
        stream
    }

    /// The next event.
    async fn next(&mut self) -> Value {
        loop {
            if let Some(end) = self.text.find('\n') {
                let line: String = self.text.drain(..=end).collect();
                return serde_json::from_str(&line).expect("JSON");
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("an event in time").expect("readable").expect("not the end");
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

#[tokio::test]
async fn a_gadget_is_rendered_as_shindig_does() {
    let desk = desk(Deployment::Ucce).await;
    assert!(desk.sim.upload("my/gadget.xml", GADGET));
    let page = frame(&desk, "/3rdpartygadget/files/my/gadget.xml").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("<p id=\"p\">1001001 4</p>"), "{}", page.body);
    let merged = page.body.split("src=\"").find(|part| part.starts_with("/gadgets/concat?"));
    let merged = merged.and_then(|part| part.split('"').next()).expect("both scripts are one");
    desk.sim.upload("my/a.js", "one();");
    let script = desk.get(&merged.replace("&amp;", "&"), "").await;
    assert_eq!(script.header("content-type"), "text/javascript");
    assert!(script.body.contains("one();"), "{}", script.body);
    assert!(script.body.contains("Error 404"), "b.js is missing: {}", script.body);
}

#[tokio::test]
async fn a_gadget_that_cannot_be_shown_says_why() {
    let desk = desk(Deployment::Ucce).await;
    desk.sim.upload("bad.xml", GADGET.replace("pubsub-2", "teleportation"));
    for (url, why) in [
        ("/3rdpartygadget/files/missing.xml", "HTTP error 404"),
        ("/3rdpartygadget/files/bad.xml", "Unsupported feature: teleportation"),
        ("https://gadgets.example.com/x.xml", "loopback addresses only"),
    ] {
        let page = frame(&desk, url).await;
        assert_eq!(page.status, 400, "{url}");
        assert!(page.body.contains(why), "{url}: {}", page.body);
    }
}

#[tokio::test]
async fn requests_of_gadgets_come_back_in_the_envelope() {
    let desk = desk(Deployment::Uccx).await;
    let url = format!("{}/finesse/api/User/1001001", desk.base);
    let lunch = desk.reason_id("Lunch");
    let body = format!("<User><state>NOT_READY</state><reasonCodeId>{lunch}</reasonCodeId></User>");
    // Basic 1001001:secret
    let headers =
        "Authorization=Basic+MTAwMTAwMTpzZWNyZXQ%3D&requestId=r-1&Content-Type=application%2Fxml";
    let form = [
        ("url", url.as_str()),
        ("httpMethod", "PUT"),
        ("headers", headers),
        ("postData", &body),
        ("getFullHeaders", "true"),
    ];
    let request = desk.request(Method::POST, "/gadgets/makeRequest", "").form(&form);
    let told = answer(request).await;
    let json = told.body.strip_prefix("throw 1; < don't be evil' >").expect("the guard");
    let envelope: Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(envelope[&url]["rc"], 202, "{envelope}");
    assert_eq!(envelope[&url]["body"], "");
    assert_eq!(envelope[&url]["headers"]["requestid"], json!(["r-1"]));
    desk.reaches("1001001", finesse_sim::AgentState::NotReady).await;
    desk.assert_no_violations();
}

#[tokio::test]
async fn a_request_that_nobody_answers_is_504() {
    let desk = desk(Deployment::Uccx).await;
    let url = "http://127.0.0.1:1/";
    let request = desk.request(Method::POST, "/gadgets/makeRequest", "").form(&[("url", url)]);
    let told = answer(request).await;
    assert!(told.body.contains("\"rc\":504"), "{}", told.body);
}

#[tokio::test]
async fn an_agent_hears_their_own_changes_and_no_others() {
    let desk = desk(Deployment::Ucce).await;
    let mut stream = Stream::open(&desk, "1001001").await;
    desk.sim.set_state("1001002", "NOT_READY", Some("Break"), By::Agent).expect("allowed");
    let answer = desk.agent_sets("1001001", "NOT_READY", Some("Lunch")).await;
    assert_eq!(answer.status, 202);
    let told = stream.next().await;
    assert_eq!(told["node"], "/finesse/api/User/1001001");
    let xml = told["xml"].as_str().expect("text");
    for part in [
        "<Update><data><user>",
        "<state>NOT_READY</state>",
        "<label>Lunch</label>",
        "<event>PUT</event>",
        "<source>/finesse/api/User/1001001</source>",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
}

#[tokio::test]
async fn what_fails_later_is_told_with_lower_case_names() {
    let desk = desk(Deployment::Uccx).await;
    desk.sim.call("1001001", CallEvent::Ring).expect("READY");
    desk.sim.call("1001001", CallEvent::Answer).expect("rings");
    let mut stream = Stream::open(&desk, "1001001").await;
    desk.agent_sets("1001001", "NOT_READY", Some("Lunch")).await;
    let pending = stream.next().await;
    assert!(
        pending["xml"].as_str().expect("text").contains("<pendingState>NOT_READY</pendingState>")
    );
    desk.agent_sets("1001001", "NOT_READY", Some("Break")).await;
    let failed = stream.next().await;
    let error = "<apiErrors><apiError><errorData>265</errorData>\
                 <errorMessage>CF_INVALID_AGENT_WORKMODE</errorMessage>\
                 <errorType>Invalid State</errorType></apiError></apiErrors>";
    assert!(failed["xml"].as_str().expect("text").contains(error), "{failed}");
}

#[tokio::test]
async fn notifications_go_wrong_as_told() {
    let desk = desk(Deployment::Ucce).await;
    desk.sim.fault(Fault::LowerCaseEvents);
    desk.sim.fault(Fault::DuplicateNotifications);
    desk.sim.fault(Fault::LowerCaseReasonCode);
    let only = Scope { user: Some("agent1002".to_owned()), ..Scope::default() };
    desk.sim.fault_in(Fault::LostNotifications, only);
    let mut stream = Stream::open(&desk, "1001001").await;
    let mut silent = Stream::open(&desk, "1001002").await;
    for agent in ["1001001", "1001002"] {
        desk.sim.set_state(agent, "NOT_READY", Some("Lunch"), By::Agent).expect("allowed");
    }
    let first = stream.next().await;
    assert!(first["xml"].as_str().expect("text").contains("<event>put</event>"), "{first}");
    assert!(first["xml"].as_str().expect("text").contains("<reasonCode>"), "{first}");
    assert_eq!(stream.next().await, first, "twice");
    desk.sim.clear_faults();
    desk.sim.set_state("1001002", "READY", None, By::Agent).expect("allowed");
    let heard = silent.next().await;
    assert!(heard["xml"].as_str().expect("text").contains("<state>READY</state>"), "{heard}");
}

#[tokio::test]
async fn a_late_notification_comes_late_and_not_never() {
    let desk = desk(Deployment::Ucce).await;
    let delay = Duration::from_millis(300);
    desk.sim.fault(Fault::LateNotifications { delay_ms: 300 });
    let mut stream = Stream::open(&desk, "1001001").await;
    let began = tokio::time::Instant::now();
    desk.sim.set_state("1001001", "NOT_READY", Some("Lunch"), By::Agent).expect("allowed");
    stream.next().await;
    assert!(began.elapsed() >= delay, "{:?}", began.elapsed());
}

#[tokio::test]
async fn desktops_hear_of_service_and_of_what_they_are_made_to_do() {
    let desk = desk(Deployment::Ucce).await;
    let mut stream = Stream::open(&desk, "1001001").await;
    let fault = desk.sim.fault(Fault::OutOfService);
    assert_eq!(stream.next().await["status"], "OUT_OF_SERVICE");
    desk.sim.end_fault(fault);
    assert_eq!(stream.next().await["status"], "IN_SERVICE");
    desk.sim.desktop(Act::Failing, Some("agent1002")).expect("a user");
    desk.sim.desktop(Act::Recovered, Some("agent1001")).expect("a user");
    assert_eq!(stream.next().await["act"], "recovered", "not what another desktop does");
    assert!(desk.sim.desktop(Act::Reload, Some("nobody")).is_err());
}

#[tokio::test]
async fn events_are_for_whoever_is_signed_in() {
    let desk = desk(Deployment::Ucce).await;
    assert_eq!(desk.get("/desktop/events", "").await.status, 401);
    assert_eq!(desk.get("/desktop/events", "administrator").await.status, 401, "no agent");
}

#[tokio::test]
async fn the_layout_is_put_by_the_control_api_or_refused_in_a_sentence() {
    let desk = desk(Deployment::Ucce).await;
    let put = |xml: &'static str| answer(desk.request(Method::PUT, "/sim/layout", "").body(xml));
    let wrong = put("<finesseLayout/>").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("xmlns"), "{}", wrong.body);
    let right =
        put("<finesseLayout xmlns=\"http://www.cisco.com/vtg/finesse\"><layout><role>Agent</role>\
         <page><gadget hidden=\"true\">/x.xml</gadget></page></layout></finesseLayout>")
        .await;
    assert_eq!(right.status, 204);
    let shown = desk.get("/desktop/layout?role=Agent", "").await;
    let shown: Value = serde_json::from_str(&shown.body).expect("JSON");
    assert_eq!(shown["page"], json!([{"url": "/x.xml", "id": null, "hidden": true}]));
    assert_eq!(desk.get("/desktop/layout?role=Supervisor", "").await.status, 404);
}

#[tokio::test]
async fn the_control_api_uploads_files_and_moves_desktops() {
    let desk = desk(Deployment::Ucce).await;
    let put = desk.request(Method::PUT, "/sim/files/a/b.wasm", "").body("bytes");
    assert_eq!(answer(put).await.status, 204);
    let file = desk.get("/3rdpartygadget/files/a/b.wasm", "").await;
    assert_eq!(
        (file.body.as_str(), file.header("content-type")),
        ("bytes", "application/octet-stream")
    );
    let mut stream = Stream::open(&desk, "1001001").await;
    let act = json!({"act": "move_node", "user": "agent1001"});
    assert_eq!(desk.control(Method::POST, "/sim/desktop", Some(act)).await.0, 204);
    assert_eq!(stream.next().await["act"], "move_node");
    let wrong = desk.control(Method::POST, "/sim/desktop", Some(json!({"act": "fly"}))).await;
    assert_eq!(wrong.0, 400);
}

#[tokio::test]
async fn a_frame_knows_its_faults_and_a_fault_is_spent_by_frames_only() {
    let desk = desk(Deployment::Ucce).await;
    desk.sim.upload("my/gadget.xml", GADGET);
    let once = Scope { times: Some(1), ..Scope::default() };
    desk.sim.fault_in(Fault::EmptyPendingState { shape: PendingShape::Object }, once);
    let policy = "script-src 'self' 'unsafe-inline'".to_owned();
    desk.sim.fault(Fault::ContentSecurityPolicy { policy: policy.clone() });
    desk.get("/finesse/api/User/1001001", "1001001").await;
    let first = frame(&desk, "/3rdpartygadget/files/my/gadget.xml").await;
    assert!(first.body.contains(r#""empty_pending_state":"object""#), "{}", first.body);
    assert_eq!(first.header("content-security-policy"), policy);
    let second = frame(&desk, "/3rdpartygadget/files/my/gadget.xml").await;
    assert!(!second.body.contains("empty_pending_state"), "{}", second.body);
}

#[tokio::test]
async fn the_vendors_library_takes_the_place_of_ours() {
    let config = Config {
        finesse_js: Some("theirs()".to_owned()),
        jquery: Some("jq()".to_owned()),
        ..quick(Deployment::Ucce)
    };
    let desk = desk_with(config).await;
    for (path, text) in [
        ("/desktop/assets/js/finesse.min.js", "theirs()"),
        ("/desktop/assets/js/finesse.js", "theirs()"),
        ("/desktop/assets/js/jquery.min.js", "jq()"),
    ] {
        assert_eq!(desk.get(path, "").await.body, text, "{path}");
    }
}

#[tokio::test]
async fn gadgets_are_fetched_over_tls_from_the_node_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let tls = Some(folder.path().to_owned());
    let sim = FinesseSim::start(Config { tls, ..quick(Deployment::Ucce) }).await.expect("starts");
    let pem = std::fs::read(folder.path().join("ca.pem")).expect("a CA");
    let client = reqwest::Client::builder()
        .add_root_certificate(reqwest::Certificate::from_pem(&pem).expect("a certificate"))
        .build()
        .expect("a client");
    sim.upload("my/gadget.xml", GADGET);
    let url = "/gadgets/ifr?url=%2F3rdpartygadget%2Ffiles%2Fmy%2Fgadget.xml&up_id=7";
    let page = answer(client.get(format!("{}{url}", sim.base_url()))).await;
    assert!(page.body.contains("7 0</p>"), "{}", page.body);
}
