//! Who is watched, through whom, and as which human.

use super::*;

#[tokio::test(start_paused = true)]
async fn agents_of_a_team_that_nobody_supervises_are_seen_and_told_why_nothing_is_done() {
    let mut bench = Bench::start().await;
    bench.finesse.leave_unsupervised(SALES);
    let agents = ["0001", "0002"];
    bench.watch(&[]).await;
    bench.watch(&agents).await;
    for agent in agents {
        bench.says(agent, "dnd").await;
    }
    for agent in agents {
        bench.until("told", agent, |row| row.decided == Some("not_permitted")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_who_leaves_the_roster_keeps_the_hold_for_when_they_return() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    bench.watch(&["0002"]).await;
    assert_eq!(bench.engine.rows().await.len(), 1);
    bench.watch(&["0001", "0002"]).await;
    bench.poll().await;
    bench.says("0001", "active").await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.finesse.state("0001"), AgentState::Ready);
}

#[tokio::test(start_paused = true)]
async fn a_team_that_nobody_supervises_is_still_looked_at_and_the_refusal_is_told() {
    let mut bench = Bench::start().await;
    bench.finesse.leave_unsupervised(SALES);
    bench.row("0001").await; // what was said so far is taken in
    // What was seen then is too old to honour a call by (law 6).
    tokio::time::advance(Duration::from_secs(2)).await;
    for agent in ["0001", "0002"] {
        bench.says(agent, "call").await;
    }
    for agent in ["0001", "0002"] {
        bench.until("refused", agent, |row| row.decided == Some("not_permitted")).await;
    }
    assert!(bench.finesse.reads(Read::Look) >= 2, "each by a look of its own");
}

#[tokio::test(start_paused = true)]
async fn a_second_agent_of_the_same_human_is_moved_without_hearing_anew() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    let human = Some(PersonId::new("person-0001"));
    let roster =
        ["0001", "0002"].map(|id| Watched { person: human.clone(), ..watched("person", id) });
    bench.engine.send(Message::Roster(Roster { agents: roster.to_vec() })).await;
    bench.until_held("0002", true).await;
}

#[tokio::test(start_paused = true)]
async fn another_human_behind_an_agent_is_heard_before_anything_is_done() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    bench.watch_as("somebody-else", &["0001", "0002"]).await;
    let row = bench.row("0001").await;
    assert!(row.want.is_none() && row.ledger.hold.is_some(), "{row:#?}");
    tokio::time::sleep(Duration::from_mins(2)).await;
    bench.until_held("0001", true).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
    bench.watch(&["0001", "0002"]).await;
    bench.says("0001", "active").await;
    bench.until_held("0001", false).await;
}

/// Law 4: who leaves and comes back while a request is under way has no second one beside it, and
/// its answer is not taken for the answer to another.
#[tokio::test(start_paused = true)]
async fn law_4_who_comes_back_while_a_request_is_under_way_waits_for_it() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    bench.finesse.next_change("0001", Script::AnswerAfter(Duration::from_secs(8)));
    bench.says("0001", "active").await;
    bench.finesse.until("the release is at Finesse", |fake| fake.changes().len() == 2).await;
    bench.watch(&["0002"]).await;
    bench.watch(&["0001", "0002"]).await;
    bench.poll().await;
    bench.says("0001", "active").await;
    bench.until_held("0001", false).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    bench.row("0001").await;
    assert_eq!(bench.finesse.state("0001"), AgentState::Ready);
    assert_eq!(bench.finesse.most_in_flight("0001"), 1);
}

/// Simulated seed 3720: a user who is made anew in Finesse and signs in is no effect of a request
/// from before.
#[tokio::test(start_paused = true)]
async fn law_1_who_comes_back_brings_no_request_from_before() {
    let mut bench = Bench::start().await;
    bench.finesse.next_change("0001", Script::Lose);
    bench.says("0001", "dnd").await;
    bench.finesse.until("the request is at Finesse", |fake| fake.changes().len() == 1).await;
    bench.watch(&["0002"]).await;
    bench.finesse.set_by_system("0001", AgentState::Logout, None);
    bench.finesse.set_by_system("0001", AgentState::NotReady, None);
    bench.watch(&["0001", "0002"]).await;
    bench.poll().await;
    bench.says("0001", "active").await;
    bench.until("left alone", "0001", |row| row.decided == Some("left_not_ours")).await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    bench.poll().await;
    bench.row("0001").await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
}

/// The same within a minute, so that the roster never lacked the agent: only a look says that
/// Finesse does not know them.
#[tokio::test(start_paused = true)]
async fn law_1_who_is_not_known_to_finesse_has_no_request_from_before() {
    let mut bench = Bench::start().await;
    bench.finesse.next_change("0001", Script::Lose);
    bench.says("0001", "dnd").await;
    bench.finesse.until("the request is at Finesse", |fake| fake.changes().len() == 1).await;
    bench.finesse.remove_agent("0001");
    let looks = bench.finesse.reads(Read::Look);
    bench.finesse.until("a look finds nobody", |fake| fake.reads(Read::Look) > looks).await;
    bench.finesse.add_agent("0001", SALES, AgentState::Logout);
    bench.finesse.set_by_system("0001", AgentState::NotReady, None);
    bench.poll().await;
    bench.says("0001", "active").await;
    bench.until("left alone", "0001", |row| row.decided == Some("left_not_ours")).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
}

/// A gadget that is told "not watched" stays away for minutes; one that came too early does not.
#[tokio::test(start_paused = true)]
async fn before_it_is_known_who_is_watched_nobody_is_said_to_be_unwatched() {
    use crate::engine::Unwatched;
    let bench = Bench::start().await;
    bench.watch(&[]).await;
    let asked = async |agent: &str| bench.engine.watches(AgentId::new(agent)).await;
    assert_eq!(asked("0001").await, Err(Unwatched::NotYet));
    bench.watch(&["0001"]).await;
    assert_eq!(asked("0001").await, Ok("login0001".to_owned()));
    assert_eq!(asked("0002").await, Err(Unwatched::NotThem));
}
