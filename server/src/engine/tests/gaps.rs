//! What was lost is found again: a process, a feed, a node, a poll.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_hold_survives_a_restart_and_so_does_a_request_under_way() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    bench.finesse.next_change("0002", Script::AnswerAfter(Duration::from_millis(300)));
    bench.says("0002", "dnd").await;
    bench.finesse.until("the second request is at Finesse", |fake| fake.changes().len() == 2).await;

    let mut bench = bench.restart().await;
    for agent in ["0001", "0002"] {
        bench.says(agent, "dnd").await;
        bench.until_held(agent, true).await;
        bench.says(agent, "active").await;
        bench.until_held(agent, false).await;
        assert_eq!(bench.finesse.state(agent), AgentState::Ready, "{agent}");
    }
    assert!(bench.finesse.most_in_flight("0001") <= 1);
}

#[tokio::test(start_paused = true)]
async fn law_9_a_lost_feed_moves_nobody_and_shows_as_stale_after_5_s() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    bench.engine.send(Message::Feed(FeedEvent::Lost { why: "a test".to_owned() })).await;
    assert!(!bench.row("0001").await.stale);
    bench.until("stale", "0001", |row| row.stale).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
    assert_eq!(bench.finesse.state("0001"), AgentState::NotReady);
}

#[tokio::test(start_paused = true)]
async fn law_9_whoever_is_met_while_the_feed_is_lost_is_stale_and_falls_under_its_policy() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    let presence = PresenceSettings { on_loss: LossPolicy::Release, ..policy().presence };
    bench.engine.send(Message::Policies(Box::new(Policy { presence, ..policy() }.into()))).await;
    bench.engine.send(Message::Feed(FeedEvent::Lost { why: "a test".to_owned() })).await;
    bench.watch_as("somebody-else", &["0001"]).await;
    bench.until("stale", "0001", |row| row.stale).await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.finesse.state("0001"), AgentState::Ready);
}

#[tokio::test(start_paused = true)]
async fn law_2_after_a_fail_over_everybody_is_looked_at_before_a_change() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    tokio::time::advance(Duration::from_millis(5)).await;
    bench.finesse.fail_over();
    let at = bench.finesse.fail_overs().borrow().expect("failed over");
    bench.says("0001", "active").await;
    bench.says("0002", "dnd").await;
    bench.until_held("0001", false).await;
    bench.until_held("0002", true).await;
    let changes = bench.finesse.changes();
    assert_eq!(changes.len(), 3);
    for seen in &changes[1..] {
        assert!(seen.change.seen_at >= at, "{seen:?}, failed over at {at}");
    }
}

/// S0-21: who is in no list of a team that is polled is looked at all the same.
#[tokio::test(start_paused = true)]
async fn s0_21_an_agent_whom_no_poll_shows_is_looked_at_every_five_minutes() {
    let bench = Bench::start().await;
    bench.row("0001").await; // what was said so far is taken in
    bench.finesse.move_agent("0001", "2");
    let before = bench.finesse.reads(Read::Look);
    for _ in 0..99 {
        tokio::time::sleep(Duration::from_secs(3)).await;
        bench.poll().await;
    }
    bench.row("0001").await;
    assert_eq!(bench.finesse.reads(Read::Look), before, "not before five minutes have passed");
    tokio::time::sleep(Duration::from_secs(4)).await;
    bench.finesse.until("looked at", |fake| fake.reads(Read::Look) > before).await;
    assert_eq!(bench.finesse.reads(Read::Look), before + 1, "nobody else is");
}

/// S0-21, law 9: what a lost feed and a poll that was missed left wrong is repaired.
#[tokio::test(start_paused = true)]
async fn s0_15_who_was_made_ready_in_a_gap_is_taken_again() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    tokio::time::advance(Duration::from_millis(5)).await;
    bench.finesse.set_by_system("0001", AgentState::Ready, None);
    bench.finesse.fail_over();
    bench.finesse.until("taken again", |fake| fake.changes().len() == 2).await;
    bench.until_held("0001", true).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady, Target::NotReady]);
}
