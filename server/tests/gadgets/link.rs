//! The way of a want to the gadget, and of its account back.

use lockstep::finesse::fake::Read;
use lockstep_core::Time;
use lockstep_core::agent::{Hold, LedgerEntry};
use lockstep_core::finesse::AgentState;
use lockstep_core::protocol::{Report, ToGadget};

use super::client::Tab;
use super::rig::{ORIGIN, Rig, granted, report, wanted};

#[tokio::test]
async fn what_webex_says_reaches_the_gadget_that_acts_and_its_account_comes_back() {
    let mut rig = Rig::start("gadget").await;
    let mut tab = rig.tab("0001").await;
    let (term, _) = tab.until("grant", granted).await;
    rig.says("0001", "dnd").await;
    let (sequence, _) = tab.until("a want", wanted("DND")).await;
    let number = tab.report(report(term, Some(sequence), LedgerEntry::default())).await;
    tab.until("received", |message| match message {
        ToGadget::Received { report } => (*report == number).then_some(()),
        _ => None,
    })
    .await;
    assert_eq!(rig.finesse.changes(), [], "the server itself asks for nothing");
    assert_eq!(rig.finesse.reads(Read::Identify), 1);
    rig.service.stop().await;
}

/// Socket.IO says that a gadget is in before it calls whoever serves it; a hello that comes at once
/// must find somebody who listens.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_says_hello_at_once_is_heard() {
    let rig = Rig::start("gadget").await;
    let token = rig.session("0001").await.token;
    for _ in 0..300 {
        let mut tab = Tab::with_token(rig.service.address(), ORIGIN, &token).await;
        tab.until("welcome", |message| matches!(message, ToGadget::Welcome { .. }).then_some(()))
            .await;
    }
    rig.service.stop().await;
}

/// S4-19: what is Anna's reaches Anna only.
#[tokio::test]
async fn an_agent_neither_sees_nor_moves_another() {
    let mut rig = Rig::start("gadget").await;
    let (mut one, mut other) = (rig.tab("0001").await, rig.tab("0002").await);
    let (term, _) = one.until("grant", granted).await;
    other.until("grant", granted).await;
    rig.says("0001", "dnd").await;
    let (sequence, _) = one.until("a want", wanted("DND")).await;
    // A report has no room for anybody's name; one that names somebody else is still one's own.
    one.report(report(term, Some(sequence), held())).await;
    one.until("received", received).await;
    rig.says("0002", "presenting").await;
    let (_, want) = other.until("a want", wanted("Meeting")).await;
    assert!(want.facts.get("status") == Some("presenting"));
    let rows = rig.get("/metrics").await.1;
    // A number that is measured may have any digits.
    let names = rows.lines().filter_map(|row| row.rsplit_once(' ')).map(|(name, _)| name);
    for name in names {
        assert!(!name.contains("0001") && !name.contains("0002"), "an agent's id: {name}");
    }
    let rig = rig.restart().await;
    let mut other = rig.tab("0002").await;
    let (_, ledger) = other.until("grant", granted).await;
    assert_eq!(ledger, Some(LedgerEntry::default()));
    rig.service.stop().await;
}

#[tokio::test]
async fn after_a_restart_in_the_middle_of_a_hold_the_ledger_comes_with_the_grant() {
    let mut rig = Rig::start("gadget").await;
    let mut tab = rig.tab("0001").await;
    let (before, _) = tab.until("grant", granted).await;
    rig.says("0001", "dnd").await;
    let (sequence, _) = tab.until("a want", wanted("DND")).await;
    tab.report(report(before, Some(sequence), held())).await;
    tab.until("received", received).await;

    let mut rig = rig.restart().await;
    let ended = tab.until_over().await;
    assert!(matches!(ended.last(), Some(ToGadget::Bye { .. })), "{ended:?}");
    let mut tab = rig.tab("0001").await;
    let (after, ledger) = tab.until("grant", granted).await;
    assert_eq!(ledger, Some(LedgerEntry { term: before, ..held() }));
    assert!(after > before);
    // Nothing is wanted until Webex was heard, and what comes then is a want, never a command.
    rig.says("0001", "dnd").await;
    tab.until("a want", wanted("DND")).await;
    assert_eq!(rig.finesse.changes(), []);
    rig.service.stop().await;
}

#[tokio::test]
async fn of_two_tabs_one_acts_and_a_tab_that_comes_back_gets_what_is_wanted_now() {
    let mut rig = Rig::start("gadget").await;
    let mut old = rig.tab("0001").await;
    let (first, _) = old.until("grant", granted).await;
    let mut new = rig.tab("0001").await;
    old.until("revoke", |message| match message {
        ToGadget::Revoke { term } => (*term == first).then_some(()),
        _ => None,
    })
    .await;
    let last = Report { last: true, ..report(first, None, LedgerEntry::default()) };
    old.report(last).await;
    let (second, _) = new.until("grant", granted).await;
    assert!(second > first);
    rig.says("0001", "dnd").await;
    let (sequence, _) = new.until("a want", wanted("DND")).await;
    new.report(report(second, Some(sequence), held())).await;
    let shown = old.until("shown", shown).await;
    assert_eq!(shown.ledger.hold, held().hold);
    drop(new);
    let (third, ledger) = old.until("grant", granted).await;
    assert!(third > second);
    assert_eq!(ledger, Some(LedgerEntry { term: second, ..held() }));
    rig.says("0001", "active").await;
    old.until("a want", wanted("free")).await;
    drop(old);
    let mut again = rig.tab("0001").await;
    again.until("what is wanted now", wanted("free")).await;
    rig.service.stop().await;
}

#[tokio::test]
async fn in_server_mode_a_gadget_only_looks_on() {
    let mut rig = Rig::start("server").await;
    let mut tab = rig.tab("0001").await;
    rig.says("0001", "dnd").await;
    let shown = tab
        .until("the server's hold", |message| {
            shown(message).filter(|report| report.ledger.hold.is_some())
        })
        .await;
    assert_eq!(shown.term, None);
    assert!(!rig.finesse.changes().is_empty());
    rig.service.stop().await;
}

fn held() -> LedgerEntry {
    let hold = Hold {
        reason: "Webex DND".into(),
        since: Time::from_millis(1_000),
        from: AgentState::Ready,
        changed_at: Some(Time::from_millis(900)),
        shown: None,
        pending: false,
    };
    LedgerEntry { hold: Some(hold), ..LedgerEntry::default() }
}

fn received(message: &ToGadget) -> Option<()> {
    matches!(message, ToGadget::Received { .. }).then_some(())
}

fn shown(message: &ToGadget) -> Option<Report> {
    match message {
        ToGadget::Shown(report) => Some((**report).clone()),
        _ => None,
    }
}
