//! A browser that has slept, and clocks that were told late.

use std::time::Duration;

use super::bench::{Bench, grant, policy, view, want};
use crate::desk::{DeskInput, DeskOutput};
use crate::finesse::{AgentState, Target};
use crate::protocol::ToGadget;

/// Simulated seed 297, law 5: what waited for the server's word is taken in as a whole, before
/// anything is asked for. The last of it may be that the call is over.
#[test]
fn law_5_what_waited_is_known_before_anything_is_asked_for() {
    let mut bench = Bench::writing();
    bench.sees(view(AgentState::Talking, None, 2));
    let old = want(9, "dnd", bench.now);
    bench.now = bench.now.after(Duration::from_secs(20));
    bench.out.clear();
    bench.hears(ToGadget::Wanted { sequence: 9, want: old });
    let report = bench.reports().next().expect("it asks").number;
    bench.sees(view(AgentState::Talking, None, 2));
    bench.sees(view(AgentState::WorkReady, None, 20));
    bench.hears(ToGadget::Received { report });
    assert_eq!(bench.sets(), [], "wrap-up is not cut short");
    bench.sees(view(AgentState::Ready, None, 25));
    assert_eq!(bench.sets(), [(Target::NotReady, Some("7"))]);
}

/// Simulated seeds 409, 661: the page looked before the server, whose clock is a minute behind the
/// browser's, had told its time. Taken for a look of a minute hence, it would hide all that follows.
#[test]
fn law_10_a_look_by_another_clock_hides_nothing() {
    let mut bench = Bench::held();
    let ledger = bench.desk.ledger().cloned();
    let asked_at = bench.now;
    bench.step(DeskInput::LinkDown);
    bench.now = bench.now.before(Duration::from_mins(1));
    bench.links(policy());
    bench.hears(grant(9, ledger));
    bench.out.clear();
    let held = view(AgentState::NotReady, Some("Webex DND"), 2);
    bench.step(DeskInput::Seen { view: held.clone(), asked_at, clock_ahead_ms: 0 });
    assert_eq!(bench.out, [DeskOutput::Look], "by this clock");
    bench.sees(held);
    assert!(bench.hold().is_some());
    bench.step(DeskInput::Pushed { view: view(AgentState::Ready, None, 3), clock_ahead_ms: 0 });
    assert!(bench.hold().is_none(), "READY by hand is seen at once");
}

/// Simulated seed 1570: the answer to a look waited in a suspended browser, and so may the word that it
/// is somebody else's turn by now.
#[test]
fn a_look_that_waited_in_the_browser_is_not_acted_on_before_the_server_says_so() {
    let mut bench = Bench::writing();
    bench.wants("call");
    let asked_at = bench.now;
    bench.now = bench.now.after(Duration::from_secs(20));
    bench.out.clear();
    let ready = view(AgentState::Ready, None, 1);
    bench.lists(&[("9", "Webex Call")]);
    bench.step(DeskInput::Seen { view: ready.clone(), asked_at, clock_ahead_ms: 0 });
    assert_eq!(bench.sets(), []);
    let report = bench.reports().last().expect("it asks").number;
    bench.hears(ToGadget::Received { report });
    bench.sees(ready);
    assert_eq!(bench.sets(), [(Target::NotReady, Some("9"))]);
}
