//! What Finesse's replies to `setState` mean (Finesse notes 1.4).

use crate::agent::Answer;

/// What finesse.js hands to one of the two handlers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The HTTP status; errors that CTI tells later come as 400, and 0 is no reply at all.
    pub status: u16,
    /// `ErrorType`, where there is one.
    pub kind: String,
    /// `ErrorData`: a key of Finesse's, or CTI's number.
    pub data: String,
}

/// As the agent's state machine understands it; `None` says that the reason was not taken.
pub fn answer(reply: &Reply) -> Option<Answer> {
    let Reply { status, kind, data } = reply;
    Some(match status {
        200..=299 => Answer::Accepted,
        400 if is_reason(data) => return None,
        400 if is_state(kind, data) => Answer::InvalidState,
        401 | 403 => Answer::NotPermitted,
        404 => Answer::NotKnown,
        400..=499 => Answer::Refused,
        503 => Answer::NotSent,
        _ => Answer::Unknown,
    })
}

/// A key of Finesse's own, such as `finesse.api.reasoncode.not_valid`.
fn is_reason(data: &str) -> bool {
    data.as_bytes().windows(10).any(|part| part == b"reasoncode")
}

/// CTI's own errors carry a number and are about the state the agent was in.
fn is_state(kind: &str, data: &str) -> bool {
    let is_number =
        !data.trim_ascii().is_empty() && data.trim_ascii().bytes().all(|b| b.is_ascii_digit());
    is_number || kind.trim_ascii().eq_ignore_ascii_case("Invalid State")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, kind: &str, data: &str) -> Option<Answer> {
        answer(&Reply { status, kind: kind.to_owned(), data: data.to_owned() })
    }

    /// Finesse notes 1.4, row by row.
    #[test]
    fn every_reply_of_finesse_means_something() {
        assert_eq!(said(202, "", ""), Some(Answer::Accepted));
        assert_eq!(said(200, "", ""), Some(Answer::Accepted));
        assert_eq!(said(400, "Invalid Input", "finesse.api.reasoncode.not_valid"), None);
        assert_eq!(
            said(400, "Parameter Missing", "finesse.api.reasoncode.require_reasoncode"),
            None
        );
        assert_eq!(said(400, "Invalid State", "265"), Some(Answer::InvalidState));
        assert_eq!(said(400, "Generic Error", "33"), Some(Answer::InvalidState));
        assert_eq!(said(400, "Invalid State", ""), Some(Answer::InvalidState));
        assert_eq!(said(400, "Bad Request", ""), Some(Answer::Refused));
        assert_eq!(said(401, "Authorization Failure", "1001"), Some(Answer::NotPermitted));
        assert_eq!(said(404, "User Not Found", "1001"), Some(Answer::NotKnown));
        assert_eq!(said(405, "", ""), Some(Answer::Refused));
        assert_eq!(said(500, "Internal Server Error", ""), Some(Answer::Unknown));
        assert_eq!(said(503, "Service Unavailable", ""), Some(Answer::NotSent));
        assert_eq!(said(0, "", ""), Some(Answer::Unknown));
    }
}
