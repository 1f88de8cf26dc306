//! Overrides from the environment: `LOCKSTEP_SECTION__KEY`, and what is called alike everywhere.

use std::ffi::OsString;

use lockstep_core::rules;

use super::SECTIONS;
use super::item::{Item, Table};
use super::problem::{Place, Report};
use super::traces;

const PREFIX: &str = "LOCKSTEP_";
const SEPARATOR: &str = "__";

/// Puts the values of `LOCKSTEP_…__…` over those of the file.
///
/// Other variables are none of ours, `LOCKSTEP_LOG` and those that an orchestrator sets for a
/// service called `lockstep` (`LOCKSTEP_PORT…`) included.
pub(super) fn apply<K: Into<OsString>, V: Into<OsString>>(
    sections: &mut [Table],
    environment: impl IntoIterator<Item = (K, V)>,
    report: &mut Report,
) {
    let mut standard = traces::Standard::default();
    for (name, value) in environment {
        let Ok(name) = name.into().into_string() else { continue };
        let value = value.into();
        if let Some(value) = value.to_str() {
            standard.take(&name, value);
        }
        let Some((section, key)) = split(&name) else { continue };
        let place = Place::Environment(name.clone());
        let Some(table) = find(sections, &section, &key, &place, report) else { continue };
        let Ok(text) = value.into_string() else {
            report.error(&table.path(&key), &place, "is not valid text", "write it in UTF-8");
            continue;
        };
        let path = table.path(&key);
        table.entries.insert(key, Item::raw(path, &name, text));
    }
    if let Some(table) = sections.iter_mut().find(|table| table.key == "traces") {
        standard.apply(table, report);
    }
}

/// Name of the variable that overrides a key.
pub(super) fn variable(section: &str, key: &str) -> String {
    format!("{PREFIX}{section}{SEPARATOR}{key}").to_ascii_uppercase()
}

fn split(name: &str) -> Option<(String, String)> {
    let (section, key) = name.strip_prefix(PREFIX)?.split_once(SEPARATOR)?;
    Some((section.to_ascii_lowercase(), key.to_ascii_lowercase()))
}

/// The section's table, if section and key are known.
fn find<'a>(
    sections: &'a mut [Table],
    section: &str,
    key: &str,
    place: &Place,
    report: &mut Report,
) -> Option<&'a mut Table> {
    let Some((name, keys)) = SECTIONS.iter().find(|(name, _)| *name == section) else {
        let names = SECTIONS.map(|(name, _)| name);
        let remedy = rules::nearest(section, names).map_or_else(
            || format!("known sections: {}", names.join(", ")),
            |near| format!("did you mean {}?", variable(near, key)),
        );
        report.error(section, place, "unknown section", remedy);
        return None;
    };
    if !keys.contains(&key) {
        let remedy = rules::nearest(key, keys.iter().copied()).map_or_else(
            || format!("known keys: {}", keys.join(", ")),
            |near| format!("did you mean {}?", variable(section, near)),
        );
        report.error(&format!("{section}.{key}"), place, "unknown key", remedy);
        return None;
    }
    sections.iter_mut().find(|table| table.key == *name)
}
