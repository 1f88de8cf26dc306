//! Who is signed in: kept here and nowhere else, so that a session that ended is dead whoever has
//! its cookie, and a restart ends all.
//!
//! A cookie's value is 256 random bits of which only the hash is kept; the proof that goes with
//! every action follows from it by another hash, so that no other page can know it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lockstep_core::Time;
use rand::RngExt as _;
use rand::rngs::StdRng;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::rights::Account;

/// Sessions at once: a supervisor for every ten of ten thousand agents. Of more the one that was
/// used longest ago ends.
const MOST: usize = 1_000;
/// Sessions of one account at once: a wall, a desk, a telephone, and some that were left open.
const OF_ONE: usize = 10;
/// Streams of one session at once; a browser opens six connections to one server at most.
const STREAMS: usize = 8;
/// Bytes of a cookie's value before it is written as text.
const BYTES: usize = 32;

/// The hash of a cookie's value.
type Name = [u8; 32];

/// How long a session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without a request, and without an open stream.
    pub idle: Duration,
    /// From the sign-in on, whatever happens.
    pub longest: Duration,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Sessions {
    lifetimes: Lifetimes,
    book: Mutex<Book>,
}

struct Book {
    random: StdRng,
    sessions: BTreeMap<Name, Session>,
    last_stream: u64,
}

#[derive(Debug)]
struct Session {
    account: Account,
    began: Time,
    used: Time,
    /// The oldest first.
    streams: Vec<(u64, CancellationToken)>,
}

/// One session, as a request finds it.
#[derive(Debug, Clone)]
pub(super) struct Current {
    name: Name,
    pub(super) account: Account,
    pub(super) proof: String,
    pub(super) ends_at: Time,
}

/// One stream's place in its session, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    sessions: Arc<Sessions>,
    name: Name,
    number: u64,
    clock: crate::clock::Clock,
    /// Cancelled when the session ends, or another stream takes the place.
    pub(super) over: CancellationToken,
}

impl Sessions {
    /// Nobody is signed in.
    pub(super) fn new(lifetimes: Lifetimes, random: StdRng) -> Self {
        let book = Book { random, sessions: BTreeMap::new(), last_stream: 0 };
        Self { lifetimes, book: Mutex::new(book) }
    }

    pub(super) const fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    /// Begins a session; returns the cookie's value.
    pub(super) fn begin(&self, now: Time, account: Account) -> String {
        let mut book = self.book();
        self.forget(&mut book, now);
        while book.count(|session| session.account == account) >= OF_ONE {
            book.end_least_used(|session| session.account == account);
        }
        while book.sessions.len() >= MOST {
            book.end_least_used(|_| true);
        }
        let mut bytes = [0; BYTES];
        book.random.fill(&mut bytes[..]);
        let cookie = URL_SAFE_NO_PAD.encode(bytes);
        let session = Session { account, began: now, used: now, streams: Vec::new() };
        book.sessions.insert(name_of(&cookie), session);
        cookie
    }

    /// The session of a cookie's value, which is in use now.
    pub(super) fn find(&self, now: Time, cookie: &str) -> Option<Current> {
        let name = name_of(cookie);
        let mut book = self.book();
        self.end_if_due(&mut book, now, &name);
        let session = book.sessions.get_mut(&name)?;
        session.used = now;
        Some(Current {
            name,
            account: session.account.clone(),
            proof: proof_of(cookie),
            ends_at: session.began.after(self.lifetimes.longest),
        })
    }

    /// Is it still there?
    pub(super) fn lives(&self, current: &Current) -> bool {
        self.book().sessions.contains_key(&current.name)
    }

    /// Ends a session, and its streams.
    pub(super) fn end(&self, current: &Current) {
        self.book().end(&current.name);
    }

    /// A place for a stream; where there is none, the session's oldest stream gives way: it is most
    /// likely one whose browser is gone.
    pub(super) fn stream(
        self: &Arc<Self>,
        current: &Current,
        clock: crate::clock::Clock,
    ) -> Option<Place> {
        let mut book = self.book();
        book.last_stream += 1;
        let number = book.last_stream;
        let session = book.sessions.get_mut(&current.name)?;
        if session.streams.len() >= STREAMS {
            session.streams.remove(0).1.cancel();
        }
        let over = CancellationToken::new();
        session.streams.push((number, over.clone()));
        let sessions = Arc::clone(self);
        Some(Place { sessions, name: current.name, number, clock, over })
    }

    fn forget(&self, book: &mut Book, now: Time) {
        let names: Vec<Name> = book.sessions.keys().copied().collect();
        for name in names {
            self.end_if_due(book, now, &name);
        }
    }

    fn end_if_due(&self, book: &mut Book, now: Time, name: &Name) {
        let Some(session) = book.sessions.get(name) else { return };
        let Lifetimes { idle, longest } = self.lifetimes;
        let is_idle = session.streams.is_empty() && session.used.after(idle) <= now;
        if is_idle || session.began.after(longest) <= now {
            book.end(name);
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn count(&self, which: impl Fn(&Session) -> bool) -> usize {
        self.sessions.values().filter(|session| which(session)).count()
    }

    fn end_least_used(&mut self, which: impl Fn(&Session) -> bool) {
        let some = self.sessions.iter().filter(|(_, session)| which(session));
        let least = some.min_by_key(|(_, session)| session.used).map(|(name, _)| *name);
        if let Some(name) = least {
            self.end(&name);
        }
    }

    fn end(&mut self, name: &Name) {
        if let Some(session) = self.sessions.remove(name) {
            session.streams.iter().for_each(|(_, over)| over.cancel());
        }
    }
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book").field("sessions", &self.sessions.len()).finish_non_exhaustive()
    }
}

impl Current {
    /// Is this the proof that belongs to the cookie? Compared by hash, so that the time it takes
    /// tells nothing.
    pub(super) fn is_proved_by(&self, proof: &str) -> bool {
        Sha256::digest(proof) == Sha256::digest(&self.proof)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut book = self.sessions.book();
        if let Some(session) = book.sessions.get_mut(&self.name) {
            session.streams.retain(|(number, _)| *number != self.number);
            session.used = self.clock.now();
        }
    }
}

fn name_of(cookie: &str) -> Name {
    Sha256::digest(cookie).into()
}

fn proof_of(cookie: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"lockstep proof ");
    hash.update(cookie);
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
mod tests;
