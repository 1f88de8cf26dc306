//! Basic authorization and the lockout after five failures (Finesse notes 1.8).

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::reply::Reply;
use crate::model::{Centre, later};

/// Consecutive failures that lock an account.
const FAILURES: u32 = 5;
/// How long it stays locked.
const LOCKED_FOR: Duration = Duration::from_mins(5);
/// Most names remembered; clients may invent names without end.
const NAMES_LIMIT: usize = 10_000;

/// Whose credentials came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// The administrator, who is no user of the contact centre.
    Admin(String),
    /// A user, by loginId.
    User(String),
}

impl Account {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Admin(name) | Self::User(name) => name,
        }
    }

    pub(crate) const fn is_admin(&self) -> bool {
        matches!(self, Self::Admin(_))
    }
}

/// The administrator's credentials.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    pub(crate) name: String,
    pub(crate) password: String,
}

/// Tokens of single sign-on, and whose they are.
pub(crate) type Tokens = HashMap<String, String>;

/// What an `Authorization` header says; the password goes nowhere but into the comparison.
pub(crate) enum Credentials {
    Absent,
    Basic { name: String, password: String },
    Bearer(String),
    Unreadable,
}

impl Credentials {
    pub(crate) fn read(header: Option<&str>) -> Self {
        let Some(header) = header else { return Self::Absent };
        let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
        if scheme.eq_ignore_ascii_case("bearer") {
            return Self::Bearer(value.trim().to_owned());
        }
        let decoded = STANDARD.decode(value.trim()).ok().and_then(|b| String::from_utf8(b).ok());
        match decoded.as_deref().and_then(|text| text.split_once(':')) {
            Some((name, password)) if scheme.eq_ignore_ascii_case("basic") => {
                Self::Basic { name: name.to_owned(), password: password.to_owned() }
            }
            _ => Self::Unreadable,
        }
    }

    /// The account that is claimed.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Basic { name, .. } => Some(name),
            _ => None,
        }
    }
}

/// Failures per account.
#[derive(Debug, Default)]
pub(crate) struct Lockout {
    accounts: HashMap<String, Failures>,
}

#[derive(Debug, Default)]
struct Failures {
    in_a_row: u32,
    locked_until: Option<Timestamp>,
}

impl Lockout {
    /// Whether the account is locked now.
    pub(crate) fn is_locked(&self, account: &str, now: Timestamp) -> bool {
        let until = self.accounts.get(account).and_then(|failures| failures.locked_until);
        until.is_some_and(|until| until > now)
    }

    /// The accounts that are locked now.
    pub(crate) fn locked(&self, now: Timestamp) -> Vec<String> {
        let mut locked: Vec<String> =
            self.accounts.keys().filter(|name| self.is_locked(name, now)).cloned().collect();
        locked.sort();
        locked
    }

    fn failed(&mut self, account: &str, now: Timestamp) {
        if self.accounts.len() >= NAMES_LIMIT && !self.accounts.contains_key(account) {
            return;
        }
        let failures = self.accounts.entry(account.to_owned()).or_default();
        failures.in_a_row += 1;
        if failures.in_a_row >= FAILURES {
            failures.in_a_row = 0;
            failures.locked_until = Some(later(now, LOCKED_FOR));
        }
    }

    fn succeeded(&mut self, account: &str) {
        self.accounts.remove(account);
    }
}

/// Whose request this is, or the 401.
pub(crate) fn authenticate(
    credentials: &Credentials,
    (centre, admin, tokens): (&Centre, &Admin, &Tokens),
    lockout: &mut Lockout,
    now: Timestamp,
) -> Result<Account, Reply> {
    let (name, password) = match credentials {
        Credentials::Basic { name, password } => (name, password),
        Credentials::Absent => return Err(challenge("").violating("no credentials were sent")),
        Credentials::Bearer(token) if !tokens.is_empty() => {
            let user = tokens.get(token).and_then(|name| centre.login_id(name));
            return user.map(Account::User).ok_or_else(|| Reply::authorization_failure(""));
        }
        Credentials::Bearer(_) => {
            let why = "this system is NON_SSO: send Basic credentials, not a Bearer token";
            return Err(Reply::error(401, "Authorization Failure", "", why).violating(why));
        }
        Credentials::Unreadable => {
            return Err(challenge("").violating("the Authorization header cannot be read"));
        }
    };
    let known = if *name == admin.name {
        Some((Account::Admin(name.clone()), admin.password.as_str()))
    } else {
        let user = centre.login_id(name).and_then(|id| centre.user(&id));
        user.map(|user| (Account::User(user.login_id.clone()), user.password.as_str()))
    };
    let key = known.as_ref().map_or(name.as_str(), |(account, _)| account.name()).to_owned();
    if lockout.is_locked(&key, now) {
        return Err(challenge(name));
    }
    match known {
        Some((account, right)) if right == password => {
            lockout.succeeded(&key);
            Ok(account)
        }
        _ => {
            lockout.failed(&key, now);
            Err(challenge(name))
        }
    }
}

fn challenge(account: &str) -> Reply {
    Reply::authorization_failure(account).with("www-authenticate", "Basic realm=\"Cisco Finesse\"")
}
