//! The configuration: one TOML file, overridden by the environment, checked as a whole.
//!
//! Every problem is reported at once, with its key, its place and a remedy; no secret is ever
//! part of one. One file here per section of the text.

use std::ffi::OsString;
use std::path::Path;

use lockstep_core::rules as core_rules;
use lockstep_core::rules::Mode;
use toml::de::{DeTable, DeValue};

mod address;
mod agents;
mod changes;
mod dashboard;
mod duration;
mod environment;
mod file;
mod finesse;
mod http;
mod item;
mod journal;
mod network;
mod origin;
mod policy;
mod problem;
mod rules;
mod schedule;
mod secret;
mod state;
mod sync;
#[cfg(test)]
mod tests;
mod traces;
mod webex;

use item::{Source, Table};
use problem::Report;

pub use crate::webex::Token;
pub(crate) use address::is_loopback;
pub use agents::Agents;
pub use dashboard::{Dashboard, IDLE_TIMEOUT, SESSION_LIFETIME};
pub use duration::Range;
pub(crate) use duration::parse as span;
pub use file::CaFile;
pub(crate) use file::bytes;
pub use finesse::{Account, Finesse, POLL_INTERVAL};
pub use http::{Http, TlsFiles};
pub use journal::{Journal, KEEP};
pub use network::Network;
pub use origin::Origin;
pub use policy::Policy;
pub use problem::{Place, Problem, Problems};
pub use rules::Rules;
pub use state::State;
pub use sync::{
    CALL_GRACE, HOLD_DOWN, LOSS_AFTER, OnSourceLoss, RECONCILE_EVERY, STALE_AFTER, Sync,
};
pub use traces::Traces;
pub use webex::Webex;

/// Bytes of a configuration file; ten thousand agents by name need half of it.
const MAX_FILE_BYTES: usize = 1024 * 1024;
/// Syntax errors that are reported; after the first few the rest mostly follow from them.
const MAX_SYNTAX_ERRORS: usize = 10;

/// The sections and their keys.
const SECTIONS: [(&str, &[&str]); 10] = [
    ("webex", webex::KEYS),
    ("finesse", finesse::KEYS),
    ("agents", agents::KEYS),
    ("sync", sync::KEYS),
    ("rules", rules::KEYS),
    ("http", http::KEYS),
    ("state", state::KEYS),
    ("journal", journal::KEYS),
    ("traces", traces::KEYS),
    ("dashboard", dashboard::KEYS),
];

/// A configuration that has been checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// How to read presence.
    pub webex: Webex,
    /// Whose states are set, and by whom.
    pub finesse: Finesse,
    /// Who is watched.
    pub agents: Agents,
    /// How presence becomes states.
    pub sync: Sync,
    /// The rules that apply.
    pub rules: Rules,
    /// What is different for some; the first that names somebody applies to them.
    pub policies: Vec<Policy>,
    /// What Lockstep itself serves.
    pub http: Http,
    /// What must survive a restart.
    pub state: State,
    /// How much is kept of what was decided.
    pub journal: Journal,
    /// Who collects traces.
    pub traces: Traces,
    /// The supervisors' page.
    pub dashboard: Dashboard,
    /// What is allowed and perhaps not meant.
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Reads and checks the file at `path`, overridden by `environment`.
    ///
    /// Reads the files of secrets, certificates and rules that it names; contacts nobody.
    pub fn load<K: Into<OsString>, V: Into<OsString>>(
        path: &Path,
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Problems> {
        match file::text(path, MAX_FILE_BYTES) {
            Ok(text) => Self::parse(path, &text, environment),
            Err(what) => {
                let mut report = Report::default();
                let remedy = "give the path of a configuration by --config";
                report.error("", &Place::Whole(path.to_owned()), what, remedy);
                Err(Problems(report.errors))
            }
        }
    }

    /// Checks `text` as if it had been read from `path`.
    pub fn parse<K: Into<OsString>, V: Into<OsString>>(
        path: &Path,
        text: &str,
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Problems> {
        let mut report = Report::default();
        let places = core_rules::Places::new(text);
        let source = Source::File { path, places: &places };
        let (mut sections, policies) = match DeTable::parse(text) {
            Ok(document) => {
                let policies = policy::heads(document.get_ref(), source, &mut report);
                (sections(document.get_ref(), path, source, &mut report), policies)
            }
            Err(_) => return Err(syntax(text, source)),
        };
        environment::apply(&mut sections, environment, &mut report);
        let base = path.parent().unwrap_or(Path::new(""));
        let config = read(sections, policies, base, &mut report);
        let (mut config, warnings) = report.finish(config)?;
        config.warnings = warnings;
        Ok(config)
    }

    /// What applies to whoever no policy names.
    pub fn everybody_else(&self) -> Policy {
        Policy::of_everybody_else(&self.sync, &self.rules)
    }

    /// Who sets states anywhere: each side that some agent's mode needs.
    pub fn modes(&self) -> Mode {
        let modes = || self.policies.iter().map(|policy| policy.mode).chain([self.sync.mode]);
        match (modes().any(Mode::has_server), modes().any(Mode::has_gadget)) {
            (true, true) => Mode::Auto,
            (true, false) => Mode::Server,
            (false, _) => Mode::Gadget,
        }
    }
}

/// What is not TOML. Only that: what is left of a broken text would miss key after key.
fn syntax(text: &str, source: Source<'_>) -> Problems {
    let mut report = Report::default();
    let (_, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(MAX_SYNTAX_ERRORS) {
        let place = source.place(error.span().map_or(0, |span| span.start));
        // Only the message: the text itself may hold a secret.
        report.error("", &place, format!("not TOML: {}", error.message()), "correct the syntax");
    }
    Problems(report.errors)
}

/// One table for each of [`SECTIONS`], in that order; an absent section is an empty one.
fn sections(
    document: &DeTable<'_>,
    path: &Path,
    source: Source<'_>,
    report: &mut Report,
) -> Vec<Table> {
    let mut tables: Vec<_> = SECTIONS
        .iter()
        .map(|(name, _)| Table::empty(name, Place::Whole(path.to_owned())))
        .collect();
    for (name, node) in document {
        let place = source.place(name.span().start);
        let name = name.get_ref().as_ref();
        if name == policy::SECTION {
            continue;
        }
        let at = SECTIONS.iter().position(|(section, _)| *section == name);
        match (at, node.get_ref()) {
            (Some(at), DeValue::Table(table)) => {
                tables[at] = Table::new(name.to_owned(), table, place, source);
            }
            (Some(_), _) => {
                report.error(name, &place, "must be a section", format!("write [{name}]"));
            }
            (None, _) => report.error(name, &place, "unknown section", section_remedy(name)),
        }
    }
    tables
}

fn read(
    sections: Vec<Table>,
    policies: Vec<policy::Head>,
    base: &Path,
    report: &mut Report,
) -> Option<Config> {
    let sections: [Table; SECTIONS.len()] = sections.try_into().ok()?;
    let [
        mut webex,
        mut finesse,
        mut agents,
        mut sync,
        mut rules,
        mut http,
        mut state,
        mut journal,
        mut traces,
        mut dashboard,
    ] = sections;
    let mode = sync::mode(&mut sync, report);
    let sync_read = sync::read(&mut sync, mode, report);
    let mode = policy::all_modes(mode, &policies);
    let webex_read = webex::read(&mut webex, base, report);
    let finesse_read = finesse::read(&mut finesse, mode, base, report);
    let agents_read = agents::read(&mut agents, report);
    let rules_read = rules::read(&mut rules, mode, base, report);
    let http_read = http::read(&mut http, mode, base, report);
    let state_read = state::read(&mut state, base, report);
    let journal_read = journal::read(&mut journal, report);
    let traces_read = traces::read(&mut traces, base, report);
    let dashboard_read = dashboard::read(&mut dashboard, report);
    let policies = rules_read.as_ref().map_or_else(Vec::new, |rules| {
        let rest = Policy::of_everybody_else(&sync_read, rules);
        policy::read(policies, &rest, base, &sync_read, report)
    });
    let supervised = finesse_read.as_ref().is_none_or(|finesse| !finesse.supervisors.is_empty());
    policy::warn(&policies, supervised, &finesse.place, report);
    for table in [webex, finesse, agents, sync, rules, http, state, journal, traces, dashboard] {
        unknown(table, report);
    }
    Some(Config {
        webex: webex_read?,
        finesse: finesse_read?,
        agents: agents_read,
        sync: sync_read,
        rules: rules_read?,
        policies,
        http: http_read,
        state: state_read,
        journal: journal_read,
        traces: traces_read,
        dashboard: dashboard_read,
        warnings: Vec::new(),
    })
}

/// Reports the keys that no section's reader took; one that is known elsewhere says where.
fn unknown(mut table: Table, report: &mut Report) {
    let elsewhere = |name: &str| SECTIONS.iter().find(|(_, keys)| keys.contains(&name));
    table.entries.retain(|name, item| {
        let Some((section, _)) = elsewhere(name) else { return true };
        report.error(&item.key, &item.place, "unknown key", format!("it belongs to [{section}]"));
        false
    });
    let keys = SECTIONS.iter().find(|(name, _)| *name == table.key).map_or(&[][..], |s| s.1);
    table.unknown(keys, report);
}

fn section_remedy(name: &str) -> String {
    if let Some((section, _)) = SECTIONS.iter().find(|(_, keys)| keys.contains(&name)) {
        return format!("the key {name} belongs to [{section}]");
    }
    let names = SECTIONS.map(|(section, _)| section);
    core_rules::nearest(name, names).map_or_else(
        || format!("known sections: {}", names.join(", ")),
        |near| format!("did you mean [{near}]?"),
    )
}
