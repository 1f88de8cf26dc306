//! Tokens that are refused, expire and rotate.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lockstep::webex::{
    FeedEvent, KeepNothing, Keeping, LookupError, PresenceSource, Token, TokenKeeper,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use webex_sim::{Config, Fault, WebexSim};

use crate::rig::{Rig, client, settings, simulated, simulated_client, simulated_settings};

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
    settings.token = refresh_token();
    let kept = Arc::new(Kept::default());
    let keeper: Arc<dyn TokenKeeper> = Arc::clone(&kept) as _;
    (Rig::around(sim, client(settings, keeper)), kept)
}

/// Keeps refresh tokens, and asks the simulator what was done by then.
#[derive(Default)]
struct Watchful {
    sim: Mutex<Option<std::sync::Weak<WebexSim>>>,
    /// Requests but those to the token service, at each keeping.
    requests: Mutex<Vec<u64>>,
}

fn other_requests(sim: &WebexSim) -> u64 {
    let requests = sim.counters().requests;
    requests.iter().filter(|(name, _)| **name != "hydra.token").map(|(_, count)| count).sum()
}

impl TokenKeeper for Watchful {
    fn keep<'a>(&'a self, _: &'a SecretString) -> Keeping<'a> {
        let sim = self.sim.lock().unwrap().as_ref().and_then(std::sync::Weak::upgrade);
        self.requests.lock().unwrap().extend(sim.map(|sim| other_requests(&sim)));
        Box::pin(std::future::ready(Ok(())))
    }
}

/// An integration in paused time with the product's own waits.
async fn simulated_integration(lifetime: u64) -> (Rig, Arc<Kept>) {
    let access_token_lifetime = Duration::from_secs(lifetime);
    let sim = simulated(Config { access_token_lifetime, ..Config::default() }).await;
    let mut settings = simulated_settings(&sim);
    settings.token = refresh_token();
    let kept = Arc::new(Kept::default());
    let keeper: Arc<dyn TokenKeeper> = Arc::clone(&kept) as _;
    (Rig::simulated_around(sim, simulated_client(settings, keeper, 7)), kept)
}

fn refresh_token() -> Token {
    Token::Integration {
        client_id: "client".into(),
        client_secret: SecretString::from("secret"),
        refresh_token: SecretString::from("refresh-0"),
    }
}

#[tokio::test(start_paused = true)]
async fn s1_35_a_token_is_renewed_a_minute_before_it_expires_and_the_socket_stays() {
    let (mut rig, kept) = simulated_integration(3_600).await;
    rig.live().await;
    rig.pass(Duration::from_secs(3_538)).await;
    assert_eq!(rig.sim.counters().tokens_issued, 1);
    rig.pass(Duration::from_secs(4)).await;
    assert_eq!(rig.sim.counters().tokens_issued, 2, "at 3,540 s, though nothing was asked for");
    rig.pass(Duration::from_hours(8)).await;
    let counters = rig.sim.counters();
    assert!((9..=11).contains(&counters.tokens_issued), "{}", counters.tokens_issued);
    assert_eq!(counters.tokens_issued, u64::try_from(kept.0.lock().unwrap().len()).unwrap());
    assert_eq!((rig.losses(), counters.sockets_opened), (0, 1));
    assert_eq!((counters.dead_token_uses, counters.dead_refresh_token_uses), (0, 0));
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn s1_35_tokens_that_hardly_live_make_no_busy_loop() {
    for (lifetime, least, most) in [(30, 3, 5), (2, 50, 62), (1, 55, 130), (0, 0, 130)] {
        let (mut rig, _) = simulated_integration(lifetime).await;
        rig.pass(Duration::from_mins(1)).await;
        let issued = rig.sim.counters().tokens_issued;
        assert!((least..=most).contains(&issued), "{issued} tokens of {lifetime} s in a minute");
        drop(rig);
    }
}

#[tokio::test(start_paused = true)]
async fn s1_36_a_refresh_token_is_stored_before_the_access_token_is_used() {
    let sim = Arc::new(simulated(Config::default()).await);
    let keeper = Arc::new(Watchful::default());
    *keeper.sim.lock().unwrap() = Some(Arc::downgrade(&sim));
    let mut settings = simulated_settings(&sim);
    settings.token = refresh_token();
    let client = simulated_client(settings, Arc::clone(&keeper) as _, 7);
    assert!(client.person(AGENT).await.unwrap().is_some());
    sim.inject(Fault::TokenRevoked {}).unwrap();
    assert!(client.person(AGENT).await.unwrap().is_some());
    // Nothing before the first token; then one good question, and one that was refused.
    assert_eq!(*keeper.requests.lock().unwrap(), [0, 2]);
    assert_eq!(other_requests(&sim), 3);
}

#[tokio::test(start_paused = true)]
async fn s1_37_a_revoked_token_is_never_sent_again() {
    let (mut rig, _) = simulated_integration(3_600).await;
    rig.live().await;
    rig.sim.inject(Fault::status("hydra.token", 503)).unwrap();
    rig.sim.inject(Fault::TokenRevoked {}).unwrap();
    let error = rig.client.person(AGENT).await.unwrap_err();
    assert!(matches!(error, LookupError::Token { .. }), "{error}");
    assert_eq!(rig.sim.counters().dead_token_uses, 1);
    rig.sim.inject(Fault::close(4401, "")).unwrap();
    rig.lost().await;
    rig.pass(Duration::from_hours(1)).await;
    rig.client.person(AGENT).await.unwrap_err();
    let counters = rig.sim.counters();
    assert_eq!(counters.dead_token_uses, 1, "in an hour of attempts");
    let asked = counters.requests["hydra.token"];
    assert!((60..=200).contains(&asked), "within the backoff: {asked}");
    // Only the token service is mended: what was revoked stays so.
    rig.sim.inject_times(Fault::TokenRevoked {}, 1).unwrap();
    rig.sim.clear_faults();
    rig.live().await;
    assert_eq!(rig.sim.counters().dead_token_uses, 1);
    rig.finish().await;
}

#[tokio::test(start_paused = true)]
async fn s1_38_a_token_that_cannot_be_renewed_is_used_until_it_expires() {
    for refused_for_good in [false, true] {
        let (mut rig, _) = simulated_integration(3_600).await;
        rig.live().await;
        rig.pass(Duration::from_secs(3_500)).await;
        rig.sim
            .inject(if refused_for_good {
                Fault::RefreshRefused {}
            } else {
                Fault::status("hydra.token", 500)
            })
            .unwrap();
        for _ in 0..9 {
            rig.pass(Duration::from_secs(10)).await;
            assert!(rig.client.person(AGENT).await.unwrap().is_some(), "still good");
        }
        let asked = rig.sim.requests("hydra.token");
        let expected = if refused_for_good { 2..=2 } else { 5..=9 };
        assert!(expected.contains(&asked), "{asked} times asked, {refused_for_good}");
        rig.pass(Duration::from_secs(15)).await;
        let error = rig.client.person(AGENT).await.unwrap_err();
        assert!(matches!(error, LookupError::Token { .. }), "{error}");
        assert_eq!(rig.sim.counters().dead_token_uses, 0);
        rig.sim.clear_faults();
        if refused_for_good {
            let asked = rig.sim.requests("hydra.token");
            rig.pass(Duration::from_hours(1)).await;
            assert_eq!(rig.sim.requests("hydra.token"), asked, "never sent again");
            drop(rig);
        } else {
            rig.pass(Duration::from_secs(61)).await;
            assert!(rig.client.person(AGENT).await.unwrap().is_some());
            rig.finish().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn s1_39_a_hundred_refusals_at_once_are_one_renewal() {
    let (mut rig, kept) = simulated_integration(3_600).await;
    rig.live().await;
    rig.sim.inject(Fault::TokenRevoked {}).unwrap();
    let endpoint = Some("hydra.token".into());
    rig.sim.inject(Fault::Latency { endpoint, ms: 700, jitter_ms: 0 }).unwrap();
    let lookups = (0..100).map(|_| rig.client.person(AGENT));
    for found in futures_util::future::join_all(lookups).await {
        assert!(found.unwrap().is_some());
    }
    let counters = rig.sim.counters();
    assert_eq!((counters.tokens_issued, counters.dead_token_uses), (2, 100));
    assert_eq!(kept.0.lock().unwrap().len(), 2);
    rig.pass(Duration::from_mins(10)).await;
    assert_eq!((rig.losses(), rig.sim.counters().sockets_opened), (0, 1), "Mercury stays");
    rig.finish().await;
}

/// A service that refuses every token, however fresh, draws no stream of new ones.
#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_every_token_does_not_spend_them_all() {
    let (mut rig, _) = simulated_integration(3_600).await;
    rig.live().await;
    rig.sim.inject(Fault::status("hydra.people", 401)).unwrap();
    for _ in 0..120 {
        for _ in 0..10 {
            rig.client.person(AGENT).await.unwrap_err();
        }
        rig.pass(Duration::from_secs(30)).await;
    }
    let issued = rig.sim.counters().tokens_issued;
    assert!(issued <= 130, "{issued} tokens in an hour, for 1,200 questions");
    let (refused, granted) = (rig.sim.counters().refused["hydra.people"], issued);
    assert!(refused <= granted, "{refused} refusals of {granted} tokens: none is shown twice");
    rig.sim.clear_faults();
    rig.pass(Duration::from_mins(2)).await;
    assert!(rig.client.person(AGENT).await.unwrap().is_some());
    assert_eq!(rig.losses(), 0);
    rig.finish().await;
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
