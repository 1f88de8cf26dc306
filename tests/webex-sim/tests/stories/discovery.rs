//! Where the services are (wire notes 1).

use serde_json::Value;

use crate::client::World;

#[tokio::test]
async fn anybody_gets_the_limited_catalog_and_presence_is_not_in_it() {
    let world = World::new().await;
    let path = "/u2c/api/v1/limited/catalog?format=hostmap&mode=DEFAULT_BY_PROXIMITY";
    let response = world.bare("GET", path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let catalog: Value = response.json().await.unwrap();
    assert!(catalog["serviceLinks"]["wdm"].is_string());
    assert!(catalog["serviceLinks"]["apheleia"].is_null());
    world.nobody_erred();
}

#[tokio::test]
async fn a_bot_gets_every_service_under_the_address_it_came_by() {
    let world = World::new().await;
    let port = world.sim.addr().port();
    let url = format!("http://localhost:{port}/u2c/api/v1/catalog?format=hostmap");
    let catalog = world.get(&url).await;
    let links = catalog["serviceLinks"].as_object().unwrap();
    for name in ["wdm", "apheleia", "hydra", "metrics", "feature", "idbroker", "identity", "u2c"] {
        let link = links[name].as_str().unwrap();
        assert!(link.starts_with(&format!("http://localhost:{port}/")), "{name}: {link}");
    }
    assert_eq!(catalog["hostCatalog"], serde_json::json!({}));
    assert_eq!(catalog["format"], "hostmap");
}

#[tokio::test]
async fn a_forged_host_does_not_lead_a_client_away() {
    let world = World::new().await;
    let path = "/u2c/api/v1/catalog?format=hostmap";
    let request = world.request("GET", path).header("Host", "elsewhere.example:80");
    let catalog: Value = request.send().await.unwrap().json().await.unwrap();
    let wdm = catalog["serviceLinks"]["wdm"].as_str().unwrap();
    assert!(wdm.starts_with(&world.sim.base_url()), "{wdm}");
}

#[tokio::test]
async fn no_service_address_is_the_beginning_of_another() {
    let world = World::new().await;
    let catalog = world.get("/u2c/api/v1/catalog?format=hostmap").await;
    let links: Vec<&str> =
        catalog["serviceLinks"].as_object().unwrap().values().filter_map(Value::as_str).collect();
    for one in &links {
        let beginnings = links.iter().filter(|other| other.starts_with(one)).count();
        assert_eq!(beginnings, 1, "{one}");
    }
}

#[tokio::test]
async fn a_token_of_another_form_is_refused_with_the_callers_tracking_id() {
    let world = World::new().await;
    let request = world.bare("GET", "/u2c/api/v1/catalog?format=hostmap");
    let request = request.bearer_auth("not-a-token").header("TrackingID", "story_7");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 401);
    let body: Value = response.json().await.unwrap();
    assert!(body["message"].is_string());
    assert_eq!(body["errors"][0]["description"], body["message"]);
    assert_eq!(body["trackingId"], "story_7");
    world.nobody_erred();
}
