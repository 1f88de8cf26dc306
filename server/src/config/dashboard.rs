//! `[dashboard]`: the supervisors' page.

use std::time::Duration;

use super::duration::Range;
use super::item::Table;
use super::problem::Report;
use crate::dashboard::Lifetimes;

/// The keys of `[dashboard]`.
pub(super) const KEYS: &[&str] = &["enabled", "idle_timeout", "session_lifetime"];

/// How long somebody stays signed in without a request and without an open page.
pub const IDLE_TIMEOUT: Range = Range {
    default: Duration::from_mins(30),
    min: Duration::from_mins(1),
    max: Duration::from_hours(24),
    why: "whoever finds a cookie that nobody uses must not be let in for long",
};

/// How long somebody stays signed in at most.
pub const SESSION_LIFETIME: Range = Range {
    default: Duration::from_hours(12),
    min: Duration::from_mins(5),
    max: Duration::from_hours(7 * 24),
    why: "a shift is a day, and a password that was changed must count within a week",
};

/// `[dashboard]`, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dashboard {
    /// Is the page served?
    pub enabled: bool,
    /// How long somebody stays signed in without a request and without an open page.
    pub idle_timeout: Duration,
    /// How long somebody stays signed in at most.
    pub session_lifetime: Duration,
}

impl Dashboard {
    /// As the page needs them.
    pub const fn lifetimes(&self) -> Lifetimes {
        Lifetimes { idle: self.idle_timeout, longest: self.session_lifetime }
    }
}

pub(super) fn read(table: &mut Table, report: &mut Report) -> Dashboard {
    let enabled = table.take("enabled").and_then(|item| item.flag(report));
    let idle_timeout = IDLE_TIMEOUT.take(table, "idle_timeout", report);
    let session_lifetime = SESSION_LIFETIME.take(table, "session_lifetime", report);
    if idle_timeout > session_lifetime {
        let what = "is longer than a session lives at most";
        let remedy = "use at most dashboard.session_lifetime";
        report.error(&table.path("idle_timeout"), &table.place, what, remedy);
    }
    Dashboard { enabled: enabled.unwrap_or(true), idle_timeout, session_lifetime }
}
