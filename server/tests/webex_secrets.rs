//! The token appears in no log line, not even when everything is logged.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lockstep::clock::Clock;
use lockstep::webex::{
    Client, FeedEvent, KeepNothing, PresenceSource, QUIET_TARGETS, Settings, Timing, Token,
};
use lockstep_core::PersonId;
use rand::SeedableRng;
use rand::rngs::StdRng;
use secrecy::SecretString;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use webex_sim::{Config, Fault, WebexSim};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Page {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What the client tells while it lives, meets refusals and ends.
async fn story(sim: &WebexSim, token: Token, words: &[&str]) {
    let settings = Settings {
        token,
        u2c_url: sim.u2c_url().parse().unwrap(),
        api_url: sim.api_url().parse().unwrap(),
        trusted_domains: vec!["127.0.0.1".into()],
        ca_pem: None,
        people_per_minute: 120,
        device_name: "lockstep-secrets".into(),
        reconcile_every: Duration::from_mins(5),
        timing: Timing { backoff_first: Duration::from_millis(20), ..Timing::default() },
    };
    for word in words {
        assert!(!format!("{settings:?}").contains(word));
    }
    let random = StdRng::seed_from_u64(1);
    let client = Client::new(settings, Clock::system(), random, Arc::new(KeepNothing)).unwrap();
    let person = PersonId::new(sim.person("agent1001@example.com").unwrap().id.to_string());
    let (_people, list) = watch::channel([person].into());
    let (events_in, mut events) = mpsc::channel(64);
    let stop = CancellationToken::new();
    let story = async {
        while !matches!(events.recv().await, Some(FeedEvent::Live { .. })) {}
        client.person("agent1001@example.com").await.unwrap();
        // Whoever was shown a secret may repeat it.
        let shown = sim.tokens_shown().first().cloned().unwrap_or_else(|| words[0].to_owned());
        let repeats_the_token = Fault::HttpStatus {
            endpoint: Some("hydra.people".into()),
            status: 400,
            message: Some(shown.clone()),
            retry_after: None,
        };
        sim.inject(repeats_the_token).unwrap();
        let _ = client.person("agent1002@example.com").await;
        sim.clear_faults();
        // The token service refuses, and repeats what it was shown.
        let refused = Fault::HttpStatus {
            endpoint: Some("hydra.token".into()),
            status: 400,
            message: Some(words.join(" ")),
            retry_after: None,
        };
        sim.inject(refused).unwrap();
        sim.inject(Fault::TokenRevoked {}).unwrap();
        let _ = client.person("agent1002@example.com").await;
        sim.inject(Fault::close(4401, &shown)).unwrap();
        while !matches!(events.recv().await, Some(FeedEvent::Lost { .. })) {}
        stop.cancel();
    };
    tokio::join!(client.watch(list, events_in, stop.clone()), story);
}

#[tokio::test]
async fn no_secret_of_a_bot_or_an_integration_is_in_any_log_line() {
    let page = Page::default();
    // The simulator's own trace is its own affair.
    let capped = QUIET_TARGETS.map(|target| format!("{target}=info")).join(",");
    let filter = EnvFilter::new(format!("trace,webex_sim=off,{capped}"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(page.clone()).init();

    let sim = WebexSim::start(Config::default()).await.unwrap();
    let token = sim.token();
    story(&sim, Token::Bot(SecretString::from(token.clone())), &[&token]).await;

    let sim = WebexSim::start(Config { seed: Some(5), ..Config::default() }).await.unwrap();
    let secrets = ["the-client-secret-of-the-integration", "its-first-refresh-token"];
    let integration = Token::Integration {
        client_id: "client".into(),
        client_secret: SecretString::from(secrets[0]),
        refresh_token: SecretString::from(secrets[1]),
    };
    story(&sim, integration, &secrets).await;
    let issued = sim.tokens_shown();
    assert!(issued.len() >= 2, "an access token and the next refresh token");

    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("webex presence is live").count(), 2, "the log was written: {text}");
    let all = secrets.into_iter().map(str::to_owned).chain([token]).chain(issued);
    for secret in all {
        let leak = text.lines().find(|line| line.contains(&secret));
        assert_eq!(leak, None);
    }
}
