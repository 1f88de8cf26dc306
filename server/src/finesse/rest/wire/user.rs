//! `User`, `Users` and `Team` (Finesse notes 1.1 and 1.7).

use lockstep_core::finesse::{AgentState, AgentView, ReasonSeen};
use lockstep_core::{AgentId, TeamId};

use super::xml::{self, Element};
use super::{WireError, id_in_uri, time};
use crate::finesse::{Member, Team, User};

/// Reads `GET User/{id}`.
pub(crate) fn user(body: &[u8]) -> Result<AgentView, WireError> {
    Ok(view(&xml::document(body, "User")?))
}

/// Reads whose `GET User/{id}` it is; never from the path that we asked for.
pub(crate) fn login(body: &[u8]) -> Result<AgentId, WireError> {
    let user = xml::document(body, "User")?;
    user.get("loginId").map(AgentId::new).ok_or(WireError::Missing("loginId"))
}

/// Reads `GET Users`. An entry without any id cannot be anybody and is left out.
pub(crate) fn users(body: &[u8]) -> Result<Vec<User>, WireError> {
    let mut users = Vec::new();
    xml::records(body, "Users", "User", |entry| users.extend(listed(entry)))?;
    Ok(users)
}

/// Reads `GET Team/{id}`. An entry without any id cannot be anybody and is left out.
pub(crate) fn team(body: &[u8]) -> Result<Vec<Member>, WireError> {
    let mut members = Vec::new();
    xml::records(body, "Team", "User", |entry| {
        members.extend(login_id(entry).map(|id| Member { id, view: view(entry) }));
    })?;
    Ok(members)
}

fn listed(entry: &Element) -> Option<User> {
    Some(User {
        id: login_id(entry)?,
        login_name: entry.get("loginName").unwrap_or_default().to_owned(),
        name: full_name(entry),
        team: home_team(entry),
        supervises: supervised(entry),
        view: view(entry),
    })
}

fn login_id(entry: &Element) -> Option<AgentId> {
    entry.get("loginId").or_else(|| id_in_uri(entry.get("uri"))).map(AgentId::new)
}

fn full_name(entry: &Element) -> String {
    let parts: Vec<&str> =
        [entry.get("firstName"), entry.get("lastName")].into_iter().flatten().collect();
    parts.join(" ")
}

fn home_team(entry: &Element) -> Option<Team> {
    let id = TeamId::new(entry.get("teamId")?);
    Some(Team { id, name: entry.get("teamName").unwrap_or_default().to_owned() })
}

fn supervised(entry: &Element) -> Vec<TeamId> {
    entry.child("teams").map_or_else(Vec::new, |teams| {
        teams
            .all("Team")
            .filter_map(|team| team.get("id").or_else(|| id_in_uri(team.get("uri"))))
            .map(TeamId::new)
            .collect()
    })
}

fn view(entry: &Element) -> AgentView {
    AgentView {
        state: entry.get("state").map_or(AgentState::Unknown, AgentState::parse),
        pending: entry.get("pendingState").map(AgentState::parse),
        reason: reason(entry),
        changed_at: time(entry.get("stateChangeTime")),
        busy_elsewhere: entry.get("mediaState").map(|state| state.eq_ignore_ascii_case("BUSY")),
    }
}

/// `ReasonCode` or `reasonCode`, else `reasonCodeId`; `-1` is none.
fn reason(entry: &Element) -> Option<ReasonSeen> {
    let shown = entry.child("ReasonCode");
    let id = shown
        .and_then(|reason| reason.get("id").or_else(|| id_in_uri(reason.get("uri"))))
        .or_else(|| entry.get("reasonCodeId"))
        .filter(|id| *id != "-1")
        .map(str::to_owned);
    let code = shown.and_then(|reason| reason.get("code")).and_then(|code| code.parse().ok());
    let label = shown.and_then(|reason| reason.get("label")).map(str::to_owned);
    let seen = ReasonSeen { id, code, label };
    (seen != ReasonSeen::default()).then_some(seen)
}

#[cfg(test)]
mod tests {
    use lockstep_core::Time;

    use super::*;

    const AGENT: &[u8] = br#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<User>
  <uri>/finesse/api/User/0001</uri><loginId>0001</loginId><loginName>agent1</loginName>
  <firstName>Ann &amp; Co</firstName><lastName>O&apos;Hara</lastName>
  <roles><role>Agent</role></roles>
  <extension>1001</extension><state>NOT_READY</state>
  <stateChangeTime>2024-03-01T10:20:30.456Z</stateChangeTime><pendingState></pendingState>
  <reasonCodeId>16</reasonCodeId>
  <ReasonCode><category>NOT_READY</category><uri>/finesse/api/ReasonCode/16/</uri><code>10</code>
    <label>Team Meeting</label><forAll>True</forAll></ReasonCode>
  <settings><wrapUpOnIncoming>OPTIONAL</wrapUpOnIncoming></settings>
  <teamId>1</teamId><teamName>Sales</teamName><teams/><newElement><deep>x</deep></newElement>
</User>"#;

    fn one(body: &str) -> AgentView {
        user(body.as_bytes()).unwrap()
    }

    #[test]
    fn the_documents_user_is_read() {
        let view = user(AGENT).unwrap();
        let reason = ReasonSeen {
            id: Some("16".into()),
            code: Some(10),
            label: Some("Team Meeting".into()),
        };
        assert_eq!(
            view,
            AgentView {
                state: AgentState::NotReady,
                pending: None,
                reason: Some(reason),
                changed_at: Some(Time::from_millis(1_709_288_430_456)),
                busy_elsewhere: None,
            }
        );
    }

    #[test]
    fn the_reason_is_read_in_both_casings_and_minus_one_is_none() {
        for name in ["ReasonCode", "reasonCode"] {
            let view = one(&format!(
                "<User><state>NOT_READY</state><{name}><code>999</code><id>-1</id></{name}></User>"
            ));
            let reason = ReasonSeen { id: None, code: Some(999), label: None };
            assert_eq!(view.reason, Some(reason), "{name}");
        }
        assert_eq!(one("<User><reasonCodeId>-1</reasonCodeId></User>").reason, None);
        assert_eq!(one("<User><reasonCodeId/><ReasonCode/></User>").reason, None);
        let bare = one("<User><reasonCodeId>7</reasonCodeId></User>").reason.unwrap();
        assert_eq!(bare.id.as_deref(), Some("7"));
    }

    #[test]
    fn states_that_are_empty_absent_or_new_are_unknown() {
        for body in ["<User/>", "<User><state/></User>", "<User><state>PAUSED</state></User>"] {
            assert_eq!(one(body).state, AgentState::Unknown, "{body}");
        }
    }

    #[test]
    fn a_pending_state_is_read_and_an_empty_time_is_none() {
        let view = one("<User><state>TALKING</state><stateChangeTime></stateChangeTime>\
            <pendingState>NOT_READY</pendingState></User>");
        assert_eq!(view.pending, Some(AgentState::NotReady));
        assert_eq!(view.changed_at, None);
    }

    #[test]
    fn a_list_of_one_user_is_a_list_and_ids_stay_text() {
        let inner = std::str::from_utf8(AGENT).unwrap().split_once("?>").unwrap().1;
        let users = users(format!("<Users>{inner}</Users>").as_bytes()).unwrap();
        assert_eq!(users.len(), 1);
        assert_eq!(users[0].id.as_str(), "0001");
        assert_eq!(users[0].login_name, "agent1");
        assert_eq!(users[0].name, "Ann & Co O'Hara");
        assert_eq!(users[0].team, Some(Team { id: TeamId::new("1"), name: "Sales".into() }));
        assert_eq!(users[0].supervises, []);
    }

    #[test]
    fn an_empty_list_is_empty_and_users_without_an_id_are_left_out() {
        assert_eq!(users(b"<Users/>").unwrap(), []);
        assert_eq!(users(b"<Users></Users>").unwrap(), []);
        let mixed = b"<Users><User><state>READY</state></User>\
            <User><uri>/finesse/api/User/5/</uri></User></Users>";
        let users = users(mixed).unwrap();
        assert_eq!(users.len(), 1);
        assert_eq!(users[0].id.as_str(), "5");
    }

    #[test]
    fn a_supervisors_teams_are_read_from_id_or_uri() {
        let body = b"<Users><User><loginId>s1</loginId><teams>\
            <Team><uri>/finesse/api/Team/1</uri><id>1</id><name>Sales</name></Team>\
            <team><uri>/finesse/api/Team/2/</uri><name>Care</name></team><Team/></teams></User></Users>";
        let users = users(body).unwrap();
        assert_eq!(users[0].supervises, [TeamId::new("1"), TeamId::new("2")]);
    }

    #[test]
    fn a_teams_members_are_read_with_their_media_state() {
        let body = b"<Team><uri>/finesse/api/Team/1/</uri><id>1</id><name>Sales</name><users>\
            <User><uri>/finesse/api/User/1001/</uri><loginId>1001</loginId><state>NOT_READY</state>\
            <pendingState/><stateChangeTime/><mediaState>BUSY</mediaState></User>\
            <User><loginId>1002</loginId><state>READY</state><mediaState>IDLE</mediaState></User>\
            </users></Team>";
        let members = team(body).unwrap();
        let seen: Vec<_> =
            members.iter().map(|m| (m.id.as_str(), m.view.state, m.view.busy_elsewhere)).collect();
        assert_eq!(
            seen,
            [("1001", AgentState::NotReady, Some(true)), ("1002", AgentState::Ready, Some(false))]
        );
        assert_eq!(team(b"<Team><users/></Team>").unwrap(), []);
    }
}
