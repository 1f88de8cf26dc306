//! Moments as people write and read them, on their own clock.

use std::time::Duration;

use jiff::civil::{self, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use lockstep_core::Time;

use crate::config;

/// What a moment may look like; for `--help` and for mistakes.
pub(super) const FORMS: &str = "RFC 3339 as in 2026-11-21T10:00:00+01:00, without a zone for this \
    machine's own (2026-11-21T10:00, 2026-11-21, or 10:00 for today), or back from now: -2h, -3d";

/// Now, and the zone in which people read it.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) now: Time,
    pub(super) zone: TimeZone,
}

impl Reading {
    /// Reads a moment.
    pub(super) fn read(&self, text: &str) -> Result<Time, String> {
        let text = text.trim();
        let found = self.back(text).or_else(|| self.absolute(text));
        found.ok_or_else(|| format!("{text:?} is not a moment; write {FORMS}"))
    }

    fn back(&self, text: &str) -> Option<Time> {
        if text == "now" {
            return Some(self.now);
        }
        let span: Duration = config::span(text.strip_prefix('-')?)?;
        Some(self.now.before(span))
    }

    fn absolute(&self, text: &str) -> Option<Time> {
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return time(timestamp);
        }
        let date_time = text.parse::<DateTime>().ok().or_else(|| {
            let time: civil::Time = text.parse().ok()?;
            Some(self.zoned(self.now).date().to_datetime(time))
        })?;
        time(self.zone.to_zoned(date_time).ok()?.timestamp())
    }

    /// The day and the time of day.
    pub(super) fn full(&self, time: Time) -> String {
        self.zoned(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The time of day alone, where it is of the same day as `day`.
    pub(super) fn short(&self, time: Time, day: Time) -> String {
        let (zoned, day) = (self.zoned(time), self.zoned(day));
        if zoned.date() == day.date() {
            zoned.strftime("%H:%M:%S").to_string()
        } else {
            self.full(time)
        }
    }

    /// The zone's name, or what it is ahead of UTC then.
    pub(super) fn zone_at(&self, time: Time) -> String {
        let named = self.zone.iana_name().map(str::to_owned);
        named.unwrap_or_else(|| self.zoned(time).strftime("%:z").to_string())
    }

    fn zoned(&self, time: Time) -> Zoned {
        let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX).to_zoned(self.zone.clone())
    }
}

fn time(timestamp: Timestamp) -> Option<Time> {
    u64::try_from(timestamp.as_millisecond()).ok().map(Time::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(zone: TimeZone) -> Reading {
        let now = "2026-11-21T10:30:00Z".parse::<Timestamp>().unwrap();
        Reading { now: time(now).unwrap(), zone }
    }

    #[test]
    fn moments_are_read_absolute_local_and_back_from_now() {
        let berlin = reading(TimeZone::fixed(jiff::tz::offset(1)));
        let read = |text: &str| berlin.read(text).map(|time| berlin.full(time));
        for (text, expected) in [
            ("now", "2026-11-21 11:30:00"),
            ("-2h", "2026-11-21 09:30:00"),
            ("-1d", "2026-11-20 11:30:00"),
            ("2026-11-21T09:00:00Z", "2026-11-21 10:00:00"),
            ("2026-11-21T09:00:00+01:00", "2026-11-21 09:00:00"),
            ("2026-11-21T09:00", "2026-11-21 09:00:00"),
            ("2026-11-21", "2026-11-21 00:00:00"),
            ("09:05", "2026-11-21 09:05:00"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        for wrong in ["", "2h", "-2", "yesterday", "1969-01-01T00:00:00Z", "-9999999999999d"] {
            assert!(read(wrong).is_err_and(|told| told.contains("RFC 3339")), "{wrong}");
        }
    }

    #[test]
    fn the_day_is_told_where_it_is_another() {
        let utc = reading(TimeZone::UTC);
        assert_eq!(utc.short(utc.now, utc.now), "10:30:00");
        let before = utc.now.before(Duration::from_hours(24));
        assert_eq!(utc.short(before, utc.now), "2026-11-20 10:30:00");
        assert_eq!(utc.zone_at(utc.now), "UTC");
    }
}
