use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Facts;
use crate::Time;
use crate::rules::Wanted;

/// What is wanted of one agent, and from what it follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// Grows with every change of this person's presence.
    pub seq: u64,
    /// What the rules ask for.
    pub wanted: Wanted,
    /// The rule that matched, or what stands in for one.
    pub rule: Arc<str>,
    /// The presence it follows from.
    pub facts: Facts,
    /// Since when, on the source's clock where it told, otherwise on ours.
    pub since: Time,
    /// When we learned of it, on our clock.
    pub at: Time,
    /// May it be the customer's call seen from the other side (law 6)?
    pub may_be_contact_call: bool,
    /// The team would fall below its staffing floor: not to be taken for now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spared: bool,
}
