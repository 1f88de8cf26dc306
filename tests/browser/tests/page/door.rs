//! Signing in and out.

use lockstep_browser::{Script, Wall, agent};

async fn closed() -> (Script, Wall) {
    let script = Script::start(vec![agent(1, "Ann", "READY", None)]).await;
    script.signs_out();
    let wall = Wall::open(&script.url).await;
    wall.browser.shows(".sign-in h1", "the form", |text| text == "Sign in").await;
    (script, wall)
}

async fn told(wall: &Wall, words: &str) {
    wall.browser.shows(".form-trouble", words, |text| text.contains(words)).await;
    wall.is("return document.activeElement.id;", "sign-in-password").await;
}

#[tokio::test]
async fn the_way_in_and_out() {
    let (script, wall) = closed().await;
    wall.browser.click(".sign-in .main").await;
    wall.browser
        .shows(".form-trouble", "what is missing", |text| text.starts_with("Enter both"))
        .await;
    wall.sign_in("supervisor1", "wrong").await;
    told(&wall, "Finesse does not know").await;
    wall.sign_in("agent1001", "secret").await;
    told(&wall, "for supervisors").await;
    wall.sign_in("supervisor1", "secret").await;
    wall.row("1", "Ann", |row| row.known).await;
    wall.browser.click(".frame-acts > button:last-child").await;
    wall.browser
        .shows(".sign-in-note", "that it is so", |text| text == "You are signed out.")
        .await;
    assert!(wall.rows().await.is_empty());
    let posts: Vec<String> = script.posts().into_iter().map(|(path, _)| path).collect();
    assert_eq!(posts, ["/api/sign-out"]);
}

#[tokio::test]
async fn who_has_tried_too_often_is_told_how_long_to_wait() {
    let (_script, wall) = closed().await;
    wall.sign_in("locked", "secret").await;
    let words = |text: &str| text.starts_with("Too many attempts. Try again in 4");
    wall.browser.shows(".form-trouble", "how long", words).await;
    wall.is("return String(document.querySelector('.sign-in .main').disabled);", "true").await;
}
