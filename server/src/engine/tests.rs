//! The engine with its ledger and dispatcher, on fakes and paused time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lockstep_core::agent::{AgentSettings, LedgerEntry};
use lockstep_core::finesse::{Actor, AgentState, Deployment, Target};
use lockstep_core::presence::{Facts, Kind, LossPolicy, Observation, PresenceSettings, Version};
use lockstep_core::rules::Rules;
use lockstep_core::{AgentId, PersonId, TeamId, Time};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::dispatch::{self, JOBS};
use super::{Engine, Handle, MESSAGES, Message, Policy, Roster, Row, Watched};
use crate::clock::Clock;
use crate::finesse::fake::{CallEvent, Fake, Script};
use crate::finesse::{Finesse as _, FinesseError, fake::Read};
use crate::ledger::{self, Database, Store};
use crate::webex::FeedEvent;

const SALES: &str = "1";

struct Bench {
    clock: Clock,
    finesse: Fake,
    engine: Handle,
    dir: TempDir,
    stop: CancellationToken,
    said: u64,
}

impl Bench {
    /// Two agents of one team, both READY and free.
    async fn start() -> Self {
        let clock = Clock::starting_at(Time::from_millis(1_000_000));
        let finesse = Fake::new(Deployment::Cce, clock);
        finesse.add_agent("0001", SALES, AgentState::Ready);
        finesse.add_agent("0002", SALES, AgentState::Ready);
        let dir = tempfile::tempdir().unwrap();
        let mut bench = Self::launch(clock, finesse, dir);
        bench.watch(&["0001", "0002"]).await;
        bench.poll().await;
        for agent in ["0001", "0002"] {
            bench.says(agent, "active").await;
        }
        bench
    }

    fn launch(clock: Clock, finesse: Fake, dir: TempDir) -> Self {
        let mut file = Database::in_dir(dir.path()).unwrap();
        let entries = file.read().unwrap();
        let (messages, inbox) = mpsc::channel(MESSAGES);
        let (commits, to_write) = mpsc::channel(64);
        let (jobs, to_do) = mpsc::channel(JOBS);
        let engine = Handle::new(messages);
        let stop = CancellationToken::new();
        let task = Engine::new(clock, policy(), entries);
        tokio::spawn(task.run(inbox, commits, stop.clone()));
        tokio::spawn(ledger::run(file, to_write, jobs, |_| ()));
        let asking = Arc::new(finesse.clone());
        tokio::spawn(dispatch::run(asking, clock, to_do, engine.clone(), Arc::default()));
        Self { clock, finesse, engine, dir, stop, said: 0 }
    }

    /// Everything in memory is lost; Finesse and the disk stay.
    async fn restart(self) -> Self {
        self.stop.cancel();
        let mut again = Self::launch(self.clock, self.finesse, self.dir);
        again.said = self.said;
        again.watch(&["0001", "0002"]).await;
        again.poll().await;
        again
    }

    async fn watch(&self, agents: &[&str]) {
        self.watch_as("person", agents).await;
    }

    async fn watch_as(&self, person: &str, agents: &[&str]) {
        let agents = agents.iter().map(|id| watched(person, id));
        self.engine.send(Message::Roster(Roster { agents: agents.collect() })).await;
    }

    async fn poll(&self) {
        use crate::finesse::Need;
        let asked_at = self.clock.now();
        let members = self.finesse.team(&TeamId::new(SALES), Need::Routine).await.unwrap();
        self.engine.send(Message::Team { asked_at, members }).await;
    }

    async fn says(&mut self, agent: &str, status: &str) {
        self.said += 1;
        let observation = Observation {
            device: None,
            epoch: 1,
            version: Version::from([("dc".to_owned(), self.said)]),
            source_time: Some(self.clock.now()),
            kind: Kind::Delta,
            facts: Some(Facts::new().with("status", status)),
        };
        let person = PersonId::new(format!("person-{agent}"));
        self.engine.send(Message::Feed(FeedEvent::Observed { person, observation })).await;
    }

    async fn row(&self, agent: &str) -> Row {
        let rows = self.engine.rows().await;
        rows.into_iter().find(|row| row.agent.as_str() == agent).expect("the agent is watched")
    }

    async fn until(&self, what: &str, agent: &str, holds: impl Fn(&Row) -> bool) {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let row = self.row(agent).await;
            if holds(&row) {
                return;
            }
            assert!(Instant::now() < deadline, "never came true: {what}; {row:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn until_held(&self, agent: &str, held: bool) {
        self.until("held", agent, |row| row.ledger.hold.is_some() == held).await;
    }

    fn on_disk(&self) -> BTreeMap<AgentId, LedgerEntry> {
        Database::in_dir(self.dir.path()).unwrap().read().unwrap()
    }

    fn targets(&self, agent: &str) -> Vec<Target> {
        let changes = self.finesse.changes();
        changes
            .iter()
            .filter(|seen| seen.change.agent.as_str() == agent)
            .map(|seen| seen.change.target)
            .collect()
    }
}

fn watched(person: &str, id: &str) -> Watched {
    Watched {
        id: AgentId::new(id),
        login_name: format!("login{id}"),
        name: format!("Name {id}"),
        team: TeamId::new(SALES),
        team_name: "Sales".to_owned(),
        person: Some(PersonId::new(format!("{person}-{id}"))),
    }
}

fn policy() -> Policy {
    Policy {
        rules: Arc::new(Rules::builtin()),
        presence: PresenceSettings::default(),
        agent: AgentSettings { actor: Actor::Supervisor, ..AgentSettings::default() },
    }
}

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
    bench.engine.send(Message::Policy(Policy { presence, ..policy() })).await;
    bench.engine.send(Message::Feed(FeedEvent::Lost { why: "a test".to_owned() })).await;
    bench.watch_as("somebody-else", &["0001"]).await;
    bench.until("stale", "0001", |row| row.stale).await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.finesse.state("0001"), AgentState::Ready);
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
