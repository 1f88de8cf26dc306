//! `ReasonCodes` (Finesse notes 1.5).

use super::xml::{self, Element};
use super::{WireError, id_in_uri};

/// A `NOT_READY` reason that agents of a team may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCode {
    /// The database id, which is what a request carries; differs from system to system.
    pub id: String,
    /// The number in reports.
    pub code: Option<i64>,
    /// The label, at most 40 characters.
    pub label: String,
    /// Offered to every team.
    pub for_all: bool,
}

/// Reads a list of reason codes. The system's own are left out: they are never to be chosen. So
/// is an entry without label or id, and one of another category.
pub(crate) fn reason_codes(body: &[u8]) -> Result<Vec<ReasonCode>, WireError> {
    let mut codes = Vec::new();
    xml::records(body, "ReasonCodes", "ReasonCode", |entry| codes.extend(chosen(entry)))?;
    Ok(codes)
}

fn chosen(entry: &Element) -> Option<ReasonCode> {
    let other = entry.get("category").is_some_and(|word| !word.eq_ignore_ascii_case("NOT_READY"));
    if other || is_true(entry.get("systemCode")) {
        return None;
    }
    Some(ReasonCode {
        id: entry.get("id").or_else(|| id_in_uri(entry.get("uri")))?.to_owned(),
        code: entry.get("code").and_then(|code| code.parse().ok()),
        label: entry.get("label")?.to_owned(),
        for_all: is_true(entry.get("forAll")),
    })
}

/// `true` and `True` are both seen.
fn is_true(text: Option<&str>) -> bool {
    text.is_some_and(|word| word.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_the_uri_and_system_codes_are_left_out() {
        let body = b"<ReasonCodes category=\"NOT_READY\">\
            <ReasonCode><uri>/finesse/api/ReasonCode/12</uri><category>NOT_READY</category>\
            <code>11</code><label> Webex Call </label><forAll>True</forAll></ReasonCode>\
            <ReasonCode><id>31</id><code>32763</code><label>Call Not Answered</label>\
            <forAll>true</forAll><systemCode>True</systemCode></ReasonCode>\
            <ReasonCode><id>9</id><category>LOGOUT</category><label>End</label></ReasonCode>\
            <reasonCode><id>13</id><label>Webex DND</label><forAll>false</forAll></reasonCode>\
            <ReasonCode><label>no id</label></ReasonCode></ReasonCodes>";
        let codes = reason_codes(body).unwrap();
        let seen: Vec<_> =
            codes.iter().map(|c| (c.id.as_str(), c.code, c.label.as_str(), c.for_all)).collect();
        assert_eq!(seen, [("12", Some(11), "Webex Call", true), ("13", None, "Webex DND", false)]);
    }

    #[test]
    fn one_code_is_a_list_and_none_is_an_empty_one() {
        let one = b"<ReasonCodes><ReasonCode><id>1</id><label>A</label></ReasonCode></ReasonCodes>";
        assert_eq!(reason_codes(one).unwrap().len(), 1);
        assert_eq!(reason_codes(b"<ReasonCodes/>").unwrap(), []);
    }
}
