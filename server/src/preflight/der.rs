//! The one thing that is read out of a certificate: when it ends (RFC 5280, 4.1.2.5).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use lockstep_core::Time;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// `notAfter` of a certificate in DER; `None` for what is none.
pub(super) fn not_after(certificate: &[u8]) -> Option<Time> {
    let (signed, _) = expect(certificate, SEQUENCE)?;
    let (mut fields, _) = expect(signed, SEQUENCE)?;
    if fields.first() == Some(&VERSION) {
        fields = element(fields)?.rest;
    }
    // The serial number, the signature's algorithm, the issuer.
    for _ in 0..3 {
        fields = element(fields)?.rest;
    }
    let (validity, _) = expect(fields, SEQUENCE)?;
    let not_before = element(validity)?;
    let not_after = element(not_before.rest)?;
    instant(not_after.tag, not_after.content)
}

struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    rest: &'a [u8],
}

fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let element = element(bytes)?;
    (element.tag == tag).then_some((element.content, element.rest))
}

fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let (&tag, bytes) = bytes.split_first()?;
    let (&first, bytes) = bytes.split_first()?;
    let (length, bytes) = if first < 0x80 {
        (usize::from(first), bytes)
    } else {
        let (digits, bytes) = bytes.split_at_checked(usize::from(first & 0x7f))?;
        // Four bytes of length are four gigabytes.
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), bytes)
    };
    let (content, rest) = bytes.split_at_checked(length)?;
    Some(Element { tag, content, rest })
}

/// `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`.
fn instant(tag: u8, content: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number = |text: &str| text.parse::<i16>().ok();
    let (year, text) = match tag {
        UTC_TIME => {
            let year = number(text.get(..2)?)?;
            // The standard's turn of the century.
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        GENERALIZED_TIME => (number(text.get(..4)?)?, text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| i8::try_from(number(text.get(at..at + 2)?)?).ok();
    let date = DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    let instant = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    u64::try_from(instant.as_millisecond()).ok().map(Time::from_millis)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn certificate(year: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 3, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_is_read_in_both_forms_of_time() {
        let end = |year| not_after(&certificate(year)).map(Time::as_millis);
        assert_eq!(end(2027), Some(1_803_859_200_000));
        assert_eq!(end(2060), Some(2_845_324_800_000));
    }

    #[test]
    fn what_is_cut_off_or_changed_is_none_or_another_time_and_never_a_panic() {
        let good = certificate(2027);
        for end in 0..good.len() {
            let _ = not_after(&good[..end]);
        }
        for at in 0..good.len() {
            for value in [0, 0x30, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = good.clone();
                changed[at] = value;
                let _ = not_after(&changed);
            }
        }
    }
}
