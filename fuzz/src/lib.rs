//! Fuzz targets: one for every parser of foreign bytes.
//!
//! A target takes any bytes and panics where a promise of its parser is broken. [`run`] adds the
//! promise of all of them: memory in proportion to the input. libFuzzer finds the inputs
//! (`cargo xtask fuzz`); those worth keeping are in `corpus/<target>/`, and an ordinary test
//! replays them.
//!
//! What Lockstep itself serves parses nothing of its callers but HTTP, which is hyper's.

mod configuration;
mod ledger;
mod presence;
mod protocol;
mod rules;

use lockstep::finesse::rest::fuzzing as finesse;
use lockstep::preflight::fuzzing as certificates;
use lockstep::webex::fuzzing as webex;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes that any input may cost: tables, error texts, the Finesse account of a target.
const BASE: usize = 512 * 1024;

/// One parser under test.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: that of its program and of the folder of its corpus.
    pub name: &'static str,
    /// What is called with each input.
    run: fn(&[u8]),
    /// Bytes of memory per byte of input, the target's own checks included.
    factor: usize,
}

/// Every target.
pub const TARGETS: [Target; 16] = [
    target("webex_frames", webex::frames),
    target("webex_replies", webex::replies),
    target("webex_addresses", webex::addresses),
    target("webex_people", webex::people),
    target("webex_tokens", webex::tokens),
    target("retry_after", retry_after),
    target("finesse_users", finesse::users),
    target("finesse_system_info", finesse::system_info),
    target("finesse_reason_codes", finesse::reason_codes),
    target("finesse_errors", finesse::errors),
    target("certificates", certificates::not_after),
    target("config", configuration::config),
    target("rules", rules::rules),
    target("protocol", protocol::protocol),
    target("ledger", ledger::ledger),
    target("presence", presence::presence),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, factor: 256 }
}

impl Target {
    /// The target of this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name == name)
    }

    /// Gives it one input.
    ///
    /// # Panics
    ///
    /// Where the parser breaks a promise, or takes more memory than the input is worth.
    pub fn run(&self, data: &[u8]) {
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        (self.run)(data);
        let taken = MEMORY.peak_usage().saturating_sub(before);
        let granted = BASE + self.factor * data.len();
        assert!(taken <= granted, "{taken} bytes of memory for an input of {}", data.len());
    }
}

/// Gives one input to the target of this name.
///
/// # Panics
///
/// As [`Target::run`], and where there is no such target.
pub fn run(name: &str, data: &[u8]) {
    Target::named(name).expect("a program is named after its target").run(data);
}

fn retry_after(data: &[u8]) {
    webex::retry_after(data);
    finesse::retry_after(data);
}
