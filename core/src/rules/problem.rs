use std::fmt;

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The rules work, but perhaps not as meant.
    Warning,
    /// The rules cannot be used.
    Error,
}

/// A place in a text; both counted from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// The place of byte `offset` of `text`; an offset beyond the end is the end.
    pub fn of(text: &str, offset: usize) -> Self {
        let offset = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        let before = &text[..offset.unwrap_or(0)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)
    }
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
    let word = word.to_ascii_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&word, &name.to_ascii_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.len().min(word.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_from_one() {
        let text = "a = 1\nü = 2";
        assert_eq!(Place::of(text, 0), Place { line: 1, column: 1 });
        assert_eq!(Place::of(text, text.find('=').unwrap()), Place { line: 1, column: 3 });
        assert_eq!(Place::of(text, text.rfind('=').unwrap()), Place { line: 2, column: 3 });
        assert_eq!(Place::of(text, 7), Place { line: 2, column: 1 }, "inside a character");
        assert_eq!(Place::of(text, 999).line, 2);
    }

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["status", "meeting_type", "category"];
        assert_eq!(nearest("statsu", known), Some("status"));
        assert_eq!(nearest("Meeting-Type", known), Some("meeting_type"));
        assert_eq!(nearest("colour", known), None);
    }
}
