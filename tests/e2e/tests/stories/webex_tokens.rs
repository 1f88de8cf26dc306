//! Tokens of bots and integrations that expire, are refused or rotate (S1-35…S1-39).

use std::time::Duration;

use finesse_sim::Deployment::{Ucce, Uccx};
use lockstep_e2e::{Signal, Site, SiteConfig};
use webex_sim::Fault;

const AGENT: &str = "agent1001";

#[tokio::test]
async fn token_revoked_of_a_bot_is_an_alarm_and_is_tried_slowly() {
    let site = Site::start(SiteConfig::new(Uccx, 1)).await;
    site.webex_fault(Fault::TokenRevoked {});
    site.webex_fault(Fault::close(4401, "NotAuthorized"));
    let detail = site.feed_is("lost").await;
    assert!(detail.contains("4401") && detail.contains("a person must cure this"), "{detail}");
    site.two_looks().await;
    let uses = site.webex.counters().dead_token_uses;
    assert_eq!(uses, 1, "the one probe");
    site.end().await;
}

#[tokio::test]
async fn token_revoked_of_an_integration_is_renewed_once_and_the_socket_stays() {
    let mut config = SiteConfig::new(Ucce, 8).with_integration();
    "trace".clone_into(&mut config.filter);
    let site = Site::start(config.set("sync", "reconcile_every", "2s")).await;
    site.webex_fault(Fault::TokenRevoked {});
    // The next reconcile meets the refusal.
    site.wait_for("another token", |site| (site.webex.counters().tokens_issued == 2).then_some(()))
        .await;
    site.follows(AGENT).await;
    let counters = site.webex.counters();
    assert_eq!((counters.sockets_opened, counters.dead_refresh_token_uses), (1, 0));
    assert!(site.lines(&["webex feed is lost"]).is_empty());
    site.end().await; // and no token, old or new, is in the log, at trace level
}

#[tokio::test]
async fn refresh_refused_is_an_alarm_and_the_present_token_is_used_until_it_expires() {
    let mut config = SiteConfig::new(Uccx, 1).with_integration();
    config.webex.access_token_lifetime = Duration::from_secs(9);
    let site = Site::start(config).await;
    site.webex_fault(Fault::RefreshRefused {});
    site.says("it is told before anything fails", &["ERROR", "authorise the integration again"])
        .await;
    site.follows(AGENT).await;
    assert_eq!(site.webex.counters().sockets_opened, 1, "presence goes on");
    assert_eq!(site.webex.requests("hydra.token"), 2, "asked once, and never again");
    site.end().await;
}

#[tokio::test]
async fn s1_36_a_token_that_rotates_all_the_time_disturbs_nobody_and_survives_a_power_cut() {
    let mut config = SiteConfig::new(Uccx, 1).with_integration();
    config.webex.access_token_lifetime = Duration::from_secs(4);
    let mut site = Site::start(config).await;
    site.wait_for("three tokens", |site| (site.webex.counters().tokens_issued >= 3).then_some(()))
        .await;
    site.follows(AGENT).await;
    let counters = site.webex.counters();
    assert_eq!((counters.sockets_opened, counters.dead_token_uses), (1, 0));
    site.restart(Signal::Kill).await;
    site.follows(AGENT).await;
    assert_eq!(site.webex.counters().dead_refresh_token_uses, 0, "the newest one was kept");
    site.end().await;
}

#[tokio::test]
async fn an_integration_that_is_authorised_again_forgets_the_token_it_kept() {
    let mut site = Site::start(SiteConfig::new(Ucce, 1).with_integration()).await;
    site.webex_fault(Fault::RefreshRefused {});
    site.stop_by(Signal::Term).await;
    site.run();
    site.says("it is told", &["ERROR", "authorise the integration again"]).await;
    site.feed_is("lost").await;
    site.stop_by(Signal::Term).await;
    site.webex.clear_faults();
    site.folder.write("refresh-token", "An0ther-refresh-token");
    site.run();
    site.wait_ready().await;
    assert!(!site.lines(&["another webex refresh token is configured"]).is_empty());
    site.follows(AGENT).await;
    site.end().await;
}
