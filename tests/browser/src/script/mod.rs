//! A server that speaks to the supervisor's page and says what a story wants to be said: the page's
//! own files, and rows, streams and answers by hand. What it is not told to answer is a 404.

mod answers;
mod crowd;
mod stream;

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio::time::interval;

pub use self::crowd::{agent, crowd, snoozed};

/// Frames that a slow reader may be behind; it is cut off then, and comes back for a snapshot.
const BEHIND: usize = 256;
/// The server tells what changed this often.
const COALESCED: Duration = Duration::from_millis(100);

/// The server; dropped, it serves no more.
#[derive(Debug)]
pub struct Script {
    /// Where browsers reach it.
    pub url: String,
    told: Arc<Told>,
    serving: JoinHandle<()>,
}

/// What it says.
#[derive(Debug)]
struct Told {
    scene: Mutex<Scene>,
    frames: broadcast::Sender<Arc<str>>,
    /// Grows when every stream is cut off.
    cuts: watch::Sender<u64>,
}

#[derive(Debug)]
struct Scene {
    epoch: u64,
    sequence: u64,
    rows: BTreeMap<String, Value>,
    /// Those of a path in turn; the last one stays.
    answers: BTreeMap<String, VecDeque<Value>>,
    signed_in: bool,
    beats: bool,
    reached: bool,
    posts: Vec<(String, Value)>,
    resumed: Vec<String>,
}

impl Scene {
    fn answer(&mut self, path: &str) -> Option<Value> {
        let answers = self.answers.get_mut(path)?;
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    }
}

impl Script {
    /// A server with these rows; whoever comes is signed in.
    pub async fn start(rows: Vec<Value>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let rows = rows.into_iter().map(|row| (name_of(&row), row)).collect();
        let scene = Scene {
            epoch: 1,
            sequence: 1,
            rows,
            answers: BTreeMap::new(),
            signed_in: true,
            beats: true,
            reached: true,
            posts: Vec::new(),
            resumed: Vec::new(),
        };
        let told = Arc::new(Told {
            scene: Mutex::new(scene),
            frames: broadcast::channel(BEHIND).0,
            cuts: watch::channel(0).0,
        });
        let routes = answers::routes(Arc::clone(&told));
        let serving = tokio::spawn(async move {
            // It serves until it is dropped; an error would be of the listener, and the page says so.
            let _ = axum::serve(listener, routes).await;
        });
        Self { url, told, serving }
    }

    /// Rows as they are now.
    pub fn change(&self, rows: Vec<Value>) {
        self.told.change(rows);
    }

    /// Somebody is not among the agents any more.
    pub fn gone(&self, agent: &str) {
        let mut scene = self.told.scene();
        scene.rows.remove(agent);
        scene.sequence += 1;
        let told = json!({"sequence": scene.sequence, "rows": [], "gone": [agent]});
        self.told.say(&scene, "agents", &told);
    }

    /// What a path answers from now on.
    pub fn answers(&self, path: &str, answer: Value) {
        self.answers_in_turn(path, [answer]);
    }

    /// What a path answers from now on, one after the other; the last one stays.
    pub fn answers_in_turn(&self, path: &str, answers: impl IntoIterator<Item = Value>) {
        self.told.scene().answers.insert(path.to_owned(), answers.into_iter().collect());
    }

    /// Whether heartbeats are sent.
    pub fn beats(&self, yes: bool) {
        self.told.scene().beats = yes;
    }

    /// The server goes away: streams are cut off, and nothing is answered.
    pub fn goes(&self) {
        self.told.scene().reached = false;
        self.told.cut();
    }

    /// It is back as another run of itself, with these rows.
    pub fn returns(&self, rows: Vec<Value>) {
        let mut scene = self.told.scene();
        scene.epoch += 1;
        scene.sequence = 1;
        scene.rows = rows.into_iter().map(|row| (name_of(&row), row)).collect();
        scene.reached = true;
    }

    /// Streams break, and nothing else happens.
    pub fn breaks(&self) {
        self.told.cut();
    }

    /// From where browsers wanted to go on, in order.
    pub fn resumed(&self) -> Vec<String> {
        self.told.scene().resumed.clone()
    }

    /// The session is over, as if somebody had signed out elsewhere.
    pub fn signs_out(&self) {
        self.told.scene().signed_in = false;
        self.told.cut();
    }

    /// What was asked to be done, with what came along, in order.
    pub fn posts(&self) -> Vec<(String, Value)> {
        self.told.scene().posts.clone()
    }

    /// Changes this many rows a second, told each 100 ms, until the task is aborted.
    pub fn storm(&self, a_second: usize) -> JoinHandle<()> {
        let told = Arc::clone(&self.told);
        tokio::spawn(async move {
            let mut ticks = interval(COALESCED);
            let mut turn = 0;
            loop {
                ticks.tick().await;
                let all: Vec<String> = told.scene().rows.keys().cloned().collect();
                let rows = (0..a_second / 10).map(|_| {
                    turn += 1;
                    // A prime: everybody comes to their turn, and nobody twice in a row.
                    crowd::other(&all[(turn * 7919) % all.len()], turn)
                });
                told.change(rows.collect());
            }
        })
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Told {
    fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, rows: Vec<Value>) {
        let mut scene = self.scene();
        scene.sequence += 1;
        let told = json!({"sequence": scene.sequence, "rows": rows, "gone": []});
        for row in rows {
            scene.rows.insert(name_of(&row), row);
        }
        self.say(&scene, "agents", &told);
    }

    fn say(&self, scene: &Scene, event: &str, told: &Value) {
        let id = format!("{}-{}", scene.epoch, scene.sequence);
        // Nobody may be listening.
        let _ = self.frames.send(format!("id: {id}\nevent: {event}\ndata: {told}\n\n").into());
    }

    fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

fn name_of(row: &Value) -> String {
    row["agent"].as_str().unwrap_or_default().to_owned()
}
