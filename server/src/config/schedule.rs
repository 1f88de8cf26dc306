//! `schedule` and `time_zone` of a policy: times of the week.

use jiff::civil::Weekday;

use super::item::{Item, Table};
use super::problem::Report;
use super::sync::choice;
use crate::schedule::{Schedule, Span};

/// Spans of one schedule: three for each day of a week.
const MAX_SPANS: usize = 21;
const SPAN_KEYS: &[&str] = &["days", "from", "to"];
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Takes both keys of `table`; `None` where there is no schedule, or where it is wrong.
pub(super) fn read(table: &mut Table, report: &mut Report) -> Option<Schedule> {
    let zone = table.take("time_zone");
    let Some(item) = table.take("schedule") else {
        if let Some(zone) = zone {
            let remedy = "add schedule = [{ days = [\"mon\"], from = \"08:00\", to = \"18:00\" }]";
            report.error(&zone.key, &zone.place, "says nothing without a schedule", remedy);
        }
        return None;
    };
    let (key, place) = (item.key.clone(), item.place.clone());
    let items = item.list(report)?;
    if items.is_empty() || items.len() > MAX_SPANS {
        let what = format!("has {} entries; 1 to {MAX_SPANS} are possible", items.len());
        report.error(&key, &place, what, "leave the key out where agents are watched at all times");
        return None;
    }
    let spans: Vec<Span> = items.into_iter().filter_map(|item| span(item, report)).collect();
    let Some(zone) = zone else {
        let remedy = "add time_zone = \"Europe/Berlin\", or another name of the IANA database";
        report.error(&table.path("time_zone"), &place, "is missing beside a schedule", remedy);
        return None;
    };
    let (key, place) = (zone.key.clone(), zone.place.clone());
    let name = zone.word(report)?;
    let schedule = Schedule::new(&name, spans);
    if schedule.is_none() {
        let what = format!("{name:?} is not a time zone");
        report.error(&key, &place, what, "write a name of the IANA database: \"Europe/Berlin\"");
    }
    schedule
}

fn span(item: Item, report: &mut Report) -> Option<Span> {
    let mut table = item.table(report)?;
    let days = table.require("days", "add days = [\"mon\", \"tue\"]", report);
    let days = days.and_then(|item| {
        let (key, place) = (item.key.clone(), item.place.clone());
        let items = item.list(report)?;
        if items.is_empty() {
            report.error(&key, &place, "names no day", "add days = [\"mon\", \"tue\"]");
        }
        Some(items.into_iter().filter_map(|item| choice(item, &DAYS, report)).collect::<Vec<_>>())
    });
    let from = table.require("from", "add from = \"08:00\"", report);
    let from = from.and_then(|item| minute(item, report));
    let to = table.require("to", "add to = \"18:00\"", report);
    let to = to.and_then(|item| minute(item, report));
    if from.is_some() && from == to {
        let remedy = "for a whole day write from = \"00:00\", to = \"24:00\"";
        report.error(&table.path("to"), &table.place, "is the time at which it begins", remedy);
    }
    table.unknown(SPAN_KEYS, report);
    Some(Span { days: days?, from: from?, to: to? })
}

/// Minutes after midnight.
fn minute(item: Item, report: &mut Report) -> Option<u16> {
    let (key, place) = (item.key.clone(), item.place.clone());
    let text = item.word(report)?;
    let minute = parse(&text);
    if minute.is_none() {
        let what = format!("{text:?} is not a time of the day");
        report.error(&key, &place, what, "write hours and minutes: \"08:00\", up to \"24:00\"");
    }
    minute
}

fn parse(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 24 * 60).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_digits_for_hours_and_minutes() {
        assert_eq!(parse("00:00"), Some(0));
        assert_eq!(parse("08:30"), Some(510));
        assert_eq!(parse("24:00"), Some(1_440));
        for wrong in ["", "8:00", "08.00", "24:01", "12:60", "-1:00", "08:00:00", "noon"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
