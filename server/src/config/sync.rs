//! `[sync]`: how presence becomes states.

use std::time::Duration;

use lockstep_core::presence::LossPolicy;
use lockstep_core::rules::{Mode, nearest};

use super::duration::{Range, show};
use super::item::{Item, Table};
use super::problem::Report;

/// The keys of `[sync]`.
pub(super) const KEYS: &[&str] = &[
    "mode",
    "hold_down",
    "call_grace",
    "adopt_labelled",
    "default_reason",
    "dry_run",
    "stale_after",
    "reconcile_every",
    "on_source_loss",
];
const LOSS_KEYS: &[&str] = &["policy", "after"];
const DEFAULT_MODE: Mode = Mode::Auto;

/// How long a wanted Free waits.
pub const HOLD_DOWN: Range = Range {
    default: Duration::from_millis(500),
    min: Duration::ZERO,
    max: Duration::from_mins(1),
    why: "an agent who is free must not be kept from the queue for long",
};

/// How long a Webex call must outlive the customer call to count.
pub const CALL_GRACE: Range = Range {
    default: Duration::from_secs(5),
    min: Duration::ZERO,
    max: Duration::from_mins(5),
    why: "an agent in a real Webex call must not be offered customer calls for long",
};

/// When a silent feed makes presence stale.
pub const STALE_AFTER: Range = Range {
    default: Duration::from_secs(5),
    min: Duration::from_millis(2_001),
    max: Duration::from_mins(10),
    why: "the feed is pinged every 2 s, so a shorter span is stale all the time",
};

/// How often everything is read afresh.
pub const RECONCILE_EVERY: Range = Range {
    default: Duration::from_mins(5),
    min: Duration::from_secs(1),
    max: Duration::from_hours(24),
    why: "each costs a request per 50 agents, and without any a lost event is lost for good",
};

/// When the policy of a lost feed applies.
pub const LOSS_AFTER: Range = Range {
    default: Duration::from_mins(1),
    min: Duration::from_secs(1),
    max: Duration::from_hours(24),
    why: "a feed that reconnects is not lost, and a policy that waits a day does nothing",
};

/// `[sync]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sync {
    /// Who sets the states.
    pub mode: Mode,
    /// How long a wanted Free waits (law 3).
    pub hold_down: Duration,
    /// How long a Webex call must outlive the customer call to count (law 6).
    pub call_grace: Duration,
    /// Gadget: is `NOT_READY` with one of our labels, and no ledger, a hold (law 1)?
    pub adopt_labelled: bool,
    /// Gadget: stands in for a reason that Finesse does not list for an agent, who is left alone
    /// without it.
    pub default_reason: Option<String>,
    /// Decide and tell, and touch nothing.
    pub dry_run: bool,
    /// When a silent feed makes presence stale (law 9).
    pub stale_after: Duration,
    /// How often everything is read afresh.
    pub reconcile_every: Duration,
    /// What follows when the feed stays away.
    pub on_source_loss: OnSourceLoss,
}

/// What follows when the feed stays away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnSourceLoss {
    /// What to do.
    pub policy: LossPolicy,
    /// When; counted from the loss.
    pub after: Duration,
}

const ON_SOURCE_LOSS: OnSourceLoss =
    OnSourceLoss { policy: LossPolicy::Hold, after: LOSS_AFTER.default };
const LOSS_POLICIES: [(&str, LossPolicy); 3] = [
    ("hold", LossPolicy::Hold),
    ("release", LossPolicy::Release),
    ("not_ready", LossPolicy::NotReady),
];

/// Reads `mode` alone, on which other sections depend; `None` when it is wrong.
pub(super) fn mode(table: &mut Table, report: &mut Report) -> Option<Mode> {
    table.take("mode").map_or(Some(DEFAULT_MODE), |item| mode_of(item, report))
}

/// Reads a mode.
pub(super) fn mode_of(item: Item, report: &mut Report) -> Option<Mode> {
    choice(item, &Mode::ALL.map(|mode| (mode.as_str(), mode)), report)
}

/// Reads everything else; `mode` is what [`mode`] said.
pub(super) fn read(table: &mut Table, mode: Option<Mode>, report: &mut Report) -> Sync {
    let adopt = table.take("adopt_labelled").and_then(|item| item.flag(report));
    let default_reason = table.take("default_reason").and_then(|item| item.word(report));
    let dry_run = table.take("dry_run").and_then(|item| item.flag(report));
    let hold_down = HOLD_DOWN.take(table, "hold_down", report);
    let call_grace = CALL_GRACE.take(table, "call_grace", report);
    let stale_after = STALE_AFTER.take(table, "stale_after", report);
    let reconcile_every = RECONCILE_EVERY.take(table, "reconcile_every", report);
    Sync {
        mode: mode.unwrap_or(DEFAULT_MODE),
        hold_down,
        call_grace,
        adopt_labelled: adopt.unwrap_or(true),
        default_reason,
        dry_run: dry_run.unwrap_or(false),
        stale_after,
        reconcile_every,
        on_source_loss: on_source_loss(table, ON_SOURCE_LOSS, stale_after, report),
    }
}

/// Reads `on_source_loss` of `table`; `default` where it says nothing.
pub(super) fn on_source_loss(
    table: &mut Table,
    default: OnSourceLoss,
    stale_after: Duration,
    report: &mut Report,
) -> OnSourceLoss {
    let Some(item) = table.take("on_source_loss") else { return default };
    let Some(mut table) = item.table(report) else { return default };
    let policy = table.take("policy").and_then(|item| choice(item, &LOSS_POLICIES, report));
    let policy = policy.unwrap_or(default.policy);
    let after = LOSS_AFTER.read(&mut table, "after", report).unwrap_or(default.after);
    if policy != LossPolicy::Hold && after < stale_after {
        let what = format!("{} is sooner than presence is stale", show(after));
        let remedy = format!("use at least sync.stale_after, {}", show(stale_after));
        report.error(&table.path("after"), &table.place, what, remedy);
    }
    table.unknown(LOSS_KEYS, report);
    OnSourceLoss { policy, after }
}

/// Reads one of some words.
pub(super) fn choice<T: Copy>(item: Item, choices: &[(&str, T)], report: &mut Report) -> Option<T> {
    let (key, place) = (item.key.clone(), item.place.clone());
    let word = item.word(report)?;
    if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == word) {
        return Some(*choice);
    }
    let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    let remedy = nearest(&word, names.iter().copied()).map_or_else(
        || format!("write one of: {}", names.join(", ")),
        |near| format!("did you mean {near:?}?"),
    );
    report.error(&key, &place, format!("{word:?} is not known"), remedy);
    None
}
