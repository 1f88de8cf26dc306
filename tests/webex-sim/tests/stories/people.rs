//! The public API's people (wire notes 5).

use webex_sim::{Config, PersonSpec};

use crate::client::{World, address};

#[tokio::test]
async fn a_person_is_found_by_address_whatever_its_case() {
    let world = World::new().await;
    let found = world.get("/v1/people?email=AGENT1001%40example.com").await;
    let person = &found["items"][0];
    assert_eq!(person["emails"][0], address(1001));
    assert_eq!(person["displayName"], "Agent 1001");
    assert_eq!(person["id"].as_str().unwrap().len(), 79);
    assert_eq!(person["status"], "active");
    let nobody = world.get("/v1/people?email=nobody@example.com").await;
    assert_eq!(nobody["items"].as_array().unwrap().len(), 0);
    world.nobody_erred();
}

#[tokio::test]
async fn the_public_words_for_a_status_are_other_ones() {
    let world = World::new().await;
    let path = format!("/v1/people/{}", world.sim.person(&address(1001)).unwrap().public_id);
    let words = [
        ("dnd", "DoNotDisturb"),
        ("ooo", "OutOfOffice"),
        ("busy", "unknown"),
        ("meeting", "meeting"),
        ("presenting", "presenting"),
        ("inactive", "inactive"),
    ];
    for (status, public) in words {
        world.set(1001, status);
        assert_eq!(world.get(&path).await["status"], public);
    }
    assert!(world.get(&path).await["lastActivity"].is_string());
}

#[tokio::test]
async fn a_list_by_ids_says_nothing_of_status_and_names_who_is_absent() {
    let world = World::new().await;
    let id = world.sim.person(&address(1001)).unwrap().public_id;
    let list = world.get(&format!("/v1/people?id={id},Y2lzY29zcGFyazovL3VzL1BFT1BMRS8x")).await;
    assert!(list["items"][0].get("status").is_none());
    assert_eq!(list["notFoundIds"].as_array().unwrap().len(), 1);
    // The vendor's SDK puts a slash before the question mark.
    assert_eq!(world.get(&format!("/v1/people/?id={id}")).await["items"][0]["id"], id);
}

#[tokio::test]
async fn the_bot_is_a_bot_of_the_organisation() {
    let world = World::new().await;
    let me = world.get("/v1/people/me").await;
    assert_eq!(me["type"], "bot");
    let organisations = world.get("/v1/organizations").await;
    assert_eq!(organisations["items"][0]["id"], me["orgId"]);
    let id = me["id"].as_str().unwrap();
    assert_eq!(world.get(&format!("/v1/people/{id}")).await["id"], me["id"]);
    world.nobody_erred();
}

#[tokio::test]
async fn people_may_have_any_address_and_id_and_come_and_go() {
    let id = uuid::Uuid::from_u128(42);
    let chosen = PersonSpec { address: "someone@other.example".to_owned(), id: Some(id) };
    let config = Config { agents: 1, people: vec![chosen], ..Config::default() };
    let world = World::with(config).await;
    assert_eq!(world.sim.person("Someone@Other.Example").unwrap().id, id);
    world.sim.add_person("late@example.com").unwrap();
    assert_eq!(world.sim.people().len(), 3);
    assert!(world.sim.add_person("LATE@example.com").is_err());
    world.sim.remove_person("late@example.com").unwrap();
    assert!(world.sim.set_presence("late@example.com", "dnd").is_err());
}

#[tokio::test]
async fn ids_are_the_same_in_every_run() {
    let (one, two) = (World::new().await, World::new().await);
    assert_eq!(one.sim.people()[0].id, two.sim.people()[0].id);
}

#[tokio::test]
async fn a_status_may_be_hidden_from_the_public_api() {
    let world = World::new().await;
    let fault = webex_sim::Fault::StatusHidden { person: Some(address(1001)) };
    world.sim.inject(fault).unwrap();
    for (agent, shown) in [(1001, false), (1002, true)] {
        let id = world.sim.person(&address(agent)).unwrap().public_id;
        let person = world.get(&format!("/v1/people/{id}")).await;
        assert_eq!(person["status"].is_string(), shown);
    }
}
