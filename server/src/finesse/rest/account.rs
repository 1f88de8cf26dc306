//! One account, and the rule that a wrong password is sent once.
//!
//! Five failures in a row lock a Finesse account for five minutes, its owner's desktop included
//! (Finesse notes 1.8). So the first request of an account goes alone; when Finesse has accepted
//! it, others may follow, the most urgent first; and after a refusal nothing more is sent until
//! the password is another one or an operator says so.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::credentials::Credentials;
use super::urgency::{Place, Places, Urgency};
use crate::finesse::FinesseError;

/// How long Finesse locks an account: after this a refused password may be tried once more,
/// should an operator say so.
const LOCKED_FOR: Duration = Duration::from_mins(5);

/// One account, shared by everything that asks in its name.
#[derive(Debug)]
pub(super) struct Account {
    user: String,
    /// Requests in flight once the password has proved right.
    width: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    credentials: Arc<Credentials>,
    standing: Standing,
    under_way: usize,
    waiting: BTreeMap<Place, oneshot::Sender<()>>,
    places: Places,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Finesse has said nothing about this password yet.
    Untried,
    /// Finesse has accepted it.
    Proven,
    /// Finesse has refused it, and an operator says to try it once more.
    OnceMore,
    /// Finesse has refused it then.
    Stopped { since: Instant },
}

/// What an operator's word about an account led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing is wrong with it.
    Nothing,
    /// The password is another one, and is tried.
    Renewed,
    /// The refused password is tried once more.
    OnceMore,
    /// The refused password may be tried again after this time, if the operator says so then.
    NotYet(Duration),
}

/// The right to send one request in an account's name; given back when dropped, after the answer
/// was judged.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    account: &'a Account,
    credentials: Arc<Credentials>,
    /// Sent, and nothing heard of the password so far.
    unjudged: AtomicBool,
}

impl Account {
    pub(super) fn new(credentials: Credentials, width: usize) -> Self {
        Self {
            user: credentials.user().to_owned(),
            width,
            state: Mutex::new(State {
                credentials: Arc::new(credentials),
                standing: Standing::Untried,
                under_way: 0,
                waiting: BTreeMap::new(),
                places: Places::default(),
            }),
        }
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn has_user(&self, user: &str) -> bool {
        self.user.eq_ignore_ascii_case(user.trim())
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state().is_stopped()
    }

    /// Waits for the right to send; [`FinesseError::Stopped`] after a refusal.
    pub(super) async fn enter(&self, urgency: Urgency) -> Result<Pass<'_>, FinesseError> {
        let mut waiter = {
            let mut state = self.state();
            if state.is_stopped() {
                return Err(self.stopped_error());
            }
            // Whoever waits has been let in before there was room for a newcomer.
            if state.has_room(self.width) {
                state.under_way += 1;
                return Ok(self.pass(&state));
            }
            let place = state.places.take(Instant::now(), urgency);
            let (let_in, turn) = oneshot::channel();
            state.waiting.insert(place, let_in);
            Waiter { account: self, place, turn }
        };
        match (&mut waiter.turn).await {
            Ok(()) => Ok(self.pass(&self.state())),
            Err(_) => Err(self.stopped_error()),
        }
    }

    /// An operator has given these credentials: the same ones are a word, too.
    pub(super) fn heed(&self, credentials: Credentials, now: Instant) -> Word {
        let mut state = self.state();
        if !state.credentials.has_password_of(&credentials) {
            state.credentials = Arc::new(credentials);
            state.standing = Standing::Untried;
            state.let_in(self.width);
            return Word::Renewed;
        }
        let Standing::Stopped { since } = state.standing else { return Word::Nothing };
        let locked = LOCKED_FOR.saturating_sub(now.saturating_duration_since(since));
        if !locked.is_zero() {
            return Word::NotYet(locked);
        }
        state.standing = Standing::OnceMore;
        Word::OnceMore
    }

    fn pass(&self, state: &State) -> Pass<'_> {
        let credentials = Arc::clone(&state.credentials);
        Pass { account: self, credentials, unjudged: AtomicBool::new(false) }
    }

    fn stopped_error(&self) -> FinesseError {
        FinesseError::Stopped { account: self.user.clone() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_stopped(&self) -> bool {
        matches!(self.standing, Standing::Stopped { .. })
    }

    fn has_room(&self, width: usize) -> bool {
        match self.standing {
            Standing::Proven => self.under_way < width,
            Standing::Untried | Standing::OnceMore => self.under_way == 0,
            Standing::Stopped { .. } => false,
        }
    }

    /// Lets in whoever there is room for, the most urgent first.
    fn let_in(&mut self, width: usize) {
        while self.has_room(width)
            && let Some((_, turn)) = self.waiting.pop_first()
        {
            // Somebody who gave up a moment ago takes no room.
            self.under_way += usize::from(turn.send(()).is_ok());
        }
    }

    fn stop(&mut self) {
        self.standing = Standing::Stopped { since: Instant::now() };
        // Whoever waits hears that the channel is gone, and why from the standing.
        self.waiting.clear();
    }

    fn leave(&mut self, width: usize) {
        self.under_way = self.under_way.saturating_sub(1);
        self.let_in(width);
    }
}

/// Somebody in the queue; gives up the place, or the turn that was not taken, when dropped.
#[derive(Debug)]
struct Waiter<'a> {
    account: &'a Account,
    place: Place,
    turn: oneshot::Receiver<()>,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut state = self.account.state();
        if state.waiting.remove(&self.place).is_none() && self.turn.try_recv().is_ok() {
            state.leave(self.account.width);
        }
    }
}

impl Pass<'_> {
    pub(super) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The request leaves now; unless the account was refused or has another password since the
    /// turn was given.
    pub(super) fn sending(&self) -> Result<(), FinesseError> {
        let state = self.account.state();
        if state.is_stopped() {
            return Err(self.account.stopped_error());
        }
        if !self.is_about(&state) {
            return Err(FinesseError::Unavailable {
                detail: format!("account {} has another password now", self.account.user),
                not_sent: true,
                retry_after: None,
            });
        }
        self.unjudged.store(true, Ordering::Release);
        Ok(())
    }

    /// It certainly did not come as far as the password.
    pub(super) fn not_judged(&self) {
        self.unjudged.store(false, Ordering::Release);
    }

    /// Finesse knows this account and its password.
    pub(super) fn proved(&self) {
        self.not_judged();
        let mut state = self.account.state();
        if self.is_about(&state) && !state.is_stopped() {
            state.standing = Standing::Proven;
            state.let_in(self.account.width);
        }
    }

    /// Finesse refused this account: nothing more is sent. True for the first to say so.
    pub(super) fn refused(&self) -> bool {
        self.not_judged();
        let mut state = self.account.state();
        let first = self.is_about(&state) && !state.is_stopped();
        if first {
            state.stop();
        }
        first
    }

    /// What is said of a password that was replaced meanwhile says nothing of the new one.
    fn is_about(&self, state: &State) -> bool {
        Arc::ptr_eq(&self.credentials, &state.credentials)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.account.state();
        // One attempt per word: an attempt that nothing was heard of may have been one.
        let spent = self.unjudged.load(Ordering::Acquire) && state.standing == Standing::OnceMore;
        if spent && self.is_about(&state) {
            state.stop();
        }
        state.leave(self.account.width);
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
