//! Another policy: who acts, or how, is no longer what it was.

use super::tab::{Tab, held, kinds};
use super::*;
use crate::engine::Said;
use crate::engine::tabs::LAST_WORD_WITHIN;

impl Bench {
    async fn changes_to(&self, policy: Policy) {
        self.engine.send(Message::Policies(Box::new(policy.into()))).await;
        self.engine.rows().await;
    }
}

/// What the gadget asked for a moment before would be nobody's: the agent would stay Not Ready.
#[tokio::test(start_paused = true)]
async fn a_gadget_whose_mode_ends_tells_its_last_account_before_the_server_acts() {
    let mut bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    bench.says("0001", "dnd").await;
    bench.finesse.set_by_agent("0001", AgentState::NotReady, Some("Webex DND"));
    tab.all().await;
    // Its report of that is still on its way.
    bench.changes_to(policy_in(Mode::Server)).await;
    // Nor does a further change hurry.
    let mut other = policy_in(Mode::Server);
    other.presence.hold_down = Duration::from_secs(1);
    bench.changes_to(other).await;
    assert_eq!(kinds(&tab.all().await), ["revoke"], "it is asked first");
    let mut ledger = held();
    ledger.hold.as_mut().unwrap().changed_at = bench.finesse.view("0001").changed_at;
    tab.report(ledger, None).await;
    assert_eq!(kinds(&tab.all().await), ["received", "bye"]);
    assert!(bench.row("0001").await.ledger.hold.is_some(), "the hold is known");
    bench.says("0001", "active").await;
    bench.until_held("0001", false).await;
    assert_eq!(bench.finesse.state("0001"), AgentState::Ready);
    assert_eq!(bench.targets("0001"), [Target::Ready]);
}

#[tokio::test(start_paused = true)]
async fn another_policy_waits_for_a_frozen_gadget_by_a_bound() {
    let bench = Bench::start_in(Mode::Gadget).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    let mut other = policy_in(Mode::Gadget);
    other.agent.deployment = Deployment::Ccx;
    bench.changes_to(other).await;
    tokio::time::sleep(LAST_WORD_WITHIN.mul_f32(0.9)).await;
    assert_eq!(kinds(&tab.all().await), ["revoke"]);
    tokio::time::sleep(LAST_WORD_WITHIN.mul_f32(0.2)).await;
    assert_eq!(kinds(&tab.all().await), ["bye"]);
    let mut again = Tab::open(&bench, "0001", 2).await;
    assert_eq!(kinds(&again.all().await), ["welcome", "wanted", "grant"]);
    tab.report(held(), None).await;
    assert_eq!(bench.row("0001").await.ledger, LedgerEntry::default(), "it came too late");
}

/// A desktop that is closed right then is not waited for; one that comes then hears the new policy.
#[tokio::test(start_paused = true)]
async fn a_gadget_that_goes_while_its_last_account_is_awaited_is_awaited_no_longer() {
    let bench = Bench::start_in(Mode::Auto).await;
    let mut tab = Tab::open(&bench, "0001", 1).await;
    tab.all().await;
    bench.changes_to(policy_in(Mode::Server)).await;
    let mut other = Tab::open(&bench, "0001", 2).await;
    tab.say(Said::Gone).await;
    assert_eq!(kinds(&other.all().await).last(), Some(&"bye"));
    assert_eq!(bench.row("0001").await.gadgets, 0);
    let mut again = Tab::open(&bench, "0001", 3).await;
    assert!(!kinds(&again.all().await).contains(&"grant"), "the server acts");
}
