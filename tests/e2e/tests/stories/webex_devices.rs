//! Devices: too many, gone, forgotten (Webex notes 2.4).

use finesse_sim::Deployment::{Ucce, Uccx};
use lockstep_e2e::{Signal, Site, SiteConfig};
use webex_sim::{Fault, When};

const AGENT: &str = "agent1001";

#[tokio::test]
async fn excessive_devices_are_looked_through_once_and_then_a_person_is_called() {
    let config = SiteConfig::new(Uccx, 1).under(Fault::ExcessiveDevices {});
    let site = Site::prepare_and_run(config).await;
    let detail = site.feed_is("lost").await;
    assert!(detail.contains("excessive device registrations"), "{detail}");
    assert!(detail.contains("a person must cure this"), "{detail}");
    assert_eq!(site.webex.requests("wdm.register"), 2);
    let page = site.get("/metrics").await;
    assert!(page.metric("lockstep_webex_alarms_total", "devices") >= 1.0);
    site.end().await;
}

#[tokio::test]
async fn device_gone_at_a_refresh_is_registered_anew_with_a_new_socket() {
    let site = Site::start(SiteConfig::new(Ucce, 1)).await;
    let old = site.webex.devices();
    site.webex_faults(Fault::DeviceGone {}, 1);
    site.presence_unheard(AGENT, "dnd");
    site.webex_fault(Fault::close(4404, ""));
    site.taken(AGENT).await;
    assert_ne!(site.webex.devices(), old);
    assert_eq!(site.webex.devices().len(), 1);
    site.end().await;
}

#[tokio::test]
async fn devices_lost_with_their_subscriptions_are_found_out_and_made_again() {
    let site = Site::start(SiteConfig::new(Uccx, 1)).await;
    site.webex_fault(Fault::DevicesLost {});
    site.presence(AGENT, "dnd");
    site.webex_fault(Fault::MercuryDrop { when: When::Now });
    site.taken(AGENT).await;
    assert_eq!((site.webex.devices().len(), site.webex.subscriptions()), (1, 1));
    site.end().await;
}

#[tokio::test]
async fn a_device_is_used_again_after_a_power_cut_and_removed_at_a_stop() {
    let mut site = Site::start(SiteConfig::new(Uccx, 1)).await;
    let device = site.webex.devices();
    site.restart(Signal::Kill).await;
    assert_eq!(site.webex.devices(), device, "of the same name, and so the same");
    site.stop_by(Signal::Term).await;
    assert!(site.webex.devices().is_empty());
    site.run();
    site.wait_ready().await;
    site.end().await;
}
