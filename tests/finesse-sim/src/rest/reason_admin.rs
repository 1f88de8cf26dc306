//! Configuring reason codes: administrators only, on the primary node only (Finesse notes 1.5).

use hyper::Method;

use super::Call;
use super::auth::Account;
use super::reason_codes::{category, listed, single};
use super::reply::Reply;
use super::state_change::document;
use super::xml::{self, Element};
use crate::model::reasons::{Category, NOBODY, ReasonCode, ReasonError};
use crate::server::{Node, World};

/// `GET /finesse/api/ReasonCodes?category=NOT_READY|LOGOUT|ALL`.
pub(crate) fn list(world: &World, call: &Call<'_>, account: &Account) -> Reply {
    if !account.is_admin() {
        return refused(account);
    }
    let Some(text) = call.parameter("category") else {
        return Reply::parameter_missing("category");
    };
    let wanted = match (text.as_str(), Category::from_wire(&text)) {
        ("ALL", _) => None,
        (_, Some(category)) => Some(category),
        _ => return Reply::invalid_input("category", &text),
    };
    // A real CCX lists its own codes with systemCode=true; the document of CCE denies it (1.5).
    let with_system = world.centre.deployment == crate::model::state::Deployment::Uccx
        || call.plan.rendering.system_codes_listed;
    let codes = world.centre.reasons.all().filter(|code| {
        wanted.is_none_or(|wanted| code.category == wanted) && (with_system || !code.system)
    });
    listed(codes, &call.plan.rendering)
}

/// `POST /finesse/api/ReasonCode`.
pub(crate) fn create(world: &mut World, call: &Call<'_>, account: &Account) -> Reply {
    if let Err(refused) = may_write(call, account) {
        return refused;
    }
    let element = match document(call, "ReasonCode", &FIELDS) {
        Ok(element) => element,
        Err(refused) => return refused,
    };
    let draft = match draft(&element) {
        Ok(draft) => draft,
        Err(refused) => return refused,
    };
    match world.centre.reasons.insert(draft) {
        Ok(id) => Reply::empty(200).with("location", format!("/finesse/api/ReasonCode/{id}")),
        Err(error) => not_stored(&error),
    }
}

/// `GET|PUT|DELETE /finesse/api/ReasonCode/{id}`.
pub(crate) fn one(world: &mut World, call: &Call<'_>, account: &Account, id: &str) -> Reply {
    if !account.is_admin() {
        return refused(account);
    }
    if call.reads() {
        return single(world, call, id);
    }
    if let Err(refused) = may_write(call, account) {
        return refused;
    }
    let Some(number) = id.parse().ok().filter(|id| world.centre.reasons.get(*id).is_some()) else {
        return Reply::not_found(id);
    };
    if *call.method == Method::DELETE {
        return match world.centre.reasons.remove(number) {
            Ok(()) => Reply::empty(200),
            Err(error) => not_stored(&error),
        };
    }
    change(world, call, number)
}

const FIELDS: [&str; 6] = ["category", "code", "label", "forAll", "uri", "systemCode"];

fn change(world: &mut World, call: &Call<'_>, id: u32) -> Reply {
    let element = match document(call, "ReasonCode", &FIELDS) {
        Ok(element) => element,
        Err(refused) => return refused,
    };
    let Some(current) = world.centre.reasons.get(id) else { return Reply::not_found("") };
    let mut changed = ReasonCode::clone(current);
    if !["code", "label", "forAll"].iter().any(|name| element.child(name).is_some()) {
        return Reply::parameter_missing("label");
    }
    if let Some(text) = element.text_of("code") {
        let Ok(code) = text.parse() else { return Reply::invalid_input("code", text) };
        changed.code = code;
    }
    if let Some(label) = element.text_of("label") {
        label.clone_into(&mut changed.label);
    }
    if element.text_of("forAll").is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        changed.teams.clear();
    }
    match world.centre.reasons.replace(changed) {
        Ok(()) => Reply::empty(200),
        Err(error) => not_stored(&error),
    }
}

/// `PUT /finesse/api/Team/{id}/ReasonCodes?category=`: which codes a team has besides the global
/// ones; what is left out is taken from it.
pub(crate) fn assign(world: &mut World, call: &Call<'_>, account: &Account, id: &str) -> Reply {
    if let Err(refused) = may_write(call, account) {
        return refused;
    }
    let known = id.parse().ok().filter(|team| world.centre.team_name(*team).is_some());
    let Some(team) = known else { return Reply::not_found(id) };
    let assigned = category(call).and_then(|category| {
        let ids = listed_ids(call)?;
        world.centre.reasons.assign(category, team, &ids).map_err(|error| not_stored(&error))
    });
    assigned.map_or_else(|refused| refused, |()| Reply::empty(200))
}

/// The ids at the end of the `uri` of each code.
fn listed_ids(call: &Call<'_>) -> Result<Vec<u32>, Reply> {
    let body = std::str::from_utf8(call.body).unwrap_or_default();
    let list = xml::parse(body).map_err(|why| Reply::bad_request(&why))?;
    let xml_type = call.content_type.is_some_and(|text| text.starts_with("application/xml"));
    if !xml_type || list.name != "ReasonCodes" {
        return Err(Reply::bad_request("the body is no list ReasonCodes in application/xml"));
    }
    let id = |code: &Element| {
        let uri = code.text_of("uri").unwrap_or_default();
        let id = uri.strip_prefix("/finesse/api/ReasonCode/").and_then(|id| id.parse().ok());
        let fine = code.name == "ReasonCode" && code.children.len() == 1;
        id.filter(|_| fine).ok_or_else(|| Reply::bad_request("a code is named by its uri alone"))
    };
    list.children.iter().map(id).collect()
}

fn draft(element: &Element) -> Result<ReasonCode, Reply> {
    let text = |name: &str| element.text_of(name).ok_or_else(|| Reply::parameter_missing(name));
    let category = text("category")?;
    let code = text("code")?;
    let for_all = text("forAll")?;
    Ok(ReasonCode {
        id: 0,
        category: Category::from_wire(category)
            .ok_or_else(|| Reply::invalid_input("category", category))?,
        code: code.parse().map_err(|_| Reply::invalid_input("code", code))?,
        label: text("label")?.to_owned(),
        // A code that is not for all belongs to no team until one is assigned.
        teams: if for_all.eq_ignore_ascii_case("true") { [].into() } else { [NOBODY].into() },
        system: false,
    })
}

fn may_write(call: &Call<'_>, account: &Account) -> Result<(), Reply> {
    if !account.is_admin() {
        return Err(refused(account));
    }
    if call.node == Node::Secondary {
        let why = "Configuration is written on the primary node";
        return Err(Reply::error(403, "Forbidden", "", why));
    }
    Ok(())
}

fn refused(account: &Account) -> Reply {
    Reply::authorization_failure(account.name())
        .violating("only an administrator may configure reason codes")
}

fn not_stored(error: &ReasonError) -> Reply {
    let kind = match error {
        ReasonError::Full => "Maximum Exceeded",
        ReasonError::Range(_) | ReasonError::Label => "Invalid Input",
        ReasonError::Duplicate
        | ReasonError::Unknown
        | ReasonError::System
        | ReasonError::Global => "Finesse API Error",
    };
    Reply::error(400, kind, "", &error.to_string())
}
