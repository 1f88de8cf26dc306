//! What a source said about a person: ordered, and composed over that person's devices.

mod observation;
mod person;
mod profile;
mod statement;
#[cfg(test)]
mod tests;
mod want;

pub use observation::{Facts, Kind, MAX_FACT_LENGTH, MAX_FACTS, Observation, Version};
pub use person::{Anomaly, LossPolicy, MAX_DEVICES, Person, PresenceOutput, PresenceSettings};
pub use profile::Profile;
pub use want::Want;
