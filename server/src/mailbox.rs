//! A queue for very many who are almost always idle.
//!
//! A channel of the runtime has room for 32 messages, and some more, from its beginning; a gadget
//! has two queues, and there are thousands of gadgets. This one takes no room while it is empty.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A mailbox's two ends; `most` messages may wait.
pub fn mailbox<T>(most: usize) -> (Sender<T>, Inbox<T>) {
    let state = State { waiting: VecDeque::new(), senders: 1, closed: false };
    let shared = Arc::new(Shared { most, state: Mutex::new(state), news: Notify::new() });
    (Sender(Arc::clone(&shared)), Inbox(shared))
}

/// Where messages are put; when all of them are gone the mailbox ends.
#[derive(Debug)]
pub struct Sender<T>(Arc<Shared<T>>);

/// Where messages are taken from.
#[derive(Debug)]
pub struct Inbox<T>(Arc<Shared<T>>);

/// There is no room, or nobody takes anything any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mailbox is full or closed")]
pub struct Full;

#[derive(Debug)]
struct Shared<T> {
    most: usize,
    state: Mutex<State<T>>,
    news: Notify,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    senders: usize,
    closed: bool,
}

impl<T> State<T> {
    fn take(&mut self) -> Option<T> {
        let message = self.waiting.pop_front()?;
        if self.waiting.is_empty() {
            self.waiting = VecDeque::new();
        }
        Some(message)
    }
}

impl<T> Shared<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Sender<T> {
    /// Puts one message in, at once.
    pub fn put(&self, message: T) -> Result<(), Full> {
        let mut state = self.0.state();
        if state.closed || state.waiting.len() >= self.0.most {
            return Err(Full);
        }
        state.waiting.push_back(message);
        drop(state);
        self.0.news.notify_one();
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.state().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.state().senders -= 1;
        self.0.news.notify_one();
    }
}

impl<T> Inbox<T> {
    /// The next message; `None` once all were taken and none can come. Nothing is lost when this is
    /// given up while it waits.
    pub async fn next(&mut self) -> Option<T> {
        loop {
            {
                let mut state = self.0.state();
                if let Some(message) = state.take() {
                    return Some(message);
                }
                if state.senders == 0 {
                    return None;
                }
            }
            self.0.news.notified().await;
        }
    }

    /// A message that waits.
    pub fn try_next(&mut self) -> Option<T> {
        self.0.state().take()
    }

    /// Waits none?
    pub fn is_empty(&self) -> bool {
        self.0.state().waiting.is_empty()
    }
}

impl<T> Drop for Inbox<T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.closed = true;
        state.waiting = VecDeque::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 5;

    #[tokio::test]
    async fn messages_come_in_their_order_and_the_end_after_the_last() {
        let (sender, mut inbox) = mailbox(MOST);
        assert!((0..3).all(|number| sender.put(number).is_ok()));
        assert_eq!(inbox.next().await, Some(0));
        drop(sender.clone());
        drop(sender);
        assert_eq!((inbox.next().await, inbox.next().await), (Some(1), Some(2)));
        assert_eq!((inbox.next().await, inbox.next().await), (None, None));
    }

    #[tokio::test]
    async fn it_wakes_whoever_waits() {
        let (sender, mut inbox) = mailbox(MOST);
        let waits = tokio::spawn(async move { (inbox.next().await, inbox.next().await) });
        tokio::task::yield_now().await;
        sender.put("news").unwrap();
        tokio::task::yield_now().await;
        drop(sender);
        assert_eq!(waits.await.unwrap(), (Some("news"), None));
    }

    #[tokio::test]
    async fn it_holds_so_many_and_none_for_nobody() {
        let (sender, mut inbox) = mailbox(MOST);
        assert!((0..MOST).all(|number| sender.put(number).is_ok()));
        assert_eq!(sender.put(MOST), Err(Full));
        assert_eq!(inbox.next().await, Some(0));
        assert_eq!(sender.put(MOST), Ok(()));
        drop(inbox);
        assert_eq!(sender.put(0), Err(Full));
    }
}
