//! The agent's own list of reasons, in every shape it comes in (Finesse notes 1.5, 3.2).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{Category, Deployment, Endpoint, Fault, ReasonShape, ReasonSpec, Scope};
use lockstep_browser::{AGENT, Desk, asked, at_desk, end, forward, free_with_a_clock, gadget_site};
use lockstep_e2e::{Site, SiteConfig};

/// The desktop of an agent whose page has this fault from the beginning.
async fn at_desk_under(config: SiteConfig, faults: Vec<(Fault, Scope)>) -> (Site, Desk) {
    let site = gadget_site(config).await;
    for (fault, scope) in faults {
        site.finesse.fault_in(fault, scope);
    }
    let desk = at_desk(&site, AGENT).await;
    desk.face("free").await;
    (site, desk)
}

/// Held with the reason's own database id, and released.
async fn follows(site: &Site, desk: &Desk, label: &str, presence: &str) {
    site.presence(AGENT, presence);
    desk.held(label).await;
    let shown = site.finesse.user(AGENT).and_then(|user| user.reason);
    assert_eq!(shown, site.finesse.reason(Category::NotReady, label));
    site.presence(AGENT, "active");
    desk.face("free").await;
    site.stands(AGENT, Ready);
}

fn of_the_list(shape: ReasonShape) -> Vec<(Fault, Scope)> {
    vec![(Fault::ReasonList { shape }, Scope::default())]
}

#[tokio::test]
async fn a_list_that_comes_late_is_waited_for() {
    let late = Fault::Latency { min_ms: 3_000, max_ms: 3_000, phase: finesse_sim::Phase::Before };
    let list = Scope { endpoint: Some(Endpoint::UserReasonCodes), ..Scope::default() };
    let site = gadget_site(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.finesse.fault_in(late, list);
    site.presence(AGENT, "dnd");
    let desk = at_desk(&site, AGENT).await;
    desk.held("Webex DND").await;
    assert_eq!(asked(&site, AGENT), ["NOT_READY"]);
    let shown = site.finesse.user(AGENT).and_then(|user| user.reason);
    assert_eq!(shown, site.finesse.reason(Category::NotReady, "Webex DND"));
    end(site, desk).await;
}

#[tokio::test]
async fn ids_that_stand_in_the_uri_only_are_taken_from_there() {
    let config = SiteConfig::new(Deployment::Ucce, 1);
    let (site, desk) = at_desk_under(config, of_the_list(ReasonShape::UriOnly)).await;
    follows(&site, &desk, "Webex DND", "dnd").await;
    end(site, desk).await;
}

#[tokio::test]
async fn a_single_reason_that_is_in_no_list_is_one() {
    let mut config = SiteConfig::new(Deployment::Ucce, 1);
    config.finesse.reasons = vec![ReasonSpec::not_ready(13, "Webex DND")];
    let (site, desk) = at_desk_under(config, of_the_list(ReasonShape::Single)).await;
    follows(&site, &desk, "Webex DND", "dnd").await;
    end(site, desk).await;
}

#[tokio::test]
async fn where_no_reason_is_configured_none_is_sent() {
    for shape in [ReasonShape::Undefined, ReasonShape::Empty] {
        let mut config = SiteConfig::new(Deployment::Ucce, 1);
        config.finesse.reasons = Vec::new();
        let (site, desk) = at_desk_under(config, of_the_list(shape)).await;
        site.presence(AGENT, "dnd");
        desk.sees("held without a reason", |panel| panel.face == "held").await;
        site.stands(AGENT, NotReady);
        site.presence(AGENT, "active");
        desk.face("free").await;
        site.stands(AGENT, Ready);
        end(site, desk).await;
    }
}

#[tokio::test]
async fn a_label_that_is_missing_is_named_to_the_agent_and_in_the_log() {
    let mut config = SiteConfig::new(Deployment::Ucce, 1);
    config.finesse.reasons.retain(|reason| reason.label != "Webex DND");
    let (site, desk) = at_desk_under(config, Vec::new()).await;
    site.presence(AGENT, "dnd");
    let panel = desk.face("reason-missing").await;
    let words = "Your state stays: Finesse has no reason \u{201c}Webex DND\u{201d} for you.";
    assert!(panel.why.contains(words), "{panel:#?}");
    assert!(panel.detail.ends_with("for all teams or for this agent's: Webex DND."), "{panel:#?}");
    assert_eq!((panel.state.as_str(), panel.shape.as_str()), ("Reason missing", "trouble"));
    assert_eq!(panel.reason, "Ready");
    let decision = site.decides(AGENT, "reason_missing").await;
    assert!(decision.text.contains("\u{201c}Webex DND\u{201d}"), "{}", decision.text);
    assert!(asked(&site, AGENT).is_empty());
    // The others work as ever.
    follows(&site, &desk, "Webex Call", "call").await;
    end(site, desk).await;
}

#[tokio::test]
async fn a_reason_that_the_administrator_adds_is_found_without_a_reload() {
    let mut config = SiteConfig::new(Deployment::Ucce, 1);
    config.finesse.reasons.retain(|reason| reason.label != "Webex DND");
    let (site, desk) = free_with_a_clock(config).await;
    site.presence(AGENT, "dnd");
    desk.face("reason-missing").await;
    site.decides(AGENT, "reason_missing").await;
    site.finesse.add_reason(77, "Webex DND").expect("a code that is free");
    // Every five minutes it is looked for again.
    forward(&site, &desk, 301_000).await;
    let panel = desk.held("Webex DND").await;
    assert!(panel.detail.is_empty(), "nothing is left to add: {panel:#?}");
    let shown = site.finesse.user(AGENT).and_then(|user| user.reason);
    assert_eq!(shown, site.finesse.reason(Category::NotReady, "Webex DND"));
    site.presence(AGENT, "active");
    desk.face("free").await;
    assert_eq!(asked(&site, AGENT), ["NOT_READY", "READY"]);
    follows(&site, &desk, "Webex DND", "dnd").await;
    end(site, desk).await;
}
