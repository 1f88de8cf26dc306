//! From what a User object or its XML says to the core's view of the agent.

use lockstep_core::desk::Reasons;
use lockstep_core::finesse::{AgentState, AgentView, ReasonSeen};

use super::instant::instant;
use super::xml::Xml;

/// What was found, word for word; absent and empty are the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenUser {
    pub(crate) state: Option<String>,
    pub(crate) pending: Option<String>,
    pub(crate) changed_at: Option<String>,
    pub(crate) reason: SeenReason,
}

/// The same of its reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenReason {
    pub(crate) id: Option<String>,
    pub(crate) uri: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) label: Option<String>,
}

/// What stands for no reason: none at all, and a plain `NOT_READY` where none is configured (Finesse
/// notes 1.5).
const NO_REASON: [&str; 3] = ["", "-1", "0"];

/// The view. The label of a finesse.js that tells only the id is looked up among `reasons`.
pub fn view(user: &SeenUser, reasons: &Reasons) -> AgentView {
    let state = user.state.as_deref().map_or(AgentState::Unknown, AgentState::parse);
    let pending = user.pending.as_deref().map(AgentState::parse);
    AgentView {
        state,
        pending: pending.filter(|state| *state != AgentState::Unknown),
        reason: reason(&user.reason, reasons),
        changed_at: user.changed_at.as_deref().and_then(instant),
        busy_elsewhere: None,
    }
}

fn reason(seen: &SeenReason, reasons: &Reasons) -> Option<ReasonSeen> {
    let id = seen.id.clone().or_else(|| seen.uri.as_deref().map(last_segment));
    let id = id.map(|id| id.trim_ascii().to_owned()).filter(|id| !NO_REASON.contains(&id.as_str()));
    let code = seen.code.as_deref().and_then(|code| code.trim_ascii().parse().ok());
    let code = code.filter(|code: &i64| *code > 0);
    let label = seen.label.as_deref().map(str::trim).filter(|label| !label.is_empty());
    let label = label.or_else(|| id.as_deref().and_then(|id| reasons.label(id)));
    let label = label.map(str::to_owned);
    let shows_any = id.is_some() || code.is_some() || label.is_some();
    shows_any.then_some(ReasonSeen { id, code, label })
}

/// Older lists tell the id only as the end of the address (Finesse notes 1.5).
pub(super) fn last_segment(uri: &str) -> String {
    let (mut last, mut rest) = (uri, uri);
    while let Some((_, after)) = rest.split_once('/') {
        rest = after;
        if !after.is_empty() {
            last = after;
        }
    }
    last.strip_suffix('/').unwrap_or(last).to_owned()
}

/// Reads `GET User/{id}`; `None` where it is no user, such as a page of the proxy's.
pub fn user_from_xml(text: &str) -> Option<SeenUser> {
    let user = Xml::of(text).element("user")?;
    let reason = user.element("reasonCode");
    let of_reason = |name| reason.as_ref().and_then(|reason| reason.text(name));
    Some(SeenUser {
        state: user.text("state"),
        pending: user.text("pendingState"),
        changed_at: user.text("stateChangeTime"),
        reason: SeenReason {
            id: of_reason("id").or_else(|| user.text("reasonCodeId")),
            uri: of_reason("uri"),
            code: of_reason("code"),
            label: of_reason("label"),
        },
    })
}

/// Reads `currentTimestamp` of `GET SystemInfo`.
pub fn timestamp_from_xml(text: &str) -> Option<lockstep_core::Time> {
    instant(&Xml::of(text).text("currentTimestamp")?)
}

#[cfg(test)]
mod tests {
    use lockstep_core::Time;
    use lockstep_core::desk::Listed;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "reads well where it is compared")]
    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn user(state: &str) -> SeenUser {
        SeenUser { state: some(state), ..SeenUser::default() }
    }

    /// Finesse notes 6, 42: nothing at all, an empty text and an empty object pend nothing.
    #[test]
    fn empty_pending_states_are_none() {
        for pending in [None, some(""), some("UNKNOWN")] {
            let seen = SeenUser { pending, ..user("TALKING") };
            assert_eq!(view(&seen, &Reasons::Unread).pending, None);
        }
        let seen = SeenUser { pending: some("NOT_READY"), ..user("TALKING") };
        assert_eq!(view(&seen, &Reasons::Unread).pending, Some(AgentState::NotReady));
    }

    /// Finesse notes 1.5 and 6, 24: the id may stand in the address only, and -1 is none.
    #[test]
    fn a_reason_is_read_from_whatever_is_told() {
        let read = |id: Option<&str>, uri: Option<&str>, label: Option<&str>| {
            let reason = SeenReason {
                id: id.map(str::to_owned),
                uri: uri.map(str::to_owned),
                code: None,
                label: label.map(str::to_owned),
            };
            view(&SeenUser { reason, ..user("NOT_READY") }, &Reasons::Unread).reason
        };
        assert_eq!(read(None, None, None), None);
        assert_eq!(read(Some("-1"), None, Some("")), None);
        let by_uri = read(None, Some("/finesse/api/ReasonCode/42"), None).unwrap();
        assert_eq!(by_uri.id, some("42"));
        assert_eq!(read(Some("7"), None, Some(" Lunch ")).unwrap().label, some("Lunch"));
    }

    /// finesse.js without `getReasonCode` tells the id alone.
    #[test]
    fn a_label_that_is_not_told_is_looked_up() {
        let listed = Listed { id: "42".to_owned(), label: "Webex DND".to_owned(), system: false };
        let reason = SeenReason { id: some("42"), ..SeenReason::default() };
        let seen = SeenUser { reason, ..user("NOT_READY") };
        let reason = view(&seen, &Reasons::Read(vec![listed])).reason.unwrap();
        assert_eq!(reason.label, some("Webex DND"));
    }

    const XML: &str = "<?xml version=\"1.0\"?><User><dialogs>/finesse/api/User/1/Dialogs</dialogs>\
        <pendingState></pendingState><ReasonCode><category>NOT_READY</category>\
        <uri>/finesse/api/ReasonCode/42</uri><code>11</code><label>R &amp; D</label>\
        </ReasonCode><reasonCodeId>42</reasonCodeId><state>NOT_READY</state>\
        <stateChangeTime>2024-05-01T08:03:04.567Z</stateChangeTime>\
        <teams><Team><id>1</id><name>Sales</name></Team></teams></User>";

    /// Finesse notes 1.1: the docs print the element in two cases.
    #[test]
    fn the_xml_is_read_in_either_case() {
        for text in [XML.to_owned(), XML.replace("ReasonCode>", "reasonCode>")] {
            let seen = view(&user_from_xml(&text).unwrap(), &Reasons::Unread);
            assert_eq!(seen.state, AgentState::NotReady);
            assert_eq!(seen.changed_at, Some(Time::from_millis(1_714_550_584_567)));
            let reason = seen.reason.unwrap();
            assert_eq!((reason.id, reason.code), (some("42"), Some(11)));
            assert_eq!(reason.label, some("R & D"));
        }
    }

    #[test]
    fn a_page_of_the_proxys_is_no_user() {
        assert_eq!(user_from_xml("<html><body>Bad Gateway</body></html>"), None);
        assert_eq!(user_from_xml(""), None);
    }
}
