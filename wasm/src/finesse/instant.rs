use lockstep_core::Time;

/// Reads `stateChangeTime` and `currentTimestamp`: `2024-05-01T08:03:04.567Z`. Empty, as before the
/// first state event, is `None` (Finesse notes 1.1).
pub(crate) fn instant(text: &str) -> Option<Time> {
    let text = text.trim_ascii().to_ascii_uppercase();
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let ([year, month, day], [hour, minute, second]) = (three(date, '-')?, three(clock, ':')?);
    let in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    in_range.then(|| Time::from_millis(seconds * 1_000 + millis(fraction)))
}

/// Three whole numbers.
fn three(text: &str, between: char) -> Option<[u64; 3]> {
    let (first, rest) = text.split_once(between)?;
    let (second, third) = rest.split_once(between)?;
    Some([first.parse().ok()?, second.parse().ok()?, third.parse().ok()?])
}

/// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day is
/// the last.
const fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap = year / 4 - year / 100 + year / 400;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    365 * year + leap + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn millis(fraction: &str) -> u64 {
    let digits = fraction.bytes().chain(*b"000").take(3);
    digits.fold(0, |sum, digit| sum * 10 + u64::from(digit.wrapping_sub(b'0').min(9)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finesses_times_are_read() {
        let at = |text| instant(text).map(Time::as_millis);
        assert_eq!(at("1970-01-01T00:00:00.000Z"), Some(0));
        assert_eq!(at("2024-02-29T23:59:59.987Z"), Some(1_709_251_199_987));
        assert_eq!(at("2024-03-01T00:00:00Z"), Some(1_709_251_200_000));
        assert_eq!(at("2000-12-31T12:00:00.5Z"), Some(978_264_000_500));
        assert_eq!(at("2100-03-01T00:00:00.000Z"), Some(4_107_542_400_000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", " ", "now", "2024-13-01T00:00:00Z", "2024-01-01", "2024-01-01T25:00:00Z"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
