//! Subscriptions that are refused, short, forgotten or incomplete (Webex notes 4.3).

use finesse_sim::AgentState::Ready;
use finesse_sim::Deployment::{Ucce, Uccx};
use lockstep_e2e::{Site, SiteConfig};
use webex_sim::Fault;

const AGENT: &str = "agent1001";

#[tokio::test]
async fn subscriptions_refused_are_polled_instead_loudly_and_within_the_rate() {
    let config = SiteConfig::new(Uccx, 3)
        .set("webex", "people_per_minute", 600)
        .under(Fault::SubscriptionsRefused { status: 403 });
    let site = Site::prepare_and_run(config).await;
    let detail = site.feed_is("polling").await;
    assert!(detail.contains("403"), "{detail}");
    site.page("/readyz", "the pace is told", |page| {
        let webex = page.json()["webex"]["detail"].to_string();
        webex.contains("600 people are asked for a minute, so each of 3 every 1 s")
    })
    .await;
    let page = site.get("/readyz").await;
    assert_eq!((page.status, &page.json()["degraded"]), (200, &true.into()));
    site.follows(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn subscriptions_lost_without_a_word_are_made_again_by_the_reconcile() {
    let config = SiteConfig::new(Ucce, 2).set("sync", "reconcile_every", "2s");
    let site = Site::start(config).await;
    site.webex_fault(Fault::SubscriptionsLost {});
    site.presence(AGENT, "dnd");
    site.taken(AGENT).await;
    assert_eq!(site.webex.subscriptions(), 2);
    site.presence(AGENT, "active");
    site.released(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn subject_refused_keeps_one_agent_out_and_says_so() {
    let refused = Fault::SubjectRefused {
        person: Some(Site::address(AGENT)),
        code: 403,
        retry: None,
        evicted: None,
    };
    let site = Site::prepare_and_run(SiteConfig::new(Uccx, 2).under(refused)).await;
    site.says("it is told", &["a person cannot be watched in webex", "403"]).await;
    site.feed_is("live").await;
    site.follows("agent1002").await;
    site.presence(AGENT, "dnd");
    site.two_looks().await;
    site.stands(AGENT, Ready);
    site.end().await;
}

#[tokio::test]
async fn subject_refused_for_lack_of_room_is_subscribed_when_there_is_room() {
    let full = Fault::SubjectRefused {
        person: Some(Site::address(AGENT)),
        code: 409,
        retry: Some(5),
        evicted: None,
    };
    let mut site = Site::prepare(SiteConfig::new(Uccx, 2)).await;
    site.webex_faults(full, 1);
    site.run();
    site.says("it is told", &["a person cannot be watched in webex", "409"]).await;
    site.wait_ready().await;
    site.follows(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn subject_missing_from_every_answer_is_told_once_and_leaves_the_others_alone() {
    let missing = Fault::SubjectMissing { person: Some(Site::address(AGENT)) };
    let site = Site::prepare_and_run(SiteConfig::new(Ucce, 2).under(missing)).await;
    site.says("it is told", &["a person cannot be watched", "knows no presence"]).await;
    site.follows("agent1002").await;
    assert_eq!(site.lines(&["a person cannot be watched in webex"]).len(), 1);
    site.stands(AGENT, Ready);
    site.end().await;
}

#[tokio::test]
async fn short_ttl_is_honoured() {
    let site = Site::start(SiteConfig::new(Uccx, 1).under(Fault::ShortTtl { seconds: 11 })).await;
    let first = site.webex.requests("apheleia.subscribe");
    site.wait_for("it is renewed", |site| {
        (site.webex.requests("apheleia.subscribe") > first).then_some(())
    })
    .await;
    assert_eq!(site.webex.subscriptions(), 1);
    site.follows(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn no_status_in_a_reply_is_read_separately() {
    let mut site = Site::prepare(SiteConfig::new(Uccx, 2).under(Fault::NoStatus {})).await;
    site.webex.set_presence(&Site::address(AGENT), "dnd").expect("a person");
    site.run();
    site.taken(AGENT).await;
    assert!(site.webex.requests("apheleia.compositions") >= 1);
    site.end().await;
}

#[tokio::test]
async fn status_hidden_while_polling_is_told_once_and_moves_nobody() {
    let config = SiteConfig::new(Uccx, 2)
        .set("webex", "people_per_minute", 3_000)
        .under(Fault::SubscriptionsRefused { status: 403 })
        .under(Fault::StatusHidden { person: Some(Site::address(AGENT)) });
    let site = Site::prepare_and_run(config).await;
    let words = ["a person cannot be watched in webex", "does not show this person's status"];
    site.says("it is told", &words).await;
    site.follows("agent1002").await;
    site.two_looks().await;
    assert_eq!(site.lines(&words).len(), 1);
    site.stands(AGENT, Ready);
    site.end().await;
}
