//! Who may go, in which order, and what a refused password costs.

use std::sync::atomic::AtomicUsize;

use futures_util::future::join_all;
use tokio::time::{advance, sleep, timeout};

use super::*;
use crate::finesse::rest::settings::AccountSettings;
use Urgency::{Look, MakeAvailable, MakeUnavailable, Routine};

fn credentials(password: &str) -> Credentials {
    let settings = AccountSettings { user: "supervisor1".into(), password: password.into() };
    Credentials::new(&settings).unwrap()
}

fn account() -> Account {
    Account::new(credentials("secret"), 4)
}

async fn enters(account: &Account) -> bool {
    timeout(Duration::from_secs(1), account.enter(Routine)).await.is_ok_and(|p| p.is_ok())
}

async fn stopped() -> Account {
    let account = account();
    assert!(account.enter(Routine).await.unwrap().refused());
    account
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_sent_once_however_many_wait() {
    let account = account();
    let sent = AtomicUsize::new(0);
    let calls = (0..20).map(|_| async {
        let pass = account.enter(Routine).await?;
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

#[tokio::test(start_paused = true)]
async fn once_proven_others_follow_up_to_the_width() {
    let account = account();
    account.enter(Routine).await.unwrap().proved();
    let mut passes = Vec::new();
    for _ in 0..4 {
        passes.push(account.enter(Routine).await.unwrap());
    }
    assert!(!enters(&account).await);
    assert!(passes[0].refused());
    assert!(!passes[1].refused());
    let late = passes[2].sending();
    assert!(matches!(late, Err(FinesseError::Stopped { .. })), "{late:?}");
    passes.clear();
    assert!(matches!(account.enter(Routine).await, Err(FinesseError::Stopped { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_first_request_without_a_verdict_lets_the_next_one_try_alone() {
    let account = account();
    let first = account.enter(Routine).await.unwrap();
    assert!(!enters(&account).await);
    drop(first);
    let second = account.enter(Routine).await.unwrap();
    assert!(!enters(&account).await);
    second.proved();
    let _third = account.enter(Routine).await.unwrap();
    assert!(enters(&account).await);
}

#[tokio::test(start_paused = true)]
async fn the_most_urgent_of_those_who_wait_goes_first() {
    let account = account();
    let first = account.enter(Routine).await.unwrap();
    let order = Mutex::new(Vec::new());
    let calls = [Routine, Look, MakeAvailable, MakeUnavailable].map(|urgency| {
        let (account, order) = (&account, &order);
        async move {
            let _pass = account.enter(urgency).await.unwrap();
            order.lock().unwrap().push(urgency);
        }
    });
    let release = async move {
        sleep(Duration::from_millis(10)).await;
        drop(first);
    };
    tokio::join!(join_all(calls), release);
    assert_eq!(*order.lock().unwrap(), [MakeUnavailable, MakeAvailable, Look, Routine]);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_costs_nobody_a_turn() {
    let account = account();
    let first = account.enter(Routine).await.unwrap();
    assert!(!enters(&account).await);
    // Let in, and gone before it noticed.
    let mut gone = Box::pin(account.enter(MakeUnavailable));
    assert!(timeout(Duration::from_millis(1), &mut gone).await.is_err());
    drop(first);
    drop(gone);
    assert!(enters(&account).await);
}

#[tokio::test(start_paused = true)]
async fn a_new_password_is_tried_at_once_and_alone() {
    let account = stopped().await;
    assert_eq!(account.heed(credentials("other"), Instant::now()), Word::Renewed);
    let pass = account.enter(Routine).await.unwrap();
    assert_eq!(pass.credentials().scrub("other"), "[password]");
    assert!(!enters(&account).await);
    pass.proved();
    assert!(enters(&account).await);
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_the_old_password_says_nothing_of_the_new_one() {
    let account = account();
    let old = account.enter(Routine).await.unwrap();
    assert_eq!(account.heed(credentials("other"), Instant::now()), Word::Renewed);
    assert!(old.sending().is_err(), "the old one is not sent any more");
    assert!(!old.refused());
    old.proved();
    drop(old);
    let _alone = account.enter(Routine).await.unwrap();
    assert!(!enters(&account).await, "the new one is not proven");
}

#[tokio::test(start_paused = true)]
async fn the_same_password_takes_five_minutes_and_a_word_each_time() {
    let account = stopped().await;
    let word = |account: &Account| account.heed(credentials("secret"), Instant::now());
    advance(Duration::from_secs(299)).await;
    assert_eq!(word(&account), Word::NotYet(Duration::from_secs(1)));
    assert!(account.is_stopped());
    advance(Duration::from_secs(1)).await;
    assert!(account.is_stopped(), "not without a word");
    assert_eq!(word(&account), Word::OnceMore);
    assert_eq!(word(&account), Word::Nothing, "said twice is one attempt");
    account.enter(Routine).await.unwrap().refused();
    assert!(account.is_stopped());
    assert_eq!(word(&account), Word::NotYet(LOCKED_FOR));
    advance(LOCKED_FOR).await;
    assert_eq!(word(&account), Word::OnceMore);
    account.enter(Routine).await.unwrap().proved();
    assert!(!account.is_stopped());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_nothing_is_heard_of_was_the_one_that_the_word_allowed() {
    let account = stopped().await;
    advance(LOCKED_FOR).await;
    assert_eq!(account.heed(credentials("secret"), Instant::now()), Word::OnceMore);
    let pass = account.enter(Routine).await.unwrap();
    pass.sending().unwrap();
    pass.not_judged();
    drop(pass);
    assert!(!account.is_stopped(), "it did not come as far as the password");
    let pass = account.enter(Routine).await.unwrap();
    pass.sending().unwrap();
    drop(pass);
    assert!(account.is_stopped());
}

#[test]
fn names_are_the_same_in_any_case() {
    assert!(account().has_user("SUPERVISOR1 "));
}
