//! Walking a parsed TOML text while collecting every problem.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::{Place, Places};
use super::problem::{RuleProblem, Severity, nearest};

/// One value and where it stands.
pub(super) type Node<'i> = Spanned<DeValue<'i>>;

/// Syntax errors that are reported; after the first few the rest mostly follow from them.
const MAX_SYNTAX_ERRORS: usize = 10;

/// Collects problems.
pub(super) struct Reader<'t> {
    text: &'t str,
    places: Places<'t>,
    problems: Vec<RuleProblem>,
}

/// What a problem is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// The rule's name in messages.
    pub(super) rule: Option<&'a str>,
    /// The key in it.
    pub(super) key: &'a str,
    /// Byte offset in the text.
    pub(super) at: usize,
}

// === impl Reader ===

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, places: Places::new(text), problems: Vec::new() }
    }

    /// Parses the text; `None` when it is not TOML.
    pub(super) fn document(&mut self) -> Option<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors.iter().take(MAX_SYNTAX_ERRORS) {
            let about =
                About { rule: None, key: "", at: error.span().map_or(0, |span| span.start) };
            self.problem(about, format!("not TOML: {}", error.message()), "correct the syntax");
        }
        errors.is_empty().then(|| table.into_inner())
    }

    pub(super) fn problem(
        &mut self,
        about: About<'_>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.problems.push(RuleProblem {
            severity: Severity::Error,
            rule: about.rule.map(str::to_owned),
            key: (!about.key.is_empty()).then(|| about.key.to_owned()),
            place: self.place(about.at),
            what: what.into(),
            remedy: remedy.into(),
        });
    }

    /// Reports every key of `table` that is not in `known`.
    pub(super) fn unknown_keys(&mut self, about: About<'_>, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let about = About { at: key.span().start, ..about };
                self.unknown_key(about, name, known);
            }
        }
    }

    /// Reports `name`, which is none of `known`, as a key inside `about.key`.
    pub(super) fn unknown_key(&mut self, about: About<'_>, name: &str, known: &[&str]) {
        self.unknown("key", about, name, known);
    }

    /// Reports `name`, which is none of `known`, as a fact.
    pub(super) fn unknown_fact(&mut self, about: About<'_>, name: &str, known: &[&str]) {
        self.unknown("fact", about, name, known);
    }

    fn unknown(&mut self, what: &str, about: About<'_>, name: &str, known: &[&str]) {
        let path =
            if about.key.is_empty() { name.to_owned() } else { format!("{}.{name}", about.key) };
        let remedy = nearest(name, known.iter().copied()).map_or_else(
            || format!("known {what}s here: {}", known.join(", ")),
            |known| format!("did you mean {known:?}?"),
        );
        self.problem(About { key: &path, ..about }, format!("unknown {what} {name:?}"), remedy);
    }

    pub(super) fn place(&self, offset: usize) -> Place {
        self.places.of(offset)
    }

    /// `value` if nothing was wrong; every problem, in the order of the text, otherwise.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<RuleProblem>> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => {
                self.problems.sort_by_key(|problem| problem.place);
                Err(self.problems)
            }
        }
    }
}

/// Names the kind of a value for a message.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
