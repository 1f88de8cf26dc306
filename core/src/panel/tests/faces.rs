//! Each face by the way that leads to it.

use super::{check, picture};
use crate::Time;
use crate::agent::{LedgerEntry, Snooze};
use crate::desk::tests::bench::{Bench, DND, grant, policy, view};
use crate::desk::{DeskInput, Trouble};
use crate::finesse::AgentState;
use crate::panel::rows::MOST_ROWS;
use crate::panel::{Face, Panel, Shape, SnoozeOffer};
use crate::protocol::{Policy, Refusal, RefusalCode, ToGadget};

#[track_caller]
fn shows(bench: &Bench, face: Face, shape: Shape, state: &str, sentence: &str) -> Panel {
    let panel = check(&bench.desk, bench.now);
    assert_eq!((panel.face, panel.shape, panel.state), (face, shape, state), "{panel:?}");
    assert_eq!(panel.sentence, sentence);
    panel
}

#[test]
fn at_first_it_says_that_it_connects() {
    let bench = Bench::new(None);
    let panel = shows(&bench, Face::Starting, Shape::Unknown, "Not known yet", "Connecting.");
    assert!(!panel.is_spoken() && panel.snooze == SnoozeOffer::None);
}

#[test]
fn free() {
    let mut bench = Bench::writing();
    bench.wants("active");
    let says = "Free in Webex since 10:02. Customers\u{2019} calls reach you.";
    let panel = shows(&bench, Face::Free, Shape::Ready, "Ready", says);
    assert_eq!((&*panel.since, &*panel.link.text, panel.link.live), ("since 10:02", "Live", true));
    assert_eq!(panel.snooze, SnoozeOffer::Offered);
}

#[test]
fn changing_is_not_read_aloud_and_held_is() {
    let mut bench = Bench::writing();
    bench.wants("dnd");
    let says = "Do not disturb in Webex since 10:02. You are being set Not Ready.";
    assert!(!shows(&bench, Face::Changing, Shape::Ready, "Ready", says).is_spoken());
    let request = bench.request();
    bench.replies(request, 202, "", "");
    bench.sees(view(AgentState::NotReady, Some(DND), 2));
    let says =
        "Do not disturb in Webex since 10:02. You were Ready and will be Ready again when it ends.";
    let panel = shows(&bench, Face::Held, Shape::Held, "Not Ready", says);
    assert!(panel.is_spoken() && panel.reason.as_deref() == Some(DND));
    assert_eq!(panel.spoken(), format!("Not Ready, {DND}. {says}"));
}

#[test]
fn each_row_says_what_webex_said_and_what_came_of_it_once() {
    let mut bench = Bench::writing();
    bench.wants("dnd");
    let rows = |bench: &Bench| -> Vec<String> {
        let panel = check(&bench.desk, bench.now);
        panel.rows.into_iter().map(|row| row.text).collect()
    };
    assert_eq!(rows(&bench)[0], format!("Do not disturb in Webex: asking for Not Ready ({DND})"));
    let request = bench.request();
    bench.replies(request, 202, "", "");
    bench.sees(view(AgentState::NotReady, Some(DND), 2));
    assert_eq!(rows(&bench), [format!("Do not disturb in Webex: set Not Ready ({DND})")]);
}

#[test]
fn five_rows_are_shown_whatever_was_asked_for_between_them() {
    let mut bench = Bench::writing();
    for _ in 0..6 {
        bench.wants("busy");
        bench.wants("active");
    }
    assert_eq!(check(&bench.desk, bench.now).rows.len(), MOST_ROWS);
}

#[test]
fn pending_and_wrap_up_say_what_follows() {
    let mut bench = Bench::writing();
    bench.sees(view(AgentState::Talking, None, 2));
    bench.wants("dnd");
    let says = "Do not disturb in Webex since 10:02. You will be Not Ready when this call ends.";
    shows(&bench, Face::Pending, Shape::Call, "Talking", says);
    let mut bench = Bench::writing();
    bench.sees(view(AgentState::Work, None, 2));
    bench.wants("dnd");
    let says = "Do not disturb in Webex since 10:02. You will be Not Ready when wrap-up ends.";
    shows(&bench, Face::WrapUp, Shape::WrapUp, "Wrap-up", says);
}

#[test]
fn a_customers_call_is_left_and_its_echo_ignored() {
    let mut bench = Bench::writing();
    bench.wants("active");
    bench.sees(view(AgentState::Talking, None, 2));
    let says = "A customer\u{2019}s call is left as it is.";
    shows(&bench, Face::OnCall, Shape::Call, "Talking", says);
    bench.wants("call");
    let says = "Your Webex call is this customer\u{2019}s call. Nothing changes.";
    shows(&bench, Face::OnCall, Shape::Call, "Talking", says);
}

#[test]
fn what_was_chosen_is_left_alone() {
    let mut bench = Bench::writing();
    bench.sees(view(AgentState::NotReady, Some("Lunch"), 2));
    bench.wants("dnd");
    let says = "Do not disturb in Webex since 10:02. This Not Ready was chosen, so it stays until you change it.";
    let panel = shows(&bench, Face::LeftAlone, Shape::NotReady, "Not Ready", says);
    assert_eq!(panel.reason.as_deref(), Some("Lunch"));
    let mut bench = Bench::held();
    bench.sees(view(AgentState::Ready, None, 9_999));
    let says = "Do not disturb in Webex since 10:02. You chose Ready, so you are left alone until that changes.";
    shows(&bench, Face::LeftAlone, Shape::Ready, "Ready", says);
}

#[test]
fn a_snooze_says_until_when_and_undo_brings_everything_back() {
    let mut bench = Bench::held();
    let before = check(&bench.desk, bench.now);
    let until = Time::from_millis(bench.now.as_millis() + 1_800_000);
    bench.step(DeskInput::Snooze(Snooze::Until(until)));
    let says =
        "You are left alone until 10:02, as you asked. You stay Not Ready until you change it.";
    let panel = shows(&bench, Face::Snoozed, Shape::NotReady, "Not Ready", says);
    assert_eq!(panel.snooze, SnoozeOffer::Running(Snooze::Until(until)));
    bench.step(DeskInput::Unsnooze);
    let after = check(&bench.desk, bench.now);
    assert_eq!(Panel { rows: Vec::new(), ..after }, Panel { rows: Vec::new(), ..before });
}

/// What the server would not grant is not offered; what runs already can be taken back.
#[test]
fn a_snooze_that_the_policy_does_not_grant_is_not_offered() {
    let mut bench = Bench::writing();
    for (longest, offer) in [(0, SnoozeOffer::None), (60_000, SnoozeOffer::Offered)] {
        let policy = Policy { longest_snooze_ms: Some(longest), ..policy() };
        bench.links(policy);
        bench.hears(grant(2 + longest, Some(LedgerEntry::default())));
        bench.wants("active");
        assert_eq!(check(&bench.desk, bench.now).snooze, offer, "{longest} ms");
    }
    let until = bench.now.after(std::time::Duration::from_mins(1));
    bench.step(DeskInput::Snooze(Snooze::Until(until)));
    bench.links(Policy { longest_snooze_ms: Some(0), ..policy() });
    let offer = check(&bench.desk, bench.now).snooze;
    assert_eq!(offer, SnoozeOffer::Running(Snooze::Until(until)));
}

#[test]
fn stale_presence_is_not_dressed_as_new() {
    let mut bench = Bench::writing();
    bench.wants("active");
    bench.hears(ToGadget::Stale { since: Some(bench.now) });
    let says = "Your Webex presence is not known since 10:02. Your state stays as it is.";
    let panel = shows(&bench, Face::Stale, Shape::Unknown, "Ready", says);
    assert_eq!((panel.link.live, &*panel.link.text), (false, "Webex last known 10:02"));
}

#[test]
fn a_lost_link_is_a_word_and_after_five_seconds_a_face() {
    let mut bench = Bench::writing();
    bench.wants("active");
    bench.step(DeskInput::LinkDown);
    let panel = check(&bench.desk, bench.now);
    assert_eq!((panel.face, &*panel.link.text), (Face::Free, "Reconnecting"));
    assert_eq!(panel.snooze, SnoozeOffer::None, "nobody would hear of it");
    let at = Panel::changes_at(&bench.desk, bench.now).expect("it changes by itself");
    assert_eq!(picture(&bench.desk, at).face, Face::Reconnecting);
    assert_eq!(Panel::changes_at(&bench.desk, at), None);
}

#[test]
fn a_finesse_that_is_gone_leaves_the_state_as_last_known() {
    let mut bench = Bench::writing();
    bench.step(DeskInput::FinesseGone);
    let panel = check(&bench.desk, bench.now);
    assert_eq!((panel.face, &*panel.since), (Face::Reconnecting, "last known"));
}

#[test]
fn nobody_signed_in() {
    let mut bench = Bench::writing();
    bench.sees(view(AgentState::Logout, None, 2));
    let says = "Nothing is done until you sign in to Finesse.";
    shows(&bench, Face::SignedOut, Shape::Unknown, "Signed out", says);
}

#[test]
fn a_missing_reason_is_named_to_the_agent_and_the_administrator() {
    let mut bench = Bench::writing();
    bench.lists(&[("8", "Webex Meeting")]);
    let early = check(&bench.desk, bench.now);
    assert!(early.detail.contains(DND), "before it is needed: {}", early.detail);
    bench.wants("dnd");
    bench.lists(&[("8", "Webex Meeting")]);
    let says = "Do not disturb in Webex since 10:02. Your state stays: Finesse has no reason \u{201c}Webex DND\u{201d} for you. Tell your administrator.";
    let panel = shows(&bench, Face::ReasonMissing, Shape::Trouble, "Reason missing", says);
    assert_eq!(panel.reason.as_deref(), Some("Ready"), "the state stands beside what is wrong");
    assert!(panel.detail.contains(DND) && !panel.detail.contains("Webex Meeting"));
}

#[test]
fn a_refusal_says_what_the_agent_can_do() {
    let mut bench = Bench::writing();
    bench.wants("dnd");
    let request = bench.request();
    bench.replies(request, 405, "", "");
    let says = "Do not disturb in Webex since 10:02. Finesse does not take the change. Please set your state yourself.";
    shows(&bench, Face::Refused, Shape::Trouble, "Not changed", says);
}

/// Design: each blocked face tells the agent that calls are not affected.
#[test]
fn whatever_bars_the_way_calls_are_not_affected() {
    let refused = |code| {
        let message = "the server says what an administrator can do".to_owned();
        Trouble::Refused(Refusal { code, message, retry_after: None })
    };
    let codes = [
        RefusalCode::NotSignedIn,
        RefusalCode::SomebodyElse,
        RefusalCode::NotWatched,
        RefusalCode::WrongOrigin,
        RefusalCode::BadRequest,
        RefusalCode::TooMany,
        RefusalCode::FinesseUnavailable,
        RefusalCode::Token,
        RefusalCode::Other,
    ];
    let others = [Trouble::Unreachable, Trouble::NoSocket, Trouble::NoSignIn];
    for trouble in codes.into_iter().map(refused).chain(others) {
        let mut bench = Bench::new(None);
        bench.step(DeskInput::Trouble(trouble.clone()));
        let panel = check(&bench.desk, bench.now);
        assert_eq!(
            (panel.face, panel.shape, panel.state),
            (Face::Blocked, Shape::Trouble, "Not connected")
        );
        assert!(panel.sentence.ends_with("This does not affect your calls."), "{}", panel.sentence);
        assert!(trouble == Trouble::NoSignIn || !panel.detail.is_empty(), "{trouble:?}: no remedy");
    }
}

#[test]
fn another_version_says_what_to_do() {
    let mut bench = Bench::new(None);
    bench.links(policy());
    bench.hears(grant(1, Some(LedgerEntry::default())));
    let message = "the server is newer than this page; reload the desktop.".to_owned();
    bench.hears(ToGadget::Incompatible { version: 99, message });
    let says = "This panel is out of date: reload the desktop. This does not affect your calls.";
    let panel = shows(&bench, Face::WrongVersion, Shape::Trouble, "Out of date", says);
    assert_eq!(panel.detail, "The server is newer than this page; reload the desktop.");
}
