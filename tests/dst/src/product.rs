//! The host on which Lockstep runs: the same parts as in the real process, put together by the
//! same function.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lockstep::clock::Clock;
use lockstep::config::Config;
use lockstep::directory::Roll;
use lockstep::journal;
use lockstep::pipeline::{self, Parts};
use lockstep::running::Running;
use lockstep::status::Status;
use lockstep::traces::Tracer;
use lockstep::webex::{Client, KeepNothing, Settings, Timing, Token};
use lockstep_core::rules::Mode;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use secrecy::SecretString;
use tokio::sync::watch;

use crate::cloud::ADDRESS;
use crate::desk::Desk;
use crate::journal::Journal;
use crate::network::Simulated;
use crate::store::Disk;
use crate::time::WallClock;
use crate::wire::Wire;

/// How long a stop may take; as the real process.
const DRAIN: Duration = Duration::from_secs(10);

/// Everything that outlives one life of Lockstep's process; clones share it.
#[derive(Clone)]
pub struct Product {
    /// Its ledger's disk.
    pub disk: Disk,
    /// Finesse.
    pub desk: Desk,
    /// The machine's clock.
    pub wall: WallClock,
    /// The links to the gadgets.
    pub wire: Wire,
    /// The journal.
    pub journal: Journal,
    /// What it is configured with.
    pub config: Arc<Config>,
    /// Draws the ids and the jitter of each life.
    pub seed: u64,
    /// How it proves itself to Webex. Webex's refresh tokens do not change with use here: one whose
    /// successor is lost on the way needs a person.
    pub token: Token,
    life: Arc<AtomicU64>,
    running: Arc<Mutex<Option<Running>>>,
}

/// The configuration, with the site's policy for a lost feed, and who sets the states.
///
/// # Panics
///
/// When the text is wrong, which a test sees.
pub fn config(mode: Mode, policy: &str) -> Config {
    let text = format!(
        r#"
        [webex]
        token = "unused"
        [finesse]
        nodes = ["https://finesse.example.com"]
        admin = {{ user = "admin", password = "secret" }}
        supervisors = [
            {{ user = "sup1", password = "secret" }},
            {{ user = "sup2", password = "secret" }},
        ]
        [agents]
        teams = ["Sales", "Support"]
        email_domains = ["example.com"]
        [http]
        public_url = "https://lockstep.example.com"
        finesse_origins = ["https://finesse.example.com:8445"]
        [sync]
        mode = "{mode}"
        on_source_loss = {{ policy = "{policy}" }}
        "#
    );
    let none: [(&str, &str); 0] = [];
    Config::parse(Path::new("simulated.toml"), &text, none).expect("a configuration")
}

impl Product {
    /// A machine on which Lockstep has never run.
    pub fn new(
        (disk, finesse, wall, journal, wire): (Disk, Desk, WallClock, Journal, Wire),
        config: Config,
        token: Token,
        seed: u64,
    ) -> Self {
        let (life, running) = Default::default();
        Self {
            disk,
            desk: finesse,
            wall,
            wire,
            journal,
            config: Arc::new(config),
            seed,
            token,
            life,
            running,
        }
    }

    /// One life of the process. It ends with an error when a part ends by itself.
    pub async fn run(self) -> turmoil::Result {
        let life = self.life.fetch_add(1, Ordering::SeqCst);
        self.journal.note("world", format!("lockstep starts, life {life}"));
        let clock = Clock::starting_at(self.wall.read(self.journal.now()));
        let random = StdRng::seed_from_u64(self.seed.wrapping_add(life.wrapping_mul(0x9e37_79b9)));
        let dial = Arc::new(Simulated);
        let webex = Client::with_dial(
            settings(self.token.clone()),
            clock,
            random,
            Arc::new(KeepNothing),
            dial,
        )?;
        let (_config, configs) = watch::channel(Arc::clone(&self.config));
        let running = Running::default();
        let parts = Parts {
            config: configs,
            clock,
            finesse: Arc::new(self.desk.clone()),
            webex: Arc::new(webex),
            store: self.disk.clone(),
            journal: journal::Sink::nowhere(),
            tracer: Tracer::off(),
            roll: Roll::default(),
        };
        let engine = pipeline::start(parts, &Status::default(), &running)?;
        if self.config.sync.mode.has_gadget() {
            running.spawn("gadgets", self.wire.clone().carry(engine, running.stop().clone()));
        }
        self.set_running(Some(running.clone()));
        running.stop().cancelled().await;
        if self.set_running(None).is_some() {
            return Err("a part of lockstep ended by itself".into());
        }
        let drained = tokio::time::timeout(DRAIN, running.ended()).await;
        self.journal.note("world", format!("lockstep ended, drained {}", drained.is_ok()));
        Ok(())
    }

    /// Asks it to stop, as SIGTERM does.
    pub fn ask_to_stop(&self) {
        if let Some(running) = self.set_running(None) {
            running.stop().cancel();
        }
    }

    /// The process is gone; nobody asks what it was doing.
    pub fn forget(&self) {
        self.set_running(None);
    }

    fn set_running(&self, running: Option<Running>) -> Option<Running> {
        let mut place = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut place, running)
    }
}

/// A bot's token, or an integration's.
pub fn token(bot: bool) -> Token {
    let secret = |text: &str| SecretString::from(text);
    if bot {
        return Token::Bot(secret("lockstepbot_PF84_1eb65fdf-9643-417f-9974-ad72cae0e10f"));
    }
    Token::Integration {
        client_id: "lockstep".to_owned(),
        client_secret: secret("hush"),
        refresh_token: secret("refresh"),
    }
}

fn settings(token: Token) -> Settings {
    let base = format!("http://{ADDRESS}");
    let url = |path: &str| format!("{base}{path}").parse().expect("an address");
    Settings {
        token,
        u2c_url: url("/u2c/api/v1"),
        api_url: url("/v1"),
        trusted_domains: vec!["127.0.0.1".to_owned()],
        ca_pem: None,
        people_per_minute: 120,
        device_name: "lockstep-simulated".to_owned(),
        reconcile_every: Duration::from_mins(5),
        timing: Timing::default(),
    }
}
