//! Ten thousand people and more events than any organisation has.

use uuid::Uuid;
use webex_sim::Config;

use crate::client::{World, address};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_people_change_and_every_event_arrives_in_order() {
    const PEOPLE: usize = 10_000;
    let world = World::with(Config { agents: PEOPLE, ..Config::default() }).await;
    let device = world.device().await;
    let mut mercury = world.mercury(&device).await;
    mercury.acknowledges = false;
    let ids: Vec<Uuid> = (1..=PEOPLE).map(|n| world.id(1000 + n)).collect();
    for batch in ids.chunks(50) {
        world.subscribe(&device, batch, 600).await;
    }
    assert_eq!(world.sim.subscriptions(), PEOPLE);
    for number in 1..=PEOPLE {
        world.sim.set_presence(&address(1000 + number), "meeting").unwrap();
    }
    for (at, id) in ids.iter().enumerate() {
        let event = mercury.json().await;
        assert_eq!(event["sequenceNumber"], at as u64 + 2);
        assert_eq!(event["data"]["subject"], serde_json::json!(id));
    }
    assert_eq!(world.sim.counters().events_sent, PEOPLE as u64);
    assert!(world.sim.log().len() <= 10_000);
    world.nobody_erred();
}
