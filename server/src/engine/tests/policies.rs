//! Each agent by their own policy, and what a policy may ask for.

use super::tab::Tab;
use super::*;
use crate::engine::{Names, Policies, Said};
use crate::schedule::{Schedule, Span};

const FLOOR: usize = 3;

impl Bench {
    async fn applies(&self, policies: impl Into<Policies>) {
        self.engine.send(Message::Policies(Box::new(policies.into()))).await;
    }

    /// For 0002 alone; everybody else by the server.
    async fn for_0002(&self, policy: Policy) {
        let names = Names { agents: vec!["LOGIN0002".to_owned()], teams: Vec::new() };
        self.applies(Policies::from(policy_in(Mode::Server)).with(names, policy)).await;
    }

    fn ready(&self, agents: &[String]) -> usize {
        agents.iter().filter(|id| self.finesse.state(id) == AgentState::Ready).count()
    }

    async fn decided(&self, agent: &str, code: &str) {
        self.until(code, agent, |row| row.decided == Some(code)).await;
    }
}

/// A whole team, watched, READY and free.
async fn team_of(people: usize, policy: Policy) -> (Bench, Vec<String>) {
    let mut bench = Bench::start().await;
    let ids: Vec<String> = (1..=people).map(|number| format!("{number:04}")).collect();
    for id in &ids[2..] {
        bench.finesse.add_agent(id, SALES, AgentState::Ready);
    }
    bench.applies(policy).await;
    bench.watch(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    bench.poll().await;
    for id in &ids {
        bench.says(id, "active").await;
        bench.decided(id, "nothing_to_do").await;
    }
    (bench, ids)
}

/// S3: a meeting of the whole team leaves as many READY as the floor says, and says of whom.
#[tokio::test(start_paused = true)]
async fn a_team_is_never_taken_below_its_floor_and_whoever_comes_back_lets_another_go() {
    let policy = Policy { staffing_floor: FLOOR, ..policy() };
    let (mut bench, ids) = team_of(10, policy).await;
    for id in &ids {
        bench.says(id, "dnd").await;
    }
    for id in &ids[..7] {
        bench.until_held(id, true).await;
    }
    for id in &ids[7..] {
        bench.decided(id, "spared").await;
        assert!(bench.row(id).await.why.contains("too few of the team"));
    }
    bench.poll().await;
    assert_eq!(bench.ready(&ids), FLOOR);
    bench.says("0001", "active").await;
    bench.until_held("0008", true).await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.ready(&ids), FLOOR);
    assert_eq!(bench.targets("0009"), []);
}

/// A floor that comes while somebody waits for the end of a call counts for them as well.
#[tokio::test(start_paused = true)]
async fn a_floor_that_is_switched_on_counts_for_whoever_waits_for_a_calls_end() {
    let (mut bench, _) = team_of(2, policy()).await;
    bench.finesse.call("0001", CallEvent::Ring);
    bench.finesse.call("0001", CallEvent::Answer);
    bench.poll().await;
    bench.says("0001", "dnd").await;
    bench.decided("0001", "waits_for_call").await;
    bench.applies(Policy { staffing_floor: 2, ..policy() }).await;
    bench.finesse.call("0001", CallEvent::End { wrap_up: false });
    bench.poll().await;
    bench.decided("0001", "spared").await;
    assert_eq!(bench.targets("0001"), []);
}

/// Who was left for a floor is taken once there is none.
#[tokio::test(start_paused = true)]
async fn a_floor_that_is_switched_off_leaves_nobody_spared() {
    let (mut bench, _) = team_of(2, Policy { staffing_floor: 2, ..policy() }).await;
    bench.says("0001", "dnd").await;
    bench.decided("0001", "spared").await;
    bench.applies(policy()).await;
    bench.until_held("0001", true).await;
}

/// Nobody's gadget has ever come or gone: the grace counts from the change.
#[tokio::test(start_paused = true)]
async fn who_has_no_tab_when_auto_is_switched_on_is_the_servers_after_the_grace() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    bench.poll().await;
    bench.says("0001", "dnd").await;
    bench.until("busy", "0001", |row| row.want.as_ref().is_some_and(|w| w.wanted.is_busy())).await;
    bench.applies(policy_in(Mode::Auto)).await;
    bench.until_held("0001", true).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
}

#[test]
fn a_side_that_was_not_there_at_the_start_is_not_waited_for() {
    let names = Names { agents: vec!["0001".to_owned()], teams: Vec::new() };
    let policies = Policies::from(policy_in(Mode::Server)).with(names, policy_in(Mode::Gadget));
    let person = watched("person", "0001");
    let mode = |sides| policies.clone().within(sides).of(&person).gadget.mode;
    assert_eq!(
        [Mode::Server, Mode::Gadget, Mode::Auto].map(mode),
        [Mode::Server, Mode::Gadget, Mode::Gadget]
    );
}

/// Left READY, they would only let a customer's call ring out.
#[tokio::test(start_paused = true)]
async fn who_is_on_the_phone_is_taken_whatever_the_floor_is() {
    let policy = Policy { staffing_floor: 2, ..policy() };
    let (mut bench, _) = team_of(2, policy).await;
    bench.says("0001", "call").await;
    bench.until_held("0001", true).await;
    bench.says("0002", "dnd").await;
    bench.decided("0002", "spared").await;
}

/// Whom nobody watches counts as Finesse shows them.
#[tokio::test(start_paused = true)]
async fn agents_who_are_not_watched_count_for_the_floor() {
    let mut bench = Bench::start().await;
    bench.finesse.add_agent("0099", SALES, AgentState::Ready);
    bench.applies(Policy { staffing_floor: 2, ..policy() }).await;
    bench.poll().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    bench.says("0002", "dnd").await;
    bench.decided("0002", "spared").await;
}

/// In gadget mode the want itself says so, and the gadget's machine leaves the agent.
#[tokio::test(start_paused = true)]
async fn a_gadget_is_told_that_its_agent_is_spared() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    bench.applies(Policy { staffing_floor: 2, ..policy_in(Mode::Gadget) }).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    bench.poll().await;
    bench.says("0001", "dnd").await;
    bench
        .until("busy", "0001", |row| {
            row.want.as_ref().is_some_and(|want| want.wanted.is_busy() && want.spared)
        })
        .await;
    tab.all().await;
    assert!(tab.want.as_ref().is_some_and(|want| want.spared));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_decides_and_touches_nothing_until_it_ends() {
    let mut bench = Bench::start().await;
    let mut dry = policy();
    dry.gadget.dry_run = true;
    bench.applies(dry).await;
    bench.says("0001", "dnd").await;
    bench.decided("0001", "stays_held").await;
    let row = bench.row("0001").await;
    assert!(row.why.starts_with("Dry run") && row.ledger.hold.is_none(), "{row:#?}");
    assert_eq!((bench.finesse.changes(), bench.finesse.state("0001")), (vec![], AgentState::Ready));
    assert!(bench.on_disk().values().all(|entry| entry.hold.is_none()));
    bench.applies(policy()).await;
    bench.until_held("0001", true).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
}

/// A dry run that begins over a hold keeps it in the ledger, and it is released afterwards.
#[tokio::test(start_paused = true)]
async fn what_is_held_when_a_dry_run_begins_is_released_after_it() {
    let mut bench = Bench::start().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    let mut dry = policy();
    dry.gadget.dry_run = true;
    bench.applies(dry).await;
    bench.says("0001", "active").await;
    bench.decided("0001", "nothing_to_do").await;
    assert_eq!(bench.finesse.state("0001"), AgentState::NotReady);
    assert!(bench.row("0001").await.ledger.hold.is_some());
    bench.applies(policy()).await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.finesse.state("0001"), AgentState::Ready);
}

/// An agent whose mode is `gadget` is never written by the server, also while running.
#[tokio::test(start_paused = true)]
async fn each_agent_has_a_mode_of_their_own() {
    let mut bench = Bench::start().await;
    bench.for_0002(policy_in(Mode::Gadget)).await;
    for agent in ["0001", "0002"] {
        bench.says(agent, "dnd").await;
    }
    bench.until_held("0001", true).await;
    bench.until("busy", "0002", |row| row.want.as_ref().is_some_and(|w| w.wanted.is_busy())).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(bench.targets("0002"), []);
    let tab = Tab::open(&bench, "0002", 1).await;
    bench.until("the gadget acts", "0002", |row| row.by_gadget).await;
    // And back: the gadget only shows from then on.
    bench.applies(policy()).await;
    bench.until_held("0002", true).await;
    assert!(!bench.row("0002").await.by_gadget);
    drop(tab);
}

/// In an `auto` site an agent of the mode `server` waits for no gadget.
#[tokio::test(start_paused = true)]
async fn a_gadget_of_an_agent_of_server_mode_only_shows() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    let names = Names { teams: vec!["sales".to_owned()], agents: Vec::new() };
    bench.applies(Policies::from(policy_in(Mode::Auto)).with(names, policy())).await;
    let _tab = Tab::open(&bench, "0001", 1).await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    assert_eq!(bench.targets("0001"), [Target::NotReady]);
}

/// Outside the schedule nobody is taken; who is held then is released as ever.
#[tokio::test(start_paused = true)]
async fn a_schedule_opens_and_closes_and_a_hold_outlives_it() {
    let mut bench = Bench::start().await;
    // The simulated time begins on a Thursday at 00:16:40.
    let span = Span { days: vec![jiff::civil::Weekday::Thursday], from: 30, to: 60 };
    let schedule = Schedule::new("UTC", vec![span]);
    bench.applies(Policy { schedule, ..policy() }).await;
    bench.says("0001", "dnd").await;
    bench.decided("0001", "left_by_rule").await;
    tokio::time::sleep(Duration::from_mins(14)).await;
    bench.poll().await;
    bench.until_held("0001", true).await;
    tokio::time::sleep(Duration::from_mins(30)).await;
    bench.poll().await;
    bench.decided("0001", "held_left_alone").await;
    bench.says("0001", "active").await;
    bench.until_held("0001", false).await;
    bench.says("0001", "dnd").await;
    bench.decided("0001", "left_by_rule").await;
    assert_eq!(bench.targets("0001"), [Target::NotReady, Target::Ready]);
}

#[tokio::test(start_paused = true)]
async fn a_snooze_lasts_no_longer_than_the_policy_lets_it() {
    let bench = Bench::start().await;
    let mut short = policy();
    short.gadget.longest_snooze = Some(Duration::from_hours(2));
    bench.applies(short.clone()).await;
    let tab = Tab::open(&bench, "0001", 1).await;
    let until = bench.clock.now().after(Duration::from_hours(9));
    tab.say(Said::Snooze { until }).await;
    bench.until("snoozed", "0001", |row| row.ledger.snoozed_until.is_some()).await;
    let allowed = bench.row("0001").await.ledger.snoozed_until.unwrap();
    assert!(allowed <= bench.clock.now().after(Duration::from_hours(2)), "{allowed:?}");
    tab.say(Said::Unsnooze).await;
    short.gadget.longest_snooze = Some(Duration::ZERO);
    bench.applies(short).await;
    let tab = Tab::open(&bench, "0001", 2).await;
    tab.say(Said::Snooze { until }).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.row("0001").await.ledger.snoozed_until, None, "none is offered");
}
