use std::fmt;

use super::Place;

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The rules work, but perhaps not as meant.
    Warning,
    /// The rules cannot be used.
    Error,
}

/// Something wrong with the rules, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleProblem {
    /// Does it keep the rules from being used?
    pub severity: Severity,
    /// Which rule: `rule "meeting"`, `rule 3` where it has no id, `default`; `None` when it is
    /// about the file as a whole.
    pub rule: Option<String>,
    /// Which key of it (`when.status`, `set.reason`), where it is about one.
    pub key: Option<String>,
    /// Where in the text.
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl RuleProblem {
    /// The rule and the key, as far as known: `rule "meeting", when.status`.
    pub fn subject(&self) -> String {
        let parts = [self.rule.as_deref(), self.key.as_deref()];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "rules".to_owned() } else { parts.join(", ") }
    }
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}; {}", self.place, self.subject(), self.what, self.remedy)
    }
}

impl std::error::Error for RuleProblem {}

/// The name among `known` that `word` was probably meant to be; `None` when nothing is near.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The distance is at least the difference in length, and costs the product of both.
    let longest = |name: &str| name.len() + (name.len() / 3).max(1);
    let letters = word.chars().count();
    let known = known.into_iter().filter(|name| letters <= longest(name));
    let word = word.to_ascii_lowercase();
    known
        .map(|name| (strsim::damerau_levenshtein(&word, &name.to_ascii_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.len().min(word.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["status", "meeting_type", "category"];
        assert_eq!(nearest("statsu", known), Some("status"));
        assert_eq!(nearest("Meeting-Type", known), Some("meeting_type"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest(&"status".repeat(100_000), known), None);
    }
}
