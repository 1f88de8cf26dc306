use lockstep_core::TeamId;
use lockstep_core::finesse::{AgentState, AgentView};

use super::element;
use crate::finesse::rest::wire;
use crate::finesse::{Member, User};

/// `User`, `Users` or `Team`: what was read, written down again, is read the same.
pub fn users(body: &[u8]) {
    if let Ok(view) = wire::user(body) {
        let again = format!("<User>{}</User>", of_view(&view));
        assert_eq!(wire::user(again.as_bytes()).ok(), Some(view), "written again: {again}");
    }
    if let Ok(users) = wire::users(body) {
        let again: String = users.iter().map(of_user).collect();
        let again = format!("<Users>{again}</Users>");
        assert_eq!(wire::users(again.as_bytes()).ok(), Some(users), "written again: {again}");
    }
    if let Ok(members) = wire::team(body) {
        let again: String = members.iter().map(of_member).collect();
        let again = format!("<Team><users>{again}</users></Team>");
        assert_eq!(wire::team(again.as_bytes()).ok(), Some(members), "written again: {again}");
    }
}

fn of_user(user: &User) -> String {
    let one = |id: &TeamId| format!("<Team>{}</Team>", element("id", Some(id.as_str())));
    let teams: String = user.supervises.iter().map(one).collect();
    let (id, name) = match &user.team {
        Some(team) => (Some(team.id.as_str()), Some(team.name.as_str())),
        None => (None, None),
    };
    let parts = [
        element("loginId", Some(user.id.as_str())),
        element("loginName", Some(&user.login_name)),
        element("firstName", Some(&user.name)),
        element("teamId", id),
        element("teamName", name),
        of_view(&user.view),
    ];
    format!("<User>{}<teams>{teams}</teams></User>", parts.concat())
}

fn of_member(member: &Member) -> String {
    let id = element("loginId", Some(member.id.as_str()));
    format!("<User>{id}{}</User>", of_view(&member.view))
}

fn of_view(view: &AgentView) -> String {
    let reason = view.reason.as_ref().map_or_else(String::new, |reason| {
        let code = reason.code.map(|code| code.to_string());
        let parts = [
            element("id", reason.id.as_deref()),
            element("code", code.as_deref()),
            element("label", reason.label.as_deref()),
        ];
        format!("<ReasonCode>{}</ReasonCode>", parts.concat())
    });
    let changed_at = view.changed_at.map(|time| {
        let ms = i64::try_from(time.as_millis()).expect("it was read from a date");
        jiff::Timestamp::from_millisecond(ms).expect("it was read from a date").to_string()
    });
    let media = view.busy_elsewhere.map(|busy| if busy { "BUSY" } else { "IDLE" });
    let parts = [
        element("state", Some(view.state.as_str())),
        element("pendingState", view.pending.map(AgentState::as_str)),
        element("stateChangeTime", changed_at.as_deref()),
        element("mediaState", media),
    ];
    reason + &parts.concat()
}
