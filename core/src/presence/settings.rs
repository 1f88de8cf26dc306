use std::time::Duration;

use super::Counting;

/// The label of a `NOT_READY` that stands for a lost source.
pub const LOST_LABEL: &str = "Webex Unavailable";

/// What follows when the feed stays away (law 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LossPolicy {
    /// Everything stays as it is.
    #[default]
    Hold,
    /// Holds are released.
    Release,
    /// READY agents are taken, with [`LOST_LABEL`].
    NotReady,
}

/// How presence turns into wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceSettings {
    /// A wanted Free waits this long (law 3).
    pub hold_down: Duration,
    /// What follows a longer loss of the source.
    pub on_loss: LossPolicy,
    /// How long a loss is before that follows.
    pub loss_after: Duration,
    /// How long a loss is before the row is shown as stale.
    pub stale_after: Duration,
    /// Which presences may make somebody Not Ready.
    pub counting: Counting,
    /// Is it a time at which anybody is made Not Ready at all?
    pub on_duty: bool,
}

impl Default for PresenceSettings {
    fn default() -> Self {
        Self {
            hold_down: Duration::from_millis(500),
            on_loss: LossPolicy::Hold,
            loss_after: Duration::from_mins(1),
            stale_after: Duration::from_secs(5),
            counting: Counting::All,
            on_duty: true,
        }
    }
}
