//! Finesse and Webex are not always there (W3, W4, W12, S4-22).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{Deployment, Fault, Node, Scope};
use lockstep_e2e::{Site, SiteConfig, on_both};

#[tokio::test]
async fn w12_finesse_down_at_boot_and_up_later() {
    on_both(|deployment| async move {
        let mut site = Site::prepare(SiteConfig::new(deployment, 2)).await;
        site.finesse.refuse(Node::Primary, true);
        site.run();
        let page = site.page("/readyz", "it says what is missing", |page| {
            page.json()["finesse"]["detail"].to_string().contains("service")
        });
        assert_eq!(page.await.status, 503);
        assert_eq!(site.get("/healthz").await.status, 200);
        site.presence("agent1002", "dnd");
        site.finesse.refuse(Node::Primary, false);
        site.wait_ready().await;
        site.taken("agent1002").await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn webex_down_at_boot_and_up_later() {
    let mut config = SiteConfig::new(Deployment::Uccx, 2);
    config.webex_faults = vec![webex_sim::Fault::status("", 503)];
    let site = Site::prepare_and_run(config).await;
    let page = site.page("/readyz", "it says what is missing", |page| {
        page.json()["webex"]["feed"] == "lost" && page.json()["finesse"]["ok"] == true
    });
    assert_eq!(page.await.status, 503);
    site.presence("agent1001", "dnd");
    site.webex.clear_faults();
    site.taken("agent1001").await;
    site.end().await;
}

#[tokio::test]
async fn f_refuse_connections_w3_finesse_away_while_agents_are_held_and_back_again() {
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 3)).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.finesse.refuse(Node::Primary, true);
        site.page("/readyz", "not ready", |page| page.status == 503).await;
        site.presence("agent1001", "active");
        site.presence("agent1002", "dnd");
        site.presence("agent1003", "dnd");
        site.decides("agent1002", "finesse_unavailable").await;
        site.presence("agent1003", "active");
        site.stands("agent1001", NotReady);
        site.finesse.refuse(Node::Primary, false);
        site.released("agent1001").await;
        site.taken("agent1002").await;
        site.page("/readyz", "ready again", |page| page.status == 200).await;
        site.two_looks().await;
        site.stands("agent1003", Ready);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn s4_22_the_other_node_takes_over_and_gives_back() {
    on_both(|deployment| async move {
        let mut config = SiteConfig::new(deployment, 1);
        config.finesse = config.finesse.with_secondary();
        let site = Site::start(config).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;

        let own = |node| Scope { node: Some(node), ..Scope::default() };
        site.finesse.fault_in(Fault::OutOfService, own(Node::Primary));
        let words = ["switched to the other finesse node", "OUT_OF_SERVICE"];
        site.says("the switch is told", &words).await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;

        site.finesse.clear_faults();
        site.finesse.refuse(Node::Secondary, true);
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        assert_eq!(site.lines(&["switched to the other finesse node"]).len(), 2);
        assert_eq!(site.asked("agent1001"), ["NOT_READY", "READY", "NOT_READY"]);
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn f_error_before_error_after_reset_connection_law_7_asked_again_only_where_it_had_no_effect()
{
    on_both(|deployment| async move {
        let site = Site::start(SiteConfig::new(deployment, 3)).await;
        site.two_looks().await;
        let once = |user: &str| {
            let user = Some(user.to_owned());
            Scope { user, times: Some(1), method: Some("PUT".to_owned()), ..Scope::default() }
        };
        site.finesse.fault_in(Fault::ErrorAfter { status: 500 }, once("1001001"));
        site.finesse.fault_in(Fault::ErrorBefore { status: 503 }, once("1001002"));
        let reset = Fault::ResetConnection { phase: finesse_sim::Phase::After };
        site.finesse.fault_in(reset, once("1001003"));
        for agent in ["agent1001", "agent1002", "agent1003"] {
            site.presence(agent, "dnd");
        }
        for agent in ["agent1001", "agent1002", "agent1003"] {
            site.taken(agent).await;
            site.presence(agent, "active");
            site.released(agent).await;
        }
        // Asked once: it had taken effect. Asked twice: it had not.
        assert_eq!(site.asked("agent1001"), ["NOT_READY", "READY"]);
        assert_eq!(site.asked("agent1002"), ["NOT_READY", "NOT_READY", "READY"]);
        assert_eq!(site.asked("agent1003"), ["NOT_READY", "READY"]);
        site.end().await;
    })
    .await;
}
