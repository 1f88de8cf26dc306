//! What each presence leads to (S4-3…S4-8, S4-D2, S4-D7).

use finesse_sim::AgentState::{NotReady, Ready};
use lockstep_e2e::{Site, SiteConfig, on_both};
use webex_sim::Change;

fn change(status: &str, meeting_type: Option<&str>, category: Option<&str>) -> Change {
    Change {
        meeting_type: meeting_type.map(str::to_owned),
        category: category.map(str::to_owned),
        ..Change::to(status)
    }
}

/// Every row of the built-in rules that takes an agent, with its reason.
fn busy() -> [(&'static str, Change, &'static str); 8] {
    [
        ("agent1001", change("dnd", None, None), "Webex DND"),
        ("agent1002", change("call", None, None), "Webex Call"),
        ("agent1003", change("meeting", Some("online"), None), "Webex Meeting"),
        ("agent1004", change("presenting", Some("online"), None), "Webex Meeting"),
        ("agent1005", change("presenting", None, None), "Webex Meeting"),
        ("agent1006", change("unknown", None, Some("unknown")), "Webex Unavailable"),
        ("agent1007", change("unknown", None, None), "Webex Unavailable"),
        ("agent1008", change("dnd", Some("online"), None), "Webex DND"),
    ]
}

#[tokio::test]
async fn s4_3_to_s4_8_each_busy_presence_takes_and_each_free_one_releases() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 8)).await;
        for (agent, presence, _) in busy() {
            site.presence(agent, presence);
        }
        for (agent, _, reason) in busy() {
            let decision = site.decides(agent, "taking").await;
            assert!(decision.wanted.contains(reason), "{agent}: {decision:?}");
            site.taken(agent).await;
            assert_eq!(site.reason(agent), "Supervisor Initiated", "S4-13: no reason can be given");
        }
        for ((agent, _, _), free) in busy().iter().zip(["active", "inactive", "ooo"].iter().cycle())
        {
            site.presence(agent, *free);
        }
        for (agent, _, _) in busy() {
            site.released(agent).await;
            assert_eq!(site.asked(agent), ["NOT_READY", "READY"], "{agent}");
        }
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn s4_d7_what_the_rules_leave_alone_neither_takes_nor_releases() {
    let left = [
        ("agent1001", change("meeting", None, None)),
        ("agent1002", change("meeting", Some("calendar"), None)),
        ("agent1003", change("calendarItem", None, None)),
        ("agent1004", change("busy", None, None)),
        ("agent1005", change("pending", None, None)),
        ("agent1006", change("unknown", None, Some("away"))),
        ("agent1007", change("a-word-of-the-future", None, None)),
    ];
    let site = Site::start(SiteConfig::new(finesse_sim::Deployment::Uccx, 7)).await;
    for (agent, presence) in &left {
        site.presence(agent, presence.clone());
    }
    for (agent, _) in &left {
        site.decides(agent, "left_by_rule").await;
    }
    site.two_looks().await;
    for (agent, _) in &left {
        site.stands(agent, Ready);
        assert!(site.asked(agent).is_empty(), "{agent} was not left alone");
        site.presence(agent, "dnd");
        site.taken(agent).await;
    }
    for (agent, presence) in &left {
        site.presence(agent, presence.clone());
        site.decides(agent, "held_left_alone").await;
    }
    site.two_looks().await;
    for (agent, _) in &left {
        site.stands(agent, NotReady);
        assert_eq!(site.asked(agent), ["NOT_READY"], "{agent} was not left alone");
    }
    site.end().await;
}

#[tokio::test]
async fn s4_d2_dnd_then_call_stays_not_ready_until_free() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 1)).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        for busy in ["call", "presenting", "dnd", "call"] {
            site.presence("agent1001", busy);
            site.decides("agent1001", "stays_held").await;
            site.two_looks().await;
            site.stands("agent1001", NotReady);
        }
        assert_eq!(site.asked("agent1001"), ["NOT_READY"]);
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn law_3_a_free_moment_within_the_hold_down_releases_nobody() {
    let config = SiteConfig::new(finesse_sim::Deployment::Ucce, 1).set("sync", "hold_down", "5s");
    let site = Site::start(config).await;
    site.presence("agent1001", "dnd");
    site.taken("agent1001").await;
    site.presence("agent1001", "active");
    site.presence("agent1001", "call");
    site.decides("agent1001", "stays_held").await;
    site.presence("agent1001", "active");
    site.released("agent1001").await;
    assert_eq!(site.asked("agent1001"), ["NOT_READY", "READY"]);
    site.end().await;
}
