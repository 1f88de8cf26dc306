//! Which presences a rule can meet at all, as sets: exact over every value, known or not.

use std::collections::BTreeSet;

use super::FACTS;
use super::condition::Test;
use super::rule::Rule;

/// Pieces into which what is left of a rule may fall before the search gives up and calls the
/// rule reachable. Real files stay below a dozen; the bound keeps a hostile one from taking long.
const MAX_PIECES: usize = 256;

/// The values of one fact that pass.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Values {
    /// Does absence pass?
    missing: bool,
    texts: Texts,
}

/// Texts in lower case: a finite set, or everything outside a finite set.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Texts {
    Only(BTreeSet<String>),
    AllBut(BTreeSet<String>),
}

/// The presences that meet a rule: for each fact of [`FACTS`] the values that pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region([Values; FACTS.len()]);

// === impl Region ===

impl Region {
    /// What `rule` matches when no other rule stands before it.
    pub(super) fn of(rule: &Rule) -> Self {
        let mut values = [(); FACTS.len()].map(|()| Values::all());
        for condition in &rule.when {
            let narrowed = values[condition.fact].both(&Values::of(&condition.test));
            values[condition.fact] = narrowed;
        }
        Self(values)
    }

    /// Is everything in `self` also in `other`?
    pub(super) fn within(&self, other: &Self) -> bool {
        self.without(other).is_empty()
    }

    /// Do the two have a presence in common?
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| !mine.both(theirs).is_empty())
    }

    /// Is everything in `self` in one or another of `others`?
    ///
    /// Errs towards `false`, and only beyond [`MAX_PIECES`].
    pub(super) fn covered_by(&self, others: &[Self]) -> bool {
        let mut left = vec![self.clone()];
        for other in others {
            left = left.iter().flat_map(|piece| piece.without(other)).collect();
            if left.is_empty() {
                return true;
            }
            if left.len() > MAX_PIECES {
                return false;
            }
        }
        false
    }

    /// `self` less `other`, in disjoint pieces: at most one per fact.
    fn without(&self, other: &Self) -> Vec<Self> {
        if !self.meets(other) {
            return vec![self.clone()];
        }
        let mut pieces = Vec::new();
        let mut inside = self.clone();
        for fact in 0..FACTS.len() {
            let outside = inside.0[fact].less(&other.0[fact]);
            if !outside.is_empty() {
                let mut piece = inside.clone();
                piece.0[fact] = outside;
                pieces.push(piece);
            }
            inside.0[fact] = inside.0[fact].both(&other.0[fact]);
        }
        pieces
    }
}

// === impl Values ===

impl Values {
    fn all() -> Self {
        Self { missing: true, texts: Texts::AllBut(BTreeSet::new()) }
    }

    fn of(test: &Test) -> Self {
        match test {
            Test::AnyOf { values, missing } => {
                let texts = values.iter().map(|value| value.to_ascii_lowercase()).collect();
                Self { missing: *missing, texts: Texts::Only(texts) }
            }
            Test::Not(value) => Self {
                missing: false,
                texts: Texts::AllBut(BTreeSet::from([value.to_ascii_lowercase()])),
            },
        }
    }

    fn is_empty(&self) -> bool {
        !self.missing && matches!(&self.texts, Texts::Only(only) if only.is_empty())
    }

    fn both(&self, other: &Self) -> Self {
        Self { missing: self.missing && other.missing, texts: self.texts.both(&other.texts) }
    }

    fn less(&self, other: &Self) -> Self {
        let texts = self.texts.both(&other.texts.complement());
        Self { missing: self.missing && !other.missing, texts }
    }
}

// === impl Texts ===

impl Texts {
    fn complement(&self) -> Self {
        match self {
            Self::Only(set) => Self::AllBut(set.clone()),
            Self::AllBut(set) => Self::Only(set.clone()),
        }
    }

    fn both(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(a & b),
            (Self::Only(a), Self::AllBut(b)) | (Self::AllBut(b), Self::Only(a)) => {
                Self::Only(a - b)
            }
            (Self::AllBut(a), Self::AllBut(b)) => Self::AllBut(a | b),
        }
    }
}
