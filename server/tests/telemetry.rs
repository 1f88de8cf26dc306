//! What libraries write into the log, with the most talkative filter there is.

use std::io::{self, Write};
use std::process::Command;

use futures_util::{SinkExt, StreamExt};
use lockstep::telemetry;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, client_async};

/// Logging is set up once per process, so the talking is done by a process of its own: this one,
/// started with `talk`. That is why this test has no harness.
fn main() {
    if std::env::args().nth(1).as_deref() == Some("talk") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        return runtime.expect("a runtime").block_on(talk());
    }
    the_first_frame_of_a_socket_is_never_logged();
    let _ = writeln!(io::stdout(), "test the_first_frame_of_a_socket_is_never_logged ... ok");
}

fn the_first_frame_of_a_socket_is_never_logged() {
    let talk = Command::new(std::env::current_exe().expect("this test"))
        .arg("talk")
        .output()
        .expect("this test starts");
    let stderr = String::from_utf8_lossy(&talk.stderr);
    assert!(talk.status.success(), "{stderr}");
    assert!(stderr.contains("marker: the filter lets everything else through"), "{stderr}");
    assert!(!stderr.contains("s3cret"), "{stderr}");
}

async fn talk() {
    telemetry::init(Some("trace,tungstenite=trace")).expect("set up once");
    tracing::trace!("marker: the filter lets everything else through");
    let (here, there) = tokio::io::duplex(4096);
    let (client, server) =
        tokio::join!(client_async("ws://localhost/s3cret", here), accept_async(there));
    let (mut client, _) = client.expect("connects");
    let mut server = server.expect("accepts");
    client.send(Message::text("{\"token\":\"s3cret\"}")).await.expect("sends");
    let frame = server.next().await.expect("a frame").expect("a good one");
    assert_eq!(frame, Message::text("{\"token\":\"s3cret\"}"));
}
