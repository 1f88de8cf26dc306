//! Two nodes, and the gap between them (S4-22; Finesse notes 1.9; 6, 31 and 38).

use std::time::Duration;

use finesse_sim::AgentState::{Logout, NotReady, Ready};
use finesse_sim::{By, Deployment, Endpoint, Fault, Node, Scope};
use lockstep_e2e::{Site, SiteConfig, on_both};

const SWITCHED: &str = "switched to the other finesse node";

async fn pair(deployment: Deployment, agents: usize) -> Site {
    let mut config = SiteConfig::new(deployment, agents);
    config.finesse = config.finesse.with_secondary();
    Site::start(config).await
}

fn on(node: Node) -> Scope {
    Scope { node: Some(node), ..Scope::default() }
}

/// Every change that reached `node` came after a reading of its team, or of the agent, there.
fn assert_read_before_written(site: &Site, node: Node) {
    let log = site.finesse.log();
    let here = log.iter().filter(|record| record.node == node && record.status.is_some());
    let mut read = Vec::new();
    let mut written = 0;
    for record in here {
        match (record.endpoint, record.method.as_str()) {
            (Endpoint::Team, "GET") if record.status == Some(200) => read.push(None),
            (Endpoint::User, "GET") if record.status == Some(200) => {
                read.push(record.target.clone());
            }
            (Endpoint::User, "PUT") => {
                let seen = read.iter().any(|one| one.is_none() || *one == record.target);
                assert!(seen, "written before anything was read there: {record:#?}");
                written += 1;
            }
            _ => {}
        }
    }
    assert!(written > 0, "nothing was written on {node:?}");
}

#[tokio::test]
async fn f_out_of_service_everybody_is_read_on_the_other_node_before_any_write() {
    on_both(|deployment| async move {
        let site = pair(deployment, 6).await;
        for agent in ["agent1001", "agent1002", "agent1003"] {
            site.presence(agent, "dnd");
            site.taken(agent).await;
        }
        site.finesse.fault_in(Fault::OutOfService, on(Node::Primary));
        // Right into the gap: three let go, three taken.
        for agent in ["agent1001", "agent1002", "agent1003"] {
            site.presence(agent, "active");
        }
        for agent in ["agent1004", "agent1005", "agent1006"] {
            site.presence(agent, "dnd");
        }
        for agent in ["agent1001", "agent1002", "agent1003"] {
            site.released(agent).await;
        }
        for agent in ["agent1004", "agent1005", "agent1006"] {
            site.taken(agent).await;
        }
        assert_eq!(site.lines(&[SWITCHED]).len(), 1);
        assert_read_before_written(&site, Node::Secondary);
        site.end().await;
    })
    .await;
}

/// The node answers everything and says that it lost CTI: only a heartbeat finds that (20 s).
#[tokio::test]
async fn f_system_info_lies_a_node_without_cti_is_left_though_it_answers() {
    on_both(|deployment| async move {
        let site = pair(deployment, 1).await;
        let cti_lost = Fault::SystemInfoLies {
            status: None,
            deployment_type: None,
            cti_heartbeat: Some("failure".to_owned()),
        };
        let id = site.finesse.fault_in(cti_lost, on(Node::Primary));
        site.says("the switch is told", &[SWITCHED, "CTI heartbeat failure"]).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        assert_read_before_written(&site, Node::Secondary);
        // It is back, and nobody moves: the node in use serves.
        site.finesse.end_fault(id);
        site.two_looks().await;
        site.presence("agent1001", "active");
        site.released("agent1001").await;
        assert_eq!(site.lines(&[SWITCHED]).len(), 1, "no way back while the other serves");
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn f_partial_service_is_no_service() {
    on_both(|deployment| async move {
        let site = pair(deployment, 1).await;
        site.finesse.fault_in(Fault::PartialService, on(Node::Primary));
        site.says("the switch is told", &[SWITCHED, "PARTIAL_SERVICE"]).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.page("/readyz", "ready", |page| page.status == 200).await;
        site.end().await;
    })
    .await;
}

#[tokio::test]
async fn f_black_hole_a_node_that_swallows_everything_is_left() {
    let site = pair(Deployment::Ucce, 1).await;
    site.presence("agent1001", "dnd");
    site.taken("agent1001").await;
    site.finesse
        .fault_in(Fault::BlackHole { phase: finesse_sim::Phase::Before }, on(Node::Primary));
    site.presence("agent1001", "active");
    site.says("the switch is told", &[SWITCHED]).await;
    site.released("agent1001").await;
    site.end().await;
}

/// Finesse notes 6, A: who comes back with `Connection Failure` is not ours, and stays so.
#[tokio::test]
async fn f_failover_an_agent_who_comes_back_with_connection_failure_is_left_alone() {
    on_both(|deployment| async move {
        let site = pair(deployment, 2).await;
        for agent in ["agent1001", "agent1002"] {
            site.presence(agent, "dnd");
            site.taken(agent).await;
        }
        site.finesse.fault_in(Fault::OutOfService, on(Node::Primary));
        site.finesse.fail_over();
        let state = if deployment == Deployment::Ucce { "NOT_READY" } else { "LOGOUT" };
        site.by_hand("agent1001", state, Some("Connection Failure"), By::System);
        site.says("the switch is told", &[SWITCHED]).await;
        site.decides("agent1001", "hold_lost").await;
        for agent in ["agent1001", "agent1002"] {
            site.presence(agent, "active");
        }
        site.released("agent1002").await;
        site.two_looks().await;
        let expected = if deployment == Deployment::Ucce { NotReady } else { Logout };
        site.stands("agent1001", expected);
        assert_eq!(site.asked("agent1001"), ["NOT_READY"]);
        site.end().await;
    })
    .await;
}

/// What the node that was left had queued is lost: asked for again within seconds on the other.
#[tokio::test]
async fn f_failover_what_was_queued_and_lost_is_asked_for_again() {
    on_both(|deployment| async move {
        let site = pair(deployment, 1).await;
        site.two_looks().await;
        let slow = site.finesse.fault(Fault::SlowCti { delay_ms: 60_000 });
        site.presence("agent1001", "dnd");
        site.decides("agent1001", "taking").await;
        let accepted = |site: &Site| {
            let log = site.finesse.log();
            log.iter().any(|one| one.method == "PUT" && one.status == Some(202)).then_some(())
        };
        site.wait_for("the request is accepted", accepted).await;
        site.finesse.end_fault(slow);
        site.finesse.fault_in(Fault::OutOfService, on(Node::Primary));
        site.finesse.fail_over();
        let began = tokio::time::Instant::now();
        site.taken("agent1001").await;
        assert_eq!(site.asked("agent1001"), ["NOT_READY", "NOT_READY"]);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(15), "an accepted request is given 20 s: {took:?}");
        site.end().await;
    })
    .await;
}

/// Both nodes are gone and come back: the same as a switch.
#[tokio::test]
async fn f_out_of_service_on_both_nodes_and_back_reads_everybody_again() {
    on_both(|deployment| async move {
        let site = pair(deployment, 3).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        let id = site.finesse.fault(Fault::OutOfService);
        site.says("it is told", &["no finesse node is in service"]).await;
        site.page("/readyz", "not ready", |page| page.status == 503).await;
        site.presence("agent1001", "active");
        site.presence("agent1002", "dnd");
        site.finesse.end_fault(id);
        site.says("it is told", &["finesse is in service again"]).await;
        site.released("agent1001").await;
        site.taken("agent1002").await;
        site.stands("agent1003", Ready);
        site.end().await;
    })
    .await;
}

/// S0-15, law 2: what is wrong after the gap although nothing else is wanted is repaired, and
/// counted.
#[tokio::test]
async fn f_failover_who_was_made_ready_in_the_gap_is_taken_again() {
    on_both(|deployment| async move {
        let site = pair(deployment, 1).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        site.finesse.fault(Fault::OutOfService);
        site.says("it is told", &["no finesse node is in service"]).await;
        site.by_hand("agent1001", "READY", None, By::System);
        site.finesse.clear_faults();
        site.decides("agent1001", "hold_lost").await;
        site.taken("agent1001").await;
        let repaired = |page: &lockstep_e2e::Page| {
            (page.metric("lockstep_repairs_total", "") - 1.0).abs() < 0.1
        };
        site.page("/metrics", "the repair is counted", repaired).await;
        site.end().await;
    })
    .await;
}

/// A node that says that it is in service and answers nothing else is left after three failures.
#[tokio::test]
async fn f_system_info_lies_a_node_that_says_in_service_and_fails_is_left() {
    on_both(|deployment| async move {
        let site = pair(deployment, 1).await;
        for endpoint in [Endpoint::Team, Endpoint::User, Endpoint::Users] {
            let scope = Scope { endpoint: Some(endpoint), ..on(Node::Primary) };
            site.finesse.fault_in(Fault::ErrorBefore { status: 500 }, scope);
        }
        site.says("the switch is told", &[SWITCHED]).await;
        site.presence("agent1001", "dnd");
        site.taken("agent1001").await;
        assert_read_before_written(&site, Node::Secondary);
        site.end().await;
    })
    .await;
}
