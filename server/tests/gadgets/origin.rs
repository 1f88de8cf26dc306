//! Whose page it is: at every way in, as browsers ask nobody before an upgrade or a simple request.

use lockstep::finesse::fake::{Fake, Read};
use lockstep_core::protocol::{RefusalCode, ToGadget};

use super::client::Tab;
use super::plain::{Plain, ask};
use super::rig::{ORIGIN, Rig};

/// Pages that are not ours, some of them nearly, and none at all.
const FOREIGN: [Option<&str>; 9] = [
    Some("https://evil.example.com"),
    Some("https://finesse.example.com"),
    Some("https://finesse.example.com:443"),
    Some("http://finesse.example.com:8445"),
    Some("https://finesse.example.com:8445.evil.example.com"),
    Some("https://FINESSE.example.com:8445"),
    Some("null"),
    Some(""),
    None,
];

#[tokio::test]
async fn a_page_of_another_origin_opens_nothing() {
    let rig = Rig::start("gadget").await;
    let server = rig.service.address();
    for origin in FOREIGN {
        assert_eq!(Tab::open(server, origin).await.err(), Some(403), "upgrade, {origin:?}");
        assert_eq!(Plain::open(server, origin).await.err(), Some(403), "polling, {origin:?}");
        let session = rig.ask_session("0001", Some(&Fake::authorization("0001")), origin).await;
        assert_eq!(session.err().unwrap().1.code, RefusalCode::WrongOrigin, "{origin:?}");
    }
    assert_eq!(rig.finesse.reads(Read::Identify), 0);
    rig.service.stop().await;
}

/// Neither does one that got hold of the number of a session that is open.
#[tokio::test]
async fn a_page_of_another_origin_neither_reads_nor_writes_nor_takes_over_a_session() {
    let mut rig = Rig::start("gadget").await;
    let server = rig.service.address();
    let token = rig.session("0001").await.token;
    let own = Plain::open(server, Some(ORIGIN)).await.expect("opened");
    own.enter(&token).await;
    assert_eq!(own.post("42/gadget,[\"lockstep\",{\"type\":\"hello\",\"version\":1}]").await, 200);
    own.until("42/gadget,[\"lockstep\",{\"type\":\"welcome\"").await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for origin in FOREIGN {
        let (status, told) = ask(http.get(own.url()), origin).await;
        assert_eq!(status, 403, "reads, {origin:?}: {told}");
        let goodbye = http.post(own.url()).body("41/gadget,");
        assert_eq!(ask(goodbye, origin).await.0, 403, "writes, {origin:?}");
        let sid = own.url().rsplit('=').next().unwrap();
        assert_eq!(Tab::upgrade(server, origin, sid).await.err(), Some(403), "{origin:?}");
    }
    rig.says("0001", "dnd").await;
    let wanted = own.until("42/gadget,[\"lockstep\",{\"type\":\"wanted\"").await;
    assert!(wanted.contains("Webex DND"), "{wanted}");
    rig.service.stop().await;
}

/// A page of ours reads the answers, and nobody sends cookies.
#[tokio::test]
async fn a_page_of_ours_gets_in_every_way() {
    let rig = Rig::start("gadget").await;
    let url = format!("http://{}/socket.io/?EIO=4&transport=polling", rig.service.address());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(url).header("origin", ORIGIN).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-origin"], ORIGIN);
    assert!(answer.headers().get("access-control-allow-credentials").is_none());
    let mut tab = rig.tab("0001").await;
    let granted = |message: &ToGadget| matches!(message, ToGadget::Grant { .. }).then_some(());
    tab.until("grant", granted).await;
    rig.service.stop().await;
}
