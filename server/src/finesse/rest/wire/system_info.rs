//! `SystemInfo` (Finesse notes 1.7 and 1.9).

use lockstep_core::Time;
use lockstep_core::finesse::Deployment;

use super::{WireError, time, xml};

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SystemInfo {
    /// `status`, in Finesse's words, with `statusReason` where there is one.
    pub(crate) status: String,
    /// `IN_SERVICE`, and CTI's heartbeat, where it is told, has not failed.
    pub(crate) in_service: bool,
    /// `deploymentType`; `None` for a word that we do not know.
    pub(crate) deployment: Option<Deployment>,
    /// `currentTimestamp`.
    pub(crate) clock: Option<Time>,
}

/// Reads `GET SystemInfo`.
pub(crate) fn system_info(body: &[u8]) -> Result<SystemInfo, WireError> {
    let root = xml::document(body, "SystemInfo")?;
    let word = root.get("status").ok_or(WireError::Missing("status"))?;
    let heartbeat = root.get("lastCTIHeartbeatStatus");
    // `success` and `failure` are documented; a word that we do not know is no bad news.
    let heart_beats = heartbeat.is_none_or(|word| !word.to_ascii_lowercase().starts_with("fail"));
    let status = match (root.get("statusReason"), heartbeat.filter(|_| !heart_beats)) {
        (_, Some(beat)) => format!("{word} (CTI heartbeat {beat})"),
        (Some(reason), None) => format!("{word} ({reason})"),
        (None, None) => word.to_owned(),
    };
    Ok(SystemInfo {
        in_service: word.eq_ignore_ascii_case("IN_SERVICE") && heart_beats,
        status: status.chars().map(|c| if c.is_control() { ' ' } else { c }).take(120).collect(),
        deployment: root.get("deploymentType").and_then(Deployment::parse),
        clock: time(root.get("currentTimestamp")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(inner: &str) -> SystemInfo {
        system_info(format!("<SystemInfo>{inner}</SystemInfo>").as_bytes()).unwrap()
    }

    #[test]
    fn the_documents_system_info_is_read() {
        let seen = info(
            "<currentTimestamp>2024-03-01T10:20:30.456Z</currentTimestamp><deploymentType>UCCX</deploymentType>\
             <lastCTIHeartbeatStatus>success</lastCTIHeartbeatStatus>\
             <primaryNode><host>f1.example.com</host></primaryNode><status>IN_SERVICE</status>\
             <statusReason></statusReason><uri>/finesse/api/SystemInfo</uri>",
        );
        assert_eq!(
            seen,
            SystemInfo {
                status: "IN_SERVICE".into(),
                in_service: true,
                deployment: Some(Deployment::Ccx),
                clock: Some(Time::from_millis(1_709_288_430_456)),
            }
        );
    }

    #[test]
    fn only_in_service_without_a_lost_heartbeat_is_in_service() {
        assert!(info("<status>IN_SERVICE</status>").in_service);
        assert!(info("<status>IN_SERVICE</status><lastCTIHeartbeatStatus/>").in_service);
        for status in ["OUT_OF_SERVICE", "PARTIAL_SERVICE", "SOMETHING_NEW"] {
            assert!(!info(&format!("<status>{status}</status>")).in_service, "{status}");
        }
        let beat = |word: &str| {
            info(&format!(
                "<status>IN_SERVICE</status><lastCTIHeartbeatStatus>{word}</lastCTIHeartbeatStatus>"
            ))
        };
        for word in ["success", "SUCCESS", "unknown", "something new"] {
            assert!(beat(word).in_service, "{word}");
        }
        for word in ["failure", "Failed"] {
            assert!(!beat(word).in_service, "{word}");
        }
        assert_eq!(beat("failure").status, "IN_SERVICE (CTI heartbeat failure)");
    }

    #[test]
    fn a_reason_is_told_and_a_missing_status_is_an_error() {
        let out =
            info("<status>OUT_OF_SERVICE</status><statusReason>CTI disconnected</statusReason>");
        assert_eq!(out.status, "OUT_OF_SERVICE (CTI disconnected)");
        assert_eq!(info("<status>DOWN&#10;x</status>").status, "DOWN x", "one line of a log");
        assert!(system_info(b"<SystemInfo/>").is_err());
        assert_eq!(
            info("<status>IN_SERVICE</status><deploymentType>X</deploymentType>").deployment,
            None
        );
    }
}
