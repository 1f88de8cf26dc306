use super::Want;

/// What a step of [`Person`](super::Person) yields; at most two per step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresenceOutput {
    /// Something else is wanted now.
    Want(Want),
    /// An observation was not used, or contradicts another (S1-30).
    Anomaly(Anomaly),
}

/// Why an observation was not used as it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anomaly {
    /// Older than what is known.
    Stale,
    /// Known already.
    Duplicate,
    /// The source's own composite differs from the one computed over the devices (S1-9).
    CompositeDiffers,
    /// More devices than [`MAX_DEVICES`](super::MAX_DEVICES): the idlest of them is not kept.
    TooManyDevices,
}
