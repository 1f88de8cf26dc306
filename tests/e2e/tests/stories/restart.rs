//! A restart forgets nothing and steals nothing (law 2, S4-23).

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::{By, CallEvent, Deployment};
use lockstep_e2e::{Signal, Site, SiteConfig, on_both};

/// What happens while nobody looks, and afterwards, to agents who were held at the time.
async fn through_a_restart(deployment: Deployment, signal: Signal) {
    let mut site = Site::start(SiteConfig::new(deployment, 5)).await;
    for agent in ["agent1001", "agent1002", "agent1003"] {
        site.presence(agent, "dnd");
        site.taken(agent).await;
    }
    site.call("agent1005", CallEvent::Ring);
    site.call("agent1005", CallEvent::Answer);
    site.two_looks().await;
    site.presence("agent1005", "dnd");
    site.decides("agent1005", "waits_for_call").await;
    site.stop_by(signal).await;

    // 1001 stays as it is, 1002 has lunch, 1003 becomes free, 1004 busy, 1005 is on a call.
    site.by_hand("agent1002", "NOT_READY", Some("Lunch"), By::Agent);
    site.presence("agent1003", "active");
    site.presence("agent1004", "dnd");
    site.run();
    site.wait_ready().await;

    site.decides("agent1001", "stays_held").await;
    site.decides("agent1002", "left_not_ours").await;
    site.released("agent1003").await;
    site.taken("agent1004").await;
    site.decides("agent1005", "waits_for_call").await;
    site.call("agent1005", CallEvent::End);
    site.taken("agent1005").await;
    for agent in ["agent1001", "agent1002"] {
        site.presence(agent, "active");
    }
    site.released("agent1001").await;
    site.decides("agent1002", "left_not_ours").await;
    site.two_looks().await;
    site.stands("agent1002", NotReady);
    assert_eq!(site.asked("agent1001"), ["NOT_READY", "READY"], "no flap");
    assert_eq!(site.asked("agent1002"), ["NOT_READY"]);
    assert_eq!(site.reason("agent1002"), "Lunch");
    site.end().await;
}

#[tokio::test]
async fn s4_23_a_hold_outlives_an_orderly_restart_and_a_humans_change_too() {
    on_both(|deployment| through_a_restart(deployment, Signal::Term)).await;
}

#[tokio::test]
async fn s4_23_a_hold_outlives_a_power_cut_and_a_humans_change_too() {
    on_both(|deployment| through_a_restart(deployment, Signal::Kill)).await;
}

#[tokio::test]
async fn a_restart_with_everybody_free_moves_nobody() {
    let mut site = Site::start(SiteConfig::new(Deployment::Uccx, 3)).await;
    site.by_hand("agent1003", "NOT_READY", None, By::Supervisor);
    for signal in [Signal::Term, Signal::Kill, Signal::Int] {
        site.restart(signal).await;
        for agent in ["agent1001", "agent1002"] {
            site.decides(agent, "nothing_to_do").await;
        }
        site.decides("agent1003", "left_not_ours").await;
        site.two_looks().await;
    }
    for agent in ["agent1001", "agent1002"] {
        site.stands(agent, Ready);
        assert!(site.asked(agent).is_empty());
    }
    assert!(site.asked("agent1003").is_empty());
    site.end().await;
}

#[tokio::test]
async fn the_ledger_is_a_file_that_people_can_read() {
    let site = Site::start(SiteConfig::new(Deployment::Ucce, 1)).await;
    site.presence("agent1001", "dnd");
    site.taken("agent1001").await;
    let holds = |site: &Site| site.folder.ledger_entry("1001001")?.pointer("/hold/reason").cloned();
    let reason = site.wait_for("the hold is in the ledger", holds).await;
    assert_eq!(reason, "Webex DND");
    site.presence("agent1001", "active");
    site.released("agent1001").await;
    let gone = |site: &Site| holds(site).is_none().then_some(());
    site.wait_for("the hold is gone from the ledger", gone).await;
    site.end().await;
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_is_named_and_nobody_is_contacted() {
    let mut site = Site::prepare(SiteConfig::new(Deployment::Uccx, 1)).await;
    let torn = "SQLite format 3\0 and then nothing that belongs there".repeat(50);
    let earlier = "{\"form\":1,\"agents\":{\"10";
    let cases = [("lockstep.db", "not a ledger"), ("lockstep.db", &torn), ("ledger.json", earlier)];
    for (name, text) in cases {
        std::fs::create_dir_all(site.folder.state()).expect("a scratch folder");
        let file = site.folder.state().join(name);
        std::fs::write(&file, text).expect("a scratch folder");
        site.run();
        let exit = site.exit().await;
        assert!(exit.code.is_some_and(|code| code != 0), "{exit:?}");
        let line = site.says("the ledger is named", &[name]).await;
        assert!(line.text.contains("move it away"), "{}", line.text);
        let kept = std::fs::read_to_string(&file).expect("it is still there");
        assert_eq!(kept, text, "what cannot be read is not overwritten");
        std::fs::remove_file(&file).expect("moved away");
    }
    assert_eq!(site.finesse.counters().requests, 0);
    assert_eq!(site.webex.log().len(), 0);
    site.end().await;
}
