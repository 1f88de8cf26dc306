use lockstep_core::presence::{Facts, Kind, Observation, Version};
use lockstep_core::{PersonId, Time};
use serde_json::Value;

/// Counters kept of one `vectorCounters`; one per data centre, and Webex has a handful.
const MAX_COUNTERS: usize = 16;
/// Characters of a counter's name (`urn:TEAM:eu-central-1_k`) or of a subject (a UUID).
const MAX_NAME: usize = 64;

/// Every status that was seen in a source (Webex notes 4.4); others are passed through.
const KNOWN: [&str; 12] = [
    "active",
    "inactive",
    "unknown",
    "dnd",
    "ooo",
    "pending",
    "call",
    "meeting",
    "presenting",
    "calendarItem",
    "busy",
    "clear",
];

/// One composition: what Webex says about one person (Webex notes 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Composition {
    pub(super) person: PersonId,
    pub(super) facts: Facts,
    pub(super) source_time: Option<Time>,
    pub(super) version: Version,
}

impl Composition {
    /// Reads the fields wherever they stand: in a composition or flat in an event's `data`.
    /// Everything but `subject` and `status` is optional; `None` when one of these is missing.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let person = subject(value)?;
        let status = text(value, "status")?;
        let facts = [("meeting_type", "meetingType"), ("category", "category")]
            .into_iter()
            .filter_map(|(key, field)| Some((key, text(value, field)?)))
            .fold(Facts::new().with("status", normal(status)), |facts, (key, word)| {
                facts.with(key, word)
            });
        let source_time = text(value, "statusTime").and_then(instant);
        Some(Self { person, facts, source_time, version: version(value) })
    }

    pub(super) fn into_observation(self, epoch: u64, kind: Kind) -> (PersonId, Observation) {
        let observation = Observation {
            device: None,
            epoch,
            version: self.version,
            source_time: self.source_time,
            kind,
            facts: Some(self.facts),
        };
        (self.person, observation)
    }
}

/// The person a reply's item or an event is about, in lower case.
pub(super) fn subject(value: &Value) -> Option<PersonId> {
    let subject = text(value, "subject")?;
    (subject.len() <= MAX_NAME).then(|| PersonId::new(subject.to_ascii_lowercase()))
}

/// A text that is there, is a text and is not empty.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field)?.as_str().filter(|text| !text.is_empty())
}

/// The known spelling of a status; Webex's clients compare without regard to case.
pub(super) fn normal(status: &str) -> &str {
    KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(status)).unwrap_or(status)
}

/// Webex's way to write an instant.
pub(super) fn instant(text: &str) -> Option<Time> {
    let timestamp: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(timestamp.as_millisecond()).ok().map(Time::from_millis)
}

fn version(value: &Value) -> Version {
    let counters = value.get("vectorCounters").and_then(|vector| vector.get("counters"));
    let Some(Value::Object(counters)) = counters else { return Version::new() };
    counters
        .iter()
        .filter(|(name, _)| name.len() <= MAX_NAME)
        .filter_map(|(name, count)| Some((name.clone(), count.as_u64()?)))
        .take(MAX_COUNTERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PERSON: &str = "1eb65fdf-9643-417f-9974-ad72cae0e10f";

    fn read(value: &Value) -> Composition {
        Composition::read(value).unwrap()
    }

    #[test]
    fn the_observed_example_without_times_is_read() {
        let read = read(&json!({
            "category": "unknown", "expiresTTL": -1, "status": "unknown", "subject": PERSON,
            "suppressNotifications": false,
            "vectorCounters": {"sourceDC": "urn:TEAM:x", "counters": {"urn:TEAM:x": 7}},
        }));
        assert_eq!(read.person, PersonId::new(PERSON));
        assert_eq!(read.facts, Facts::from_iter([("status", "unknown"), ("category", "unknown")]));
        assert_eq!(read.source_time, None);
        assert_eq!(read.version, Version::from([("urn:TEAM:x".into(), 7)]));
    }

    #[test]
    fn a_meeting_carries_its_type_and_start() {
        let read = read(&json!({
            "status": "meeting", "meetingType": "online", "category": null,
            "subject": PERSON.to_uppercase(), "statusTime": "2026-11-21T10:00:00.250Z",
        }));
        assert_eq!(read.person, PersonId::new(PERSON));
        assert_eq!(
            read.facts,
            Facts::from_iter([("status", "meeting"), ("meeting_type", "online")])
        );
        assert_eq!(read.source_time, Some(Time::from_millis(1_795_255_200_250)));
    }

    #[test]
    fn known_words_get_their_spelling_and_new_words_pass() {
        for (said, meant) in
            [("DND", "dnd"), ("CalendarItem", "calendarItem"), ("Quiet", "Quiet"), ("busy", "busy")]
        {
            assert_eq!(normal(said), meant);
        }
    }

    #[test]
    fn fields_of_the_wrong_type_are_as_good_as_absent() {
        let read = read(&json!({
            "status": "active", "subject": PERSON, "meetingType": 4, "category": "",
            "statusTime": "yesterday",
            "vectorCounters": {"counters": {"a": -1, "b": "x", "c": 2}},
        }));
        assert_eq!(read.facts, Facts::from_iter([("status", "active")]));
        assert_eq!(read.source_time, None);
        assert_eq!(read.version, Version::from([("c".into(), 2)]));
        for times in ["1969-01-01T00:00:00Z", "9999-99-99"] {
            assert_eq!(instant(times), None);
        }
    }

    #[test]
    fn a_thousand_counters_are_cut() {
        let counters: serde_json::Map<_, _> =
            (0..1_000).map(|n| (format!("dc{n}"), json!(n))).collect();
        let read = read(&json!({
            "status": "active", "subject": PERSON, "vectorCounters": {"counters": counters},
        }));
        assert_eq!(read.version.len(), MAX_COUNTERS);
    }

    #[test]
    fn without_subject_or_status_there_is_nothing() {
        let long = "x".repeat(65);
        for value in [
            json!({"status": "active"}),
            json!({"subject": PERSON}),
            json!({"subject": long, "status": "active"}),
            json!(null),
            json!([1]),
        ] {
            assert_eq!(Composition::read(&value), None);
        }
    }
}
