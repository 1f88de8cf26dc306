//! Presence in Webex, seen at the agent's own desktop: state, label and database id (laws 1 and 3).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::Category;
use lockstep_browser::{AGENT, Desk, asked, at_desk, end, free, gadget_site};
use lockstep_e2e::{Site, SiteConfig, on_both};
use webex_sim::Change;

/// Every presence that takes an agent, with its reason and the beginning of the sentence.
fn classes() -> [(Change, &'static str, &'static str); 6] {
    let presenting = Change { status: "presenting".to_owned(), ..Change::online_meeting() };
    let unavailable = Change { category: Some("unknown".to_owned()), ..Change::to("unknown") };
    [
        (Change::to("call"), "Webex Call", "On a Webex call since"),
        (Change::online_meeting(), "Webex Meeting", "Webex meeting since"),
        (presenting, "Webex Meeting", "Sharing in Webex since"),
        (Change::to("presenting"), "Webex Meeting", "Sharing in Webex since"),
        (Change::to("dnd"), "Webex DND", "Do not disturb in Webex since"),
        (unavailable, "Webex Unavailable", "Webex tells no presence since"),
    ]
}

/// Finesse shows the reason of that label, by label and by the database id of this start.
fn has_reason(site: &Site, label: &str) {
    let shown = site.finesse.user(AGENT).and_then(|user| user.reason).expect("a reason");
    let right = site.finesse.reason(Category::NotReady, label).expect("a known label");
    assert_eq!(shown, right);
}

async fn taken(site: &Site, desk: &Desk, presence: Change, label: &str, words: &str) {
    site.presence(AGENT, presence);
    let panel = desk.held(label).await;
    assert!(panel.why.starts_with(words), "{panel:#?}");
    assert!(panel.why.ends_with("You were Ready and will be Ready again when it ends."));
    assert_eq!((panel.state.as_str(), panel.shape.as_str()), ("Not Ready", "held"));
    site.stands(AGENT, NotReady);
    has_reason(site, label);
}

#[tokio::test]
async fn each_presence_class_gives_the_right_label_and_id() {
    on_both(|deployment| async move {
        let site = gadget_site(SiteConfig::new(deployment, 1)).await;
        let desk = at_desk(&site, AGENT).await;
        assert_eq!(desk.face("free").await.state, "Ready");
        for (presence, label, words) in classes() {
            taken(&site, &desk, presence, label, words).await;
            site.presence(AGENT, "active");
            desk.face("free").await;
            site.stands(AGENT, Ready);
        }
        end(site, desk).await;
    })
    .await;
}

#[tokio::test]
async fn one_busy_presence_after_the_other_keeps_the_hold_and_leaving_alone_neither_takes_nor_releases()
 {
    let (site, desk) = free(SiteConfig::new(finesse_sim::Deployment::Ucce, 1)).await;
    for presence in ["calendarItem", "busy", "pending", "something-new"] {
        site.presence(AGENT, presence);
        site.decides(AGENT, "left_by_rule").await;
    }
    assert!(asked(&site, AGENT).is_empty(), "left alone is left alone");
    site.presence(AGENT, "call");
    desk.held("Webex Call").await;
    site.presence(AGENT, "calendarItem");
    site.decides(AGENT, "held_left_alone").await;
    desk.sees("the hold that stays", |panel| {
        panel.why.contains("until Webex says that you are free")
    })
    .await;
    site.stands(AGENT, NotReady);
    site.presence(AGENT, "inactive");
    desk.face("free").await;
    site.stands(AGENT, Ready);
    end(site, desk).await;
}
