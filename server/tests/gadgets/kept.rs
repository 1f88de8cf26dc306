//! What a gadget decides is kept like what the server decides.

use lockstep::journal::Reader;
use lockstep_core::Time;
use lockstep_core::agent::{Code, Decision, LedgerEntry};
use lockstep_core::finesse::AgentState;
use lockstep_core::protocol::{Report, ToGadget};
use lockstep_core::why::Side;

use super::rig::{Rig, granted, report, wanted};

#[tokio::test]
async fn a_gadgets_decision_is_in_the_journal_with_our_want_and_our_time() {
    let mut rig = Rig::start("gadget").await;
    let mut tab = rig.tab("0001").await;
    let (term, _) = tab.until("grant", granted).await;
    rig.says("0001", "dnd").await;
    let (sequence, want) = tab.until("a want", wanted("DND")).await;
    let before = rig.clock.now();
    let decided = |code, text: &str| {
        let decision = Decision {
            // A browser's clock may tell anything.
            at: Time::from_millis(7),
            code,
            want: Some(want.clone()),
            state: Some(AgentState::Ready),
            held: false,
            text: text.to_owned(),
        };
        Report { decision: Some(decision), ..report(term, Some(sequence), LedgerEntry::default()) }
    };
    tab.report(decided(Code::Taking, "Asked\nfor.")).await;
    let last = tab.report(decided(Code::Taken, "Done.")).await;
    tab.until("received", |message| match message {
        ToGadget::Received { report } => (*report == last).then_some(()),
        _ => None,
    })
    .await;
    rig.service.stop().await;

    let journal = Reader::open(rig.dir.path()).unwrap().expect("a journal");
    let now = rig.clock.now();
    let mut entries = journal.before("0001", now, 10).unwrap();
    let (taken, taking) = (entries.remove(0), entries.remove(0));
    assert_eq!((taken.code, taking.code), (Some(Code::Taken), Some(Code::Taking)));
    assert_eq!((taking.side, taking.sentence.as_str()), (Side::Gadget, "Askedfor."));
    assert!(
        taking.at >= before && taking.at <= taken.at && taken.at <= now,
        "{taking:?} {taken:?}"
    );
    assert_eq!(taking.wanted, Some(want.wanted.clone()));
    assert_eq!(taking.effect_at, Some(taken.at), "one story");
    assert!(taking.asked.is_none(), "what Finesse answered, only the desktop knows");
    assert!(entries.is_empty(), "{entries:?}");
    assert!(rig.finesse.changes().is_empty());
}
