//! `mode = "gadget"`: the gadget acts, the server carries and keeps.

use lockstep_core::agent::{Code, Decision};
use lockstep_core::protocol::{Report, Term, ToGadget};

use super::tab::{Tab, held, kinds, of};
use super::*;
use crate::engine::{OUTBOX, Said};
use crate::finesse::fake::Read;

#[tokio::test(start_paused = true)]
async fn the_server_decides_nothing_for_an_agent_and_tells_the_gadget_what_is_wanted() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    assert_eq!(kinds(&tab.all().await), ["welcome", "wanted", "grant"]);
    bench.says("0001", "dnd").await;
    bench
        .until("wanted", "0001", |row| row.want.as_ref().is_some_and(|w| w.wanted.is_busy()))
        .await;
    assert_eq!(kinds(&tab.all().await), ["wanted"]);
    assert!(tab.want.as_ref().unwrap().wanted.is_busy());
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(bench.finesse.changes(), [], "with and without a gadget");
    assert_eq!(bench.row("0002").await.decided, None);
}

/// Law 2: after a reconnect the last want is a snapshot, which the grant follows.

#[tokio::test(start_paused = true)]
async fn a_gadget_that_comes_back_knows_what_is_wanted_before_it_may_act() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    tab.say(Said::Gone).await;
    bench.says("0001", "dnd").await;
    bench
        .until("wanted", "0001", |row| row.want.as_ref().is_some_and(|w| w.wanted.is_busy()))
        .await;
    let mut again = Tab::open(&bench, "0001", 2).await;
    let came = again.all().await;
    assert_eq!(kinds(&came), ["welcome", "wanted", "grant"]);
    assert!(matches!(&came[1], ToGadget::Wanted { want, .. } if want.wanted.is_busy()));
    assert!(again.term > tab.term);
}

#[tokio::test(start_paused = true)]
async fn the_writers_account_is_the_row_and_the_ledger_and_survives_a_restart() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    assert_eq!(tab.ledger, None, "nothing was ever kept of them");
    bench.says("0001", "dnd").await;
    bench
        .until("wanted", "0001", |row| row.want.as_ref().is_some_and(|w| w.wanted.is_busy()))
        .await;
    tab.all().await;
    let decision = Decision {
        at: Time::default(),
        code: Code::Taken,
        want: tab.want.clone(),
        state: Some(AgentState::NotReady),
        held: true,
        text: "Not Ready is set.\nfinesse.password=forged".to_owned(),
    };
    tab.report(held(), Some(decision)).await;
    let row = bench.row("0001").await;
    assert_eq!(row.ledger, of(tab.term));
    assert_eq!(row.decided, Some("taken"));
    assert_eq!(row.why, "Not Ready is set.finesse.password=forged", "a line stays a line");
    assert_eq!(row.view.unwrap().state, AgentState::NotReady);
    let kept = |bench: &Bench| bench.on_disk().get(&AgentId::new("0001")).cloned();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(kept(&bench), Some(of(tab.term)));

    let bench = bench.restart().await;
    let mut again = Tab::open(&bench, "0001", 1).await;
    again.all().await;
    assert_eq!(again.ledger, Some(of(tab.term)), "in the middle of a hold");
    assert!(again.term > tab.term, "terms grow over a restart");
    let mut other = Tab::open(&bench, "0002", 2).await;
    other.all().await;
    assert_eq!(other.ledger, Some(LedgerEntry::default()), "known to be free: nothing is adopted");
}

#[tokio::test(start_paused = true)]
async fn a_snooze_in_one_tab_is_the_writers_to_do() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut old = Tab::open(&bench, "0001", 1).await;
    let mut new = Tab::open(&bench, "0001", 2).await;
    old.yields(LedgerEntry::default()).await;
    old.all().await;
    new.all().await;
    let until = Time::from_millis(9_000_000);
    old.say(Said::Snooze { until }).await;
    old.say(Said::Unsnooze).await;
    assert_eq!(new.all().await, [ToGadget::Snooze { until }, ToGadget::Unsnooze]);
    assert_eq!(old.all().await, []);
    assert_eq!(bench.row("0001").await.ledger.snoozed_until, None);
}

#[tokio::test(start_paused = true)]
async fn law_9_gadgets_are_told_when_presence_is_lost_and_known_again() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    let lost = FeedEvent::Lost { why: "a test".to_owned() };
    bench.engine.send(Message::Feed(lost)).await;
    let told = tab.all().await;
    assert!(matches!(told[..], [ToGadget::Stale { since: Some(_) }]), "{told:?}");
    let mut late = Tab::open(&bench, "0001", 2).await;
    assert_eq!(kinds(&late.all().await)[..2], ["welcome", "stale"]);
    tab.all().await;
    bench.says("0001", "active").await;
    assert_eq!(tab.all().await, [ToGadget::Stale { since: None }]);
}

/// Law 12: a gadget that does not read costs its connection, and nobody else anything.

#[tokio::test(start_paused = true)]
async fn law_12_a_connection_that_takes_nothing_is_given_up() {
    let mut bench = Bench::start_in(Mode::Gadget).await;
    let mut stuck = Tab::open(&bench, "0001", 2).await;
    let mut other = Tab::open(&bench, "0002", 3).await;
    for round in 0..OUTBOX {
        for agent in ["0001", "0002"] {
            bench.says(agent, if round % 2 == 0 { "dnd" } else { "meeting" }).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        other.all().await;
        other.report(LedgerEntry::default(), None).await;
    }
    assert_eq!(bench.row("0001").await.gadgets, 0);
    assert_eq!(bench.row("0002").await.gadgets, 1);
    while stuck.next().await.is_some() {}
}

#[tokio::test(start_paused = true)]
async fn gadgets_of_who_is_no_longer_watched_are_sent_away_and_nobody_else() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut gone = Tab::open(&bench, "0001", 1).await;
    let mut stays = Tab::open(&bench, "0002", 2).await;
    gone.all().await;
    stays.all().await;
    bench.watch(&["0002"]).await;
    assert_eq!(kinds(&gone.all().await), ["bye"]);
    assert!(gone.next().await.is_none());
    assert_eq!(stays.all().await, []);
    let mut stranger = Tab::open(&bench, "0001", 3).await;
    assert_eq!(kinds(&stranger.all().await), ["bye"]);
}

#[tokio::test(start_paused = true)]
async fn another_policy_brings_every_gadget_back_to_hear_it() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    bench.engine.send(Message::Policies(Box::new(policy_in(Mode::Gadget).into()))).await;
    assert_eq!(tab.all().await, [], "the same policy is no news");
    let mut other = policy_in(Mode::Gadget);
    other.agent.deployment = Deployment::Ccx;
    bench.engine.send(Message::Policies(Box::new(other.into()))).await;
    assert_eq!(kinds(&tab.all().await), ["revoke"]);
    tab.report(LedgerEntry::default(), None).await;
    assert_eq!(kinds(&tab.all().await), ["received", "bye"]);
    let mut again = Tab::open(&bench, "0001", 2).await;
    let came = again.all().await;
    let ToGadget::Welcome { policy, .. } = &came[0] else { panic!("{came:?}") };
    assert_eq!(policy.deployment, Deployment::Ccx);
}

/// `mode = "server"`: gadgets look on.

#[tokio::test(start_paused = true)]
async fn in_server_mode_gadgets_are_shown_what_the_server_does_and_never_act() {
    let mut bench = Bench::start().await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    bench.says("0001", "dnd").await;
    bench.until_held("0001", true).await;
    let came = tab.all().await;
    assert!(!kinds(&came).contains(&"grant"), "{came:?}");
    let shown = came.iter().filter_map(|message| match message {
        ToGadget::Shown(report) => Some(&**report),
        _ => None,
    });
    let shown: Vec<_> = shown.collect();
    assert!(shown.last().expect("it is shown").ledger.hold.is_some());
    let taken = |report: &&Report| {
        report.decision.as_ref().is_some_and(|decision| decision.code == Code::Taken)
    };
    assert!(shown.iter().any(taken), "{shown:#?}");
    // A tab that claims a term is not believed, and a snooze is the server's to do.
    tab.term = Some(Term::default().next());
    tab.report(LedgerEntry::default(), None).await;
    assert!(bench.row("0001").await.ledger.hold.is_some());
    tab.say(Said::Snooze { until: Time::from_millis(90_000_000) }).await;
    assert_eq!(bench.row("0001").await.decided, Some("left_snoozed"));
    assert_eq!(bench.finesse.reads(Read::Identify), 0);
}
