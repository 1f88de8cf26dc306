//! `PUT /finesse/api/User/{id}`: a change of state is checked, accepted and queued (Finesse notes 1.2, 7).

use rand::RngExt;

use super::auth::Account;
use super::reply::Reply;
use super::route::Endpoint;
use super::xml::{self, Element};
use super::{Call, user_in_path};
use crate::faults::{Request, Stage};
use crate::model::rules::{Refusal, check_reason, check_state};
use crate::model::state::{By, Via, Wish};
use crate::model::user::{Cause, CtiPlan, Ending, Order, Stamp};
use crate::server::World;

const FIELDS: [&str; 6] =
    ["state", "reasonCodeId", "extension", "activeDeviceId", "mobileAgent", "logoutAllMedia"];
const MOBILE_MODES: [&str; 2] = ["CALL_BY_CALL", "NAILED_CONNECTION"];

pub(crate) fn put(world: &mut World, call: &Call<'_>, account: &Account, id: &str) -> Reply {
    match accept(world, call, account, id) {
        Ok((target, order)) => enqueue(world, call, &target, order),
        Err(refused) => refused,
    }
}

fn accept(
    world: &World,
    call: &Call<'_>,
    account: &Account,
    id: &str,
) -> Result<(String, Order), Reply> {
    let target = user_in_path(world, id)?;
    let element = document(call, "User", &FIELDS)?;
    let wish = wish(&element)?;
    let by = capacity(world, account, &target).map_err(|refusal| Reply::from(&refusal))?;
    let cause = Cause {
        by,
        via: Via::Api,
        actor: Some(account.name().to_owned()),
        request_id: call.request_id.map(str::to_owned),
    };
    let given = element.text_of("reasonCodeId");
    let real = !call.plan.rendering.no_reason_codes;
    let order = check(world, &target, wish, given, cause, real)?;
    Ok((target, order))
}

/// The rules that hold for every change, by REST and by the script playing a human.
fn check(
    world: &World,
    target: &str,
    wish: Wish,
    given: Option<&str>,
    cause: Cause,
    real_reasons: bool,
) -> Result<Order, Reply> {
    ordered(world, target, wish, given, cause, real_reasons)
        .map_err(|refusal| Reply::from(&refusal))
}

/// Checks the reason, then the state, and makes the order (Finesse notes 7).
pub(crate) fn ordered(
    world: &World,
    target: &str,
    wish: Wish,
    given: Option<&str>,
    cause: Cause,
    real_reasons: bool,
) -> Result<Order, Refusal> {
    let centre = &world.centre;
    let user = centre.user(target).ok_or_else(|| Refusal::UserNotFound(target.to_owned()))?;
    let catalogue = real_reasons.then_some(&centre.reasons);
    let reason = check_reason(cause.by, &wish, given, user.team, catalogue)?;
    check_state(cause.by, centre.deployment, user.now.state, &wish)?;
    let stamp = if cause.by == By::Supervisor { Stamp::Supervisor } else { Stamp::Own };
    Ok(Order { wish, reason, stamp, cause })
}

/// In which capacity an account changes a user's state (Finesse notes 1.2, 1.3).
pub(crate) fn capacity(world: &World, account: &Account, target: &str) -> Result<By, Refusal> {
    let refusal =
        || Refusal::RoleNotAllowed { actor: account.name().to_owned(), target: target.to_owned() };
    let Account::User(own) = account else { return Err(refusal()) };
    if own == target {
        return Ok(By::Agent);
    }
    let actor = world.centre.user(own).ok_or_else(refusal)?;
    let team = world.centre.user(target).map(|user| user.team);
    if actor.supervises.is_empty() {
        Err(Refusal::OtherUser(target.to_owned()))
    } else if team.is_some_and(|team| actor.supervises.contains(&team)) {
        Ok(By::Supervisor)
    } else {
        Err(Refusal::InvalidSupervisor(target.to_owned()))
    }
}

fn wish(element: &Element) -> Result<Wish, Reply> {
    let state = element.text_of("state").filter(|text| !text.is_empty());
    match state.ok_or_else(|| Reply::parameter_missing("state"))? {
        "READY" => Ok(Wish::Ready),
        "NOT_READY" => Ok(Wish::NotReady),
        "LOGOUT" => Ok(Wish::Logout),
        "LOGIN" => login(element),
        other => Err(Reply::invalid_input("state", other)),
    }
}

fn login(element: &Element) -> Result<Wish, Reply> {
    let extension = element.text_of("extension").filter(|text| !text.is_empty());
    let extension = extension.ok_or_else(|| Reply::parameter_missing("extension"))?;
    if !extension.chars().all(|c| c.is_ascii_digit()) {
        return Err(Reply::bad_request("the extension is not a number"));
    }
    if let Some(mobile) = element.child("mobileAgent") {
        let mode = mobile.text_of("mode").ok_or_else(|| Reply::parameter_missing("mode"))?;
        if !MOBILE_MODES.contains(&mode) {
            return Err(Reply::invalid_input("mode", mode));
        }
    }
    Ok(Wish::Login { extension: extension.to_owned() })
}

/// The request's document, with the right content type, root and no unknown elements.
pub(crate) fn document(call: &Call<'_>, root: &str, fields: &[&str]) -> Result<Element, Reply> {
    let media_type = call.content_type.and_then(|text| text.split(';').next()).map(str::trim);
    if !media_type.is_some_and(|text| text.eq_ignore_ascii_case("application/xml")) {
        return Err(Reply::bad_request("the Content-Type is not application/xml"));
    }
    let text = std::str::from_utf8(call.body)
        .map_err(|_| Reply::bad_request("not well-formed: the body is not UTF-8"))?;
    let element = xml::parse(text).map_err(|why| Reply::bad_request(&why))?;
    if element.name != root {
        return Err(Reply::bad_request(&format!("the root element is not {root}")));
    }
    for (at, child) in element.children.iter().enumerate() {
        if !fields.contains(&child.name.as_str()) {
            return Err(Reply::bad_request(&format!("{root} has no element {}", child.name)));
        }
        if element.children[..at].iter().any(|earlier| earlier.name == child.name) {
            return Err(Reply::bad_request(&format!("{} is there twice", child.name)));
        }
    }
    Ok(element)
}

fn enqueue(world: &mut World, call: &Call<'_>, target: &str, order: Order) -> Reply {
    let (shortest, longest) = world.cti_delay;
    let drawn = world.rng.random_range(shortest..=longest);
    let struck = Request {
        node: call.node,
        endpoint: Endpoint::User,
        method: call.method.as_str(),
        user: Some(target),
        actor: order.cause.actor.as_deref(),
    };
    let faults = world.faults.plan(Stage::Cti, &struck, call.now, &mut world.rng);
    world.log.struck(call.seq, &[call.plan.struck.clone(), faults.struck].concat());
    let plan = CtiPlan {
        delay: faults.cti_delay.unwrap_or(drawn),
        ending: faults.cti_ending.unwrap_or(Ending::Table),
    };
    if !world.centre.submit(target, order, plan, call.now) {
        return Reply::error(
            503,
            "Service Unavailable",
            "",
            "too many requests wait for this user",
        );
    }
    Reply::empty(if call.plan.put_answers_200 { 200 } else { 202 })
}
