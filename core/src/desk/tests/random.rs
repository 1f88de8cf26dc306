//! Inputs in any order: what must be true whatever happens. The panel is read after every one.

use proptest::prelude::*;

use super::bench::{Bench, DND, grant, policy, view};
use crate::agent::{LedgerEntry, Snooze};
use crate::desk::{DeskInput, DeskOutput, MOST_DECISIONS, Trouble};
use crate::finesse::{AgentState, Target};
use crate::panel::tests::check;
use crate::protocol::{Refusal, RefusalCode, Term, ToGadget};

#[derive(Debug, Clone, Copy)]
enum Op {
    Links,
    Loses,
    Barred(RefusalCode),
    Unreachable,
    Grant(u64),
    Revoke(u64),
    Wants(&'static str),
    Sees(AgentState, Option<&'static str>),
    Replies(u16, &'static str),
    Lists(bool),
    ListFails,
    LookFails,
    Finesse { gone: bool },
    Snooze(u8),
    Unsnooze,
    Stale(bool),
    Waits(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let status = prop::sample::select(vec!["active", "dnd", "meeting", "call", "ooo"]);
    let state = prop::sample::select(AgentState::ALL.to_vec());
    let label = prop::sample::select(vec![None, Some(DND), Some("Lunch"), Some("")]);
    let data = prop::sample::select(vec!["", "33", "finesse.api.reasoncode.not_valid"]);
    prop_oneof![
        3 => Just(Op::Links),
        1 => Just(Op::Loses),
        1 => prop::sample::select(vec![
            RefusalCode::NotSignedIn, RefusalCode::NotWatched, RefusalCode::TooMany,
            RefusalCode::Token, RefusalCode::Other,
        ]).prop_map(Op::Barred),
        1 => Just(Op::Unreachable),
        4 => (1u64..5).prop_map(Op::Grant),
        1 => (1u64..5).prop_map(Op::Revoke),
        6 => status.prop_map(Op::Wants),
        6 => (state, label).prop_map(|(state, label)| Op::Sees(state, label)),
        5 => (prop::sample::select(vec![0u16, 202, 400, 401, 404, 500, 503]), data)
            .prop_map(|(status, data)| Op::Replies(status, data)),
        2 => any::<bool>().prop_map(Op::Lists),
        1 => Just(Op::ListFails),
        1 => Just(Op::LookFails),
        1 => any::<bool>().prop_map(|gone| Op::Finesse { gone }),
        2 => (0u8..3).prop_map(Op::Snooze),
        2 => Just(Op::Unsnooze),
        1 => any::<bool>().prop_map(Op::Stale),
        4 => (0u64..40_000).prop_map(Op::Waits),
    ]
}

fn apply(bench: &mut Bench, op: Op, changed: u64) {
    let refusal = |code| Refusal { code, message: "no".to_owned(), retry_after: None };
    match op {
        Op::Links => bench.links(policy()),
        Op::Loses => bench.step(DeskInput::LinkDown),
        Op::Barred(code) => bench.step(DeskInput::Trouble(Trouble::Refused(refusal(code)))),
        Op::Unreachable => bench.step(DeskInput::Trouble(Trouble::Unreachable)),
        Op::Grant(term) => bench.hears(grant(term, Some(LedgerEntry::default()))),
        Op::Revoke(term) => bench.hears(ToGadget::Revoke { term: Term::from_number(term) }),
        Op::Wants(status) => bench.wants(status),
        Op::Sees(state, label) => bench.sees(view(state, label, changed)),
        Op::Replies(status, data) => {
            let last = bench.count(|output| matches!(output, DeskOutput::Set { .. }));
            if last > 0 {
                bench.replies(bench.request(), status, "", data);
            }
        }
        Op::Lists(true) => bench.lists(&[("7", DND), ("8", "Webex Meeting"), ("9", "Webex Call")]),
        Op::Lists(false) => bench.lists(&[("1", "Lunch")]),
        Op::ListFails => bench.step(DeskInput::ReasonsFailed),
        Op::LookFails => bench.step(DeskInput::LookFailed),
        Op::Finesse { gone: true } => bench.step(DeskInput::FinesseGone),
        Op::Finesse { gone: false } => bench.step(DeskInput::FinesseBack),
        Op::Snooze(which) => {
            let soon = crate::Time::from_millis(bench.now.as_millis() + 5_000);
            let kinds = [Snooze::Until(soon), Snooze::UntilPresenceChanges, Snooze::UntilSignIn];
            bench.step(DeskInput::Snooze(kinds[usize::from(which)]));
        }
        Op::Unsnooze => bench.step(DeskInput::Unsnooze),
        Op::Stale(is) => bench.hears(ToGadget::Stale { since: is.then_some(bench.now) }),
        Op::Waits(millis) => bench.waits(millis),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing is asked for without the turn, a READY never without a hold, a `NOT_READY` only with
    /// a reason of the list; and the panel always has something true to say.
    #[test]
    fn whatever_happens_the_desk_keeps_to_its_turn_and_the_panel_to_its_words(
        ops in prop::collection::vec(op(), 1..60),
    ) {
        let mut bench = Bench::new(None);
        for (number, op) in ops.into_iter().enumerate() {
            let had_hold = bench.hold().is_some();
            let before = bench.out.len();
            apply(&mut bench, op, number as u64);
            let new = &bench.out[before..];
            for output in new {
                if let DeskOutput::Set { target, reason, .. } = output {
                    prop_assert!(bench.desk.is_writer(), "{op:?} without the turn: {output:?}");
                    let by_id = *target == Target::Ready || reason.is_some();
                    prop_assert!(by_id, "a reason is configured and none was sent");
                    let may = *target != Target::Ready || had_hold || bench.hold().is_some();
                    prop_assert!(may, "READY without a hold after {op:?}");
                }
            }
            prop_assert!(bench.desk.decisions.len() <= MOST_DECISIONS);
            check(&bench.desk, bench.now);
        }
    }
}
