//! The built-in rules are the table of the requirements, S4.

use crate::presence::Facts;
use crate::rules::{DEFAULT, FACTS, Mode, OTHER, Rules, Wanted, known_presences};

fn wanted(facts: &[(&str, &str)]) -> Wanted {
    Rules::builtin().evaluate(&facts.iter().copied().collect()).wanted
}

fn reason(facts: &[(&str, &str)]) -> String {
    match wanted(facts) {
        Wanted::NotReady { reason } => reason.to_string(),
        other => panic!("{facts:?} gives {other}"),
    }
}

#[test]
fn s4_3_dnd_is_not_ready() {
    assert_eq!(reason(&[("status", "dnd")]), "Webex DND");
}

#[test]
fn s4_4_a_call_is_not_ready() {
    assert_eq!(reason(&[("status", "call")]), "Webex Call");
}

#[test]
fn s4_5_only_an_online_meeting_is_not_ready() {
    assert_eq!(reason(&[("status", "meeting"), ("meeting_type", "online")]), "Webex Meeting");
    assert_eq!(wanted(&[("status", "meeting"), ("meeting_type", OTHER)]), Wanted::Ignore);
}

#[test]
fn s4_6_presenting_is_not_ready_unless_the_meeting_is_of_another_type() {
    assert_eq!(reason(&[("status", "presenting"), ("meeting_type", "online")]), "Webex Meeting");
    assert_eq!(reason(&[("status", "presenting")]), "Webex Meeting");
    assert_eq!(wanted(&[("status", "presenting"), ("meeting_type", OTHER)]), Wanted::Ignore);
}

#[test]
fn s4_7_unknown_is_not_ready_when_the_category_does_not_say_otherwise() {
    assert_eq!(reason(&[("status", "unknown"), ("category", "unknown")]), "Webex Unavailable");
    assert_eq!(reason(&[("status", "unknown")]), "Webex Unavailable");
    assert_eq!(wanted(&[("status", "unknown"), ("category", OTHER)]), Wanted::Ignore);
}

#[test]
fn s4_8_a_cleared_presence_is_free() {
    for status in ["active", "inactive", "ooo"] {
        assert_eq!(wanted(&[("status", status)]), Wanted::Free, "{status}");
    }
}

#[test]
fn s4_d1_what_is_not_known_moves_nobody() {
    for status in ["quiet", "clear", "", "available", "something new"] {
        let facts = Facts::new().with("status", status);
        let rules = Rules::builtin();
        let matched = rules.evaluate(&facts);
        assert_eq!((matched.rule, matched.wanted), (DEFAULT, Wanted::Ignore), "{status}");
    }
    assert_eq!(wanted(&[]), Wanted::Ignore);
}

#[test]
fn s4_d2_no_busy_presence_is_ever_free() {
    let rules = Rules::builtin();
    let free = ["active", "inactive", "ooo"];
    for facts in known_presences() {
        let status = facts.get("status").unwrap_or_default();
        let is_free = rules.evaluate(&facts).wanted == Wanted::Free;
        assert_eq!(is_free, free.contains(&status), "{facts:?}");
    }
}

#[test]
fn s4_d7_a_meeting_in_the_calendar_is_left_alone() {
    assert_eq!(wanted(&[("status", "meeting")]), Wanted::Ignore);
    assert_eq!(wanted(&[("status", "calendarItem")]), Wanted::Ignore);
    assert_eq!(wanted(&[("status", "busy")]), Wanted::Ignore);
    assert_eq!(wanted(&[("status", "pending")]), Wanted::Ignore);
}

#[test]
fn every_known_presence_has_a_row_of_its_own() {
    let rules = Rules::builtin();
    for facts in known_presences() {
        assert_ne!(rules.evaluate(&facts).rule, DEFAULT, "{facts:?}");
    }
    for rule in rules.rules() {
        let met = known_presences().iter().any(|facts| rules.evaluate(facts).rule == rule.id());
        assert!(met, "{} is met by nothing", rule.id());
    }
}

#[test]
fn values_match_in_any_case() {
    let shouted: Facts = [("status", "MEETING"), ("meeting_type", "Online")].into_iter().collect();
    assert_eq!(Rules::builtin().evaluate(&shouted).rule, "meeting-online");
    assert_eq!(wanted(&[("status", "CalendarItem")]), Wanted::Ignore);
}

#[test]
fn the_built_in_rules_are_clean_in_every_mode() {
    for mode in Mode::ALL {
        assert_eq!(Rules::builtin().check(mode), [], "{mode}");
    }
}

#[test]
fn s4_11_the_four_labels_are_known() {
    let labels = ["Webex Call", "Webex DND", "Webex Meeting", "Webex Unavailable"];
    assert!(Rules::builtin().reasons().into_iter().eq(labels));
}

#[test]
fn facts_are_what_the_contract_says() {
    assert_eq!(FACTS.map(|fact| fact.name), ["status", "meeting_type", "category"]);
}
