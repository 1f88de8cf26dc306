//! Seeds that once broke a law, with what was mended for each.

use std::time::Duration;

use lockstep_dst::campaign::DEFAULT_MINUTES;
use lockstep_dst::{Detail, Order, run};

/// Each in a thread of its own: what a thread keeps must not make seeds depend on each other.
fn assert_well(seeds: &[u64]) {
    for &seed in seeds {
        let span = Duration::from_mins(DEFAULT_MINUTES);
        let order = Order { seed, span, detail: Detail::Usual, whole: false, races: false };
        let ran = std::thread::spawn(move || run(&order)).join();
        let report = ran.expect("a run");
        assert!(report.violations.is_empty(), "seed {seed}: {:?}", report.violations);
    }
}

/// A notice that a look had overtaken showed a state that was over: the hold was given up.
#[test]
fn a_notice_that_comes_late_costs_no_hold() {
    assert_well(&[9, 69, 120]);
}

/// A suspended browser woke up and acted on what had been wanted or seen, by a turn that was long over.
#[test]
fn a_browser_that_wakes_up_does_not_act_by_a_turn_that_is_over() {
    assert_well(&[43, 84, 150, 1570]);
}

/// The gadget's pending `NOT_READY` took effect after the call, when the server had taken over, which
/// knew it for nobody's.
#[test]
fn a_hand_over_during_a_call_loses_no_hold() {
    assert_well(&[66, 147]);
}

/// A slow look came in last, and the next turn began with it: it showed READY from before the hold.
#[test]
fn the_next_turn_does_not_begin_with_an_old_look() {
    assert_well(&[141, 145]);
}

/// An exchanged reason that was seen twenty seconds late counted as somebody else's.
#[test]
fn a_repeated_request_is_known_however_late_it_is_seen() {
    assert_well(&[12]);
}

/// A page began its turn with what it had seen before the server told its time: on another clock.
#[test]
fn a_turn_does_not_begin_with_what_was_seen_on_another_clock() {
    assert_well(&[94, 163, 190]);
}

/// Finesse's clock could not be read when the page was loaded, and was never read again: no change
/// could be told to be ours.
#[test]
fn the_clock_is_read_again_where_it_could_not_be() {
    assert_well(&[102, 108]);
}

/// The server had acted between two turns of a gadget, which took what it had kept for newer than
/// the server's hold.
#[test]
fn what_the_server_did_between_counts_more_than_what_the_tab_kept() {
    assert_well(&[138]);
}

/// A tab's intent crossed the grant of the next one, which knew of none: the agent stayed `NOT_READY`.
#[test]
fn an_intent_that_crosses_a_hand_over_is_not_lost() {
    assert_well(&[21, 25, 33]);
}

/// A gadget had exchanged the reason of a hold, and its last account never came: whoever went on from
/// the ledger took the other reason for somebody's choice.
#[test]
fn a_reason_that_a_gadget_exchanged_unheard_is_still_held() {
    assert_well(&[402, 417, 663, 756, 840, 1357]);
}

/// A request that had been given up as lost landed after the next one was sent, or after the gadget
/// had the turn.
#[test]
fn a_request_that_lands_after_the_next_one_is_known() {
    assert_well(&[919, 999, 1281]);
}

/// A page looked before the server had told its time, and took that look for one of the future.
#[test]
fn a_look_by_another_clock_hides_nothing() {
    assert_well(&[409, 468, 661, 1120]);
}

/// What had waited for the server's word, or for the list of reasons, was asked for although the
/// state had changed meanwhile.
#[test]
fn what_has_waited_is_not_asked_for_in_another_state() {
    assert_well(&[297, 972]);
}

/// The judge did not know a choice that the platform restores after a call, nor wrap-up that a
/// request cut short, nor that the end of an old turn ends no newer one.
#[test]
fn what_nobody_could_know_better_is_no_fault() {
    assert_well(&[318, 337, 373, 876, 1014, 1242, 1429]);
}

/// The server was killed with a gadget's report under way: the tab knows more than the disk.
#[test]
fn what_a_tab_told_a_server_that_was_killed_is_not_lost() {
    assert_well(&[13]);
}
