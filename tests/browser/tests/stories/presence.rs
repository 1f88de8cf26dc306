//! Presence in Webex, seen at the agent's own desktop: state, label and database id.

use finesse_sim::{AgentState, Category, Deployment};
use lockstep_browser::{at_desk, gadget_site, pictures};
use lockstep_e2e::SiteConfig;

#[tokio::test]
async fn each_presence_class_gives_the_right_label_and_id() {
    let site = gadget_site(SiteConfig::new(Deployment::Ucce, 1)).await;
    let desk = at_desk(&site, "agent1001").await;
    desk.browser.shows(".ls-state", "Ready", |text| text == "Ready").await;
    for (presence, label) in [("dnd", "Webex DND"), ("call", "Webex Call")] {
        site.presence("agent1001", presence);
        desk.browser.shows(".ls-reason", label, |text| text.contains(label)).await;
        site.reaches("agent1001", AgentState::NotReady).await;
        let shown = site.finesse.user("agent1001").and_then(|user| user.reason).expect("a reason");
        let right = site.finesse.reason(Category::NotReady, label).expect("a known label");
        assert_eq!(shown, right);
        desk.browser.picture(&pictures().join(format!("held-{presence}.png"))).await;
        site.presence("agent1001", "active");
        site.reaches("agent1001", AgentState::Ready).await;
    }
    drop(desk);
    site.end().await;
}
