//! What a source said about a person: ordered, and composed over that person's devices.

mod counting;
mod observation;
mod output;
mod person;
mod profile;
mod settings;
mod statement;
#[cfg(test)]
mod tests;
mod want;

pub use counting::{Busy, Counting, NOT_COUNTED, OFF_DUTY};
pub use observation::{
    Facts, Kind, MAX_COUNTERS, MAX_FACT_LENGTH, MAX_FACTS, Observation, Version,
};
pub use output::{Anomaly, PresenceOutput};
pub use person::{MAX_DEVICES, Person};
pub use profile::Profile;
pub use settings::{LOST_LABEL, LossPolicy, PresenceSettings};
pub use want::Want;
