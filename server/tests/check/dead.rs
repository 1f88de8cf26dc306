//! Nobody is there: every side says so with a remedy, and the whole ends soon.

use std::net::TcpListener;
use std::time::Duration;

use crate::rig::Outside;

/// What a person waits for the whole screen.
const SOON: Duration = Duration::from_secs(15);

/// A listener that never accepts: whoever connects waits for ever.
fn mute() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_red_with_a_remedy() {
    let outside = Outside::start().await;
    let gone = {
        let (_listener, address) = mute();
        format!("http://{address}")
    };
    let outside = outside
        .set("finesse", "nodes", vec![gone.clone()])
        .set("webex", "u2c_url", format!("{gone}/u2c"))
        .set("webex", "api_url", format!("{gone}/v1"));
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let remedy = checked.remedy("red", "finesse", "no node serves");
    assert!(remedy.contains("check finesse.nodes"), "{remedy}");
    checked.remedy("red", "node", "refused");
    let remedy = checked.remedy("red", "webex", "did not answer");
    assert!(remedy.contains("webex.api_url") && remedy.contains("proxy"), "{remedy}");
    assert!(checked.took < SOON, "{:?}", checked.took);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_accepts_and_never_answers_ends_soon_too() {
    let outside = Outside::start().await;
    let (_listener, address) = mute();
    let mute = format!("http://{address}");
    let outside = outside
        .gadget(&mute)
        .set("finesse", "nodes", vec![mute.clone()])
        .set("webex", "u2c_url", format!("{mute}/u2c"))
        .set("webex", "api_url", format!("{mute}/v1"));
    let checked = outside.check(&[]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    for subject in ["red    node", "red    finesse", "red    webex", "amber  public url"] {
        assert!(checked.stdout.contains(subject), "{subject}: {}", checked.stdout);
    }
    assert!(checked.took < SOON, "{:?}", checked.took);
}
