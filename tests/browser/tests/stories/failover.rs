//! The desktop fails and recovers, and moves to the other node (law 2).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{Act, Deployment, Fault, Node, Scope};
use lockstep_browser::{AGENT, Desk, asked, end, free};
use lockstep_e2e::{Site, SiteConfig};

async fn held(with_secondary: bool) -> (Site, Desk) {
    let mut config = SiteConfig::new(Deployment::Ucce, 1);
    if with_secondary {
        config.finesse = config.finesse.with_secondary();
    }
    let (site, desk) = free(config).await;
    site.presence(AGENT, "dnd");
    desk.held("Webex DND").await;
    (site, desk)
}

async fn released(site: &Site, desk: &Desk) {
    site.presence(AGENT, "active");
    desk.face("free").await;
    site.stands(AGENT, Ready);
    assert_eq!(asked(site, AGENT), ["NOT_READY", "READY"]);
}

#[tokio::test]
async fn while_finesse_fails_nobody_is_moved_and_the_hold_is_found_again() {
    let (site, desk) = held(false).await;
    site.finesse.desktop(Act::Failing, None).expect("everybody");
    let panel = desk.face("reconnecting").await;
    assert!(panel.why.starts_with("Finesse is not answering; it is tried again."), "{panel:#?}");
    assert_eq!(panel.link, "Waiting for Finesse");
    site.finesse.desktop(Act::Recovered, None).expect("everybody");
    desk.held("Webex DND").await;
    site.stands(AGENT, NotReady);
    released(&site, &desk).await;
    end(site, desk).await;
}

#[tokio::test]
async fn the_hold_moves_with_the_desktop_to_the_other_node() {
    let (site, desk) = held(true).await;
    let scope = Scope { node: Some(Node::Primary), ..Scope::default() };
    site.finesse.fault_in(Fault::OutOfService, scope);
    desk.at(&site.finesse.secondary_url().expect("two nodes")).await;
    desk.ready().await;
    desk.held("Webex DND").await;
    released(&site, &desk).await;
    end(site, desk).await;
}
