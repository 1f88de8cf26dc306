use super::element;
use crate::finesse::rest::wire;
use lockstep_core::finesse::labels::ReasonCode;

/// `SystemInfo`: short whatever it says, and in service only when it says just that.
pub fn system_info(body: &[u8]) {
    let Ok(info) = wire::system_info(body) else { return };
    assert!(!info.status.is_empty() && info.status.chars().count() <= 120, "{info:?}");
    assert!(!info.status.contains(char::is_control), "{info:?}");
    if info.in_service {
        assert!(info.status.to_ascii_uppercase().starts_with("IN_SERVICE"), "{info:?}");
        assert!(!info.status.contains("heartbeat"), "{info:?}");
    }
}

/// `ReasonCodes`: what was read, written down again, is read the same.
pub fn reason_codes(body: &[u8]) {
    let Ok(codes) = wire::reason_codes(body) else { return };
    let again: String = codes.iter().map(of_code).collect();
    let again = format!("<ReasonCodes category=\"NOT_READY\">{again}</ReasonCodes>");
    assert_eq!(wire::reason_codes(again.as_bytes()).ok(), Some(codes), "written again: {again}");
}

fn of_code(code: &ReasonCode) -> String {
    let number = code.code.map(|code| code.to_string());
    let parts = [
        element("id", Some(&code.id)),
        element("code", number.as_deref()),
        element("label", Some(&code.label)),
        element("forAll", Some(if code.for_all { "True" } else { "False" })),
        element("systemCode", Some("False")),
    ];
    format!("<ReasonCode>{}</ReasonCode>", parts.concat())
}
