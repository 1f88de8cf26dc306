//! An engine that stands still is told from one that turns.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::sleep;

use super::*;
use crate::ledger::Commit;
use crate::systemd;

const WITHIN: Duration = Duration::from_secs(30);

fn busy(agent: &str) -> Message {
    let observation = Observation {
        device: None,
        epoch: 1,
        version: Version::from([("dc".to_owned(), 1)]),
        source_time: None,
        kind: Kind::Delta,
        facts: Some(Facts::new().with("status", "dnd")),
    };
    let person = PersonId::new(format!("person-{agent}"));
    Message::Feed(FeedEvent::Observed { person, observation })
}

/// The engine waits for whoever takes what is to be recorded and done; while nobody does, it stands.
#[tokio::test(start_paused = true)]
async fn an_engine_that_stands_still_gives_no_sign_of_life() {
    let clock = Clock::starting_at(Time::from_millis(1_000_000));
    let (messages, inbox) = mpsc::channel(MESSAGES);
    let (commits, mut to_write) = mpsc::channel::<Commit>(1);
    let (handle, stop) = (Handle::new(messages), CancellationToken::new());
    let engine = Engine::new(clock, policy_in(Mode::Server).into(), BTreeMap::new());
    tokio::spawn(engine.run(inbox, commits, stop.clone()));
    let agents = ["1", "2", "3"].map(|agent| watched("person", agent)).to_vec();
    handle.send(Message::Roster(Roster { agents })).await;
    let given = Arc::new(AtomicU32::new(0));
    let (signs, count) = (|| given.load(Ordering::Relaxed), Arc::clone(&given));
    let sign = move || {
        count.fetch_add(1, Ordering::Relaxed);
    };
    let fed = tokio::spawn(systemd::feed(handle.clone(), WITHIN, stop.clone(), sign));
    sleep(WITHIN * 2).await;
    assert!((4..=5).contains(&signs()), "twice within the time: {}", signs());

    // Each wants a look; for the second one's there is no room.
    for agent in ["1", "2", "3"] {
        handle.send(busy(agent)).await;
        sleep(Duration::from_millis(1)).await;
    }
    sleep(WITHIN).await;
    let before = signs();
    sleep(WITHIN * 10).await;
    assert_eq!(signs(), before, "no sign while it stands");

    let taking = tokio::spawn(async move { while to_write.recv().await.is_some() {} });
    sleep(WITHIN).await;
    assert!(signs() > before, "it turns again");
    stop.cancel();
    fed.await.expect("it ends in order");
    taking.await.expect("the engine is gone");
}
