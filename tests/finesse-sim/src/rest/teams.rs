//! `GET /finesse/api/Team/{id}`: the states of a whole team in one answer (Finesse notes 1.7).

use super::Call;
use super::auth::Account;
use super::reason_codes::reason_code;
use super::reply::Reply;
use super::users::standing;
use super::xml::Xml;
use crate::faults::Rendering;
use crate::model::state::Deployment;
use crate::model::user::{Reason, User};
use crate::server::World;

pub(crate) fn get(world: &World, call: &Call<'_>, account: &Account, id: &str) -> Reply {
    let known = id.parse().ok().and_then(|team| Some((team, world.centre.team_name(team)?)));
    let Some((team, name)) = known else { return Reply::not_found(id) };
    if !may_see(world, account, team) {
        return Reply::authorization_failure(account.name());
    }
    let shown = &call.plan.rendering;
    let limit = if shown.single_element_lists { 1 } else { usize::MAX };
    let ccx = world.centre.deployment == Deployment::Uccx;
    let mut xml = Xml::new();
    xml.element("Team", |xml| {
        xml.leaf("uri", &format!("/finesse/api/Team/{team}/"));
        xml.leaf("id", id);
        xml.leaf("name", name);
        xml.element("users", |xml| {
            for user in world.centre.members(team).take(limit) {
                xml.element("User", |xml| member(xml, user, ccx, shown));
            }
        });
    });
    Reply::xml(xml)
}

/// A team is shown to its supervisors and to administrators.
pub(crate) fn may_see(world: &World, account: &Account, team: u32) -> bool {
    match account {
        Account::Admin(_) => true,
        Account::User(id) => {
            world.centre.user(id).is_some_and(|user| user.supervises.contains(&team))
        }
    }
}

fn member(xml: &mut Xml, user: &User, ccx: bool, shown: &Rendering) {
    let uri = format!("/finesse/api/User/{}", user.login_id);
    xml.leaf("uri", &uri);
    xml.leaf("loginId", &user.login_id);
    xml.leaf("firstName", &user.first_name);
    xml.leaf("lastName", &user.last_name);
    xml.leaf("dialogs", &format!("{uri}/Dialogs"));
    xml.leaf("extension", &user.extension);
    standing(xml, user, shown);
    if let Reason::Code(code) = &user.now.reason
        && !shown.no_reason_codes
    {
        xml.element("reasonCode", |xml| reason_code(xml, code, shown));
    }
    if ccx {
        xml.leaf("mediaState", if user.busy_elsewhere() { "BUSY" } else { "IDLE" });
    }
}
