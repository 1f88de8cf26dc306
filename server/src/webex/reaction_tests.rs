use super::*;

fn closed(code: u16, reason: &str) -> End {
    SocketEnd::Closed { code, reason: reason.into() }.into()
}

fn upgrade(status: u16, pause: Option<u64>) -> End {
    SocketEnd::Upgrade { status, pause: pause.map(Duration::from_secs) }.into()
}

fn status(status: u16, message: &str) -> End {
    let (message, tracking) = (message.to_owned(), "t".to_owned());
    RestError::Status { service: "devices", status, message, tracking }.into()
}

fn token(error: TokenError) -> End {
    RestError::Token(error).into()
}

const BOT: Circumstances =
    Circumstances { renewable: false, failures: 0, token_works: false, deaf_before: false };
const INTEGRATION: Circumstances = Circumstances { renewable: true, ..BOT };
const BACKOFF: Reaction = Reaction::new(Wait::Backoff, Renew::NOTHING);
const DEVICE: Reaction = Reaction::new(Wait::Prompt, Renew::DEVICE);

fn after(failures: u32) -> Circumstances {
    Circumstances { failures, ..BOT }
}

fn asked(seconds: u64) -> Reaction {
    Reaction::new(Wait::Asked(Duration::from_secs(seconds)), Renew::NOTHING)
}

fn replaced() -> Reaction {
    Reaction { wait: Wait::StandDown, ..Reaction { alarm: Some("replaced"), ..BACKOFF } }
}

/// Webex notes 3.6, every row of both tables; a socket that was not ready yet ends the same way.
#[test]
fn the_table_of_close_codes() {
    let cases = [
        (closed(1000, ""), BACKOFF),
        (closed(1000, "idle"), BACKOFF),
        (closed(1000, "done (forced)"), BACKOFF),
        (closed(1001, ""), BACKOFF),
        (closed(1003, "rejected last message"), BACKOFF),
        (closed(1005, ""), BACKOFF),
        (closed(1005, "authentication failed"), BACKOFF),
        (closed(1005, "Replaced"), replaced()),
        (closed(1006, ""), BACKOFF),
        (closed(1008, "authentication did not happen within the timeout window"), BACKOFF),
        (closed(1011, ""), BACKOFF),
        (closed(1012, ""), BACKOFF),
        (closed(4000, "Replaced"), replaced()),
        (closed(4000, "replaced"), replaced()),
        (closed(4000, "rebalancing"), BACKOFF),
        (closed(4000, ""), BACKOFF),
        (closed(4001, ""), BACKOFF),
        (closed(4400, ""), Reaction::slow("forbidden")),
        (closed(4401, ""), Reaction::slow("token")),
        (closed(4403, ""), Reaction::slow("forbidden")),
        (closed(4404, ""), DEVICE),
        (closed(4999, "new"), BACKOFF),
        (SocketEnd::Broken { detail: "reset".into() }.into(), BACKOFF),
        (SocketEnd::Silent { what: "a ping was not answered" }.into(), BACKOFF),
        (End::Shutdown, Reaction::new(Wait::Prompt, Renew::NOTHING)),
        (End::DeviceGone, DEVICE),
        (End::Deaf { missed: 4 }, DEVICE),
        (End::Lapsed { why: String::new() }, BACKOFF),
    ];
    for (end, expected) in cases {
        assert_eq!(react(&end, BOT), expected, "{end}");
    }
}

#[test]
fn the_table_of_upgrade_statuses() {
    let cases = [
        (upgrade(302, None), BACKOFF),
        (upgrade(400, None), BACKOFF),
        (upgrade(401, None), Reaction::slow("token")),
        (upgrade(403, None), Reaction::slow("forbidden")),
        (upgrade(404, None), DEVICE),
        (upgrade(410, None), DEVICE),
        (upgrade(429, Some(7)), asked(7)),
        (upgrade(451, None), Reaction::slow("forbidden")),
        (upgrade(500, None), BACKOFF),
        (upgrade(502, None), BACKOFF),
        (upgrade(503, None), BACKOFF),
        (upgrade(503, Some(9)), asked(9)),
        (upgrade(504, None), BACKOFF),
    ];
    for (end, expected) in cases {
        assert_eq!(react(&end, BOT), expected, "{end}");
    }
}

#[test]
fn the_table_of_failed_requests() {
    let pause = RestError::Pause { service: "presence", wait: Duration::from_secs(3) };
    let failed = RestError::Failed { service: "catalog", detail: "reset".into() };
    let host = super::super::hosts::UntrustedHost::NotListed { host: "evil.example".into() };
    let cases = [
        (failed.into(), BACKOFF),
        (pause.into(), asked(3)),
        (status(403, "no"), Reaction::slow("forbidden")),
        (status(403, "User has excessive device registrations"), Reaction::slow("devices")),
        (status(451, "embargo"), Reaction::slow("forbidden")),
        (status(404, ""), BACKOFF),
        (status(429, ""), BACKOFF),
        (status(500, ""), BACKOFF),
        (token(TokenError::Bot), Reaction::slow("token")),
        (token(TokenError::Renewed), Reaction::slow("token")),
        (token(TokenError::Revoked { detail: String::new() }), Reaction::slow("token")),
        (token(TokenError::Unavailable { detail: String::new() }), BACKOFF),
        (
            RestError::Untrusted(host).into(),
            Reaction { renew: Renew::CATALOG, ..Reaction::slow("untrusted_host") },
        ),
    ];
    for (end, expected) in cases {
        assert_eq!(react(&end, BOT), expected, "{end}");
    }
}

#[test]
fn an_integration_gets_a_new_token_where_a_bot_waits_for_a_person() {
    for end in [closed(4401, ""), upgrade(401, None)] {
        assert_eq!(react(&end, INTEGRATION), Reaction::new(Wait::Prompt, Renew::TOKEN));
    }
    // However often: the sixth failure reads the catalog too, and does not forget the token.
    let renew = react(&closed(4401, ""), Circumstances { failures: 5, ..INTEGRATION }).renew;
    assert_eq!(renew, Renew { token: true, ..Renew::CATALOG });
}

#[test]
fn a_bots_token_that_works_elsewhere_was_refused_by_a_slip_at_most_twice() {
    let works = |failures| Circumstances { token_works: true, ..after(failures) };
    for end in [closed(4401, ""), upgrade(401, None), token(TokenError::Bot)] {
        assert_eq!(react(&end, works(0)), BACKOFF, "{end}");
        assert_eq!(react(&end, works(1)), BACKOFF, "{end}");
        let third = react(&end, works(2));
        assert_eq!((third.wait, third.alarm), (Wait::Slow, Some("token")), "{end}");
    }
}

#[test]
fn repeated_failures_lose_their_promptness_and_renew_more() {
    assert_eq!(react(&closed(4404, ""), after(1)).wait, Wait::Backoff);
    assert_eq!(react(&End::Shutdown, after(1)).wait, Wait::Backoff);
    for (failures, renew) in [
        (1, Renew::NOTHING),
        (2, Renew::DEVICE),
        (4, Renew::DEVICE),
        (5, Renew::CATALOG),
        (50, Renew::CATALOG),
    ] {
        assert_eq!(react(&closed(1006, ""), after(failures)).renew, renew, "{failures}");
    }
}

#[test]
fn an_address_that_stays_unknown_is_given_up_now_and_then() {
    let remade: Vec<u32> = (0..30)
        .filter(|n| react(&upgrade(404, None), after(*n)).renew.device == Remake::Register)
        .collect();
    assert_eq!(remade, [2, 14, 26]);
    let other = (0..30).all(|n| react(&closed(1006, ""), after(n)).renew.device < Remake::Register);
    assert!(other, "a mere break is no reason for a new device");
}

#[test]
fn a_feed_that_stays_deaf_needs_a_person() {
    let again = Circumstances { deaf_before: true, ..BOT };
    assert_eq!(react(&End::Deaf { missed: 4 }, again).alarm, Some("deaf"));
}
