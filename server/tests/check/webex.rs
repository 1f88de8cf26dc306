//! From the token to the first subscription: each step that fails is told by its name.

use crate::rig::Outside;
use webex_sim::Fault;

#[tokio::test(flavor = "multi_thread")]
async fn it_says_whose_token_it_is_and_of_which_organisation() {
    let outside = Outside::start().await;
    let checked = outside.check(&["--json"]).await;
    let told = checked.findings("green");
    let token = told.iter().find(|told| told.starts_with("webex: ")).expect("of the token");
    assert!(token.contains("bot ") && token.contains("organisation "), "{token}");
    let of = token.rsplit(' ').next().expect("an id");
    assert_eq!(of.len(), 36, "a raw id: {token}");
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_that_are_refused_are_amber_because_presence_can_be_polled() {
    let outside = Outside::start().await;
    outside.webex.inject(Fault::SubscriptionsRefused { status: 403 }).expect("a fault");
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    let remedy = checked.remedy("amber", "webex feed", "does not permit subscriptions");
    assert!(remedy.contains("polled"), "{remedy}");
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_webex_refuses_is_red_and_told_once() {
    let outside = Outside::start().await;
    assert_eq!(outside.check(&[]).await.code, 0, "it was good");
    outside.webex.inject(Fault::TokenRevoked {}).expect("a fault");
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let remedy = checked.remedy("red", "webex", "refused");
    assert!(remedy.contains("webex.token_file"), "{remedy}");
    assert_eq!(checked.findings("red").len(), 1, "{}", checked.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_that_fails_is_red_by_its_name_and_ends_the_walk() {
    let refused = |endpoint: &str, status| Fault::HttpStatus {
        endpoint: Some(endpoint.to_owned()),
        status,
        message: None,
        retry_after: None,
    };
    let steps = [
        (refused("u2c", 500), "webex discovery", "500"),
        (refused("wdm.register", 403), "webex device", "403"),
        (Fault::MercuryUpgradeStatus { status: 403, retry_after: None }, "webex mercury", "403"),
        (refused("apheleia", 500), "webex feed", "500"),
    ];
    let outside = Outside::start().await;
    for (at, (fault, subject, words)) in steps.into_iter().enumerate() {
        outside.webex.inject(fault).expect("a fault");
        let checked = outside.check(&["--json"]).await;
        assert_eq!(checked.code, 1, "{}", checked.stdout);
        checked.remedy("red", subject, words);
        let told = checked.findings("green");
        let green = told.iter().filter(|told| told.starts_with("webex")).count();
        assert_eq!(green, at + 1, "{subject}: {told:#?}");
        outside.webex.clear_faults();
        assert!(outside.webex.devices().is_empty(), "a device is left behind");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_differs_from_webexs_is_amber() {
    let outside = Outside::start().await;
    outside.webex.inject(Fault::ClockSkew { seconds: 90 }).expect("a fault");
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let remedy = checked.remedy("amber", "clock", "ahead of this machine");
    assert!(remedy.contains("time source"), "{remedy}");
    outside.end();
}
