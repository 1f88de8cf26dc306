//! `ReasonCodes` (Finesse notes 1.5).

use lockstep_core::finesse::labels::ReasonCode;
use quick_xml::escape::escape;

use super::xml::{self, Element};
use super::{WireError, id_in_uri};

/// Reads a list of reason codes that people may choose: the system's own are left out. So is an
/// entry without label or id, and one of another category.
pub(crate) fn reason_codes(body: &[u8]) -> Result<Vec<ReasonCode>, WireError> {
    let mut codes = all_reason_codes(body)?;
    codes.retain(|code| !code.system);
    Ok(codes)
}

/// The same with the system's own, whose labels and numbers are taken.
pub(crate) fn all_reason_codes(body: &[u8]) -> Result<Vec<ReasonCode>, WireError> {
    let mut codes = Vec::new();
    xml::records(body, "ReasonCodes", "ReasonCode", |entry| codes.extend(not_ready(entry)))?;
    Ok(codes)
}

fn not_ready(entry: &Element) -> Option<ReasonCode> {
    if entry.get("category").is_some_and(|word| !word.eq_ignore_ascii_case("NOT_READY")) {
        return None;
    }
    Some(ReasonCode {
        id: entry.get("id").or_else(|| id_in_uri(entry.get("uri")))?.to_owned(),
        code: entry.get("code").and_then(|code| code.parse().ok()),
        label: entry.get("label")?.to_owned(),
        for_all: is_true(entry.get("forAll")),
        system: is_true(entry.get("systemCode")),
    })
}

/// The body that creates a `NOT_READY` reason code; who gets it is `for_all`, or nobody yet.
pub(crate) fn reason_body(number: i64, label: &str, for_all: bool) -> String {
    let label = escape(label);
    format!(
        "<ReasonCode><category>NOT_READY</category><code>{number}</code><label>{label}</label>\
         <forAll>{for_all}</forAll></ReasonCode>"
    )
}

/// The body that says which reason codes a team has besides the global ones: all of them, since
/// what is left out is taken from the team.
pub(crate) fn assignment_body<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let one = |id: &str| {
        let id = escape(id);
        format!("<ReasonCode><uri>/finesse/api/ReasonCode/{id}</uri></ReasonCode>")
    };
    let codes: String = ids.into_iter().map(one).collect();
    format!("<ReasonCodes>{codes}</ReasonCodes>")
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
        let all = all_reason_codes(body).unwrap();
        let system: Vec<_> = all.iter().filter(|c| c.system).map(|c| c.code).collect();
        assert_eq!((all.len(), system), (3, vec![Some(32_763)]));
    }

    #[test]
    fn what_is_written_is_escaped_and_can_be_read_again() {
        let body = reason_body(801, "R&D <x>", true);
        assert!(body.contains("R&amp;D &lt;x&gt;"), "{body}");
        assert_eq!(
            assignment_body(["7", "8"]),
            "<ReasonCodes><ReasonCode><uri>/finesse/api/ReasonCode/7</uri></ReasonCode>\
             <ReasonCode><uri>/finesse/api/ReasonCode/8</uri></ReasonCode></ReasonCodes>"
        );
    }

    #[test]
    fn one_code_is_a_list_and_none_is_an_empty_one() {
        let one = b"<ReasonCodes><ReasonCode><id>1</id><label>A</label></ReasonCode></ReasonCodes>";
        assert_eq!(reason_codes(one).unwrap().len(), 1);
        assert_eq!(reason_codes(b"<ReasonCodes/>").unwrap(), []);
    }
}
