//! Tokens that are refused, expire and rotate.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lockstep::webex::{
    FeedEvent, KeepNothing, Keeping, LookupError, PresenceSource, Token, TokenKeeper,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use webex_sim::{Config, Fault, WebexSim};

use crate::rig::{Rig, client, settings};

const AGENT: &str = "agent1001@example.com";

#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

impl TokenKeeper for Kept {
    fn keep<'a>(&'a self, refresh_token: &'a SecretString) -> Keeping<'a> {
        self.0.lock().unwrap().push(refresh_token.expose_secret().to_owned());
        Box::pin(std::future::ready(Ok(())))
    }
}

async fn integration(config: Config) -> (Rig, Arc<Kept>) {
    let sim = WebexSim::start(config).await.unwrap();
    let mut settings = settings(&sim);
    settings.token = Token::Integration {
        client_id: "client".into(),
        client_secret: SecretString::from("secret"),
        refresh_token: SecretString::from("refresh-0"),
    };
    let kept = Arc::new(Kept::default());
    let keeper: Arc<dyn TokenKeeper> = Arc::clone(&kept) as _;
    (Rig::around(sim, client(settings, keeper)), kept)
}

#[tokio::test]
async fn a_refused_bot_says_so_and_probes_slowly() {
    let mut rig = Rig::new().await;
    rig.live().await;
    rig.sim.inject(Fault::TokenRevoked {}).unwrap();
    rig.sim.inject(Fault::close(4401, "")).unwrap();
    let why = rig.lost().await;
    assert!(why.contains("a person must cure this"), "{why}");
    let error = rig.client.person(AGENT).await.unwrap_err();
    assert!(matches!(&error, LookupError::Token { detail } if detail.contains("token_file")));
    let (before, began) = (rig.sim.counters().dead_token_uses, Instant::now());
    rig.sees("four probes", |sim| sim.counters().dead_token_uses >= before + 4).await;
    assert!(began.elapsed() >= 3 * Duration::from_millis(300), "{:?}", began.elapsed());
    rig.sim.clear_faults();
    rig.live().await;
    rig.finish().await;
}

#[tokio::test]
async fn a_socket_that_is_forbidden_is_an_alarm_told_again() {
    let mut rig = Rig::new().await;
    rig.live().await;
    rig.sim
        .inject_times(Fault::MercuryAuthRefused { code: 4403, reason: String::new() }, 2)
        .unwrap();
    rig.sim.inject(Fault::close(1001, "")).unwrap();
    rig.lost().await;
    let why = rig.lost().await;
    assert!(why.contains("4403") && why.contains("a person must cure this"), "{why}");
    rig.live().await;
    let losses = rig.seen.iter().filter(|e| matches!(e, FeedEvent::Lost { .. })).count();
    assert_eq!(losses, 2);
    rig.finish().await;
}

#[tokio::test]
async fn an_integration_lives_and_keeps_its_rotated_token() {
    let (mut rig, kept) = integration(Config::default()).await;
    rig.live().await;
    assert_eq!(rig.sim.counters().tokens_issued, 1);
    assert_eq!(kept.0.lock().unwrap().len(), 1);
    rig.finish().await;
}

#[tokio::test]
async fn a_refused_access_token_is_renewed_once_however_many_ask() {
    let (mut rig, kept) = integration(Config::default()).await;
    rig.live().await;
    rig.sim.inject(Fault::TokenRevoked {}).unwrap();
    let lookups = (0..20).map(|_| rig.client.person(AGENT));
    for found in futures_util::future::join_all(lookups).await {
        assert!(found.unwrap().is_some());
    }
    assert_eq!(rig.sim.counters().tokens_issued, 2, "one renewal for twenty refusals");
    assert_eq!(rig.sim.counters().dead_refresh_token_uses, 0);
    assert_eq!(kept.0.lock().unwrap().len(), 2);
    rig.sim.inject(Fault::close(4401, "")).unwrap();
    rig.lost().await;
    rig.live().await;
    rig.finish().await;
}

#[tokio::test]
async fn a_short_lived_token_is_renewed_before_it_expires() {
    let config = Config { access_token_lifetime: Duration::from_secs(2), ..Config::default() };
    let (mut rig, _) = integration(config).await;
    rig.live().await;
    let began = Instant::now();
    while rig.sim.counters().tokens_issued < 4 {
        assert!(began.elapsed() < crate::rig::PATIENCE, "{:?}", rig.sim.counters());
        assert!(rig.client.person(AGENT).await.unwrap().is_some());
    }
    assert_eq!(rig.sim.counters().dead_token_uses, 0);
    assert!(began.elapsed() >= Duration::from_secs(2), "renewed at half of its life, not at once");
    rig.finish().await;
}

#[tokio::test]
async fn a_refused_refresh_token_is_never_sent_again() {
    let (mut rig, _) = integration(Config::default()).await;
    rig.live().await;
    rig.sim.inject(Fault::RefreshRefused {}).unwrap();
    rig.sim.inject(Fault::TokenRevoked {}).unwrap();
    rig.sim.inject(Fault::close(4401, "")).unwrap();
    let why = rig.lost().await;
    let error = rig.client.person(AGENT).await.unwrap_err();
    assert!(matches!(error, LookupError::Token { .. }), "{error}; {why}");
    let asked = rig.sim.requests("hydra.token");
    for _ in 0..5 {
        rig.client.person(AGENT).await.unwrap_err();
    }
    assert_eq!(rig.sim.requests("hydra.token"), asked);
    rig.sim.clear_faults();
    drop(rig);
}

#[tokio::test]
async fn the_token_is_in_no_error() {
    let sim = WebexSim::start(Config::default()).await.unwrap();
    let token = sim.token();
    let fault = Fault::HttpStatus {
        endpoint: None,
        status: 400,
        message: Some(format!("bad token {token}")),
        retry_after: None,
    };
    sim.inject(fault).unwrap();
    let mut rig = Rig::around_bot(sim);
    let why = rig.lost().await;
    assert!(why.contains("[token]") && !why.contains(&token), "{why}");
    rig.sim.clear_faults();
    rig.live().await;
    rig.finish().await;
}

impl Rig {
    fn around_bot(sim: WebexSim) -> Self {
        let settings = settings(&sim);
        Self::around(sim, client(settings, Arc::new(KeepNothing)))
    }
}
