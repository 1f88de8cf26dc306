//! The wire format: pure functions from bodies to the port's types, and the few bodies we write.
//!
//! Bodies come from outside: every function takes any bytes and returns a value or a
//! [`WireError`], in memory bounded by the body's size.

mod fault;
mod reasons;
mod system_info;
mod user;
mod xml;

pub(crate) use fault::{Fault, fault};
pub(crate) use reasons::{all_reason_codes, assignment_body, reason_body, reason_codes};
pub(crate) use system_info::{SystemInfo, system_info};
pub(crate) use user::{login, team, user, users};

use jiff::Timestamp;
use lockstep_core::Time;
use lockstep_core::finesse::Target;
use quick_xml::escape::escape;

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    /// Nothing, or nothing but white space.
    #[error("the body is empty")]
    Empty,
    /// Text where a document should begin.
    #[error("the body is not XML")]
    NotXml,
    /// Not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// It ends before its elements do.
    #[error("the body is cut off")]
    CutOff,
    /// Not well-formed.
    #[error("the body is not well-formed XML")]
    Malformed(#[source] quick_xml::Error),
    /// Another document than was asked for; Finesse's HTML pages end here.
    #[error("the body is a document <{found}>, not <{expected}>")]
    OtherRoot {
        /// The root that the document should have.
        expected: String,
        /// The root it has, at most 40 characters.
        found: String,
    },
    /// Elements nested without end.
    #[error("the body's elements are nested too deeply")]
    TooDeep,
    /// Elements without end in one record.
    #[error("the body has too many elements")]
    TooMany,
    /// An element that the answer makes no sense without.
    #[error("the body has no {0}")]
    Missing(&'static str),
}

/// The body of a change of state: never a reason, a supervisor may not send one (Finesse notes
/// 1.3).
pub(crate) fn change_body(target: Target) -> String {
    format!("<User><state>{}</state></User>", escape(target.as_str()))
}

/// Reads `YYYY-MM-DDThh:MM:ss.SSSZ`; empty or unreadable is `None` (Finesse notes 1.1).
fn time(text: Option<&str>) -> Option<Time> {
    let instant: Timestamp = text?.parse().ok()?;
    u64::try_from(instant.as_millisecond()).ok().map(Time::from_millis)
}

/// The id at the end of a `uri`, with or without a slash behind it.
fn id_in_uri(uri: Option<&str>) -> Option<&str> {
    uri?.trim_end_matches('/').rsplit('/').next().map(str::trim).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::seq::IndexedRandom as _;
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    #[test]
    fn a_change_carries_a_state_and_nothing_else() {
        assert_eq!(change_body(Target::NotReady), "<User><state>NOT_READY</state></User>");
    }

    #[test]
    fn times_are_read_in_milliseconds_and_empty_ones_are_none() {
        let read = |text| time(Some(text)).map(Time::as_millis);
        assert_eq!(read("2024-03-01T10:20:30.456Z"), Some(1_709_288_430_456));
        assert_eq!(read("2024-03-01T10:20:30Z"), Some(1_709_288_430_000));
        assert_eq!(read("2024-03-01T11:20:30.456+01:00"), Some(1_709_288_430_456));
        for text in ["", "yesterday", "2024-03-01", "1890-01-01T00:00:00.000Z"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(time(None), None);
    }

    #[test]
    fn ids_are_taken_from_the_end_of_a_uri() {
        assert_eq!(id_in_uri(Some("/finesse/api/ReasonCode/12")), Some("12"));
        assert_eq!(id_in_uri(Some("/finesse/api/Team/2/")), Some("2"));
        assert_eq!(id_in_uri(Some("/finesse/api/Team/ 2 /")), Some("2"));
        assert_eq!(id_in_uri(Some("//")), None);
        assert_eq!(id_in_uri(None), None);
    }

    /// Every reader, on any bytes: what it returns does not matter, that it returns does.
    fn read_all(body: &[u8]) {
        let _ = (user(body), users(body), team(body), system_info(body), reason_codes(body));
        let _ = fault(body);
    }

    #[test]
    fn no_body_breaks_a_reader() {
        let golden: [&[u8]; 3] = [
            b"<?xml version='1.0'?><!DOCTYPE Users><Users><User><uri>/finesse/api/User/1/</uri>\
              <state>NOT_READY</state><ReasonCode><id>-1</id><code>999</code></ReasonCode>\
              <teams><Team><id>1</id></Team></teams>&amp;&#x41;<![CDATA[x]]></User></Users>",
            b"<SystemInfo><status>IN_SERVICE</status><deploymentType>UCCX</deploymentType></SystemInfo>",
            b"<ApiErrors><ApiError><ErrorType>Invalid State</ErrorType></ApiError></ApiErrors>",
        ];
        let mut rng = StdRng::seed_from_u64(7);
        for body in golden {
            (0..body.len()).for_each(|end| read_all(&body[..end]));
            for _ in 0..2_000 {
                let mut mutated = body.to_vec();
                for _ in 0..rng.random_range(1..6) {
                    let at = rng.random_range(0..mutated.len());
                    mutated[at] = *b"<>/&;![-\"'?= a\xff\x00".choose(&mut rng).unwrap();
                }
                read_all(&mutated);
            }
        }
    }
}
