use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::agent::Hold;
use crate::finesse::AgentState;
use crate::presence::Facts;
use crate::rules::Wanted;

const NOW: Time = Time::from_millis(1_000_000_000);

fn want(status: &str, wanted: Wanted) -> Want {
    Want {
        seq: 1,
        wanted,
        rule: Arc::from("rule"),
        facts: Facts::new().with("status", status).with("meeting_type", "online"),
        since: NOW,
        at: NOW,
        may_be_contact_call: false,
        spared: false,
    }
}

fn view(state: AgentState) -> AgentView {
    AgentView { state, pending: None, reason: None, changed_at: None, busy_elsewhere: None }
}

fn glance<'a>(want: &'a Want, view: &'a AgentView, ledger: &'a LedgerEntry) -> Glance<'a> {
    Glance {
        name: "Ada Adler",
        now: NOW,
        want: Some(want),
        view: Some(view),
        changed_at: None,
        ledger,
        code: Some(Code::Taken),
        writer: Writer::Server,
        stale: false,
        in_webex: true,
        dry_run: false,
        paused: false,
    }
}

fn held() -> LedgerEntry {
    let hold = Hold {
        reason: Arc::from("Webex Meeting"),
        since: NOW,
        from: AgentState::Ready,
        changed_at: None,
        shown: None,
        pending: false,
    };
    LedgerEntry { hold: Some(hold), ..LedgerEntry::default() }
}

#[test]
fn who_is_held_is_told_with_the_cause_and_what_comes_next() {
    let (want, view, ledger) =
        (want("meeting", Wanted::not_ready("Webex Meeting")), view(AgentState::NotReady), held());
    let glance = glance(&want, &view, &ledger);
    let sentence = glance.sentence();
    assert_eq!(sentence, "Ada Adler is in a Webex meeting and is held Not Ready (Webex Meeting).");
    assert_eq!(glance.next(), Some("Ready again when Webex is free."));
    assert_eq!(glance.marks(), []);
}

/// Every decision has a sentence by name that ends, and none of them has jargon.
#[test]
fn every_decision_has_a_sentence_about_the_person() {
    let (want, view, ledger) =
        (want("dnd", Wanted::not_ready("Webex DND")), view(AgentState::Ready), held());
    for code in Code::ALL {
        let glance = Glance { code: Some(code), ..glance(&want, &view, &ledger) };
        let sentence = glance.sentence();
        assert!(sentence.starts_with("Ada Adler ") && sentence.ends_with('.'), "{sentence}");
        for jargon in ["token", "null", "socket", "  ", " .", "NOT_READY"] {
            assert!(!sentence.contains(jargon), "{code:?}: {sentence}");
        }
    }
}

#[test]
fn state_and_wish_may_differ_for_ten_seconds_and_no_longer() {
    let (want, view, ledger) = (
        want("meeting", Wanted::not_ready("Webex Meeting")),
        view(AgentState::Ready),
        LedgerEntry::default(),
    );
    let at = |ms: u64| Glance {
        now: NOW.after(Duration::from_millis(ms)),
        ..glance(&want, &view, &ledger)
    };
    assert_eq!(at(9_999).marks(), []);
    assert_eq!(at(10_000).marks(), [Mark::Mismatch]);
    let changed = NOW.after(Duration::from_secs(5));
    assert_eq!(Glance { changed_at: Some(changed), ..at(14_999) }.marks(), []);
}

#[test]
fn what_is_explained_is_no_mismatch() {
    let late = NOW.after(Duration::from_mins(1));
    let busy = want("meeting", Wanted::not_ready("Webex Meeting"));
    let (spared, view) = (Want { spared: true, ..busy.clone() }, view(AgentState::Ready));
    let quiet = LedgerEntry { quiet: Some(busy.wanted.clone()), ..LedgerEntry::default() };
    let snoozed = LedgerEntry { snoozed_until: Some(late), ..LedgerEntry::default() };
    let plain = LedgerEntry::default();
    let marks = |glance: Glance<'_>| Glance { now: late, ..glance }.marks();
    assert_eq!(marks(glance(&busy, &view, &plain)), [Mark::Mismatch]);
    assert_eq!(marks(glance(&spared, &view, &plain)), [Mark::Spared]);
    assert_eq!(marks(glance(&busy, &view, &quiet)), []);
    assert_eq!(marks(glance(&busy, &view, &snoozed)), [Mark::Snoozed]);
    let dry = Glance { dry_run: true, ..glance(&busy, &view, &plain) };
    assert_eq!(marks(dry), [Mark::DryRun]);
}

#[test]
fn an_agent_whom_nobody_acts_for_is_marked_while_signed_in() {
    let (want, ledger) = (want("active", Wanted::Free), LedgerEntry::default());
    for (state, marks) in
        [(AgentState::Ready, vec![Mark::NoGadget]), (AgentState::Logout, Vec::new())]
    {
        let view = view(state);
        let glance = Glance { writer: Writer::Nobody, ..glance(&want, &view, &ledger) };
        assert_eq!(glance.marks(), marks);
    }
}

mod stories {
    use super::super::story::{Piece, Sums, acts, presence_band, state_band, sums};
    use super::*;
    use crate::why::{Entry, Held, Presence, Side};

    const MINUTE: u64 = 60_000;

    fn at(minute: u64) -> Time {
        Time::from_millis(minute * MINUTE)
    }

    fn entry(minute: u64, code: Code, state: AgentState, status: &str, held: bool) -> Entry {
        let label = "Webex DND";
        let busy = status == "dnd";
        Entry {
            at: at(minute),
            side: Side::Server,
            trial: false,
            code: Some(code),
            sentence: String::new(),
            wanted: Some(if busy { Wanted::not_ready(label) } else { Wanted::Free }),
            presence: Some(Presence {
                facts: Facts::new().with("status", status),
                since: at(minute),
                rule: String::new(),
            }),
            state: Some(state),
            reason: None,
            held: held.then(|| Held {
                reason: Arc::from(label),
                from: AgentState::Ready,
                since: at(minute),
            }),
            asked: None,
            effect_at: None,
        }
    }

    fn morning() -> Vec<Entry> {
        vec![
            entry(0, Code::NothingToDo, AgentState::Ready, "active", false),
            entry(10, Code::Taking, AgentState::Ready, "dnd", false),
            entry(11, Code::Taken, AgentState::NotReady, "dnd", true),
            entry(30, Code::Releasing, AgentState::NotReady, "active", true),
            entry(31, Code::Released, AgentState::Ready, "active", false),
            entry(50, Code::LeftSignedOut, AgentState::Logout, "active", false),
        ]
    }

    #[test]
    fn a_day_is_three_bands() {
        let day = morning();
        let shown = |band: Vec<Piece>| -> Vec<(u64, u64, String, bool)> {
            let minute = |time: Time| time.as_millis() / MINUTE;
            band.into_iter().map(|p| (minute(p.from), minute(p.to), p.text, p.held)).collect()
        };
        let text = |text: &str| text.to_owned();
        assert_eq!(
            shown(presence_band(&day, at(5), at(60))),
            [
                (5, 10, text("Active"), false),
                (10, 30, text("Do not disturb"), false),
                (30, 60, text("Active"), false)
            ]
        );
        assert_eq!(
            shown(state_band(&day, at(5), at(60))),
            [
                (5, 11, text("Ready"), false),
                (11, 31, text("Not Ready (Webex DND)"), true),
                (31, 50, text("Ready"), false),
                (50, 60, text("Signed out"), false)
            ]
        );
        let acted: Vec<_> = acts(&day, at(5)).into_iter().map(|act| (act.side, act.text)).collect();
        assert_eq!(
            acted,
            [("server", text("Not Ready for Webex DND")), ("server", text("Ready again"))]
        );
    }

    /// The states of a dry run are those that would have been.
    #[test]
    fn a_dry_run_tells_what_would_have_been() {
        let rehearsed = |entry: Entry| Entry { trial: true, held: None, ..entry };
        let day: Vec<Entry> = morning().into_iter().map(rehearsed).collect();
        let told = sums(&day, at(0), at(60));
        assert_eq!((told.holds, told.released), (0, 0));
        assert_eq!((told.would_take, told.would_release), (1, 1));
        assert_eq!((told.exposed_before, told.exposed_after), (20 * MINUTE, MINUTE));
    }

    /// Ready in spite of a busy Webex for one minute, and without us it would have been twenty.
    #[test]
    fn minutes_are_summed_while_signed_in() {
        let expected = Sums {
            signed_in: 50 * MINUTE,
            dnd: 20 * MINUTE,
            exposed_before: 20 * MINUTE,
            exposed_after: MINUTE,
            holds: 1,
            released: 1,
            ..Sums::default()
        };
        assert_eq!(sums(&morning(), at(0), at(60)), expected);
        let part = sums(&morning(), at(12), at(22));
        assert_eq!((part.signed_in, part.dnd, part.holds), (10 * MINUTE, 10 * MINUTE, 0));
        assert_eq!(sums(&[], at(0), at(60)), Sums::default());
    }
}
