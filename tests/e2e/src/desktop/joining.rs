//! How a tab comes to its session and its link, and when it tries again.

use lockstep_core::desk::{Trouble, pause};
use lockstep_core::protocol::{SESSION_PATH, SessionReply, SessionRequest, SocketAuth, ToServer};
use lockstep_core::{AgentId, Time};
use rand::RngExt as _;
use rand::rngs::StdRng;
use reqwest::Client;
use serde_json::json;
use tokio::sync::{mpsc, watch};

use super::ORIGIN;
use super::page::Heard;
use super::socket::{Came, NotOpen, Socket};
use crate::PATIENCE;
use crate::config::PASSWORD;

/// Attempts so far, and the next.
#[derive(Debug)]
pub(super) struct Joining {
    failures: u32,
    pub(super) next: Option<Time>,
    pub(super) token: Option<String>,
    over: bool,
    random: StdRng,
}

impl Joining {
    pub(super) const fn new(random: StdRng) -> Self {
        Self { failures: 0, next: None, token: None, over: false, random }
    }

    pub(super) fn is_due(&mut self, now: Time) -> bool {
        self.next.take_if(|at| *at <= now).is_some()
    }

    pub(super) const fn joined(&mut self) {
        self.failures = 0;
        self.next = None;
    }

    /// Tries again after a pause; after a refusal with a new session.
    pub(super) fn again(&mut self, now: Time, trouble: &Trouble) {
        if matches!(trouble, Trouble::Refused(_)) {
            self.token = None;
        }
        let wait = pause(trouble, self.failures, self.random.random_range(0..=1_000));
        self.failures += 1;
        self.next = wait.filter(|_| !self.over).map(|wait| now.after(wait));
    }

    pub(super) const fn never_again(&mut self) {
        self.over = true;
        self.next = None;
    }
}

/// Proves whose desktop it is. `None` for the server: nobody listens just now.
pub(super) async fn session(
    client: &Client,
    server: Option<String>,
    agent: &str,
) -> Result<SessionReply, Trouble> {
    let server = server.ok_or(Trouble::Unreachable)?;
    let request = client
        .post(format!("http://{server}{SESSION_PATH}"))
        .header("origin", ORIGIN)
        .basic_auth(agent, Some(PASSWORD))
        .json(&SessionRequest { agent: AgentId::new(agent) })
        .timeout(PATIENCE);
    let answer = request.send().await.map_err(|_| Trouble::Unreachable)?;
    let granted = answer.status().is_success();
    let body = answer.text().await.map_err(|_| Trouble::Unreachable)?;
    if granted {
        return Ok(serde_json::from_str(&body).expect("a session"));
    }
    Err(Trouble::Refused(serde_json::from_str(&body).expect("a refusal")))
}

/// One link from its opening to its end. While the tab is suspended nothing is read, and no ping is
/// answered.
pub(super) async fn link(
    server: Option<String>,
    token: String,
    mut says: mpsc::Receiver<ToServer>,
    mut awake: watch::Receiver<bool>,
    heard: impl AsyncFn(Heard),
) {
    let mut socket = match open(server, token).await {
        Ok(socket) => socket,
        Err(NotOpen::Refused(refusal)) => {
            return heard(Heard::Failed(Trouble::Refused(*refusal))).await;
        }
        Err(NotOpen::Status(_) | NotOpen::Lost) => {
            return heard(Heard::Failed(Trouble::NoSocket)).await;
        }
    };
    heard(Heard::Up).await;
    loop {
        let runs = *awake.borrow_and_update();
        tokio::select! {
            biased;
            message = says.recv() => match message {
                Some(message) if socket.say(&message).await => {}
                // The page is gone, and with it everything that it had to say.
                Some(_) | None => break,
            },
            changed = awake.changed() => if changed.is_err() { break },
            came = socket.next(), if runs => match came {
                Came::Message(message) => heard(Heard::Message(message)).await,
                Came::Disconnected | Came::Closed => break,
            },
        }
    }
    heard(Heard::Down).await;
}

async fn open(server: Option<String>, token: String) -> Result<Socket, NotOpen> {
    let server = server.ok_or(NotOpen::Lost)?;
    let address = format!("ws://{server}/socket.io/?EIO=4&transport=websocket");
    let mut socket = Socket::open(&address, Some(ORIGIN)).await?;
    socket.enter(&json!(SocketAuth { token })).await?;
    Ok(socket)
}
