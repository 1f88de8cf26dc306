//! A Webex that is slow, overloaded, away or broken (Webex notes 2.4, 5).

use finesse_sim::Deployment::{Ucce, Uccx};
use lockstep_e2e::{Site, SiteConfig};
use webex_sim::Fault;

const AGENT: &str = "agent1001";

/// Every endpoint group of a start.
const CALLS: [&str; 4] = ["u2c", "wdm", "apheleia", "hydra"];

/// Each call of a start meets the fault once, and all is well in the end.
async fn starts_through(make: impl Fn(&str) -> Fault) {
    let mut site = Site::prepare(SiteConfig::new(Uccx, 1)).await;
    for endpoint in CALLS {
        site.webex_faults(make(endpoint), 1);
    }
    site.run();
    site.wait_ready().await;
    let name = make("u2c").name();
    let met = site.webex.counters().faults_met.get(name).copied();
    assert_eq!(met, Some(4), "{name}");
    site.follows(AGENT).await;
    site.end().await;
}

/// They wait for each other's backoff, and so they wait together.
#[tokio::test]
async fn http_status_and_reset_and_not_json_and_truncated_body_on_every_call_of_a_start_are_survived()
 {
    let at = |endpoint: &str| Some(endpoint.to_owned());
    tokio::join!(
        starts_through(|endpoint| Fault::status(endpoint, 500)),
        starts_through(|endpoint| Fault::too_many_requests(endpoint, 1)),
        starts_through(|endpoint| Fault::Reset { endpoint: at(endpoint) }),
        starts_through(|endpoint| Fault::NotJson { endpoint: at(endpoint) }),
        starts_through(|endpoint| Fault::TruncatedBody { endpoint: at(endpoint) }),
    );
}

#[tokio::test]
async fn retry_after_date_on_a_call_is_obeyed() {
    let mut site = Site::prepare(SiteConfig::new(Ucce, 1)).await;
    site.webex_fault(Fault::RetryAfterDate {});
    site.webex_faults(Fault::too_many_requests("wdm", 3), 1);
    site.run();
    site.wait_ready().await;
    let log = site.webex.log();
    let mut asked =
        log.iter().filter(|entry| entry.endpoint.is_some_and(|at| at.starts_with("wdm")));
    let refused = asked.find(|entry| entry.status == Some(429)).expect("a refusal").at;
    let next = asked.next().expect("another attempt").at;
    assert!(next.duration_since(refused).as_secs_f64() >= 2.0);
    site.end().await;
}

#[tokio::test]
async fn rate_limit_slows_a_start_with_many_and_loses_nobody() {
    let limit =
        Fault::RateLimit { endpoint: Some("apheleia".into()), per_minute: 4, retry_after: Some(2) };
    let site = Site::prepare_and_run(SiteConfig::new(Uccx, 300).under(limit)).await;
    site.wait_for("four batches are through", |site| {
        (site.webex.subscriptions() >= 200).then_some(())
    })
    .await;
    site.wait_for("the limit is met", |site| {
        site.webex.counters().refused.contains_key("apheleia.subscribe").then_some(())
    })
    .await;
    site.webex.clear_faults();
    site.wait_ready().await;
    let counters = site.webex.counters();
    assert!(counters.refused["apheleia.subscribe"] <= 8, "{counters:?}");
    assert!(counters.requests["apheleia.subscribe"] <= 6 + 8, "{counters:?}");
    site.follows("agent1300").await;
    site.end().await;
}

#[tokio::test]
async fn latency_of_half_a_second_on_every_call_is_only_slow() {
    let slow = Fault::Latency { endpoint: None, ms: 400, jitter_ms: 200 };
    let site = Site::start(SiteConfig::new(Uccx, 1).under(slow)).await;
    assert_eq!(site.webex.counters().sockets_opened, 1);
    site.follows(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn black_hole_of_everything_keeps_the_process_alive_and_stops_in_time() {
    let config = SiteConfig::new(Uccx, 1).under(Fault::BlackHole { endpoint: None });
    let site = Site::prepare_and_run(config).await;
    site.wait_for("a request is swallowed", |site| {
        site.webex.counters().faults_met.contains_key("black_hole").then_some(())
    })
    .await;
    site.page("/healthz", "alive", |page| page.status == 200).await;
    assert_eq!(site.get("/readyz").await.status, 503);
    site.webex.clear_faults();
    site.wait_ready().await;
    site.follows(AGENT).await;
    site.webex_fault(Fault::BlackHole { endpoint: None });
    site.end().await; // in time, though the device cannot be removed
}

#[tokio::test]
async fn offline_for_a_while_is_one_loss_and_what_changed_meanwhile_is_found() {
    let site = Site::start(SiteConfig::new(Ucce, 1)).await;
    site.webex_fault(Fault::Offline { ms: 1_200 });
    site.feed_is("lost").await;
    site.presence(AGENT, "dnd");
    site.taken(AGENT).await;
    assert_eq!(site.lines(&["webex feed is lost"]).len(), 1);
    site.end().await;
}
