//! Spans of time as text: `500ms`, `3s`, `5m`, `1h`, `90d`.

use std::time::Duration;

use super::item::Table;
use super::problem::Report;

/// What a span of time may be.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// When the key is not given.
    pub default: Duration,
    /// The shortest.
    pub min: Duration,
    /// The longest.
    pub max: Duration,
    /// Why it is so bounded.
    pub why: &'static str,
}

const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads digits and a unit; `None` for anything else, and for what overflows.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
    Some(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(*millis)?))
}

/// Writes a span as the configuration would.
pub(super) fn show(span: Duration) -> String {
    let millis = span.as_millis();
    let fits = |unit: &&(&str, u64)| millis > 0 && millis.is_multiple_of(u128::from(unit.1));
    let (unit, size) = UNITS.iter().rev().find(fits).unwrap_or(&UNITS[1]);
    format!("{}{unit}", millis / u128::from(*size))
}

impl Range {
    /// Takes the span `name` of `table`; the default where it is absent or wrong.
    pub(super) fn take(&self, table: &mut Table, name: &str, report: &mut Report) -> Duration {
        self.read(table, name, report).unwrap_or(self.default)
    }

    /// Takes the span `name` of `table`, where it is there and right.
    pub(super) fn read(
        &self,
        table: &mut Table,
        name: &str,
        report: &mut Report,
    ) -> Option<Duration> {
        let item = table.take(name)?;
        let (key, place) = (item.key.clone(), item.place.clone());
        let text = item.word(report)?;
        let Some(span) = parse(&text) else {
            let what = format!("{text:?} is not a span of time");
            report.error(
                &key,
                &place,
                what,
                "write a whole number and ms, s, m, h or d: \"500ms\"",
            );
            return None;
        };
        if span < self.min || span > self.max {
            let what = format!(
                "{text} is out of range, {} to {}: {}",
                show(self.min),
                show(self.max),
                self.why
            );
            let near = show(span.clamp(self.min, self.max));
            report.error(&key, &place, what, format!("the nearest that is allowed is \"{near}\""));
            return None;
        }
        Some(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_whole_numbers_with_a_unit() {
        assert_eq!(parse("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse("3 s"), Some(Duration::from_secs(3)));
        assert_eq!(parse("5m"), Some(Duration::from_mins(5)));
        assert_eq!(parse("1h"), Some(Duration::from_hours(1)));
        assert_eq!(parse("90d"), Some(Duration::from_hours(2_160)));
        for wrong in
            ["", "3", "s", "1.5s", "-1s", "3 sec", "99999999999999999999s", "9999999999999999h"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn spans_are_shown_in_their_largest_unit() {
        for text in ["0s", "500ms", "2s", "90s", "5m", "1h", "90d"] {
            assert_eq!(show(parse(text).unwrap()), text);
        }
    }
}
