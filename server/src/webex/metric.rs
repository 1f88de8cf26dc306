use metrics::{counter, gauge};

/// Every metric of the Webex client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Counter: sockets that became ready.
    Connects,
    /// Counter by `reason`: connections that ended.
    Disconnects,
    /// Counter: milliseconds without presence, told when it is back (S1-32).
    LostMilliseconds,
    /// Counter by `kind`: frames received.
    Frames,
    /// Counter by `reason`: frames that were skipped (`malformed`, `huge`, `unknown`, `stranger`,
    /// `repeated`).
    FramesSkipped,
    /// Counter: holes in the sequence numbers; each leads to a snapshot.
    SequenceGaps,
    /// Counter: changes of presence that a reading found and no event had told.
    EventsMissed,
    /// Counter by `service` and `outcome` (`ok`, `refused`, `throttled`, `failed`): requests.
    Requests,
    /// Counter by `service`: answers that asked us to slow down.
    Throttled,
    /// Counter by `kind`: observations handed to the engine.
    Observations,
    /// Gauge: 2 live, 1 polling, 0 lost.
    State,
    /// Gauge: people whose presence is subscribed.
    Subscribed,
    /// Gauge: people whom Webex refuses.
    Refused,
    /// Gauge, seconds: the last round trip on the socket.
    PongSeconds,
    /// Counter by `outcome`: exchanges of the refresh token.
    TokenRefreshes,
    /// Counter by `kind`: conditions that need a person (`token`, `token_not_kept`, `forbidden`,
    /// `devices`, `replaced`, `untrusted_host`, `deaf`, `polling`).
    Alarms,
}

impl Metric {
    /// The name on the metrics page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connects => "lockstep_webex_connects_total",
            Self::Disconnects => "lockstep_webex_disconnects_total",
            Self::LostMilliseconds => "lockstep_webex_lost_milliseconds_total",
            Self::Frames => "lockstep_webex_frames_total",
            Self::FramesSkipped => "lockstep_webex_frames_skipped_total",
            Self::SequenceGaps => "lockstep_webex_sequence_gaps_total",
            Self::EventsMissed => "lockstep_webex_events_missed_total",
            Self::Requests => "lockstep_webex_requests_total",
            Self::Throttled => "lockstep_webex_throttled_total",
            Self::Observations => "lockstep_webex_observations_total",
            Self::State => "lockstep_webex_state",
            Self::Subscribed => "lockstep_webex_subscribed_people",
            Self::Refused => "lockstep_webex_refused_people",
            Self::PongSeconds => "lockstep_webex_pong_seconds",
            Self::TokenRefreshes => "lockstep_webex_token_refreshes_total",
            Self::Alarms => "lockstep_webex_alarms_total",
        }
    }

    /// Counts one.
    pub(super) fn count(self) {
        counter!(self.name()).increment(1);
    }

    /// Counts several.
    pub(super) fn count_many(self, count: u64) {
        counter!(self.name()).increment(count);
    }

    /// Counts one under a label; values of labels are a closed set, never ids.
    pub(super) fn count_by(self, label: &'static str, value: &'static str) {
        counter!(self.name(), label => value).increment(1);
    }

    /// Counts one under two labels.
    pub(super) fn count_by_two(
        self,
        (label, value): (&'static str, &'static str),
        (other_label, other): (&'static str, &'static str),
    ) {
        counter!(self.name(), label => value, other_label => other).increment(1);
    }

    /// Shows a value.
    #[expect(clippy::cast_precision_loss, reason = "people are far fewer than 2^52")]
    pub(super) fn show(self, value: usize) {
        gauge!(self.name()).set(value as f64);
    }

    /// Shows a time in seconds.
    pub(super) fn show_seconds(self, value: std::time::Duration) {
        gauge!(self.name()).set(value.as_secs_f64());
    }
}
