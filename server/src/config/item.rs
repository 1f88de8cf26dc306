//! Values as they were written, with their key and place; not yet checked.
//!
//! None of these types is `Debug`: they may hold secrets.

use std::collections::BTreeMap;
use std::path::Path;

use lockstep_core::rules;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Place, Report};

/// One value.
pub(super) struct Item {
    /// The whole key, `finesse.admin.user`.
    pub(super) key: String,
    pub(super) place: Place,
    value: Value,
}

enum Value {
    /// From the environment: text, or the TOML text of what the key asks for.
    Raw(String),
    Text(String),
    Number(String),
    Flag(bool),
    Date,
    List(Vec<Item>),
    Table(Table),
}

/// A section or an inline table.
pub(super) struct Table {
    /// Key of the table itself; empty for the whole file.
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) entries: BTreeMap<String, Item>,
}

/// Which text the places of values refer to.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    File { path: &'a Path, places: &'a rules::Places<'a> },
    Environment(&'a str),
}

// === impl Source ===

impl Source<'_> {
    pub(super) fn place(self, offset: usize) -> Place {
        match self {
            Self::File { path, places } => Place::File(path.to_owned(), places.of(offset)),
            Self::Environment(name) => Place::Environment(name.to_owned()),
        }
    }
}

// === impl Item ===

impl Item {
    pub(super) fn raw(key: String, variable: &str, text: String) -> Self {
        Self { key, place: Place::Environment(variable.to_owned()), value: Value::Raw(text) }
    }

    pub(super) fn new(key: String, node: &Spanned<DeValue<'_>>, source: Source<'_>) -> Self {
        let place = source.place(node.span().start);
        let value = match node.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => Value::Number(number.to_string()),
            DeValue::Float(number) => Value::Number(number.to_string()),
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Datetime(_) => Value::Date,
            DeValue::Array(nodes) => {
                let item = |(at, node)| Self::new(format!("{key}[{at}]"), node, source);
                Value::List(nodes.iter().enumerate().map(item).collect())
            }
            DeValue::Table(table) => {
                Value::Table(Table::new(key.clone(), table, place.clone(), source))
            }
        };
        Self { key, place, value }
    }

    pub(super) const fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// Is it a list without entries?
    pub(super) fn is_empty_list(&self) -> bool {
        match &self.value {
            Value::List(items) => items.is_empty(),
            Value::Raw(text) => text.trim() == "[]",
            _ => false,
        }
    }

    pub(super) fn text(self, report: &mut Report) -> Option<String> {
        match self.value {
            Value::Text(text) | Value::Raw(text) => Some(text),
            other => wrong(&self.key, &self.place, &other, "a text", "put it in quotes", report),
        }
    }

    /// A text of one line that is not blank, trimmed.
    pub(super) fn word(self, report: &mut Report) -> Option<String> {
        let (key, place) = (self.key.clone(), self.place.clone());
        let text = self.text(report)?;
        if text.trim().is_empty() {
            report.error(&key, &place, "is empty", "give it a value, or leave the key out");
            return None;
        }
        if text.trim().chars().any(char::is_control) {
            report.error(&key, &place, "has control characters", "write it on one line");
            return None;
        }
        Some(text.trim().to_owned())
    }

    pub(super) fn flag(self, report: &mut Report) -> Option<bool> {
        match &self.value {
            Value::Flag(flag) => Some(*flag),
            Value::Raw(text) if text == "true" => Some(true),
            Value::Raw(text) if text == "false" => Some(false),
            other => {
                wrong(&self.key, &self.place, other, "true or false", "write true or false", report)
            }
        }
    }

    /// A whole number, not negative.
    pub(super) fn number(self, report: &mut Report) -> Option<u64> {
        let number = match &self.value {
            Value::Number(text) | Value::Raw(text) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let what = "must be a whole number, not below zero";
            report.error(&self.key, &self.place, what, "write it in digits, without quotes");
        }
        number
    }

    pub(super) fn list(self, report: &mut Report) -> Option<Vec<Self>> {
        let Self { key, place, value } = self;
        match value {
            Value::List(items) => Some(items),
            Value::Raw(text) => Self::of_toml(key, &place, &text, report)?.list(report),
            other => wrong(&key, &place, &other, "a list", "put it in square brackets", report),
        }
    }

    pub(super) fn table(self, report: &mut Report) -> Option<Table> {
        let Self { key, place, value } = self;
        match value {
            Value::Table(table) => Some(table),
            Value::Raw(text) => Self::of_toml(key, &place, &text, report)?.table(report),
            other => wrong(&key, &place, &other, "a table", "write { key = \"value\" }", report),
        }
    }

    /// Reads the text of an environment variable as a TOML value.
    fn of_toml(key: String, place: &Place, text: &str, report: &mut Report) -> Option<Self> {
        let Place::Environment(variable) = place else { return None };
        match DeValue::parse(text) {
            Ok(node) => Some(Self::new(key, &node, Source::Environment(variable))),
            Err(error) => {
                let what = format!("is not a TOML value: {}", error.message());
                let remedy = "write lists and tables as in the file: [\"a\", \"b\"], { a = \"b\" }";
                report.error(&key, place, what, remedy);
                None
            }
        }
    }
}

// === impl Table ===

impl Table {
    pub(super) fn new(key: String, table: &DeTable<'_>, place: Place, source: Source<'_>) -> Self {
        let entry = |(name, node): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &std::borrow::Cow<'_, str> = name.get_ref();
            let path = if key.is_empty() { name.to_string() } else { format!("{key}.{name}") };
            (name.to_string(), Item::new(path, node, source))
        };
        let entries = table.iter().map(entry).collect();
        Self { key, place, entries }
    }

    /// A table that was not written at all.
    pub(super) fn empty(key: &str, place: Place) -> Self {
        Self { key: key.to_owned(), place, entries: BTreeMap::new() }
    }

    /// Takes the value of `name`, if it was given.
    pub(super) fn take(&mut self, name: &str) -> Option<Item> {
        self.entries.remove(name)
    }

    /// Takes the value of `name`, and reports it where it was not given.
    pub(super) fn require(
        &mut self,
        name: &str,
        remedy: &str,
        report: &mut Report,
    ) -> Option<Item> {
        let item = self.take(name);
        if item.is_none() {
            report.error(&self.path(name), &self.place, "is missing", remedy);
        }
        item
    }

    /// The whole key of `name` in this table.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}.{name}", self.key)
    }

    /// Reports what is left when every known key has been taken.
    pub(super) fn unknown(self, known: &[&str], report: &mut Report) {
        for (name, item) in self.entries {
            let remedy = rules::nearest(&name, known.iter().copied()).map_or_else(
                || format!("known keys here: {}", known.join(", ")),
                |known| format!("did you mean {known:?}?"),
            );
            report.error(&item.key, &item.place, "unknown key", remedy);
        }
    }
}

fn wrong<T>(
    key: &str,
    place: &Place,
    value: &Value,
    wanted: &str,
    remedy: &str,
    report: &mut Report,
) -> Option<T> {
    let found = match value {
        Value::Raw(_) => "this text",
        Value::Text(_) => "a text",
        Value::Number(_) => "a number",
        Value::Flag(_) => "true or false",
        Value::Date => "a date",
        Value::List(_) => "a list",
        Value::Table(_) => "a table",
    };
    report.error(key, place, format!("must be {wanted}, not {found}"), remedy);
    None
}
