//! What reads well and is wrong or doubtful all the same.

use super::condition::Condition;
use super::cover::Region;
use super::place::Place;
use super::problem::{RuleProblem, Severity, nearest};
use super::rule::{MAX_REASON_LENGTH, Rule, Rules};
use super::{FACTS, Mode, Wanted};
use crate::presence::MAX_FACT_LENGTH;

pub(super) fn check(rules: &Rules, mode: Mode) -> Vec<RuleProblem> {
    let mut problems = Vec::new();
    if rules.rules.is_empty() {
        problems.push(no_rules());
    }
    for rule in &rules.rules {
        problems.extend(rule.when.iter().flat_map(|condition| strange_values(rule, condition)));
        problems.extend(missing_reason(rule, mode));
        problems.extend(long_reason(rule, mode));
    }
    problems.extend(unreachable(&rules.rules));
    problems.sort_by_key(|problem| problem.place);
    problems
}

fn no_rules() -> RuleProblem {
    RuleProblem {
        severity: Severity::Warning,
        rule: None,
        key: Some("rule".to_owned()),
        place: Place { line: 1, column: 1 },
        what: "there is no rule, so nobody is ever set to NOT_READY".to_owned(),
        remedy: "add a [[rule]], or leave out the file to use the built-in rules".to_owned(),
    }
}

/// A value that is never sent makes a rule that silently does nothing.
fn strange_values(rule: &Rule, condition: &Condition) -> Vec<RuleProblem> {
    let known = FACTS[condition.fact].values;
    let strange = |value: &&str| !known.iter().any(|name| name.eq_ignore_ascii_case(value));
    condition
        .test
        .values()
        .filter(strange)
        .map(|value| {
            let remedy = nearest(value, known.iter().copied()).map_or_else(
                || format!("known values: {}", known.join(", ")),
                |name| format!("did you mean {name:?}?"),
            );
            let too_long = value.chars().count() > MAX_FACT_LENGTH;
            let what = if too_long {
                format!("{value:?} is longer than the {MAX_FACT_LENGTH} characters that are kept")
            } else {
                format!("{value:?} is never sent by Webex as far as known")
            };
            let severity = if too_long { Severity::Error } else { Severity::Warning };
            let key = format!("when.{}", condition.fact());
            about(rule, severity, &key, condition.place, what, remedy)
        })
        .collect()
}

/// An agent must send a reason wherever Finesse has one configured (Finesse notes 0.3).
fn missing_reason(rule: &Rule, mode: Mode) -> Option<RuleProblem> {
    (rule.wanted.is_busy() && !rule.has_reason && mode.has_gadget()).then(|| {
        about(
            rule,
            Severity::Error,
            "set.reason",
            rule.place,
            format!("mode {mode} needs a reason: an agent cannot go NOT_READY without one"),
            "add reason = \"…\", the label of a Not Ready reason in Finesse".to_owned(),
        )
    })
}

fn long_reason(rule: &Rule, mode: Mode) -> Option<RuleProblem> {
    let Wanted::NotReady { reason } = &rule.wanted else { return None };
    let length = reason.chars().count();
    (rule.has_reason && length > MAX_REASON_LENGTH).then(|| {
        let severity = if mode.has_gadget() { Severity::Error } else { Severity::Warning };
        about(
            rule,
            severity,
            "set.reason",
            rule.place,
            format!(
                "the reason has {length} characters, a label in Finesse at most {MAX_REASON_LENGTH}"
            ),
            "use the label exactly as it is configured in Finesse".to_owned(),
        )
    })
}

fn unreachable(rules: &[Rule]) -> Vec<RuleProblem> {
    let regions: Vec<Region> = rules.iter().map(Region::of).collect();
    let mut problems = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let (region, earlier) = (&regions[at], &regions[..at]);
        let whole = earlier.iter().position(|other| region.within(other));
        let what = if let Some(other) = whole {
            let other = &rules[other];
            format!("is never reached: rule {:?} ({}) matches all of it", other.id, other.place)
        } else if region.covered_by(earlier) {
            let parts = earlier.iter().zip(rules).filter(|(other, _)| region.meets(other));
            let names: Vec<_> = parts.map(|(_, rule)| format!("{:?}", rule.id)).collect();
            format!("is never reached: rules {} together match all of it", names.join(", "))
        } else {
            continue;
        };
        let remedy = "move it up, narrow the rules before it, or delete it".to_owned();
        problems.push(about(rule, Severity::Error, "when", rule.place, what, remedy));
    }
    problems
}

fn about(
    rule: &Rule,
    severity: Severity,
    key: &str,
    place: Place,
    what: String,
    remedy: String,
) -> RuleProblem {
    RuleProblem {
        severity,
        rule: Some(format!("rule {:?}", rule.id)),
        key: Some(key.to_owned()),
        place,
        what,
        remedy,
    }
}
