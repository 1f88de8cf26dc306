//! `when`: what a rule demands of the facts.

use toml::de::{DeArray, DeTable, DeValue};

use super::super::FACTS;
use super::super::condition::{Condition, Test};
use super::super::read::{About, Node, Reader, kind};
use super::super::vocabulary::fact_index;
use super::{MAX_CONDITIONS, MAX_VALUES};

const EXAMPLE: &str = "for example when = { status = \"dnd\" }";
const MISSING: &str = "@missing";

/// One text of a rule: a value, `"!x"` or `"@missing"`.
enum Word {
    Value(String),
    Not(String),
    Missing,
}

pub(super) fn when(
    reader: &mut Reader<'_>,
    about: About<'_>,
    table: &DeTable<'_>,
) -> Option<Vec<Condition>> {
    let about = About { key: "when", ..about };
    let Some(node) = table.get("when") else {
        reader.problem(about, "a rule needs conditions", EXAMPLE);
        return None;
    };
    let about = About { at: node.span().start, ..about };
    let DeValue::Table(facts) = node.get_ref() else {
        reader.problem(about, format!("must be a table, not {}", kind(node.get_ref())), EXAMPLE);
        return None;
    };
    if facts.is_empty() {
        let remedy = "name a fact, or say it in [default]";
        reader.problem(about, "is empty: the rule would match everything", remedy);
        return None;
    }
    if facts.len() > MAX_CONDITIONS {
        let what = format!("{} conditions are more than {MAX_CONDITIONS}", facts.len());
        reader.problem(about, what, "split the rule");
        return None;
    }
    let read: Vec<_> = facts
        .iter()
        .map(|(key, value)| condition(reader, about, key.get_ref(), key.span().start, value))
        .collect();
    let mut conditions: Vec<Condition> = read.into_iter().collect::<Option<_>>()?;
    conditions.sort_by_key(|condition| condition.fact);
    Some(conditions)
}

fn condition(
    reader: &mut Reader<'_>,
    about: About<'_>,
    name: &str,
    at: usize,
    value: &Node<'_>,
) -> Option<Condition> {
    let Some(fact) = fact_index(name) else {
        let names = FACTS.map(|fact| fact.name);
        reader.unknown_fact(About { at, ..about }, name, &names);
        return None;
    };
    let key = format!("when.{name}");
    let about = About { key: &key, at: value.span().start, ..about };
    let test = match value.get_ref() {
        DeValue::String(text) => match word(reader, about, text)? {
            Word::Value(value) => Test::AnyOf { values: vec![value], missing: false },
            Word::Not(value) => Test::Not(value),
            Word::Missing => Test::AnyOf { values: Vec::new(), missing: true },
        },
        DeValue::Array(list) => any_of(reader, about, list)?,
        other => {
            let what = format!("must be a text or a list of texts, not {}", kind(other));
            reader.problem(about, what, "quote the value");
            return None;
        }
    };
    Some(Condition { fact, test, place: reader.place(at) })
}

fn any_of(reader: &mut Reader<'_>, about: About<'_>, list: &DeArray<'_>) -> Option<Test> {
    if list.is_empty() || list.len() > MAX_VALUES {
        let what = match list.len() {
            0 => "the list is empty: the rule would match nothing".to_owned(),
            count => format!("{count} values are more than {MAX_VALUES}"),
        };
        reader.problem(about, what, "name the values that the rule is for");
        return None;
    }
    let (mut values, mut missing, mut good) = (Vec::new(), false, true);
    for node in list {
        let about = About { at: node.span().start, ..about };
        match list_item(reader, about, node) {
            Some(Word::Value(value)) => values.push(value),
            Some(Word::Missing) => missing = true,
            Some(Word::Not(_)) | None => good = false,
        }
    }
    good.then_some(Test::AnyOf { values, missing })
}

fn list_item(reader: &mut Reader<'_>, about: About<'_>, node: &Node<'_>) -> Option<Word> {
    let DeValue::String(text) = node.get_ref() else {
        let what = format!("a list holds texts, not {}", kind(node.get_ref()));
        reader.problem(about, what, "quote the value");
        return None;
    };
    let word = word(reader, about, text)?;
    if let Word::Not(value) = &word {
        reader.problem(
            about,
            format!("\"!{value}\" cannot stand in a list"),
            format!("write {} = \"!{value}\" alone, or list the values that do match", fact(about)),
        );
        return None;
    }
    Some(word)
}

fn word(reader: &mut Reader<'_>, about: About<'_>, text: &str) -> Option<Word> {
    if text == MISSING {
        return Some(Word::Missing);
    }
    if text.starts_with('@') {
        let what = format!("{text:?} has no meaning");
        reader.problem(about, what, "\"@missing\" is the only word that begins with @");
        return None;
    }
    let Some(not) = text.strip_prefix('!') else { return Some(Word::Value(text.to_owned())) };
    if not.is_empty() || not.starts_with(['@', '!']) {
        let what = format!("{text:?} negates nothing");
        reader.problem(about, what, "write \"!x\": the fact is present and is not x");
        return None;
    }
    Some(Word::Not(not.to_owned()))
}

fn fact(about: About<'_>) -> &str {
    about.key.strip_prefix("when.").unwrap_or(about.key)
}
