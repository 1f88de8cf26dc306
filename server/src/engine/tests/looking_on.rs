use super::*;
use crate::engine::Told;

async fn told(bench: &Bench, most: usize) -> (Vec<String>, Vec<String>, bool) {
    let news = bench.engine.news(most).await.expect("the engine runs");
    let rows = news.rows.into_iter().map(|row| row.agent.to_string()).collect();
    (rows, news.gone.iter().map(ToString::to_string).collect(), news.more)
}

/// Some at a time, so that nobody waits behind a row of ten thousand; everybody once.
#[tokio::test(start_paused = true)]
async fn whoever_looks_on_is_told_of_everybody_and_then_of_what_is_new() {
    let mut bench = Bench::start().await;
    bench.until("free", "0002", |row| row.decided == Some("nothing_to_do")).await;
    assert_eq!(told(&bench, 1).await, (vec!["0001".to_owned()], vec![], true));
    assert_eq!(told(&bench, 1).await, (vec!["0002".to_owned()], vec![], false));
    assert_eq!(told(&bench, 9).await, (vec![], vec![], false));
    bench.says("0002", "busy").await;
    bench.says("0002", "inactive").await;
    bench.engine.turns().await;
    assert_eq!(told(&bench, 9).await, (vec!["0002".to_owned()], vec![], false), "once");
    bench.watch(&["0002"]).await;
    assert_eq!(told(&bench, 9).await.1, ["0001"]);
    bench.engine.send(Message::NoNews).await;
    bench.watch(&["0001", "0002"]).await;
    let (rows, gone, _) = told(&bench, 9).await;
    assert_eq!((rows.len(), gone.len()), (2, 0), "from the beginning");
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_by_itself_and_whoever_is_busy_then_is_taken() {
    let mut bench = Bench::start().await;
    bench.until("free", "0001", |row| row.decided == Some("nothing_to_do")).await;
    let (team, until) = (TeamId::new(SALES), bench.clock.now().after(Duration::from_mins(10)));
    let paused = bench.engine.pause(team, Some(until), Arc::from("boss")).await;
    assert_eq!(paused, Some(Told::Done));
    bench.says("0001", "dnd").await;
    bench.until("left alone", "0001", |row| row.paused && row.ledger.hold.is_none()).await;
    tokio::time::sleep(Duration::from_secs(9 * 60 + 30)).await;
    assert_eq!(bench.targets("0001"), []);
    bench.until_held("0001", true).await;
    assert!(bench.clock.now() >= until && !bench.row("0001").await.paused);
}

/// Law 1: a supervisor's word releases a hold, and nobody else.
#[tokio::test(start_paused = true)]
async fn law_1_only_who_is_held_is_released_by_a_supervisor() {
    use crate::engine::Deed;
    let mut bench = Bench::start().await;
    bench.finesse.set_by_agent("0002", AgentState::NotReady, Some("Lunch"));
    bench.poll().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    let ask = |agent| bench.engine.ask(AgentId::new(agent), Deed::Release, Arc::from("boss"));
    assert_eq!(ask("0002").await, Some(Told::NotHeld));
    assert_eq!(ask("9999").await, Some(Told::NotWatched));
    assert_eq!(ask("0001").await, Some(Told::Done));
    bench.until_held("0001", false).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady, Target::Ready]);
    assert_eq!(bench.targets("0002"), []);
    // Drift is looked for, and what was released stays so.
    tokio::time::sleep(Duration::from_mins(20)).await;
    assert_eq!(bench.targets("0001").len(), 2);
}
