//! One person's presence and how the presence service words it (wire notes 4.2 to 4.4).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::clock;

/// The data centre that counts every change; one is enough for a simulator.
pub(crate) const DATA_CENTRE: &str = "urn:TEAM:us-east-2_a";

/// What a presence is set to. An absent field is cleared, not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Any text: the service's own words are `active`, `inactive`, `dnd`, `ooo`, `call`,
    /// `meeting`, `presenting`, `calendarItem`, `pending`, `unknown`; others must be passed on too.
    pub status: String,
    /// `online` is the one value that was ever seen.
    pub meeting_type: Option<String>,
    /// Seen as `unknown` beside the status `unknown`.
    pub category: Option<String>,
    /// When it began; now, when absent. An older one makes an event that came late.
    pub since: Option<Timestamp>,
}

/// A presence as it stands, with its place in the order of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// The service's word.
    pub status: String,
    /// Only beside some statuses.
    pub meeting_type: Option<String>,
    /// Only beside some statuses.
    pub category: Option<String>,
    /// Start of the current status.
    #[serde(serialize_with = "clock::serialize")]
    pub status_time: Timestamp,
    /// When the person was last seen doing anything.
    #[serde(serialize_with = "clock::serialize")]
    pub last_active: Timestamp,
    /// Grows by one with every change.
    pub version: u64,
}

// === impl Change ===

impl Change {
    /// A status with nothing beside it.
    pub fn to(status: impl Into<String>) -> Self {
        Self { status: status.into(), ..Self::default() }
    }

    /// The status `meeting` with the meeting type `online`: somebody sits in a Webex meeting.
    pub fn online_meeting() -> Self {
        Self {
            status: "meeting".to_owned(),
            meeting_type: Some("online".to_owned()),
            ..Self::default()
        }
    }
}

impl From<&str> for Change {
    fn from(status: &str) -> Self {
        Self::to(status)
    }
}

// === impl Presence ===

impl Presence {
    /// Everybody is `active` to begin with.
    pub(crate) fn initial(now: Timestamp) -> Self {
        Self {
            status: "active".to_owned(),
            meeting_type: None,
            category: None,
            status_time: now,
            last_active: now,
            version: 1,
        }
    }

    pub(crate) fn change(&mut self, change: Change, now: Timestamp) {
        if change.since.is_some() || self.status != change.status {
            self.status_time = change.since.unwrap_or(now);
        }
        if change.status != "inactive" {
            self.last_active = now;
        }
        self.status = change.status;
        self.meeting_type = change.meeting_type;
        self.category = change.category;
        self.version += 1;
    }

    /// The composition object. Without a known presence there are no instants in it, as in the
    /// one real example.
    pub(crate) fn composition(&self, subject: Uuid, base: &str) -> Map<String, Value> {
        let mut fields = bare(subject, base, &self.status, self.version);
        if self.status != "unknown" {
            fields.insert("statusTime".into(), clock::iso(self.status_time).into());
            fields.insert("lastActive".into(), clock::iso(self.last_active).into());
        }
        if let Some(meeting_type) = &self.meeting_type {
            fields.insert("meetingType".into(), meeting_type.clone().into());
        }
        if let Some(category) = &self.category {
            fields.insert("category".into(), category.clone().into());
        }
        fields
    }
}

/// What is said of a person who has no presence: nobody here, or one who switched it off.
pub(crate) fn nobody(subject: Uuid, base: &str) -> Map<String, Value> {
    let mut fields = bare(subject, base, "unknown", 0);
    fields.insert("category".into(), "unknown".into());
    fields
}

fn bare(subject: Uuid, base: &str, status: &str, version: u64) -> Map<String, Value> {
    let counters = json!({ "sourceDC": DATA_CENTRE, "counters": { DATA_CENTRE: version } });
    let fields = json!({
        "url": format!("{base}/apheleia/api/v1/compositions?userId={subject}"),
        "subject": subject,
        "status": status,
        "expiresTTL": -1,
        "suppressNotifications": false,
        "vectorCounters": counters,
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_status_keeps_its_start_and_counts_on() {
        let start = Timestamp::from_millisecond(1_000).expect("in range");
        let later = Timestamp::from_millisecond(9_000).expect("in range");
        let mut presence = Presence::initial(start);
        presence.change("active".into(), later);
        assert_eq!((presence.status_time, presence.last_active), (start, later));
        assert_eq!(presence.version, 2);
        presence.change(Change::online_meeting(), later);
        assert_eq!(presence.status_time, later);
        presence.change("active".into(), later);
        assert_eq!(presence.meeting_type, None);
    }

    #[test]
    fn nobody_has_no_instants() {
        let fields = nobody(Uuid::nil(), "http://127.0.0.1:1");
        assert!(!fields.contains_key("statusTime") && !fields.contains_key("lastActive"));
        assert_eq!(fields["expiresTTL"], -1);
    }
}
