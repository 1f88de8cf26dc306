//! What holds for any rules and any facts.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::presence::Facts;
use crate::rules::{Mode, Rules};

/// What a condition may be, for a fact with the values `a` and `b` and one that no rule names.
const TESTS: [&str; 8] = [
    "\"a\"",
    "\"B\"",
    "[\"A\", \"b\"]",
    "\"!a\"",
    "\"!b\"",
    "\"@missing\"",
    "[\"b\", \"@missing\"]",
    "[\"A\", \"b\", \"@missing\"]",
];
const VALUES: [Option<&str>; 4] = [None, Some("a"), Some("b"), Some("fresh")];
const NAMES: [&str; 3] = ["status", "meeting_type", "category"];

fn when() -> impl Strategy<Value = String> {
    let tests = vec(option::of(prop::sample::select(&TESTS[..])), 3);
    tests.prop_filter_map("empty when", |tests| {
        let parts: Vec<_> = NAMES
            .iter()
            .zip(tests)
            .filter_map(|(name, test)| Some(format!("{name} = {}", test?)))
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    vec(when(), 1..8).prop_map(|whens| {
        let rules = whens.iter().enumerate().map(|(at, when)| {
            format!("[[rule]]\nid = \"{at}\"\nwhen = {{ {when} }}\nset = \"free\"\n")
        });
        let text: String = rules.collect();
        Rules::parse(&(text + "[default]\nset = \"leave\"")).expect("well formed")
    })
}

fn every_presence() -> impl Iterator<Item = Facts> {
    (0..64).map(|n: usize| {
        let values = [VALUES[n % 4], VALUES[n / 4 % 4], VALUES[n / 16]];
        let facts = NAMES.iter().zip(values).filter_map(|(name, value)| Some((*name, value?)));
        facts.collect()
    })
}

proptest! {
    #[test]
    fn a_rule_is_called_unreachable_exactly_when_nothing_meets_it(rules in rules()) {
        let met: BTreeSet<_> = every_presence()
            .map(|facts| rules.evaluate(&facts).rule.to_owned())
            .collect();
        let unreachable: BTreeSet<_> = rules
            .check(Mode::Server)
            .into_iter()
            .filter(|problem| problem.what.contains("never reached"))
            .filter_map(|problem| problem.rule)
            .collect();
        for rule in rules.rules() {
            let named = unreachable.contains(&format!("rule {:?}", rule.id()));
            prop_assert_eq!(named, !met.contains(rule.id()), "rule {}", rule.id());
        }
    }

    #[test]
    fn any_facts_meet_exactly_one_rule(facts in vec(("\\PC{0,80}", "\\PC{0,80}"), 0..20)) {
        let facts: Facts = facts.iter().map(|(key, value)| (&**key, &**value)).collect();
        let rules = Rules::builtin();
        let first = rules.rules().iter().find(|rule| rule.matches(&facts));
        prop_assert_eq!(rules.evaluate(&facts).rule, first.map_or("default", |rule| rule.id()));
    }

    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,200}") {
        let _ = Rules::parse(&text);
    }

    #[test]
    fn no_mutation_of_a_good_file_breaks_the_parser(at in 0..Rules::BUILTIN.len(), with in "\\PC{0,3}") {
        let mut text = Rules::BUILTIN.to_owned();
        let cut = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.insert_str(cut, &with);
        if let Err(problems) = Rules::parse(&text) {
            prop_assert!(!problems.is_empty());
        }
    }
}
