//! A Mercury socket that does not open, and addresses that lead elsewhere (Webex notes 3.1, 3.6).

use finesse_sim::Deployment::{Ucce, Uccx};
use lockstep_e2e::{Site, SiteConfig};
use webex_sim::Fault;

const AGENT: &str = "agent1001";

fn upgrade(status: u16, retry_after: Option<u64>) -> Fault {
    Fault::MercuryUpgradeStatus { status, retry_after }
}

#[tokio::test]
async fn mercury_upgrade_status_of_a_server_in_trouble_is_tried_again() {
    let mut site = Site::prepare(SiteConfig::new(Uccx, 1)).await;
    for (status, retry_after) in [(404, None), (500, None), (503, Some(2))] {
        site.webex_faults(upgrade(status, retry_after), 1);
    }
    site.run();
    site.wait_ready().await;
    for status in ["404", "500", "503"] {
        let told = site.lines(&["mercury answered the upgrade with", status]);
        assert!(!told.is_empty(), "{status} is told");
    }
    assert!(site.webex.requests("wdm.refresh") >= 1, "404: the registration is refreshed");
    site.follows(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn mercury_upgrade_status_429_is_obeyed_also_when_retry_after_is_a_date() {
    let mut site = Site::prepare(SiteConfig::new(Ucce, 1)).await;
    site.webex_fault(Fault::RetryAfterDate {});
    site.webex_faults(upgrade(429, Some(3)), 1);
    site.run();
    site.wait_ready().await;
    let log = site.webex.log();
    let asked = log.iter().filter(|entry| entry.endpoint == Some("mercury.upgrade"));
    let asked: Vec<_> = asked.map(|entry| entry.at).collect();
    let [refused, granted] = asked[..] else { panic!("two upgrades, not {asked:?}") };
    // Three seconds by a date that knows whole ones.
    assert!(granted.duration_since(refused).as_secs_f64() >= 2.0);
    site.follows(AGENT).await;
    site.end().await;
}

#[tokio::test]
async fn mercury_upgrade_status_403_is_an_alarm() {
    let config = SiteConfig::new(Uccx, 1).under(upgrade(403, None));
    let site = Site::prepare_and_run(config).await;
    let detail = site.feed_is("lost").await;
    assert!(detail.contains("403") && detail.contains("a person must cure this"), "{detail}");
    assert_eq!(site.webex.counters().sockets_opened, 0);
    site.end().await;
}

#[tokio::test]
async fn foreign_link_in_the_catalog_or_the_device_never_gets_the_token() {
    for (link, url) in [
        ("wdm", "https://wdm.evil.example/wdm/api/v1"),
        ("apheleia", "http://apheleia.evil.example/apheleia/api/v1"),
        ("webSocketUrl", "wss://127.0.0.1.evil.example/v1"),
    ] {
        let fault = Fault::ForeignLink { link: link.to_owned(), url: url.to_owned() };
        let site = Site::prepare_and_run(SiteConfig::new(Uccx, 1).under(fault)).await;
        let detail = site.feed_is("lost").await;
        assert!(detail.contains("evil.example") && detail.contains("token"), "{link}: {detail}");
        assert_eq!(site.webex.counters().sockets_opened, 0);
        site.end().await;
    }
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let mut site = Site::prepare(SiteConfig::new(Uccx, 1)).await;
    let elsewhere = site.finesse.base_url();
    for endpoint in ["u2c", "wdm", "mercury", "apheleia"] {
        let endpoint = Some(endpoint.to_owned());
        site.webex_faults(Fault::Redirect { endpoint, location: elsewhere.clone() }, 1);
    }
    site.run();
    site.wait_ready().await;
    let met = site.webex.counters().faults_met.get("redirect").copied();
    assert_eq!(met, Some(4));
    site.follows(AGENT).await;
    site.end().await; // finesse-sim would have noted a request that it does not know
}
