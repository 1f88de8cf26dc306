//! `[[policy]]`: what is different for some teams or agents. The first that names an agent, or the
//! agent's team, applies; what it does not say is as in `[sync]` and `[rules]`.

use std::path::Path;
use std::time::Duration;

use lockstep_core::presence::{Busy, Counting};
use lockstep_core::rules::Mode;
use toml::de::DeTable;

use super::duration::Range;
use super::item::{Item, Source, Table};
use super::problem::{Place, Report};
use super::rules::{self, Rules};
use super::schedule;
use super::sync::{self, OnSourceLoss, Sync};
use crate::schedule::Schedule;

/// The section's name.
pub(super) const SECTION: &str = "policy";
/// The keys of one `[[policy]]`.
pub(super) const KEYS: &[&str] = &[
    "name",
    "teams",
    "agents",
    "mode",
    "rules_file",
    "hold_down",
    "call_grace",
    "on_source_loss",
    "default_reason",
    "dry_run",
    "staffing_floor",
    "snooze",
    "schedule",
    "time_zone",
    "presences",
];
/// A cluster has fewer teams than this, and each is looked for in all of them.
const MAX_POLICIES: usize = 500;
/// Names in one list: several times the agents of one Finesse cluster.
const MAX_NAMES: usize = 10_000;
/// A team has fewer people than a cluster.
const MAX_FLOOR: u64 = 10_000;

/// How long an agent may ask to be left alone.
const LONGEST_SNOOZE: Range = Range {
    default: Duration::from_hours(24),
    min: Duration::ZERO,
    max: Duration::from_hours(24),
    why: "a longer one is forgotten before it ends; leave the key out for no limit",
};

/// One policy, whole: nothing in it is to be looked up elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// As operators name it.
    pub name: String,
    /// Names or ids of teams.
    pub teams: Vec<String>,
    /// Login names or login ids.
    pub agents: Vec<String>,
    /// Who sets the states.
    pub mode: Mode,
    /// Which presence leads to which state.
    pub rules: Rules,
    /// How long a wanted Free waits.
    pub hold_down: Duration,
    /// How long a Webex call must outlive the customer's call to count.
    pub call_grace: Duration,
    /// What follows when the feed stays away.
    pub on_source_loss: OnSourceLoss,
    /// Gadget: stands in for a reason that Finesse does not list.
    pub default_reason: Option<String>,
    /// Decide and tell, and touch nothing.
    pub dry_run: bool,
    /// So many of each team stay READY; zero: no floor.
    pub staffing_floor: usize,
    /// How long an agent may ask to be left alone; zero: not at all; `None`: for as long as they like.
    pub longest_snooze: Option<Duration>,
    /// When anybody is made Not Ready at all; `None`: always.
    pub schedule: Option<Schedule>,
    /// Which presences may make somebody Not Ready.
    pub counting: Counting,
}

impl Policy {
    /// What applies to whoever no policy names.
    pub(super) fn of_everybody_else(sync: &Sync, rules: &Rules) -> Self {
        Self {
            name: "everybody else".to_owned(),
            teams: Vec::new(),
            agents: Vec::new(),
            mode: sync.mode,
            rules: rules.clone(),
            hold_down: sync.hold_down,
            call_grace: sync.call_grace,
            on_source_loss: sync.on_source_loss,
            default_reason: sync.default_reason.clone(),
            dry_run: sync.dry_run,
            staffing_floor: 0,
            longest_snooze: None,
            schedule: None,
            counting: Counting::All,
        }
    }
}

/// A `[[policy]]` whose mode is read, which other sections depend on.
pub(super) struct Head {
    table: Table,
    mode: Option<Mode>,
}

/// Takes every `[[policy]]` of the document, in its order.
pub(super) fn heads(document: &DeTable<'_>, source: Source<'_>, report: &mut Report) -> Vec<Head> {
    let found = document.iter().find(|(name, _)| name.get_ref().as_ref() == SECTION);
    let Some((name, node)) = found else { return Vec::new() };
    let place = source.place(name.span().start);
    let list = Item::new(SECTION.to_owned(), node, source);
    if !list.is_list() {
        report.error(SECTION, &place, "must be a list of tables", "write [[policy]]");
        return Vec::new();
    }
    let items = list.list(report).unwrap_or_default();
    if items.len() > MAX_POLICIES {
        let what = format!("{} policies are more than {MAX_POLICIES}", items.len());
        report.error(SECTION, &place, what, "let one policy name several teams");
        return Vec::new();
    }
    let head = |item: Item| {
        let mut table = item.table(report)?;
        let mode = table.take("mode").and_then(|item| sync::mode_of(item, report));
        Some(Head { table, mode })
    };
    items.into_iter().filter_map(head).collect()
}

/// Who sets states anywhere: each side that some agent's mode needs.
pub(super) fn all_modes(site: Option<Mode>, heads: &[Head]) -> Option<Mode> {
    let modes = || heads.iter().filter_map(|head| head.mode).chain(site);
    match (modes().any(Mode::has_server), modes().any(Mode::has_gadget)) {
        (true, true) => Some(Mode::Auto),
        (true, false) => Some(Mode::Server),
        (false, true) => Some(Mode::Gadget),
        (false, false) => None,
    }
}

/// Completes them by what applies to everybody else.
pub(super) fn read(
    heads: Vec<Head>,
    rest: &Policy,
    base: &Path,
    sync: &Sync,
    report: &mut Report,
) -> Vec<Policy> {
    let mut policies: Vec<Policy> = Vec::new();
    for Head { mut table, mode } in heads {
        let place = table.place.clone();
        let key = table.path("name");
        let policy = one(&mut table, mode, rest, base, sync, report);
        table.unknown(KEYS, report);
        let Some(policy) = policy else { continue };
        if policies.iter().any(|other| other.name == policy.name) {
            let what = format!("{:?} is the name of another policy", policy.name);
            report.error(&key, &place, what, "give each policy a name of its own");
        }
        policies.push(policy);
    }
    policies
}

fn one(
    table: &mut Table,
    mode: Option<Mode>,
    rest: &Policy,
    base: &Path,
    sync: &Sync,
    report: &mut Report,
) -> Option<Policy> {
    let mode = mode.unwrap_or(rest.mode);
    let name = table.require("name", "add name = \"…\", as the log is to call it", report);
    let name = name.and_then(|item| item.word(report));
    let (teams, agents) = (words(table, "teams", report), words(table, "agents", report));
    if teams.is_empty() && agents.is_empty() {
        let remedy =
            "add teams = [\"…\"] or agents = [\"…\"]; what is for everybody belongs to [sync]";
        report.error(&table.path("teams"), &table.place, "applies to nobody", remedy);
    }
    let rules = if table.entries.contains_key("rules_file") {
        rules::file_of(table, "rules_file", Some(mode), base, report)
    } else {
        Some(rest.rules.clone())
    };
    let reason = table.take("default_reason").and_then(|item| item.word(report));
    Some(Policy {
        teams,
        agents,
        mode,
        hold_down: sync::HOLD_DOWN.read(table, "hold_down", report).unwrap_or(rest.hold_down),
        call_grace: sync::CALL_GRACE.read(table, "call_grace", report).unwrap_or(rest.call_grace),
        on_source_loss: sync::on_source_loss(table, rest.on_source_loss, sync.stale_after, report),
        default_reason: reason.or_else(|| rest.default_reason.clone()),
        dry_run: table.take("dry_run").and_then(|item| item.flag(report)).unwrap_or(rest.dry_run),
        staffing_floor: staffing_floor(table, report),
        longest_snooze: longest_snooze(table, report),
        schedule: schedule::read(table, report),
        counting: counting(table, report),
        rules: rules?,
        name: name?,
    })
}

fn words(table: &mut Table, name: &str, report: &mut Report) -> Vec<String> {
    let Some(item) = table.take(name) else { return Vec::new() };
    let (key, place) = (item.key.clone(), item.place.clone());
    let items = item.list(report).unwrap_or_default();
    if items.len() > MAX_NAMES {
        let what = format!("{} entries are more than {MAX_NAMES}", items.len());
        report.error(&key, &place, what, "list fewer");
        return Vec::new();
    }
    items.into_iter().filter_map(|item| item.word(report)).collect()
}

fn staffing_floor(table: &mut Table, report: &mut Report) -> usize {
    let Some(item) = table.take("staffing_floor") else { return 0 };
    let (key, place) = (item.key.clone(), item.place.clone());
    let floor = item.number(report).unwrap_or(0);
    if floor > MAX_FLOOR {
        let what = format!("{floor} is more than {MAX_FLOOR}");
        report.error(&key, &place, what, "write how many of each team must stay Ready");
    }
    usize::try_from(floor).unwrap_or(0)
}

fn longest_snooze(table: &mut Table, report: &mut Report) -> Option<Duration> {
    let mut snooze = table.take("snooze")?.table(report)?;
    let remedy = "add max = \"2h\", or \"0s\" to offer no snooze";
    if !snooze.entries.contains_key("max") {
        report.error(&snooze.path("max"), &snooze.place, "is missing", remedy);
    }
    let longest = LONGEST_SNOOZE.read(&mut snooze, "max", report);
    snooze.unknown(&["max"], report);
    longest
}

fn counting(table: &mut Table, report: &mut Report) -> Counting {
    let Some(item) = table.take("presences") else { return Counting::All };
    let kinds = Busy::ALL.map(|kind| (kind.as_str(), kind));
    let items = item.list(report).unwrap_or_default();
    let some: Vec<Busy> =
        items.into_iter().filter_map(|item| sync::choice(item, &kinds, report)).collect();
    Counting::only(&some)
}

/// Doubtful rather than wrong: what a policy asks for can only be had in part.
pub(super) fn warn(policies: &[Policy], supervised: bool, place: &Place, report: &mut Report) {
    for policy in policies.iter().filter(|policy| policy.staffing_floor > 0 && !supervised) {
        let what = format!(
            "policy {:?}: without finesse.supervisors only agents whose gadget reports are counted",
            policy.name
        );
        report.warning("policy.staffing_floor", place, what, "add a supervisor of that team");
    }
}
