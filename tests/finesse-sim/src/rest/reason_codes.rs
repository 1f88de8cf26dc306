//! Reason codes as agents and supervisors read them (Finesse notes 1.5).

use std::sync::Arc;

use super::auth::Account;
use super::reply::Reply;
use super::teams::may_see;
use super::xml::Xml;
use super::{Call, user_in_path};
use crate::faults::Rendering;
use crate::model::reasons::{Category, ReasonCode};
use crate::server::World;

/// `GET /finesse/api/User/{id}/ReasonCodes?category=`: the global ones and those of the user's team.
pub(crate) fn of_user(world: &World, call: &Call<'_>, account: &Account, id: &str) -> Reply {
    let team = match readable_team(world, account, id) {
        Ok(team) => team,
        Err(refused) => return refused,
    };
    match category(call) {
        Ok(category) => offered(world, call, category, team),
        Err(refused) => refused,
    }
}

/// `GET /finesse/api/User/{id}/ReasonCode/{rid}`.
pub(crate) fn one_of_user(
    world: &World,
    call: &Call<'_>,
    account: &Account,
    id: &str,
    reason: &str,
) -> Reply {
    if let Err(refused) = readable_team(world, account, id) {
        return refused;
    }
    single(world, call, reason)
}

/// `GET /finesse/api/Team/{id}/ReasonCodes?category=`: for its members, supervisors and administrators.
pub(crate) fn of_team(world: &World, call: &Call<'_>, account: &Account, id: &str) -> Reply {
    let known = id.parse().ok().filter(|team| world.centre.team_name(*team).is_some());
    let Some(team) = known else { return Reply::not_found(id) };
    let member = world.centre.user(account.name()).is_some_and(|user| user.team == team);
    if !member && !may_see(world, account, team) {
        return Reply::authorization_failure(account.name());
    }
    match category(call) {
        Ok(category) => offered(world, call, category, team),
        Err(refused) => refused,
    }
}

/// One code by id, of any category.
pub(crate) fn single(world: &World, call: &Call<'_>, id: &str) -> Reply {
    let shown = &call.plan.rendering;
    let found = id.parse().ok().and_then(|id| world.centre.reasons.get(id));
    match found {
        Some(code) if !shown.no_reason_codes => {
            let mut xml = Xml::new();
            xml.element("ReasonCode", |xml| reason_code(xml, code, shown));
            Reply::xml(xml)
        }
        _ => Reply::not_found(id),
    }
}

/// The elements of a reason code; the id may be in the URI only.
pub(crate) fn reason_code(xml: &mut Xml, code: &ReasonCode, shown: &Rendering) {
    xml.leaf("category", code.category.wire());
    xml.leaf("uri", &format!("/finesse/api/ReasonCode/{}", code.id));
    xml.leaf("code", &code.code.to_string());
    xml.leaf("label", &code.label);
    xml.leaf("forAll", if code.for_all() { "true" } else { "false" });
    xml.leaf("systemCode", if code.system { "true" } else { "false" });
    if !shown.reason_ids_missing {
        xml.leaf("id", &code.id.to_string());
    }
}

/// A list of reason codes.
pub(crate) fn listed<'a>(
    codes: impl Iterator<Item = &'a Arc<ReasonCode>>,
    shown: &Rendering,
) -> Reply {
    let limit = match (shown.no_reason_codes, shown.single_element_lists) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => usize::MAX,
    };
    let mut xml = Xml::new();
    xml.element("ReasonCodes", |xml| {
        for code in codes.take(limit) {
            xml.element("ReasonCode", |xml| reason_code(xml, code, shown));
        }
    });
    Reply::xml(xml)
}

fn offered(world: &World, call: &Call<'_>, category: Category, team: u32) -> Reply {
    let shown = &call.plan.rendering;
    let reasons = &world.centre.reasons;
    let system = reasons
        .all()
        .filter(|code| shown.system_codes_listed && code.system && code.category == category);
    listed(reasons.offered(category, team).chain(system), shown)
}

fn readable_team(world: &World, account: &Account, id: &str) -> Result<u32, Reply> {
    let target = user_in_path(world, id)?;
    if !account.is_admin() && account.name() != target {
        return Err(Reply::other_user(&target));
    }
    world.centre.user(&target).map(|user| user.team).ok_or_else(|| Reply::user_not_found(id))
}

pub(crate) fn category(call: &Call<'_>) -> Result<Category, Reply> {
    let text = call.parameter("category").ok_or_else(|| Reply::parameter_missing("category"))?;
    Category::from_wire(&text).ok_or_else(|| Reply::invalid_input("category", &text))
}
