use std::sync::Arc;

use lockstep_core::{AgentId, TeamId, Time};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;

use super::{Deed, Message, News, Row, Told, Unwatched};

/// Sends messages to the engine.
#[derive(Debug, Clone)]
pub struct Handle {
    messages: mpsc::Sender<Message>,
}

impl Handle {
    /// A handle over the engine's channel.
    pub const fn new(messages: mpsc::Sender<Message>) -> Self {
        Self { messages }
    }

    /// Sends one message; waits while the engine is behind, and gives up when it has stopped.
    pub async fn send(&self, message: Message) {
        let sent = match self.messages.try_send(message) {
            // Boxed: whoever may have to wait would have room for it as long as they live, and those
            // are thousands.
            Err(TrySendError::Full(message)) => Box::pin(self.messages.send(message)).await.is_ok(),
            sent => sent.is_ok(),
        };
        if !sent {
            tracing::debug!("a message came after the engine had stopped");
        }
    }

    /// Rows that may have changed since they were last told, at most so many of them; `None` when the
    /// engine has stopped.
    pub async fn news(&self, most: usize) -> Option<News> {
        let (answer, news) = oneshot::channel();
        self.send(Message::News { most, answer }).await;
        news.await.ok()
    }

    /// Asks for something for an agent, in the name of `actor`; `None` when the engine has stopped.
    pub async fn ask(&self, agent: AgentId, deed: Deed, actor: Arc<str>) -> Option<Told> {
        let (answer, told) = oneshot::channel();
        self.send(Message::Asked { agent, deed, actor, answer }).await;
        told.await.ok()
    }

    /// Leaves a team alone until then, or no longer, in the name of `actor`; `None` when the engine
    /// has stopped.
    pub async fn pause(&self, team: TeamId, until: Option<Time>, actor: Arc<str>) -> Option<Told> {
        let (answer, told) = oneshot::channel();
        self.send(Message::Pause { team, until, actor, answer }).await;
        told.await.ok()
    }

    /// Has the engine ended?
    pub fn has_stopped(&self) -> bool {
        self.messages.is_closed()
    }

    /// The login name of an agent who is watched. An engine that has ended watches nobody, yet.
    pub async fn watches(&self, agent: AgentId) -> Result<String, Unwatched> {
        let (answer, name) = oneshot::channel();
        self.send(Message::Watches { agent, answer }).await;
        name.await.unwrap_or(Err(Unwatched::NotYet))
    }

    /// Waits until the engine has taken in everything that was sent before; false when it has
    /// stopped. An engine that stands still keeps its asker waiting.
    pub async fn turns(&self) -> bool {
        let (answer, turned) = oneshot::channel();
        self.send(Message::Turns(answer)).await;
        turned.await.is_ok()
    }

    /// The rows as they are now; none when the engine has stopped.
    pub async fn rows(&self) -> Vec<Row> {
        let (answer, rows) = oneshot::channel();
        self.send(Message::Rows(answer)).await;
        rows.await.unwrap_or_default()
    }
}
