//! When agents are kept in step at all: times of the week in a time zone. Pure.

use jiff::civil::{DateTime, Time as Clock, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use lockstep_core::Time;

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// A schedule that repeats each week changes within one, and a day more for a change of the clock.
const LOOK_AHEAD_DAYS: i64 = 8;

/// Times of the week; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    zone: TimeZone,
    spans: Vec<Span>,
}

/// From one time of a day to another, on the days named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight; not after `from` where it ends on the next day. 1440 is midnight.
    pub to: u16,
}

impl Schedule {
    /// `zone` is a name of the IANA database; `None` where there is no such zone.
    pub fn new(zone: &str, spans: Vec<Span>) -> Option<Self> {
        Some(Self { zone: TimeZone::get(zone).ok()?, spans })
    }

    /// Is it a time of the schedule?
    pub fn is_open(&self, at: Time) -> bool {
        let Some(local) = self.local(at) else { return true };
        let minute = minutes(local.time());
        let (today, yesterday) = (local.weekday(), local.weekday().previous());
        self.spans.iter().any(|span| {
            let over_night = span.to <= span.from;
            let begun = span.days.contains(&today)
                && minute >= span.from
                && (over_night || minute < span.to);
            begun || (over_night && span.days.contains(&yesterday) && minute < span.to)
        })
    }

    /// When that changes next; `None` where it never does.
    pub fn next_change(&self, at: Time) -> Option<Time> {
        let (now, open) = (self.local(at)?, self.is_open(at));
        let mut edges: Vec<Time> = (0..=LOOK_AHEAD_DAYS)
            .filter_map(|ahead| now.date().checked_add(ahead.days()).ok())
            .flat_map(|day| self.edges_of(day))
            .filter(|edge| *edge > at)
            .collect();
        edges.sort();
        edges.into_iter().find(|edge| self.is_open(*edge) != open)
    }

    fn edges_of(&self, day: jiff::civil::Date) -> Vec<Time> {
        let edges = self.spans.iter().flat_map(|span| [span.from, span.to]);
        let instant = |minute: u16| {
            let day = if minute >= DAY { day.tomorrow().ok()? } else { day };
            let minute = minute % DAY;
            let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
            let zoned = self.zone.to_zoned(day.at(hour, minute, 0, 0)).ok()?;
            u64::try_from(zoned.timestamp().as_millisecond()).ok().map(Time::from_millis)
        };
        edges.filter_map(instant).collect()
    }

    fn local(&self, at: Time) -> Option<DateTime> {
        let millis = i64::try_from(at.as_millis()).ok()?;
        let instant = Timestamp::from_millisecond(millis).ok()?;
        Some(self.zone.to_datetime(instant))
    }
}

fn minutes(time: Clock) -> u16 {
    let [hour, minute] = [time.hour(), time.minute()].map(|part| u16::try_from(part).unwrap_or(0));
    hour * 60 + minute
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        let instant: Timestamp = text.parse().expect("an instant");
        Time::from_millis(u64::try_from(instant.as_millisecond()).expect("after 1970"))
    }

    fn schedule(days: &[Weekday], from: u16, to: u16) -> Schedule {
        Schedule::new("Europe/Berlin", vec![Span { days: days.to_vec(), from, to }])
            .expect("a zone")
    }

    #[test]
    fn office_hours_follow_the_zone_through_the_change_of_the_clock() {
        let office = schedule(&[Weekday::Monday, Weekday::Friday], 8 * 60, 18 * 60);
        // Monday, in winter (UTC+1) and in summer (UTC+2).
        for (instant, open) in [
            ("2026-01-05T06:59:59Z", false),
            ("2026-01-05T07:00:00Z", true),
            ("2026-01-05T16:59:59Z", true),
            ("2026-01-05T17:00:00Z", false),
            ("2026-07-06T05:59:59Z", false),
            ("2026-07-06T06:00:00Z", true),
            ("2026-07-07T10:00:00Z", false),
        ] {
            assert_eq!(office.is_open(at(instant)), open, "{instant}");
        }
        assert_eq!(
            office.next_change(at("2026-01-05T07:00:00Z")),
            Some(at("2026-01-05T17:00:00Z"))
        );
        assert_eq!(
            office.next_change(at("2026-01-05T17:00:00Z")),
            Some(at("2026-01-09T07:00:00Z"))
        );
        // Over the Sunday on which the clock goes forward.
        assert_eq!(
            office.next_change(at("2026-03-27T17:00:00Z")),
            Some(at("2026-03-30T06:00:00Z"))
        );
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let night = schedule(&[Weekday::Friday], 22 * 60, 6 * 60);
        assert!(night.is_open(at("2026-01-09T21:00:00Z")));
        assert!(night.is_open(at("2026-01-10T04:59:00Z")));
        assert!(!night.is_open(at("2026-01-10T05:00:00Z")));
        assert!(!night.is_open(at("2026-01-09T04:00:00Z")), "thursday's night is not in it");
        assert_eq!(night.next_change(at("2026-01-09T23:00:00Z")), Some(at("2026-01-10T05:00:00Z")));
    }

    #[test]
    fn whole_days_without_an_end_never_change() {
        let all: Vec<Weekday> = Weekday::Monday.cycle_forward().take(7).collect();
        let always = schedule(&all, 0, DAY);
        assert!(always.is_open(at("2026-01-04T23:00:00Z")));
        assert_eq!(always.next_change(at("2026-01-04T22:59:00Z")), None);
    }
}
