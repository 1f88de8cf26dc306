//! Answers that no Finesse gives, but that what stands in front of one may: a tiny server by hand.

use std::time::Duration;

use lockstep::finesse::{Finesse, FinesseError};
use lockstep_core::AgentId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::stage::{AGENT, client, settings_for};

const IN_SERVICE: &str = "<SystemInfo><status>IN_SERVICE</status>\
    <deploymentType>UCCX</deploymentType></SystemInfo>";

/// Answers `SystemInfo` as a good node and anything else with `raw`; an address that it has.
async fn serving(raw: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = socket.read_u8().await else { break };
                head.push(byte);
            }
            let asks_for_info = String::from_utf8_lossy(&head).contains("/SystemInfo");
            let answer = if asks_for_info { full(200, "", IN_SERVICE) } else { raw.clone() };
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    address
}

fn full(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} \r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

async fn look(raw: String) -> FinesseError {
    let rest = client(&settings_for([serving(raw).await]));
    rest.look(&AgentId::new(AGENT)).await.unwrap_err()
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_says_what_to_configure() {
    let location = "Location: https://finesse1.example.com:8445/finesse/api/User/1\r\n";
    let error = look(full(301, location, "")).await;
    let text = error.to_string();
    assert!(matches!(error, FinesseError::Refused { status: 301, .. }), "{text}");
    assert!(text.contains("redirects to https://finesse1.example.com:8445;"), "{text}");
}

#[tokio::test]
async fn a_node_that_redirects_everything_is_not_used() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let _ = socket.read(&mut head).await;
            let _ =
                socket.write_all(full(301, "Location: https://f1:8445/\r\n", "").as_bytes()).await;
        }
    });
    let text = client(&settings_for([address])).system().await.unwrap_err().to_string();
    assert!(text.contains("redirects to https://f1:8445"), "{text}");
}

#[tokio::test]
async fn retry_after_is_told_in_bounds() {
    for (told, expected) in [("7", Some(7)), ("999999", Some(300)), ("soon", None)] {
        let error = look(full(503, &format!("Retry-After: {told}\r\n"), "")).await;
        let FinesseError::Unavailable { retry_after, not_sent: true, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(retry_after, expected.map(Duration::from_secs));
    }
}

/// Finesse documents no 429; what stands in front of it may say so, and is obeyed by everybody.
#[tokio::test]
async fn who_asks_to_be_left_alone_is_left_alone_for_so_long() {
    for status in [429, 503] {
        let address = serving(full(status, "Retry-After: 1\r\n", "")).await;
        let rest = client(&settings_for([address]));
        let agent = AgentId::new(AGENT);
        let told = rest.look(&agent).await.unwrap_err();
        let began = Instant::now();
        let FinesseError::Unavailable { retry_after: Some(_), .. } = told else { panic!("{told}") };
        // The call's own limit is two seconds, half of it for waiting.
        let again = rest.look(&agent).await.unwrap_err();
        let waited = began.elapsed();
        assert!(waited >= Duration::from_millis(900), "{status}: {again} after {waited:?}");
    }
    let address = serving(full(429, "Retry-After: 60\r\n", "")).await;
    let rest = client(&settings_for([address]));
    let agent = AgentId::new(AGENT);
    rest.look(&agent).await.unwrap_err();
    let again = rest.look(&agent).await.unwrap_err().to_string();
    assert!(again.contains("no request may be sent for 60 s"), "{again}");
}

#[tokio::test]
async fn a_body_without_a_length_is_read_up_to_the_limit() {
    let body = format!("<User>{}", "<a>x</a>".repeat(50_000));
    let raw = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}");
    let text = look(raw).await.to_string();
    assert!(text.contains("over 262144 bytes"), "{text}");
}

#[tokio::test]
async fn a_body_that_ends_too_early_is_silence() {
    let raw =
        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n<User>".to_owned();
    let error = look(raw).await;
    assert!(matches!(error, FinesseError::Silent { .. }), "{error}");
}

#[tokio::test]
async fn an_empty_success_cannot_be_read() {
    let error = look(full(200, "", "")).await;
    assert!(matches!(error, FinesseError::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn no_error_and_no_client_shows_a_secret() {
    let location = "Location: https://user:geheim@f1/\r\n";
    let rest = client(&settings_for([serving(full(301, location, "")).await]));
    let error = rest.look(&AgentId::new(AGENT)).await.unwrap_err();
    let shown = format!("{error} {error:?} {rest:?}");
    let encoded = "YWRtaW5pc3RyYXRvcjpzZWNyZXQ=";
    for secret in ["geheim", "secret", encoded] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
