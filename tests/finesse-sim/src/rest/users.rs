//! Reading users: `GET /finesse/api/User/{id}`, `/Users`, `…/Dialogs` (Finesse notes 1.1).

use super::auth::Account;
use super::reason_codes::reason_code;
use super::reply::Reply;
use super::system_info::skewed;
use super::xml::Xml;
use super::{Call, may_read, user_in_path};
use crate::clock::wire_time;
use crate::faults::Rendering;
use crate::model::Centre;
use crate::model::state::Deployment;
use crate::model::user::{Reason, User};
use crate::server::World;

/// `GET /finesse/api/Users`: for administrators only.
pub(crate) fn list(world: &World, call: &Call<'_>, account: &Account) -> Reply {
    if !account.is_admin() {
        return Reply::authorization_failure(account.name())
            .violating("only an administrator may list the users");
    }
    let shown = &call.plan.rendering;
    let limit = if shown.single_element_lists { 1 } else { usize::MAX };
    let mut xml = Xml::new();
    xml.element("Users", |xml| {
        for user in world.centre.users().take(limit) {
            xml.element("User", |xml| details(xml, &world.centre, user, shown));
        }
    });
    Reply::xml(xml)
}

/// `GET /finesse/api/User/{id}`.
pub(crate) fn get(world: &World, call: &Call<'_>, account: &Account, id: &str) -> Reply {
    let target = match user_in_path(world, id) {
        Ok(target) => target,
        Err(unknown) => return unknown,
    };
    if let Err(refused) = may_read(world, account, &target) {
        return refused;
    }
    let Some(user) = world.centre.user(&target) else { return Reply::user_not_found(id) };
    let mut xml = Xml::new();
    xml.element("User", |xml| details(xml, &world.centre, user, &call.plan.rendering));
    Reply::xml(xml)
}

/// `GET /finesse/api/User/{id}/Dialogs`: always empty; calls show in the state only.
pub(crate) fn dialogs(world: &World, account: &Account, id: &str) -> Reply {
    let allowed = user_in_path(world, id).and_then(|target| may_read(world, account, &target));
    if let Err(refused) = allowed {
        return refused;
    }
    let mut xml = Xml::new();
    xml.leaf("Dialogs", "");
    Reply::xml(xml)
}

/// The elements of a User object.
pub(crate) fn details(xml: &mut Xml, centre: &Centre, user: &User, shown: &Rendering) {
    let uri = format!("/finesse/api/User/{}", user.login_id);
    xml.leaf("uri", &uri);
    xml.element("roles", |xml| {
        xml.leaf("role", "Agent");
        if !user.supervises.is_empty() {
            xml.leaf("role", "Supervisor");
        }
    });
    xml.leaf("loginId", &user.login_id);
    xml.leaf("loginName", &user.login_name);
    xml.leaf("firstName", &user.first_name);
    xml.leaf("lastName", &user.last_name);
    xml.leaf("extension", &user.extension);
    standing(xml, user, shown);
    let reason_id = if shown.no_reason_codes { -1 } else { user.now.reason.id() };
    xml.leaf("reasonCodeId", &reason_id.to_string());
    if let Reason::Code(code) = &user.now.reason
        && !shown.no_reason_codes
    {
        let name = if shown.lower_case_reason_code { "reasonCode" } else { "ReasonCode" };
        xml.element(name, |xml| reason_code(xml, code, shown));
    }
    xml.element("settings", |xml| {
        xml.leaf("wrapUpOnIncoming", user.wrap_up_mode.wire());
        xml.leaf("wrapUpOnOutgoing", "NOT_ALLOWED");
        xml.leaf("deviceSelection", "disabled");
    });
    xml.leaf("teamId", &user.team.to_string());
    xml.leaf("teamName", centre.team_name(user.team).unwrap_or_default());
    if !user.supervises.is_empty() {
        xml.element("teams", |xml| supervised(xml, centre, user));
    }
    xml.leaf("dialogs", &format!("{uri}/Dialogs"));
    xml.leaf("mediaType", "1");
    if centre.deployment == Deployment::Ucce {
        xml.leaf("skillTargetId", &user.login_id);
    }
}

fn supervised(xml: &mut Xml, centre: &Centre, user: &User) {
    for team in &user.supervises {
        xml.element("Team", |xml| {
            xml.leaf("uri", &format!("/finesse/api/Team/{team}"));
            xml.leaf("id", &team.to_string());
            xml.leaf("name", centre.team_name(*team).unwrap_or_default());
        });
    }
}

/// `state`, `stateChangeTime` and `pendingState`, as the faults would have them.
pub(crate) fn standing(xml: &mut Xml, user: &User, shown: &Rendering) {
    let state = shown.strange_state_of(&user.login_id).unwrap_or(user.now.state.wire());
    xml.leaf("state", state);
    let since = user.since.filter(|_| !shown.empties_time_of(&user.login_id));
    let since = since.map(|at| wire_time(skewed(at, shown.skew_ms))).unwrap_or_default();
    xml.leaf("stateChangeTime", &since);
    xml.leaf("pendingState", user.pending_state().map_or("", |state| state.wire()));
}
