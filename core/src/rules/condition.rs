use std::fmt;

use super::FACTS;
use super::place::Place;
use crate::presence::Facts;

/// What a rule demands of one fact.
///
/// Values are compared without regard to ASCII case: Webex itself is not consistent, and one of
/// its own clients compared them so (Webex notes 4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The fact is one of `values`, or it is absent and `missing` is set.
    AnyOf {
        /// The values.
        values: Vec<String>,
        /// Does absence match, too (`"@missing"`)?
        missing: bool,
    },
    /// The fact is present and is not this value (`"!x"`).
    Not(String),
}

impl Test {
    /// Does a fact of this value pass?
    pub fn passes(&self, value: Option<&str>) -> bool {
        match (self, value) {
            (Self::AnyOf { missing, .. }, None) => *missing,
            (Self::AnyOf { values, .. }, Some(value)) => {
                values.iter().any(|known| known.eq_ignore_ascii_case(value))
            }
            (Self::Not(_), None) => false,
            (Self::Not(not), Some(value)) => !not.eq_ignore_ascii_case(value),
        }
    }

    /// The values that the rule names.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        let (many, one) = match self {
            Self::AnyOf { values, .. } => (values.as_slice(), None),
            Self::Not(value) => (&[] as &[String], Some(value)),
        };
        many.iter().chain(one).map(String::as_str)
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (values, missing) = match self {
            Self::Not(value) => return write!(f, "not {value}"),
            Self::AnyOf { values, missing } => (values, *missing),
        };
        let none = missing.then_some("none");
        for (at, value) in values.iter().map(String::as_str).chain(none).enumerate() {
            if at > 0 {
                f.write_str(" | ")?;
            }
            f.write_str(value)?;
        }
        Ok(())
    }
}

/// One fact and what a rule demands of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Which fact: its index in [`FACTS`].
    pub(super) fact: usize,
    pub(super) test: Test,
    pub(super) place: Place,
}

impl Condition {
    /// Name of the fact.
    pub fn fact(&self) -> &'static str {
        FACTS[self.fact].name
    }

    /// What is demanded of it.
    pub const fn test(&self) -> &Test {
        &self.test
    }

    /// Do `facts` meet the demand?
    pub fn holds(&self, facts: &Facts) -> bool {
        self.test.passes(facts.get(self.fact()))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.fact(), self.test)
    }
}
