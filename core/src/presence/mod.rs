//! What a source said about a person: ordered, and composed over that person's devices.

mod observation;

pub use observation::{Facts, Kind, MAX_FACT_LENGTH, MAX_FACTS, Observation, Version};
