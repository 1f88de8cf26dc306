//! Finesse refuses: at once, or after it said yes (law 7).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{Deployment, Endpoint, Fault, Phase, Scope};
use lockstep_browser::{AGENT, Desk, asked, end, forward, free, free_with_a_clock};
use lockstep_e2e::{Site, SiteConfig, on_both};

fn puts(times: Option<u32>) -> Scope {
    let (endpoint, method) = (Some(Endpoint::User), Some("PUT".to_owned()));
    Scope { endpoint, method, times, ..Scope::default() }
}

fn refused(status: u16, kind: &str, data: &str) -> Fault {
    Fault::Status {
        status,
        error_type: Some(kind.to_owned()),
        error_data: Some(data.to_owned()),
        error_message: Some("a sentence of Finesse's".to_owned()),
        phase: Phase::Before,
    }
}

async fn released(site: &Site, desk: &Desk) {
    site.presence(AGENT, "active");
    desk.face("free").await;
    site.stands(AGENT, Ready);
}

#[tokio::test]
async fn a_refused_reason_is_looked_up_again_and_a_refused_state_looked_at_again() {
    on_both(|deployment| async move {
        let (site, desk) = free(SiteConfig::new(deployment, 1)).await;
        let reason = refused(400, "Invalid Input", "finesse.api.reasoncode.not_valid");
        site.finesse.fault_in(reason, puts(Some(1)));
        site.presence(AGENT, "dnd");
        desk.held("Webex DND").await;
        assert_eq!(asked(&site, AGENT), ["NOT_READY", "NOT_READY"]);
        released(&site, &desk).await;
        site.finesse.fault_in(refused(400, "Invalid State", "265"), puts(Some(1)));
        site.presence(AGENT, "dnd");
        site.decides(AGENT, "refused_by_state").await;
        desk.held("Webex DND").await;
        released(&site, &desk).await;
        end(site, desk).await;
    })
    .await;
}

#[tokio::test]
async fn an_error_after_success_counts_and_the_change_is_asked_for_again() {
    on_both(|deployment| async move {
        let (site, desk) = free(SiteConfig::new(deployment, 1)).await;
        let later = Fault::CtiError { code: 265, error_type: None, error_message: None };
        site.finesse.fault_in(later, puts(Some(1)));
        site.presence(AGENT, "dnd");
        site.decides(AGENT, "refused_by_state").await;
        desk.held("Webex DND").await;
        site.stands(AGENT, NotReady);
        assert_eq!(asked(&site, AGENT), ["NOT_READY", "NOT_READY"]);
        released(&site, &desk).await;
        end(site, desk).await;
    })
    .await;
}

#[tokio::test]
async fn an_error_although_it_was_applied_is_not_asked_again() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.finesse.fault_in(Fault::ErrorAfter { status: 500 }, puts(Some(1)));
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    released(&site, &desk).await;
    assert_eq!(asked(&site, AGENT), ["NOT_READY", "READY"]);
    end(site, desk).await;
}

#[tokio::test]
async fn a_refusal_for_good_is_told_and_not_repeated() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    let fault = site.finesse.fault_in(refused(400, "Bad Request", ""), puts(None));
    site.presence(AGENT, "dnd");
    let panel = desk.face("refused").await;
    let words = "Finesse does not take the change. Please set your state yourself.";
    assert!(panel.why.ends_with(words), "{panel:#?}");
    site.stands(AGENT, Ready);
    site.decides(AGENT, "refused_for_good").await;
    site.finesse.end_fault(fault);
    site.presence(AGENT, "active");
    desk.face("free").await;
    assert_eq!(asked(&site, AGENT), ["NOT_READY"], "asked once");
    site.presence(AGENT, "call");
    desk.held("Webex Call").await;
    released(&site, &desk).await;
    end(site, desk).await;
}

/// CTI loses one in silence (Finesse notes 6): half a minute later it is told, and asked again.
#[tokio::test]
async fn a_change_that_is_lost_in_silence_is_told_and_asked_for_again() {
    on_both(|deployment| async move {
        let (site, desk) = free_with_a_clock(SiteConfig::new(deployment, 1)).await;
        site.finesse.fault_in(Fault::CtiDrop, puts(Some(1)));
        site.presence(AGENT, "dnd");
        site.decides(AGENT, "taking").await;
        let words = "You are being set Not Ready.";
        desk.sees("a change that is under way", |panel| panel.why.ends_with(words)).await;
        site.stands(AGENT, Ready);
        forward(&site, &desk, 31_000).await;
        site.decides(AGENT, "no_effect").await;
        let panel = desk.held("Webex DND").await;
        let told = "Do not disturb in Webex: no effect seen, repeated";
        assert!(panel.rows.iter().any(|row| row == told), "{panel:#?}");
        site.stands(AGENT, NotReady);
        assert_eq!(asked(&site, AGENT), ["NOT_READY", "NOT_READY"]);
        released(&site, &desk).await;
        end(site, desk).await;
    })
    .await;
}
