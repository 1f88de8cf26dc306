//! Each face of the panel, photographed: light and dark, wide and narrow, nothing cut off.

use std::time::Duration;

use finesse_sim::{Act, By, CallEvent, CallOptions, Deployment, Endpoint, Fault, Phase, Scope};
use lockstep_browser::{AGENT, end, free, public_url};
use lockstep_e2e::{Signal, SiteConfig};
use webex_sim::Change;

fn puts() -> Scope {
    Scope { endpoint: Some(Endpoint::User), method: Some("PUT".to_owned()), ..Scope::default() }
}

fn nothing(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn what_an_agent_sees_every_day() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    let mut faults = desk.portrait("free").await;
    let unavailable = Change { category: Some("unknown".to_owned()), ..Change::to("unknown") };
    for (presence, label, name) in [
        (Change::to("dnd"), "Webex DND", "held-dnd"),
        (Change::online_meeting(), "Webex Meeting", "held-meeting"),
        (unavailable, "Webex Unavailable", "held-unavailable"),
        (Change::to("call"), "Webex Call", "held-call"),
    ] {
        site.presence(AGENT, presence);
        desk.held(label).await;
        faults.extend(desk.portrait(name).await);
    }
    desk.press(".ls-snooze").await;
    faults.extend(desk.portrait("snooze-menu").await);
    desk.press(".ls-cancel").await;
    desk.press(".ls-more").await;
    faults.extend(desk.portrait("more").await);
    desk.press(".ls-more").await;
    site.by_hand(AGENT, "NOT_READY", Some("Lunch"), By::Agent);
    desk.face("left-alone").await;
    faults.extend(desk.portrait("left-alone").await);
    site.by_hand(AGENT, "READY", None, By::Agent);
    site.presence(AGENT, "active");
    desk.face("free").await;
    desk.press(".ls-snooze").await;
    desk.press(".ls-half").await;
    desk.face("snoozed").await;
    faults.extend(desk.portrait("snoozed").await);
    desk.press(".ls-snooze").await;
    site.call(AGENT, CallEvent::Ring);
    site.call(AGENT, CallEvent::Answer);
    desk.face("on-call").await;
    faults.extend(desk.portrait("on-call").await);
    site.presence(AGENT, "dnd");
    desk.face("pending").await;
    faults.extend(desk.portrait("pending").await);
    site.call(AGENT, CallEvent::End);
    desk.held("Webex DND").await;
    site.by_hand(AGENT, "LOGOUT", None, By::Agent);
    desk.face("signed-out").await;
    faults.extend(desk.portrait("signed-out").await);
    end(site, desk).await;
    nothing(&faults);
}

#[tokio::test]
async fn what_an_agent_sees_after_calls_and_when_something_fails() {
    let mut config = SiteConfig::new(Deployment::Uccx, 1);
    config.finesse.reasons.retain(|reason| reason.label != "Webex Call");
    let (mut site, desk) = free(config).await;
    site.presence(AGENT, "call");
    desk.face("reason-missing").await;
    let mut faults = desk.portrait("reason-missing").await;
    desk.press(".ls-more").await;
    faults.extend(desk.portrait("reason-missing-more").await);
    desk.press(".ls-more").await;
    desk.sees("the foot", |panel| panel.snooze == "Snooze").await;
    site.presence(AGENT, "active");
    desk.face("free").await;
    let refused = site.finesse.fault_in(
        Fault::Status {
            status: 400,
            error_type: Some("Bad Request".to_owned()),
            error_data: None,
            error_message: None,
            phase: Phase::Before,
        },
        puts(),
    );
    site.presence(AGENT, "dnd");
    desk.face("refused").await;
    faults.extend(desk.portrait("refused").await);
    site.finesse.end_fault(refused);
    site.presence(AGENT, "active");
    desk.face("free").await;
    site.call(AGENT, CallEvent::Ring);
    site.call(AGENT, CallEvent::Answer);
    desk.face("on-call").await;
    let lasts = Some(Duration::from_secs(30));
    let options = CallOptions { wrap_up: Some(true), wrap_up_for: lasts, icd: None };
    site.call_with(AGENT, CallEvent::End, options);
    desk.sees("wrap-up", |panel| panel.state == "Wrap-up").await;
    site.presence(AGENT, "dnd");
    desk.face("wrap-up").await;
    faults.extend(desk.portrait("wrap-up").await);
    site.finesse.desktop(Act::Failing, None).expect("everybody");
    desk.sees("that Finesse is gone", |panel| panel.link == "Waiting for Finesse").await;
    faults.extend(desk.portrait("finesse-gone").await);
    site.finesse.desktop(Act::Recovered, None).expect("everybody");
    desk.live().await;
    site.webex_fault(webex_sim::Fault::BlackHole { endpoint: None });
    site.webex.drop_connections();
    desk.face("stale").await;
    faults.extend(desk.portrait("stale").await);
    site.stop_by(Signal::Term).await;
    desk.face("reconnecting").await;
    faults.extend(desk.portrait("reconnecting").await);
    end(site, desk).await;
    nothing(&faults);
}

#[tokio::test]
async fn what_an_agent_sees_when_something_is_blocked() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    let mut faults = Vec::new();
    for (name, policy) in [
        ("blocked-wasm", "script-src 'self' 'unsafe-inline' {us}"),
        ("blocked-server", "connect-src 'self' {us}/gadget/"),
        ("blocked-socket", "connect-src 'self' {us}/gadget/ {us}/api/"),
    ] {
        let policy = policy.replace("{us}", &public_url(&site));
        let fault = site.finesse.fault(Fault::ContentSecurityPolicy { policy });
        desk.browser.open("about:blank").await;
        desk.browser.open(&format!("{}container", site.finesse.desktop_url())).await;
        desk.ready().await;
        desk.face("blocked").await;
        faults.extend(desk.portrait(name).await);
        if name == "blocked-wasm" {
            desk.press(".ls-more").await;
            faults.extend(desk.portrait("blocked-wasm-more").await);
            desk.press(".ls-more").await;
        }
        site.finesse.end_fault(fault);
    }
    end(site, desk).await;
    nothing(&faults);
}
