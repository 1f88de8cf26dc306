use std::sync::Arc;

use super::*;
use crate::Time;
use crate::agent::{Answer, Code};
use crate::finesse::AgentState;
use crate::presence::Facts;
use crate::rules::Wanted;

const NOON: u64 = 43_200_000;

fn at(minutes: u64, seconds: u64) -> Time {
    Time::from_millis(NOON + (minutes * 60 + seconds) * 1_000)
}

fn clock(time: Time) -> String {
    let seconds = time.as_millis() / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn entry(code: Code, time: Time) -> Entry {
    Entry {
        at: time,
        side: Side::Server,
        trial: false,
        code: Some(code),
        sentence: "As it was told.".to_owned(),
        wanted: Some(Wanted::not_ready("Webex Meeting")),
        presence: Some(presence(&[("status", "meeting"), ("meeting_type", "online")], at(2, 12))),
        state: Some(AgentState::Ready),
        reason: None,
        held: None,
        asked: None,
        effect_at: None,
    }
}

fn presence(facts: &[(&str, &str)], since: Time) -> Presence {
    let facts: Facts = facts.iter().copied().collect();
    Presence { facts, since, rule: "meeting".to_owned() }
}

fn held(since: Time) -> Held {
    Held { reason: Arc::from("Webex Meeting"), from: AgentState::Ready, since }
}

fn told(history: &[Entry], unknown: &[Unknown]) -> String {
    let question = Question { name: "Anna Schmidt", at: at(30, 0), clock: &clock };
    answer(question, history, unknown).join(" ")
}

#[test]
fn who_is_held_was_made_not_ready_because_of_something_and_becomes_ready_again() {
    let taking = entry(Code::Taking, at(2, 13));
    let not_ready = Some(AgentState::NotReady);
    let taken =
        Entry { held: Some(held(at(2, 14))), state: not_ready, ..entry(Code::Taken, at(2, 14)) };
    let stays = Entry { code: Some(Code::StaysHeld), at: at(5, 0), ..taken.clone() };
    assert_eq!(
        told(&[stays, taken.clone(), taking.clone()], &[]),
        "Anna Schmidt was made Not Ready (Webex Meeting) at 12:02:14 because of a Webex meeting \
         since 12:02:12. Before that Anna Schmidt was Ready; when it ends, Anna Schmidt is made \
         Ready again. The server did it in a supervisor\u{2019}s name, which is the reason that \
         Finesse shows."
    );
    let by_gadget =
        [Entry { side: Side::Gadget, ..taken.clone() }, Entry { side: Side::Gadget, ..taking }];
    assert!(told(&by_gadget, &[]).contains("The gadget in Anna Schmidt\u{2019}s own desktop"));
    assert!(told(&[taken], &[]).contains("what led to it is no longer known"), "alone");
}

#[test]
fn who_chose_lunch_is_left_alone_since_then() {
    let lunch = Some("Lunch".to_owned());
    let state = Some(AgentState::NotReady);
    let first = Entry { state, reason: lunch.clone(), ..entry(Code::LeftNotOurs, at(0, 0)) };
    let again = Entry { at: at(10, 0), ..first.clone() };
    assert_eq!(
        told(&[again, first], &[]),
        "Left alone since 12:00:00: Anna Schmidt is Not Ready (Lunch), which is not \
         Lockstep\u{2019}s doing. Who chose it, Finesse does not tell."
    );
}

#[test]
fn who_was_released_was_so_because_webex_says_free() {
    let free = Some(presence(&[("status", "active")], at(20, 0)));
    let released =
        Entry { wanted: Some(Wanted::Free), presence: free, ..entry(Code::Released, at(20, 1)) };
    let before = Entry { held: Some(held(at(2, 14))), ..entry(Code::StaysHeld, at(5, 0)) };
    let words = "Anna Schmidt was made Ready again at 12:20:01 because Webex says free since \
         12:20:00. Lockstep had held Anna Schmidt Not Ready (Webex Meeting) since 12:02:14.";
    assert_eq!(told(&[released.clone(), before.clone()], &[]), words);
    let idle = Entry { code: Some(Code::NothingToDo), at: at(20, 2), ..released.clone() };
    let later = Entry { at: at(21, 0), ..idle.clone() };
    let since = "Nothing to do since 12:20:02: Anna Schmidt is Ready, and Webex says free.";
    assert_eq!(told(&[later, idle, released, before], &[]), format!("{words} {since}"));
}

#[test]
fn a_request_tells_how_far_it_got() {
    let asked =
        |answer| Some(Asked { sent_at: at(2, 13), answered_at: at(2, 14), answer: Some(answer) });
    let taking = entry(Code::Taking, at(2, 13));
    assert!(told(std::slice::from_ref(&taking), &[]).contains("answer is not known"));
    let accepted = Entry { asked: asked(Answer::Accepted), ..taking.clone() };
    assert!(told(std::slice::from_ref(&accepted), &[]).contains("took the request at 12:02:14"));
    let seen = Entry { effect_at: Some(at(2, 16)), ..accepted.clone() };
    assert!(told(&[seen], &[]).contains("done at 12:02:16"));
    let later = Entry { effect_at: Some(at(31, 0)), ..accepted };
    assert!(!told(&[later], &[]).contains("done"), "after the moment that is asked for");
    let silent = Entry { asked: asked(Answer::Unknown), ..taking };
    assert!(told(&[silent], &[]).contains("did not simply take it"));
}

#[test]
fn a_dry_run_says_so() {
    let would = told(&[entry(Code::DryRun, at(2, 13))], &[]);
    assert!(would.contains("would have been made Not Ready (Webex Meeting)"), "{would}");
    assert!(would.contains("nothing was touched"), "{would}");
    let trial = Entry { trial: true, ..entry(Code::NothingToDo, at(2, 13)) };
    assert!(told(&[trial], &[]).contains("It was a dry run"));
}

#[test]
fn what_is_not_known_is_said() {
    assert_eq!(told(&[], &[]), "Of Anna Schmidt nothing is known before 12:30:00.");
    let later = Entry { code: None, ..entry(Code::Taken, at(1, 0)) };
    assert_eq!(told(&[later], &[]), "At 12:01:00: As it was told.");
    for (unknown, words) in [
        (Unknown::BeginsAt(at(1, 0)), "begins then"),
        (Unknown::NotWritten { since: at(1, 0), until: None }, "has not been written since"),
        (
            Unknown::NotWritten { since: at(1, 0), until: Some(at(2, 0)) },
            "between 12:01:00 and 12:02:00",
        ),
        (Unknown::Lost { count: 7, since: at(1, 0), until: at(2, 0) }, "lost 7 decisions"),
    ] {
        assert!(told(&[], &[unknown]).contains(words), "{unknown:?}");
    }
}

/// Law 11: whatever was decided has its sentences, and each of them ends.
#[test]
fn law_11_every_code_is_answered_in_sentences() {
    for code in Code::ALL {
        for wanted in [Wanted::not_ready("Webex DND"), Wanted::Free, Wanted::Ignore] {
            for held in [None, Some(held(at(1, 0)))] {
                let one = Entry {
                    wanted: Some(wanted.clone()),
                    held: held.clone(),
                    ..entry(code, at(3, 0))
                };
                let text = told(&[one], &[]);
                assert!(text.ends_with('.') && !text.contains(".."), "{code:?}: {text}");
                assert!(!text.contains('_') && !text.contains("()"), "{code:?}: {text}");
                let named = text.contains("Anna Schmidt") || text.contains("As it was told");
                assert!(named, "{code:?}: {text}");
            }
        }
    }
}

/// Every presence that the rules know has words of its own.
#[test]
fn every_known_presence_is_named() {
    for facts in crate::rules::known_presences() {
        let presence = Some(Presence { facts, since: at(0, 0), rule: String::new() });
        let words = cause(&Entry { presence, ..entry(Code::Taking, at(0, 0)) });
        assert!(!words.is_empty() && !words.contains('\u{201c}'), "{words}");
    }
}
