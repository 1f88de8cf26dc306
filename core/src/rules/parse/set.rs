//! `set`: what a rule asks for.

use toml::de::{DeTable, DeValue};

use super::super::Wanted;
use super::super::problem::nearest;
use super::super::read::{About, Node, Reader, kind};
use super::super::rule::DEFAULT;

/// What a rule asks for, as written.
pub(super) enum Set {
    NotReady(Option<String>),
    Free,
    Leave,
}

const NOT_READY: &str = "NOT_READY";
const SET_KEYS: [&str; 2] = ["state", "reason"];
const NEVER_READY: &str =
    "use \"free\", which releases what Lockstep holds; Lockstep never asks for READY otherwise";
const ONLY_NOT_READY: &str = "NOT_READY is the only state that a rule can ask for";
const WRITE_NOT_READY: &str = "write set = { state = \"NOT_READY\", reason = \"…\" }";
const CHOICES: &str =
    "write set = \"free\", \"leave\" or { state = \"NOT_READY\", reason = \"…\" }";
const DEFAULT_CHOICES: &str = "write set = \"leave\" (moves nobody) or set = \"free\"";

/// Reads the `set` of a rule.
pub(super) fn rule(reader: &mut Reader<'_>, about: About<'_>, table: &DeTable<'_>) -> Option<Set> {
    let about = About { key: "set", ..about };
    let Some(node) = table.get("set") else {
        reader.problem(about, "a rule needs to set something", CHOICES);
        return None;
    };
    set(reader, about, node)
}

/// Reads `[default]`: required, and never `NOT_READY`.
pub(super) fn default(reader: &mut Reader<'_>, document: &DeTable<'_>) -> Option<Wanted> {
    let about = About { rule: Some(DEFAULT), key: "", at: 0 };
    let Some(node) = document.get(DEFAULT) else {
        let remedy = "add [default] with set = \"leave\"";
        reader.problem(about, "is missing: what happens when no rule matches?", remedy);
        return None;
    };
    let about = About { at: node.span().start, ..about };
    let DeValue::Table(table) = node.get_ref() else {
        let what = format!("must be a table, not {}", kind(node.get_ref()));
        reader.problem(about, what, "write [default] and below it set = \"leave\"");
        return None;
    };
    reader.unknown_keys(about, table, &["set"]);
    let about = About { key: "set", ..about };
    let Some(node) = table.get("set") else {
        reader.problem(about, "is missing", DEFAULT_CHOICES);
        return None;
    };
    let about = About { at: node.span().start, ..about };
    match set(reader, about, node)? {
        Set::Free => Some(Wanted::Free),
        Set::Leave => Some(Wanted::Ignore),
        Set::NotReady(_) => {
            let what = "the default cannot be NOT_READY: it would take agents out of the queue \
                        for a presence that nobody thought of";
            reader.problem(about, what, DEFAULT_CHOICES);
            None
        }
    }
}

fn set(reader: &mut Reader<'_>, about: About<'_>, node: &Node<'_>) -> Option<Set> {
    let about = About { at: node.span().start, ..about };
    match node.get_ref() {
        DeValue::String(text) => word(reader, about, text),
        DeValue::Table(table) => state(reader, about, table),
        other => {
            let what = format!("must be a text or a table, not {}", kind(other));
            reader.problem(about, what, CHOICES);
            None
        }
    }
}

fn word(reader: &mut Reader<'_>, about: About<'_>, text: &str) -> Option<Set> {
    let remedy = match text {
        "free" => return Some(Set::Free),
        "leave" => return Some(Set::Leave),
        _ if text.eq_ignore_ascii_case("READY") => NEVER_READY.to_owned(),
        _ if text.eq_ignore_ascii_case(NOT_READY) => WRITE_NOT_READY.to_owned(),
        _ => nearest(text, ["free", "leave"])
            .map_or_else(|| CHOICES.to_owned(), |near| format!("did you mean {near:?}?")),
    };
    reader.problem(about, format!("{text:?} cannot be set"), remedy);
    None
}

fn state(reader: &mut Reader<'_>, about: About<'_>, table: &DeTable<'_>) -> Option<Set> {
    reader.unknown_keys(about, table, &SET_KEYS);
    let reason = table.get("reason").map(|node| reason(reader, about, node));
    let Some(node) = table.get("state") else {
        reader.problem(about, "a table needs a state", WRITE_NOT_READY);
        return None;
    };
    let about = About { key: "set.state", at: node.span().start, ..about };
    let DeValue::String(state) = node.get_ref() else {
        let what = format!("must be a text, not {}", kind(node.get_ref()));
        reader.problem(about, what, WRITE_NOT_READY);
        return None;
    };
    let (what, remedy) = match state.as_ref() {
        NOT_READY => {
            return reason.map_or(Some(Set::NotReady(None)), |given| {
                given.map(|text| Set::NotReady(Some(text)))
            });
        }
        word @ ("free" | "leave") if reason.is_some() => (
            format!("{word:?} has no reason: only NOT_READY shows one"),
            format!("write set = {word:?} alone"),
        ),
        word @ ("free" | "leave") => {
            (format!("{word:?} is not a state"), format!("write set = {word:?}"))
        }
        word if word.eq_ignore_ascii_case("READY") => {
            (format!("{word:?} cannot be set"), NEVER_READY.to_owned())
        }
        word if word.eq_ignore_ascii_case(NOT_READY) => {
            (format!("{word:?} cannot be set"), format!("did you mean {NOT_READY:?}?"))
        }
        word => (format!("{word:?} cannot be set"), ONLY_NOT_READY.to_owned()),
    };
    reader.problem(about, what, remedy);
    None
}

fn reason(reader: &mut Reader<'_>, about: About<'_>, node: &Node<'_>) -> Option<String> {
    let about = About { key: "set.reason", at: node.span().start, ..about };
    let what = match node.get_ref() {
        DeValue::String(text) if text.trim().is_empty() => "is empty".to_owned(),
        DeValue::String(text) => return Some(text.trim().to_owned()),
        other => format!("must be a text, not {}", kind(other)),
    };
    reader.problem(about, what, "write the label of a Not Ready reason in Finesse");
    None
}
