//! The way of a want to the gadget, and of its account back.

use lockstep::finesse::fake::Read;
use lockstep_core::agent::LedgerEntry;
use lockstep_core::protocol::ToGadget;

use super::rig::{Rig, granted, report, wanted};

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
