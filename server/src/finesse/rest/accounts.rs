//! Accounts, and the rule that a wrong password is sent once.
//!
//! Five failures in a row lock a Finesse account for five minutes, its owner's desktop included
//! (Finesse notes 1.8). So the first request of an account goes alone; when Finesse has accepted
//! it, others may follow; and after a refusal nothing more is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};

use super::settings::{AccountSettings, SettingsError};
use crate::finesse::FinesseError;

/// One account, shared by everything that asks in its name.
#[derive(Debug)]
pub(super) struct Account {
    user: String,
    authorization: HeaderValue,
    /// The password, alone and as it goes over the wire.
    forms: [SecretString; 3],
    /// Held by the request that finds out whether the password is right.
    first: Mutex<()>,
    in_flight: Semaphore,
    proven: AtomicBool,
    stopped: AtomicBool,
}

/// The right to send one request in an account's name; given back when dropped, after the answer
/// was judged.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    account: &'a Account,
    _turn: SemaphorePermit<'a>,
    _first: Option<MutexGuard<'a, ()>>,
}

/// The administrator and the supervisors. A user named twice is one account: Finesse counts its
/// failures together, so we must too.
pub(super) fn all(
    admin: &AccountSettings,
    supervisors: &[AccountSettings],
    width: usize,
) -> Result<(Arc<Account>, Vec<Arc<Account>>), SettingsError> {
    let first = Arc::new(Account::new(admin, width)?);
    let mut seen = vec![(admin, Arc::clone(&first))];
    let mut distinct: Vec<Arc<Account>> = Vec::new();
    for settings in supervisors {
        let account = match seen.iter().find(|(_, known)| known.has_user(&settings.user)) {
            Some((other, _)) if !same_password(other, settings) => {
                return Err(SettingsError::TwoPasswords(settings.user.clone()));
            }
            Some((_, known)) => Arc::clone(known),
            None => Arc::new(Account::new(settings, width)?),
        };
        if !distinct.iter().any(|known| Arc::ptr_eq(known, &account)) {
            distinct.push(Arc::clone(&account));
        }
        seen.push((settings, account));
    }
    Ok((first, distinct))
}

fn same_password(one: &AccountSettings, other: &AccountSettings) -> bool {
    one.password.expose_secret() == other.password.expose_secret()
}

// === impl Account ===

impl Account {
    pub(super) fn new(settings: &AccountSettings, width: usize) -> Result<Self, SettingsError> {
        let user = settings.user.trim();
        if user.is_empty() || user.contains(|c: char| c == ':' || c.is_control()) {
            return Err(SettingsError::Account(settings.user.clone()));
        }
        let pair = STANDARD.encode(format!("{user}:{}", settings.password.expose_secret()));
        let mut authorization = HeaderValue::from_str(&format!("Basic {pair}"))
            .map_err(|_| SettingsError::Account(settings.user.clone()))?;
        authorization.set_sensitive(true);
        let password = settings.password.expose_secret();
        let forms = [pair, STANDARD.encode(password), password.to_owned()];
        Ok(Self {
            user: user.to_owned(),
            authorization,
            forms: forms.map(SecretString::from),
            first: Mutex::new(()),
            in_flight: Semaphore::new(width),
            proven: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        })
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn has_user(&self, user: &str) -> bool {
        self.user.eq_ignore_ascii_case(user.trim())
    }

    pub(super) fn authorization(&self) -> HeaderValue {
        self.authorization.clone()
    }

    /// `text` without the password, should a server repeat it to us.
    pub(super) fn scrub(&self, text: &str) -> String {
        let forms = self.forms.iter().map(ExposeSecret::expose_secret);
        let known = forms.filter(|form| !form.is_empty());
        known.fold(text.to_owned(), |text, form| text.replace(form, "[password]"))
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Waits for the right to send; [`FinesseError::Stopped`] after a refusal.
    pub(super) async fn enter(&self) -> Result<Pass<'_>, FinesseError> {
        let mut first = None;
        if !self.is_proven() && !self.is_stopped() {
            first = Some(self.first.lock().await).filter(|_| !self.is_proven());
        }
        let Ok(turn) = self.in_flight.acquire().await else { return Err(self.stopped_error()) };
        if self.is_stopped() {
            return Err(self.stopped_error());
        }
        Ok(Pass { account: self, _turn: turn, _first: first })
    }

    fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Acquire)
    }

    fn stopped_error(&self) -> FinesseError {
        FinesseError::Stopped { account: self.user.clone() }
    }
}

// === impl Pass ===

impl Pass<'_> {
    /// Finesse knows this account and its password.
    pub(super) fn proved(&self) {
        self.account.proven.store(true, Ordering::Release);
    }

    /// Finesse refused this account: nothing more is sent. True for the first to say so.
    pub(super) fn refused(&self) -> bool {
        !self.account.stopped.swap(true, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::time::{sleep, timeout};

    use super::*;

    fn account() -> Account {
        let settings = AccountSettings { user: "supervisor1".into(), password: "secret".into() };
        Account::new(&settings, 4).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_password_is_sent_once_however_many_wait() {
        let account = account();
        let sent = std::sync::atomic::AtomicUsize::new(0);
        let calls = (0..20).map(|_| async {
            let pass = account.enter().await?;
            sent.fetch_add(1, Ordering::SeqCst);
            sleep(Duration::from_millis(50)).await;
            pass.refused();
            Ok::<_, FinesseError>(())
        });
        let answers = join_all(calls).await;
        assert_eq!(sent.load(Ordering::SeqCst), 1);
        let stopped = |a: &Result<_, _>| matches!(a, Err(FinesseError::Stopped { .. }));
        assert_eq!(answers.iter().filter(|a| stopped(a)).count(), 19);
    }

    #[test]
    fn what_a_server_repeats_is_shown_without_the_password() {
        let account = account();
        let pair = STANDARD.encode("supervisor1:secret");
        let text = format!("supervisor1 sent secret, Basic {pair}");
        assert_eq!(account.scrub(&text), "supervisor1 sent [password], Basic [password]");
        let empty = AccountSettings { user: "supervisor1".into(), password: "".into() };
        assert_eq!(Account::new(&empty, 4).unwrap().scrub("ab"), "ab");
    }

    #[tokio::test(start_paused = true)]
    async fn once_proven_others_follow_up_to_the_width() {
        let account = account();
        account.enter().await.unwrap().proved();
        let mut passes = Vec::new();
        for _ in 0..4 {
            passes.push(account.enter().await.unwrap());
        }
        assert!(timeout(Duration::from_secs(1), account.enter()).await.is_err());
        assert!(passes[0].refused());
        assert!(!passes[1].refused());
        passes.clear();
        assert!(matches!(account.enter().await, Err(FinesseError::Stopped { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_request_without_a_verdict_lets_the_next_one_try_alone() {
        let account = account();
        let first = account.enter().await.unwrap();
        assert!(timeout(Duration::from_secs(1), account.enter()).await.is_err());
        drop(first);
        let second = account.enter().await.unwrap();
        assert!(timeout(Duration::from_secs(1), account.enter()).await.is_err());
        second.proved();
        let _third = account.enter().await.unwrap();
        assert!(account.enter().await.is_ok());
    }

    #[test]
    fn a_user_named_twice_is_one_account() {
        let named = |user: &str, password: &str| AccountSettings {
            user: user.into(),
            password: password.into(),
        };
        let supervisors = [named("S1", "x"), named("s1", "x"), named("Admin", "y")];
        let (admin, distinct) = all(&named("admin", "y"), &supervisors, 4).unwrap();
        assert_eq!(distinct.len(), 2);
        assert!(Arc::ptr_eq(&admin, &distinct[1]));
        let error = all(&named("admin", "y"), &[named("admin", "z")], 4).unwrap_err();
        assert!(matches!(error, SettingsError::TwoPasswords(user) if user == "admin"));
    }

    #[test]
    fn nothing_prints_the_password() {
        let account = account();
        let shown = format!("{account:?}");
        assert!(
            !shown.contains("secret") && !shown.contains(&STANDARD.encode("supervisor1:secret"))
        );
        assert!(account.has_user("SUPERVISOR1"));
    }

    #[test]
    fn names_that_basic_authorization_cannot_carry_are_refused() {
        for user in ["", " ", "a:b", "a\nb"] {
            let settings = AccountSettings { user: user.into(), password: "x".into() };
            assert!(Account::new(&settings, 4).is_err(), "{user:?}");
        }
    }
}
