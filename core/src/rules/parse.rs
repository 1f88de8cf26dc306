//! Reading a rules file.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::Wanted;
use super::problem::RuleProblem;
use super::read::{About, Node, Reader, kind};
use super::rule::{DEFAULT, Rule, Rules};

mod set;
mod when;

use set::Set;

/// Bytes of a rules file. The built-in rules need 2 KiB; the bound keeps work per file constant.
pub const MAX_FILE_BYTES: usize = 64 * 1024;
/// Rules of a file: each is tried for each presence change of each agent.
pub const MAX_RULES: usize = 200;
/// Conditions of a rule: as many as an observation may carry facts.
pub const MAX_CONDITIONS: usize = crate::presence::MAX_FACTS;
/// Values in one list: several times what Webex knows.
pub const MAX_VALUES: usize = 64;
/// Characters of an id, which every decision carries.
pub const MAX_ID_LENGTH: usize = 64;

const FILE_KEYS: [&str; 2] = ["rule", DEFAULT];
const RULE_KEYS: [&str; 3] = ["id", "when", "set"];

pub(super) fn parse(text: &str) -> Result<Rules, Vec<RuleProblem>> {
    let mut reader = Reader::new(text);
    if text.len() > MAX_FILE_BYTES {
        let about = About { rule: None, key: "", at: 0 };
        let what = format!("the file has {} bytes, more than {MAX_FILE_BYTES}", text.len());
        reader.problem(about, what, "remove what is not rules");
        return reader.finish(None);
    }
    let rules = reader.document().and_then(|document| file(&mut reader, &document));
    reader.finish(rules)
}

fn file(reader: &mut Reader<'_>, document: &DeTable<'_>) -> Option<Rules> {
    reader.unknown_keys(About { rule: None, key: "", at: 0 }, document, &FILE_KEYS);
    let default = set::default(reader, document);
    let rules = document.get("rule").map_or_else(Vec::new, |node| rules(reader, node));
    Some(Rules { rules, default: default? })
}

fn rules(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<Rule> {
    let about = About { rule: None, key: "rule", at: node.span().start };
    let DeValue::Array(tables) = node.get_ref() else {
        reader.problem(
            about,
            format!("must be a list of tables, not {}", kind(node.get_ref())),
            "begin each rule with [[rule]], in double brackets",
        );
        return Vec::new();
    };
    if tables.len() > MAX_RULES {
        let what = format!("{} rules are more than {MAX_RULES}", tables.len());
        reader.problem(about, what, "put values that ask for the same into one rule's list");
        return Vec::new();
    }
    let mut seen = BTreeMap::new();
    let mut rules = Vec::new();
    for (at, node) in tables.iter().enumerate() {
        rules.extend(rule(reader, at + 1, node, &mut seen));
    }
    rules
}

/// Reads one rule; `seen` maps the ids of the rules before it to their lines.
fn rule(
    reader: &mut Reader<'_>,
    number: usize,
    node: &Node<'_>,
    seen: &mut BTreeMap<String, usize>,
) -> Option<Rule> {
    let number = format!("rule {number}");
    let at = node.span().start;
    let DeValue::Table(table) = node.get_ref() else {
        let about = About { rule: Some(&number), key: "", at };
        let what = format!("must be a table, not {}", kind(node.get_ref()));
        reader.problem(about, what, "begin each rule with [[rule]]");
        return None;
    };
    let id = id(reader, About { rule: Some(&number), key: "id", at }, table, seen);
    let name = id.as_ref().map_or(number, |id| format!("rule {id:?}"));
    let about = About { rule: Some(&name), key: "", at };
    rule_keys(reader, about, table);
    let when = when::when(reader, about, table);
    let set = set::rule(reader, about, table);
    let (id, when, set) = (id?, when?, set?);
    let has_reason = matches!(set, Set::NotReady(Some(_)));
    let wanted = match set {
        Set::NotReady(reason) => Wanted::not_ready(reason.as_deref().unwrap_or(id.trim())),
        Set::Free => Wanted::Free,
        Set::Leave => Wanted::Ignore,
    };
    Some(Rule { id, when, wanted, has_reason, place: reader.place(at) })
}

fn rule_keys(reader: &mut Reader<'_>, about: About<'_>, table: &DeTable<'_>) {
    for key in table.keys() {
        let name = key.get_ref().as_ref();
        let about = About { at: key.span().start, ..about };
        match name {
            "id" | "when" | "set" => {}
            "reason" | "state" => reader.problem(
                About { key: name, ..about },
                format!("{name:?} does not stand beside set"),
                "write set = { state = \"NOT_READY\", reason = \"…\" }",
            ),
            name => reader.unknown_key(about, name, &RULE_KEYS),
        }
    }
}

fn id(
    reader: &mut Reader<'_>,
    about: About<'_>,
    table: &DeTable<'_>,
    seen: &mut BTreeMap<String, usize>,
) -> Option<String> {
    const REMEDY: &str = "give every rule an id of its own, which logs and decisions will name";
    let Some(node) = table.get("id") else {
        reader.problem(about, "a rule needs an id", REMEDY);
        return None;
    };
    let about = About { at: node.span().start, ..about };
    let what = match node.get_ref() {
        DeValue::String(id) if id.trim().is_empty() => "the id is empty".to_owned(),
        DeValue::String(id) if id == DEFAULT => {
            format!("{DEFAULT:?} is the name of what happens when no rule matches")
        }
        DeValue::String(id) if id.chars().count() > MAX_ID_LENGTH => {
            format!("the id is longer than {MAX_ID_LENGTH} characters")
        }
        DeValue::String(id) => {
            let Some(line) = seen.get(id.as_ref()) else {
                seen.insert(id.to_string(), reader.place(about.at).line);
                return Some(id.to_string());
            };
            format!("the id {id:?} is taken by the rule of line {line}")
        }
        other => format!("the id must be a text, not {}", kind(other)),
    };
    reader.problem(about, what, REMEDY);
    None
}
