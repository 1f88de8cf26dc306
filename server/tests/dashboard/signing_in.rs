//! Who is let in, and for how long.

use lockstep::finesse::fake::{ADMINISTRATOR, PASSWORD, Read};
use serde_json::{Value, json};

use super::rig::{ADA, OTHER, Rig, SUPERVISOR};

const READ: [&str; 3] = ["/api/me", "/api/agents", "/api/stream"];

#[tokio::test]
async fn without_a_sign_in_nothing_is_told_and_the_shell_is_the_same_for_everybody() {
    let rig = Rig::start().await;
    let browser = rig.browser();
    for path in READ {
        assert_eq!(browser.get(path).await.0, 401, "{path}");
    }
    let (status, shell) = browser.get_text("/").await;
    assert_eq!(status, 200);
    let signed = rig.signed_in(SUPERVISOR).await;
    assert_eq!(signed.get_text("/").await, (200, shell));
    rig.service.stop().await;
}

#[tokio::test]
async fn an_agents_credentials_open_nothing() {
    let rig = Rig::start().await;
    let mut browser = rig.browser();
    let (status, answer) = browser.sign_in(ADA, PASSWORD).await;
    assert_eq!(status, 403, "{answer}");
    assert!(answer["error"].as_str().unwrap().contains("supervisors"), "{answer}");
    assert!(browser.cookie.is_none());
    for path in READ {
        assert_eq!(browser.get(path).await.0, 401, "{path}");
    }
    rig.service.stop().await;
}

#[tokio::test]
async fn a_supervisor_is_told_who_they_are_and_what_they_supervise() {
    let rig = Rig::start().await;
    // By login name in any case, too.
    let mut browser = rig.browser();
    let (status, me) = browser.sign_in("AGENT9001", PASSWORD).await;
    assert_eq!((status, &me["role"]), (200, &json!("supervisor")));
    assert_eq!(me["teams"], json!([{ "id": "1", "name": "Team 1" }]));
    assert_eq!(browser.get("/api/me").await.1, me);
    rig.service.stop().await;
}

#[tokio::test]
async fn an_administrator_sees_everybody() {
    let rig = Rig::start().await;
    let browser = rig.signed_in(ADMINISTRATOR).await;
    let (_, me) = browser.get("/api/me").await;
    assert_eq!(me["role"], "administrator");
    let (_, body) = browser.get("/api/agents").await;
    let agents: Vec<&Value> =
        body["rows"].as_array().unwrap().iter().map(|r| &r["agent"]).collect();
    assert_eq!(agents, ["0001", "0002"]);
    rig.service.stop().await;
}

/// Finesse notes 1.8: five failures lock an account.
#[tokio::test]
async fn a_wrong_password_is_asked_of_finesse_once_and_nobody_is_locked_out() {
    let rig = Rig::start().await;
    let mut browser = rig.browser();
    for _ in 0..4 {
        assert_eq!(browser.sign_in(SUPERVISOR, "wrong").await.0, 401);
        assert_eq!(browser.sign_in("Agent9001", "wrong").await.0, 401, "the same account");
    }
    assert_eq!(rig.finesse.reads(Read::Identify), 1);
    for password in ["wrong2", "wrong3"] {
        assert_eq!(browser.sign_in(SUPERVISOR, password).await.0, 401);
    }
    let (status, answer) = browser.sign_in(SUPERVISOR, PASSWORD).await;
    assert_eq!(status, 429, "{answer}");
    assert_eq!(rig.finesse.reads(Read::Identify), 3);
    rig.signed_in(OTHER).await;
    rig.service.stop().await;
}

#[tokio::test]
async fn a_stolen_cookie_is_dead_after_the_sign_out() {
    let rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    let mut stream = browser.stream(None).await.unwrap();
    stream.until("snapshot").await;
    assert_eq!(browser.post("/api/sign-out", json!({})).await.0, 204);
    let end = stream.until("end").await;
    assert_eq!(end.data["why"], "signed_out");
    assert!(stream.next().await.is_none());
    for path in READ {
        assert_eq!(browser.get(path).await.0, 401, "{path}");
    }
    rig.service.stop().await;
}

#[tokio::test]
async fn an_action_without_the_proof_or_of_another_page_is_refused() {
    let rig = Rig::start().await;
    let browser = rig.signed_in(SUPERVISOR).await;
    let proof = browser.proof.as_str();
    let own = format!("http://{}", rig.service.address());
    let refused: [&[(&str, &str)]; 5] = [
        &[],
        &[("x-lockstep-proof", "guessed")],
        &[("x-lockstep-proof", proof), ("origin", "https://evil.example")],
        &[("x-lockstep-proof", proof), ("sec-fetch-site", "cross-site")],
        &[("x-lockstep-proof", proof), ("origin", "null")],
    ];
    for headers in refused {
        let (status, answer) = browser.post_with("/api/sign-out", json!({}), headers).await;
        assert_eq!(status, 403, "{headers:?}: {answer}");
    }
    assert_eq!(browser.get("/api/me").await.0, 200, "still signed in");
    let own = [("x-lockstep-proof", proof), ("origin", own.as_str())];
    assert_eq!(browser.post_with("/api/sign-out", json!({}), &own).await.0, 204);
    rig.service.stop().await;
}

#[tokio::test]
async fn a_page_that_was_switched_off_is_not_there() {
    let rig = Rig::start_with("[dashboard]\nenabled = false\n").await;
    let browser = rig.browser();
    for path in ["/", "/api/me"] {
        assert_eq!(browser.get_text(path).await.0, 404, "{path}");
    }
    rig.service.stop().await;
}
