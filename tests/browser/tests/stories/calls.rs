//! A customer's call is sacred, and known for what it is (laws 5, 6 and 8).

use std::time::Duration;

use finesse_sim::AgentState::{NotReady, Ready, Talking, Work, WorkReady};
use finesse_sim::{CallEvent, CallOptions, Deployment, EventKind, Via};
use lockstep_browser::{AGENT, Desk, asked, end, free};
use lockstep_e2e::{Site, SiteConfig, on_both};

/// The agent is on a customer's call, and the gadget knows.
async fn on_call(site: &Site, desk: &Desk) {
    site.call(AGENT, CallEvent::Ring);
    site.call(AGENT, CallEvent::Answer);
    desk.sees("the call", |panel| panel.face == "on-call" && panel.state == "Talking").await;
}

fn pending(site: &Site) -> Option<String> {
    site.finesse.user(AGENT).and_then(|user| user.pending_state).map(|state| state.to_string())
}

#[tokio::test]
async fn dnd_during_a_call_pends_on_ucce_and_clears_with_presence() {
    let (site, desk) = free(SiteConfig::new(Deployment::Ucce, 1)).await;
    on_call(&site, &desk).await;
    site.presence(AGENT, "dnd");
    let panel = desk.face("pending").await;
    assert!(panel.why.ends_with("You will be Not Ready when this call ends."), "{panel:#?}");
    site.wait_for("NOT_READY pends in Finesse", |site| {
        pending(site).filter(|to| to == "NOT_READY")
    })
    .await;
    site.stands(AGENT, Talking);
    site.call(AGENT, CallEvent::End);
    desk.held("Webex DND").await;
    site.presence(AGENT, "active");
    desk.face("free").await;
    site.stands(AGENT, Ready);
    end(site, desk).await;
}

#[tokio::test]
async fn dnd_during_a_call_is_applied_after_it_on_uccx_and_never_asked_twice_in_a_call() {
    let (site, desk) = free(SiteConfig::new(Deployment::Uccx, 1)).await;
    on_call(&site, &desk).await;
    for presence in ["dnd", "active", "dnd"] {
        let code = if presence == "dnd" { "waits_for_call" } else { "dropped" };
        site.presence(AGENT, presence);
        site.decides(AGENT, code).await;
    }
    desk.face("pending").await;
    assert!(asked(&site, AGENT).len() <= 1, "once a call at most: {:?}", asked(&site, AGENT));
    site.stands(AGENT, Talking);
    site.call(AGENT, CallEvent::End);
    desk.held("Webex DND").await;
    site.presence(AGENT, "active");
    desk.face("free").await;
    site.stands(AGENT, Ready);
    end(site, desk).await;
}

#[tokio::test]
async fn what_clears_during_the_call_leaves_the_agent_ready_after_it() {
    on_both(|deployment| async move {
        let (site, desk) = free(SiteConfig::new(deployment, 1)).await;
        on_call(&site, &desk).await;
        site.presence(AGENT, "dnd");
        desk.face("pending").await;
        site.presence(AGENT, "active");
        // What pends in Finesse cannot be taken back: it comes, and is released at once.
        let words = "You will be Ready when this call ends.";
        desk.sees("what follows", |panel| panel.face == "pending" && panel.why.ends_with(words))
            .await;
        site.call(AGENT, CallEvent::End);
        desk.face("free").await;
        site.reaches(AGENT, Ready).await;
        end(site, desk).await;
    })
    .await;
}

#[tokio::test]
async fn wrap_up_is_not_cut_short() {
    on_both(|deployment| async move {
        let (site, desk) = free(SiteConfig::new(deployment, 1)).await;
        on_call(&site, &desk).await;
        let lasts = Some(Duration::from_secs(2));
        let options = CallOptions { wrap_up: Some(true), wrap_up_for: lasts, icd: None };
        site.call_with(AGENT, CallEvent::End, options);
        desk.sees("wrap-up", |panel| panel.state == "Wrap-up").await;
        site.presence(AGENT, "dnd");
        let panel = desk.face("wrap-up").await;
        assert_eq!((panel.state.as_str(), panel.shape.as_str()), ("Wrap-up", "wrap-up"));
        desk.held("Webex DND").await;
        site.stands(AGENT, NotReady);
        let history = site.finesse.user(AGENT).and_then(|user| user.history).unwrap_or_default();
        let changes = history.iter().filter(|entry| entry.kind == EventKind::State);
        let over = changes.clone().find(|entry| matches!(entry.from, Work | WorkReady));
        assert_eq!(
            over.map(|entry| entry.via),
            Some(Via::Timer),
            "wrap-up runs its time: {history:#?}"
        );
        end(site, desk).await;
    })
    .await;
}

#[tokio::test]
async fn the_customers_call_seen_from_webex_is_ignored_until_it_outlives_it() {
    on_both(|deployment| async move {
        let (site, desk) = free(SiteConfig::new(deployment, 1)).await;
        on_call(&site, &desk).await;
        site.presence(AGENT, "call");
        site.decides(AGENT, "ignored_contact_call").await;
        let words = "Your Webex call is this customer\u{2019}s call. Nothing changes.";
        desk.sees("the customer's own call", |panel| panel.face == "on-call" && panel.why == words)
            .await;
        site.call(AGENT, CallEvent::End);
        site.presence(AGENT, "active");
        site.decides(AGENT, "nothing_to_do").await;
        assert!(asked(&site, AGENT).is_empty(), "it was the customer's call");
        on_call(&site, &desk).await;
        site.presence(AGENT, "call");
        site.decides(AGENT, "ignored_contact_call").await;
        site.call(AGENT, CallEvent::End);
        // After the grace it is a call of its own.
        desk.held("Webex Call").await;
        site.presence(AGENT, "active");
        desk.face("free").await;
        end(site, desk).await;
    })
    .await;
}
