use std::collections::BTreeSet;

use super::condition::Condition;
use super::place::Place;
use super::problem::RuleProblem;
use super::{Mode, Wanted, check, parse};
use crate::presence::Facts;

/// What [`Matched::rule`] says when no rule matched.
pub const DEFAULT: &str = "default";

/// Characters of a reason's label in Finesse (Finesse notes 1.5).
pub const MAX_REASON_LENGTH: usize = 40;

/// One rule: when the facts meet every condition, this is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub(super) id: String,
    pub(super) when: Vec<Condition>,
    pub(super) wanted: Wanted,
    /// Was a reason written? Without one, `wanted` carries the id in its place.
    pub(super) has_reason: bool,
    pub(super) place: Place,
}

impl Rule {
    /// The rule's own name; unique within the file.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The conditions, all of which must hold, in the order of the facts; never empty.
    pub fn when(&self) -> &[Condition] {
        &self.when
    }

    /// What is wanted then.
    pub const fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Do `facts` meet every condition?
    pub fn matches(&self, facts: &Facts) -> bool {
        self.when.iter().all(|condition| condition.holds(facts))
    }
}

/// Ordered rules and a default; the first match wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub(super) rules: Vec<Rule>,
    pub(super) default: Wanted,
}

/// Which rule matched, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched<'a> {
    /// The rule's id, or [`DEFAULT`].
    pub rule: &'a str,
    /// What is wanted.
    pub wanted: Wanted,
}

// === impl Rules ===

impl Rules {
    /// The text of the built-in rules, in the format of a rules file.
    pub const BUILTIN: &str = include_str!("builtin.toml");

    /// The built-in rules, which name every presence that Webex is known to send.
    ///
    /// # Panics
    ///
    /// Never: a test parses [`Rules::BUILTIN`].
    pub fn builtin() -> Self {
        Self::parse(Self::BUILTIN).expect("the built-in rules are tested")
    }

    /// Reads a rules file; the error lists every problem in it, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<RuleProblem>> {
        parse::parse(text)
    }

    /// Finds what reads well and is wrong or doubtful in `mode`, in the order of the text.
    pub fn check(&self, mode: Mode) -> Vec<RuleProblem> {
        check::check(self, mode)
    }

    /// The first rule that `facts` meet, or the default.
    ///
    /// Allocates nothing: the reason is shared.
    pub fn evaluate(&self, facts: &Facts) -> Matched<'_> {
        self.rules.iter().find(|rule| rule.matches(facts)).map_or_else(
            || Matched { rule: DEFAULT, wanted: self.default.clone() },
            |rule| Matched { rule: &rule.id, wanted: rule.wanted.clone() },
        )
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What is wanted when no rule matches; never `NOT_READY`.
    pub const fn default_wanted(&self) -> &Wanted {
        &self.default
    }

    /// Every reason that a rule may give: the labels that Finesse must know in gadget mode.
    pub fn reasons(&self) -> BTreeSet<&str> {
        self.rules
            .iter()
            .filter_map(|rule| match &rule.wanted {
                Wanted::NotReady { reason } => Some(reason.as_ref()),
                Wanted::Free | Wanted::Ignore => None,
            })
            .collect()
    }
}
