//! Presence turns into requests, and requests into holds.

use super::*;

#[tokio::test(start_paused = true)]
async fn busy_takes_an_agent_and_free_releases_them() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    assert_eq!(bench.finesse.state("0001"), AgentState::NotReady);
    bench.says("0001", "active").await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.finesse.state("0001"), AgentState::Ready);
    assert_eq!(bench.targets("0001"), [Target::NotReady, Target::Ready]);
    assert!(bench.targets("0002").is_empty());
}

#[tokio::test(start_paused = true)]
async fn law_1_an_intent_is_on_disk_before_its_request_reaches_finesse() {
    let mut bench = Bench::start().await;
    bench.finesse.next_change("0001", Script::AnswerAfter(Duration::from_secs(2)));
    bench.says("0001", "dnd").await;
    bench.finesse.until("the request is at Finesse", |fake| !fake.changes().is_empty()).await;
    let entry = bench.on_disk().remove(&AgentId::new("0001")).expect("an entry on disk");
    assert!(entry.claim.is_some_and(|claim| !claim.ready));
}

#[tokio::test(start_paused = true)]
async fn many_looks_of_one_team_are_one_reading() {
    let mut bench = Bench::start().await;
    bench.finesse.answer_after(Duration::from_millis(200));
    bench.finesse.apply_after(Duration::from_millis(50));
    for agent in ["0001", "0002"] {
        bench.says(agent, "dnd").await;
    }
    for agent in ["0001", "0002"] {
        bench.until_held(agent, true).await;
    }
    let (looks, teams) = (bench.finesse.reads(Read::Look), bench.finesse.reads(Read::Team));
    assert!(teams >= 2, "the first poll, and one reading for both; looks {looks}, teams {teams}");
}

/// Simulated seed 3966: `NOT_READY` went out to an agent whose call the reading had shown.
#[tokio::test(start_paused = true)]
async fn law_5_a_reading_for_some_of_a_team_tells_of_all_of_it() {
    let mut bench = Bench::start().await;
    bench.finesse.add_agent("0003", SALES, AgentState::Ready);
    bench.watch(&["0001", "0002", "0003"]).await;
    bench.poll().await;
    bench.finesse.answer_after(Duration::from_millis(200));
    bench.finesse.call("0003", CallEvent::Ring);
    for agent in ["0001", "0002"] {
        bench.says(agent, "dnd").await;
    }
    let reserved =
        |row: &Row| row.view.as_ref().is_some_and(|view| view.state == AgentState::Reserved);
    bench.until("is seen on a call", "0003", reserved).await;
}

#[tokio::test(start_paused = true)]
async fn law_5_what_waits_for_a_call_is_applied_after_it() {
    let mut bench = Bench::start().await;
    bench.finesse.call("0001", CallEvent::Ring);
    bench.finesse.call("0001", CallEvent::Answer);
    bench.poll().await;
    bench.says("0001", "dnd").await;
    bench.until("waits", "0001", |row| row.decided == Some("waits_for_call")).await;
    assert!(bench.targets("0001").is_empty());
    bench.finesse.call("0001", CallEvent::End { wrap_up: false });
    bench.poll().await;
    bench.until_held("0001", true).await;
}

#[tokio::test(start_paused = true)]
async fn a_500_after_the_fact_is_seen_to_have_worked() {
    let mut bench = Bench::start().await;
    let broken = FinesseError::Silent { detail: "a test".to_owned() };
    bench.finesse.next_change("0001", Script::ApplyAndFail(broken));
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
    bench.finesse.assert_script_is_spent();
}
