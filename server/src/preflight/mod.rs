//! What `lockstep check` asks of the outside world, before anything depends on it.
//!
//! Nobody's state is changed. In Webex a device of the check's own is registered and removed, and so
//! is a file of its own in `state.dir`.

mod finesse;
mod state;
mod webex;

use lockstep_core::rules::Mode;

pub use finesse::{Watched, finesse};
pub use state::state;
pub use webex::{feed, people};

use crate::cli::Finding;

/// What the mode does not use is amber at most.
fn red_or_amber(used: bool, subject: &str, text: String, remedy: &str) -> Finding {
    if used { Finding::red(subject, text, remedy) } else { Finding::amber(subject, text, remedy) }
}

/// Does this mode set states by the supervisors' accounts?
const fn uses_supervisors(mode: Mode) -> bool {
    mode.has_server()
}
