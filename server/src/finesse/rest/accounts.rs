//! All accounts: the administrator and the supervisors, and how they are replaced while running.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::time::Instant;

use super::account::{Account, Word};
use super::credentials::Credentials;
use super::settings::{AccountSettings, SettingsError};

/// The accounts in use.
#[derive(Debug)]
pub(super) struct Accounts {
    width: usize,
    roll: RwLock<Roll>,
}

#[derive(Debug, Clone)]
struct Roll {
    admin: Arc<Account>,
    /// Each once, in the configuration's order; the administrator where it is one of them.
    supervisors: Vec<Arc<Account>>,
}

/// The user of an account, and what an operator's word about it led to.
pub(super) type Heeded = (String, Word);

impl Accounts {
    /// The administrator and the supervisors. A user named twice is one account: Finesse counts
    /// its failures together, so we must too.
    pub(super) fn new(
        admin: &AccountSettings,
        supervisors: &[AccountSettings],
        width: usize,
    ) -> Result<Self, SettingsError> {
        let mut drawn = distinct(admin, supervisors)?.into_iter();
        let make = |credentials| Arc::new(Account::new(credentials, width));
        let known: Vec<Arc<Account>> = drawn.by_ref().map(make).collect();
        let roll = Roll::of(admin, supervisors, &known);
        Ok(Self { width, roll: RwLock::new(roll) })
    }

    /// Takes over other accounts and passwords; who stays, stays what they are. Tells what became
    /// of those who are not new.
    pub(super) fn replace(
        &self,
        admin: &AccountSettings,
        supervisors: &[AccountSettings],
    ) -> Result<Vec<Heeded>, SettingsError> {
        let wanted = distinct(admin, supervisors)?;
        let now = Instant::now();
        let (mut known, mut heeded) = (Vec::new(), Vec::new());
        let before = self.all();
        for credentials in wanted {
            match before.iter().find(|account| account.has_user(credentials.user())) {
                Some(account) => {
                    heeded.push((account.user().to_owned(), account.heed(credentials, now)));
                    known.push(Arc::clone(account));
                }
                None => known.push(Arc::new(Account::new(credentials, self.width))),
            }
        }
        let roll = Roll::of(admin, supervisors, &known);
        *self.roll.write().unwrap_or_else(PoisonError::into_inner) = roll;
        Ok(heeded)
    }

    pub(super) fn admin(&self) -> Arc<Account> {
        Arc::clone(&self.roll.read().unwrap_or_else(PoisonError::into_inner).admin)
    }

    pub(super) fn supervisors(&self) -> Vec<Arc<Account>> {
        self.roll.read().unwrap_or_else(PoisonError::into_inner).supervisors.clone()
    }

    /// The users of those that Finesse refused.
    pub(super) fn stopped(&self) -> Vec<String> {
        let all = self.all().into_iter().filter(|account| account.is_stopped());
        all.map(|account| account.user().to_owned()).collect()
    }

    /// Every account once.
    fn all(&self) -> Vec<Arc<Account>> {
        let roll = self.roll.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut all = vec![Arc::clone(&roll.admin)];
        all.extend(roll.supervisors.into_iter().filter(|one| !Arc::ptr_eq(one, &roll.admin)));
        all
    }
}

impl Roll {
    /// `known` has an account for every user that is named.
    fn of(
        admin: &AccountSettings,
        supervisors: &[AccountSettings],
        known: &[Arc<Account>],
    ) -> Self {
        let of = |settings: &AccountSettings| {
            known.iter().find(|account| account.has_user(&settings.user)).map(Arc::clone)
        };
        let mut distinct: Vec<Arc<Account>> = Vec::new();
        for account in supervisors.iter().filter_map(of) {
            if !distinct.iter().any(|other| Arc::ptr_eq(other, &account)) {
                distinct.push(account);
            }
        }
        let admin = of(admin).unwrap_or_else(|| Arc::clone(&known[0]));
        Self { admin, supervisors: distinct }
    }
}

/// Every user once, the administrator first.
fn distinct(
    admin: &AccountSettings,
    supervisors: &[AccountSettings],
) -> Result<Vec<Credentials>, SettingsError> {
    let mut distinct: Vec<Credentials> = Vec::new();
    for settings in std::iter::once(admin).chain(supervisors) {
        let credentials = Credentials::new(settings)?;
        let same = |known: &&Credentials| known.user().eq_ignore_ascii_case(credentials.user());
        match distinct.iter().find(same) {
            Some(known) if !known.has_password_of(&credentials) => {
                return Err(SettingsError::TwoPasswords(settings.user.clone()));
            }
            Some(_) => {}
            None => distinct.push(credentials),
        }
    }
    Ok(distinct)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finesse::rest::urgency::Urgency;

    fn named(user: &str, password: &str) -> AccountSettings {
        AccountSettings { user: user.into(), password: password.into() }
    }

    fn users(accounts: &[Arc<Account>]) -> Vec<&str> {
        accounts.iter().map(|account| account.user()).collect()
    }

    #[test]
    fn a_user_named_twice_is_one_account() {
        let supervisors = [named("S1", "x"), named("s1", "x"), named("Admin", "y")];
        let accounts = Accounts::new(&named("admin", "y"), &supervisors, 4).unwrap();
        let distinct = accounts.supervisors();
        assert_eq!(users(&distinct), ["S1", "admin"]);
        assert!(Arc::ptr_eq(&accounts.admin(), &distinct[1]));
        let error = Accounts::new(&named("admin", "y"), &[named("admin", "z")], 4).unwrap_err();
        assert!(matches!(error, SettingsError::TwoPasswords(user) if user == "admin"));
    }

    #[tokio::test(start_paused = true)]
    async fn who_stays_keeps_the_standing_and_who_is_new_is_tried() {
        let accounts =
            Accounts::new(&named("admin", "y"), &[named("s1", "x"), named("s2", "x")], 4).unwrap();
        for account in accounts.supervisors() {
            account.enter(Urgency::Routine).await.unwrap().refused();
        }
        assert_eq!(accounts.stopped(), ["s1", "s2"]);
        let heeded =
            accounts.replace(&named("admin", "y"), &[named("S1", "z"), named("s3", "x")]).unwrap();
        let expected = [("admin".to_owned(), Word::Nothing), ("s1".to_owned(), Word::Renewed)];
        assert_eq!(heeded, expected);
        assert_eq!(users(&accounts.supervisors()), ["s1", "s3"]);
        assert!(accounts.stopped().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn accounts_that_cannot_be_used_change_nothing() {
        let accounts = Accounts::new(&named("admin", "y"), &[named("s1", "x")], 4).unwrap();
        let admin = accounts.admin();
        assert!(accounts.replace(&named("other", "y"), &[named("a:b", "x")]).is_err());
        assert!(Arc::ptr_eq(&accounts.admin(), &admin));
        assert_eq!(users(&accounts.supervisors()), ["s1"]);
    }
}
