use lockstep_core::AgentId;
use rand::SeedableRng as _;

use super::*;
use crate::clock::Clock;

const NOW: Time = Time::from_millis(1_000_000_000);
const IDLE: Duration = Duration::from_mins(30);
const LONGEST: Duration = Duration::from_hours(12);

fn sessions() -> Arc<Sessions> {
    let lifetimes = Lifetimes { idle: IDLE, longest: LONGEST };
    Arc::new(Sessions::new(lifetimes, StdRng::seed_from_u64(1)))
}

fn account(number: usize) -> Account {
    Account::User(AgentId::new(number.to_string()))
}

#[test]
fn a_session_that_nobody_uses_ends() {
    let sessions = sessions();
    let cookie = sessions.begin(NOW, account(1));
    let almost = NOW.after(IDLE).before(Duration::from_millis(1));
    assert!(sessions.find(almost, &cookie).is_some());
    assert!(sessions.find(almost.after(IDLE), &cookie).is_none());
    assert!(sessions.find(NOW, &cookie).is_none(), "it is gone for good");
}

#[test]
fn no_use_keeps_a_session_for_longer_than_a_shift() {
    let sessions = sessions();
    let cookie = sessions.begin(NOW, account(1));
    let end = NOW.after(LONGEST);
    let mut now = NOW;
    while now < end {
        assert_eq!(sessions.find(now, &cookie).map(|current| current.ends_at), Some(end));
        now = now.after(IDLE / 2);
    }
    assert!(sessions.find(end, &cookie).is_none());
}

#[test]
fn an_open_stream_is_use_and_its_end_begins_the_idle_time() {
    let sessions = sessions();
    let cookie = sessions.begin(NOW, account(1));
    let current = sessions.find(NOW, &cookie).unwrap();
    let later = NOW.after(IDLE * 3);
    let place = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let clock = Clock::starting_at(later);
        sessions.stream(&current, clock).expect("a place")
    });
    assert!(sessions.find(later, &cookie).is_some());
    drop(place);
    assert!(sessions.find(later.after(IDLE / 2), &cookie).is_some());
    assert!(sessions.find(later.after(IDLE * 2), &cookie).is_none());
}

#[test]
fn sessions_are_bounded_and_the_one_used_longest_ago_ends() {
    let sessions = sessions();
    let first = sessions.begin(NOW, account(1));
    let second = sessions.begin(NOW.after(Duration::from_secs(1)), account(1));
    let now = NOW.after(Duration::from_secs(2));
    assert!(sessions.find(now, &first).is_some(), "used");
    for _ in 2..=OF_ONE {
        sessions.begin(now, account(1));
    }
    assert!(sessions.find(now, &second).is_none() && sessions.find(now, &first).is_some());
    for other in 2..MOST + 50 {
        sessions.begin(now.after(Duration::from_millis(other as u64)), account(other));
    }
    assert_eq!(sessions.book().sessions.len(), MOST);
}

#[test]
fn a_cookie_is_nobodys_guess_and_its_proof_is_its_own() {
    let sessions = sessions();
    let (one, other) = (sessions.begin(NOW, account(1)), sessions.begin(NOW, account(1)));
    assert!(one != other && one.len() == 43);
    let [one, other] = [one, other].map(|cookie| sessions.find(NOW, &cookie).expect("signed in"));
    assert!(one.is_proved_by(&one.proof) && !one.is_proved_by(&other.proof));
    assert!(!one.is_proved_by(""));
    for wrong in ["", "x", &"A".repeat(43)] {
        assert!(sessions.find(NOW, wrong).is_none());
    }
}
