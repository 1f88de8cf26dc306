//! What `lockstep check` asks of the outside world, before anything depends on it.
//!
//! Nobody's state is changed. In Webex a device of the check's own is registered and removed, and so
//! is a file of its own in `state.dir`. Whatever is dead, the whole ends within [`WITHIN`] and the
//! time for goodbyes.

mod certificate;
mod der;
mod desktop;
mod finesse;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod journal;
mod nodes;
mod reasons;
mod served;
mod state;
mod tls;
mod traces;
mod webex;

use std::time::Duration;

use lockstep_core::rules::Mode;
use tokio::time::timeout;

pub use desktop::desktop;
pub use finesse::{Seen, Watched, finesse};
pub use journal::journal;
pub use nodes::nodes;
pub use reasons::{Reasons, TeamAndAgent};
pub use served::served;
pub use state::state;
pub use traces::traces;
pub use webex::{Seen as WebexSeen, webex};

use crate::cli::Finding;
use crate::finesse::rest::Limits;

/// For each side: who waits longer for an answer reads it on another day.
pub const WITHIN: Duration = Duration::from_secs(10);
/// Beyond this the clocks are told apart: matching a change with its request allows one second.
const CLOCK_SKEW_MS: i64 = 2_000;

/// What Finesse may take for one answer to a check.
pub fn limits(usual: Limits) -> Limits {
    Limits { total: WITHIN / 2, ..usual }
}

/// Looks by `look` for as long as the check may take; what was found until then is kept.
pub async fn bounded(
    subject: &str,
    mut findings: Vec<Finding>,
    look: impl AsyncFnOnce(&mut Vec<Finding>),
) -> Vec<Finding> {
    if timeout(WITHIN, look(&mut findings)).await.is_err() {
        let text = format!("not everything answered within {} s", WITHIN.as_secs());
        let remedy = "check again; where it stays slow, see to the network in between";
        findings.push(Finding::red(subject, text, remedy));
    }
    findings
}

/// What the mode does not use is amber at most.
fn red_or_amber(used: bool, subject: &str, text: String, remedy: &str) -> Finding {
    if used { Finding::red(subject, text, remedy) } else { Finding::amber(subject, text, remedy) }
}

/// Does this mode set states by the supervisors' accounts?
const fn uses_supervisors(mode: Mode) -> bool {
    mode.has_server()
}

/// How far `whose` clock is from ours.
fn skew(whose: &str, ahead_ms: i64) -> String {
    let side = if ahead_ms > 0 { "ahead of" } else { "behind" };
    match ahead_ms.abs() {
        ms @ ..10_000 => format!("{whose} is {ms} ms {side} this machine"),
        ms => format!("{whose} is {} s {side} this machine", (ms + 500) / 1_000),
    }
}
