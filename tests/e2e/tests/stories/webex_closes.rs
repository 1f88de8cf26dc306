//! A Mercury socket ends, falls silent or moves (Webex notes 3.5, 3.6, 3.8).

use finesse_sim::AgentState::NotReady;
use finesse_sim::Deployment::{Ucce, Uccx};
use lockstep_e2e::{Site, SiteConfig};
use webex_sim::{Fault, When};

const AGENT: &str = "agent1001";

async fn site() -> Site {
    Site::start(SiteConfig::new(Uccx, 1)).await
}

/// What changed unheard while the socket ended is found afterwards.
async fn returns_from(site: &Site, fault: Fault, words: &str) {
    site.presence_unheard(AGENT, "dnd");
    site.webex_fault(fault);
    site.feed_returns_from(words).await;
    site.taken(AGENT).await;
}

#[tokio::test]
async fn mercury_close_with_any_code_is_answered_by_a_new_connection_and_a_fresh_look() {
    let site = site().await;
    // The reaction to each of the other codes is told in simulated time by the server's own tests.
    let closes = [(4404, ""), (1000, "idle")];
    for ((code, reason), presence) in closes.into_iter().zip(["dnd", "active"]) {
        site.presence_unheard(AGENT, presence);
        site.webex_fault(Fault::close(code, reason));
        site.feed_returns_from(&format!("with {code}")).await;
        site.decides(AGENT, if presence == "dnd" { "taken" } else { "released" }).await;
    }
    assert!(site.webex.requests("wdm.refresh") >= 1, "4404: the registration is refreshed");
    let told = site.lines(&["webex presence was lost and is back", "webex.lost_ms"]).len();
    assert_eq!(told, 2, "S1-32: how long each loss was");
    site.end().await;
}

#[tokio::test]
async fn mercury_close_4401_costs_a_bot_whose_token_works_a_moment_only() {
    let site = site().await;
    returns_from(&site, Fault::close(4401, "NotAuthorized"), "4401").await;
    assert_eq!(site.webex.requests("hydra.me"), 1, "the token is tried once");
    assert!(site.lines(&["a person must cure this"]).is_empty());
    site.end().await;
}

#[tokio::test]
async fn mercury_close_4403_is_an_alarm_and_nobody_is_moved() {
    let site = site().await;
    site.presence(AGENT, "dnd");
    site.taken(AGENT).await;
    site.webex_fault(Fault::close(4403, "Forbidden"));
    let detail = site.feed_is("lost").await;
    assert!(detail.contains("4403") && detail.contains("a person must cure this"), "{detail}");
    let page = site.get("/metrics").await;
    assert!(page.metric("lockstep_webex_alarms_total", "forbidden") >= 1.0);
    site.presence(AGENT, "active");
    site.two_looks().await;
    site.stands(AGENT, NotReady);
    site.end().await;
}

#[tokio::test]
async fn mercury_drop_is_answered_by_a_new_connection_and_a_fresh_look() {
    let site = site().await;
    returns_from(&site, Fault::MercuryDrop { when: When::Now }, "mercury").await;
    site.end().await;
}

#[tokio::test]
async fn mercury_replaced_stands_down_with_an_alarm_while_the_twin_works() {
    let site = site().await;
    let opened = site.webex.counters().sockets_opened;
    let twin = site.twin().await;
    let detail = site.feed_is("lost").await;
    assert!(detail.contains("another instance took over; standing down"), "{detail}");
    assert_eq!(site.get("/readyz").await.status, 503);
    site.presence_at(&Site::address(AGENT), "dnd");
    site.reaches(AGENT, NotReady).await;
    site.two_looks().await;
    assert_eq!(site.asked(AGENT), ["NOT_READY"], "by one of the two");
    assert_eq!(site.webex.counters().sockets_opened, opened + 1, "neither throws the other out");
    assert_eq!(twin.lines(&["webex feed is lost"]), 0);
    assert_eq!(site.webex.devices().len(), 1);
    twin.end().await;
    site.end().await;
}

#[tokio::test]
async fn mercury_shutdown_moves_to_another_server_and_nobody_is_lost() {
    let site = site().await;
    site.webex_fault(Fault::MercuryShutdown {
        close_after_ms: 30_000,
        linger_ms: 300,
        when: When::Now,
    });
    site.follows(AGENT).await;
    site.wait_for("the new socket alone", |site| {
        (site.webex.counters().sockets_ready == 2 && site.webex.sockets().len() == 1).then_some(())
    })
    .await;
    assert!(site.lines(&["webex feed is lost"]).is_empty());
    // The next drop is an ordinary one.
    returns_from(&site, Fault::MercuryDrop { when: When::Now }, "mercury").await;
    site.end().await;
}

#[tokio::test]
async fn mercury_auth_refused_with_4401_before_ready_is_tried_again_soon() {
    let refused = Fault::MercuryAuthRefused { code: 4401, reason: "NotAuthorized".to_owned() };
    let mut site = Site::prepare(SiteConfig::new(Ucce, 1)).await;
    site.webex_faults(refused, 1);
    site.run();
    site.wait_ready().await;
    assert_eq!(site.webex.counters().sockets_opened, 2);
    site.follows(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn mercury_wrong_pong_id_is_answered_by_a_new_connection() {
    let mut site = Site::prepare(SiteConfig::new(Uccx, 1)).await;
    site.webex_faults(Fault::MercuryWrongPongId {}, 1);
    site.run();
    site.says("it is noticed", &["a pong was not for our ping"]).await;
    site.wait_ready().await;
    site.follows(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn mercury_no_ping_is_no_reason_to_doubt_a_socket_that_answers_ours() {
    let site = Site::start(SiteConfig::new(Uccx, 1).under(Fault::MercuryNoPing {})).await;
    site.follows(AGENT).await;
    assert!(site.webex.counters().pings >= 1);
    assert_eq!(site.webex.counters().sockets_opened, 1);
    site.end().await;
}

/// Each takes as long as the product waits, and so they wait together.
#[tokio::test]
async fn mercury_no_pong_and_mercury_stall_and_mercury_no_ready_are_noticed_in_their_time() {
    let no_pong = async {
        let mut site = Site::prepare(SiteConfig::new(Uccx, 1)).await;
        site.webex_faults(Fault::MercuryNoPong {}, 1);
        site.run();
        site.wait_ready().await;
        site.says("it is noticed", &["webex feed is lost", "a ping was not answered"]).await;
        site
    };
    let stall = async {
        let site = site().await;
        site.webex_fault(Fault::MercuryStall {});
        site.says("it is noticed", &["webex feed is lost", "a ping was not answered"]).await;
        site.webex.clear_faults();
        site
    };
    let no_ready = async {
        let mut site = Site::prepare(SiteConfig::new(Ucce, 1)).await;
        site.webex_faults(Fault::MercuryNoReady {}, 1);
        site.run();
        site.says("it is noticed", &["webex feed is lost", "not ready in time"]).await;
        site
    };
    let (one, two, three) = tokio::join!(no_pong, stall, no_ready);
    for site in [one, two, three] {
        site.wait_ready().await;
        site.follows(AGENT).await;
        site.end().await;
    }
}
