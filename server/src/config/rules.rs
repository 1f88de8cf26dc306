//! `[rules]`: the rules that apply, from their own file.

use std::path::{Path, PathBuf};

use lockstep_core::rules::{MAX_FILE_BYTES, Mode, RuleProblem, Severity};

use super::file;
use super::item::Table;
use super::problem::{Place, Report};

/// The keys of `[rules]`.
pub(super) const KEYS: &[&str] = &["file"];

/// `[rules]`, read and checked for the mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Where they were read; `None` for the built-in rules.
    pub file: Option<PathBuf>,
    /// The rules.
    pub rules: lockstep_core::rules::Rules,
}

pub(super) fn read(
    table: &mut Table,
    mode: Option<Mode>,
    base: &Path,
    report: &mut Report,
) -> Option<Rules> {
    if table.entries.contains_key("file") {
        return file_of(table, "file", mode, base, report);
    }
    Some(Rules { file: None, rules: lockstep_core::rules::Rules::builtin() })
}

/// Reads and checks the rules file that `name` of `table` names.
pub(super) fn file_of(
    table: &mut Table,
    name: &str,
    mode: Option<Mode>,
    base: &Path,
    report: &mut Report,
) -> Option<Rules> {
    let (key, place) = (table.path(name), table.entries.get(name)?.place.clone());
    let path = file::path(table, name, base, report)?;
    let text = match file::text(&path, MAX_FILE_BYTES) {
        Ok(text) => text,
        Err(what) => {
            let what = format!("the file {}: {what}", path.display());
            let remedy = "give the path of a rules file, or leave it out for the built-in rules";
            report.error(&key, &place, what, remedy);
            return None;
        }
    };
    match lockstep_core::rules::Rules::parse(&text) {
        Ok(rules) => {
            // Where the mode itself is wrong, what it demands is not known.
            let problems = rules.check(mode.unwrap_or(Mode::Server));
            add(&problems, &path, report);
            Some(Rules { file: Some(path), rules })
        }
        Err(problems) => {
            add(&problems, &path, report);
            None
        }
    }
}

fn add(problems: &[RuleProblem], path: &Path, report: &mut Report) {
    for problem in problems {
        let place = Place::File(path.to_owned(), problem.place);
        let (key, what, remedy) = (problem.subject(), &problem.what, &problem.remedy);
        match problem.severity {
            Severity::Error => report.error(&key, &place, what, remedy),
            Severity::Warning => report.warning(&key, &place, what, remedy),
        }
    }
}
