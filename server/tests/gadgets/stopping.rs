//! How links end with the server. Socket.IO's official client stays away for good after a
//! DISCONNECT of the server's; after a connection that just ends it comes back by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockstep::assembly;
use lockstep::clock::Clock;
use lockstep::engine::{Engine, Handle, MESSAGES, Message, Roster, Watched};
use lockstep::finesse::fake::Fake;
use lockstep::gadgets::{self, Asking, Key};
use lockstep::http::origins::Origins;
use lockstep::http::{self, Front};
use lockstep::status::Status;
use lockstep_core::finesse::{AgentState, Deployment};
use lockstep_core::protocol::SessionReply;
use lockstep_core::writer::TABS;
use lockstep_core::{AgentId, TeamId};
use metrics_exporter_prometheus::PrometheusBuilder;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::client::{Came, Tab};
use super::rig::{ORIGIN, Rig, config, granted};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_sent_away_for_good_when_the_server_stops() {
    let rig = Rig::start("gadget").await;
    let mut tabs = Vec::new();
    for agent in ["0001", "0002"] {
        let token = rig.session(agent).await.token;
        for _ in 0..TABS {
            tabs.push(Tab::with_token(rig.service.address(), ORIGIN, &token).await);
        }
    }
    rig.service.stop().await;
    for tab in &mut tabs {
        assert!(matches!(tab.last().await, Came::Closed), "sent away for good");
    }
}

/// The parts of a server end in any order: its engine may be gone a moment before the links are
/// told why.
#[tokio::test]
async fn nobody_is_sent_away_for_good_when_the_engine_ends_first() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), "gadget", &["0001"]);
    let clock = Clock::system();
    let finesse = Fake::new(Deployment::Cce, clock);
    finesse.add_agent("0001", "1", AgentState::Ready);
    let (messages, inbox) = mpsc::channel(MESSAGES);
    let engine = Handle::new(messages);
    let (commits, mut written) = mpsc::channel(64);
    let (engine_stop, stop) = (CancellationToken::new(), CancellationToken::new());
    let policies = assembly::policies(&config, Deployment::Cce);
    let running = Engine::new(clock, policies, BTreeMap::new());
    let running = tokio::spawn(running.run(inbox, commits, engine_stop.clone()));
    tokio::spawn(async move { while written.recv().await.is_some() {} });
    engine.send(Message::Roster(Roster { agents: vec![anna()] })).await;

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let origins = Origins::new(&config.http.finesse_origins);
    let key = Arc::new(Key::drawn(&mut StdRng::seed_from_u64(1)));
    let asking = Arc::new(Asking::new(Arc::new(finesse), clock, Arc::clone(&key)));
    let (links, gadgets) = gadgets::routes(gadgets::Parts { asking, engine, clock, key, origins });
    let front = Front { listener, security: watch::channel(None).1, proxies: Arc::from([]) };
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let served = http::serve(front, Status::default(), metrics, links, gadgets, stop.clone());
    let served = tokio::spawn(served);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("http://{address}/api/session"));
    let request = request.header("authorization", Fake::authorization("0001"));
    let answer = request.header("origin", ORIGIN).json(&json!({ "agent": "0001" })).send().await;
    let session: SessionReply = answer.unwrap().json().await.expect("a session");
    let mut tab = Tab::with_token(address, ORIGIN, &session.token).await;
    tab.until("grant", granted).await;

    engine_stop.cancel();
    running.await.unwrap();
    // One thread: whoever was woken by the engine's end has its turn before this task again.
    tokio::task::yield_now().await;
    stop.cancel();
    assert!(matches!(tab.last().await, Came::Closed), "sent away for good");
    served.await.unwrap();
}

fn anna() -> Watched {
    Watched {
        id: AgentId::new("0001"),
        login_name: "0001".to_owned(),
        name: "Anna".to_owned(),
        team: TeamId::new("1"),
        team_name: "Sales".to_owned(),
        person: None,
    }
}
