//! Every address that the simulated cloud answers, in one table: its name in faults and counters,
//! its method, its path, and who answers.

use axum::http::Method;

use crate::call::{Answer, Call};
use crate::cloud::Cloud;
use crate::{apheleia, catalog, grants, hydra, small, wdm};
use std::sync::Arc;

/// Answers a request that has been read.
type Handler = fn(&Arc<Cloud>, &Call) -> Answer;

/// One line of the table. At most one part of the path is `{…}`.
pub(crate) struct Route {
    pub(crate) name: &'static str,
    method: &'static str,
    path: &'static str,
    pub(crate) handler: Handler,
}

/// What the table says of a request.
pub(crate) enum Found {
    Route(&'static Route, String),
    /// The path is there, the method is not.
    OtherMethod,
    Nothing,
}

/// The Mercury socket's line: it has a name like the others and is answered by an upgrade.
pub(crate) const MERCURY: &str = "mercury.upgrade";
const MERCURY_PATH: &str = "/v1/apps/wx2/registrations/{id}/messages";

const fn route(
    name: &'static str,
    method: &'static str,
    path: &'static str,
    handler: Handler,
) -> Route {
    Route { name, method, path, handler }
}

const ROUTES: &[Route] = &[
    // Wire notes 1.1.
    route("u2c.limited", "GET", "/u2c/api/v1/limited/catalog", catalog::limited),
    route("u2c.signin", "GET", "/u2c/api/v1/signin/catalog", catalog::full),
    route("u2c.catalog", "GET", "/u2c/api/v1/catalog", catalog::full),
    // Wire notes 2.1.
    route("wdm.register", "POST", "/wdm/api/v1/devices", wdm::register),
    route("wdm.list", "GET", "/wdm/api/v1/devices", wdm::list),
    route("wdm.delete_all", "DELETE", "/wdm/api/v1/devices", wdm::delete_all),
    route("wdm.refresh", "PUT", "/wdm/api/v1/devices/{id}", wdm::refresh),
    route("wdm.read", "GET", "/wdm/api/v1/devices/{id}", wdm::read),
    route("wdm.delete", "DELETE", "/wdm/api/v1/devices/{id}", wdm::delete),
    // Wire notes 3.1; an upgrade takes another way (see `gate`).
    route(MERCURY, "GET", MERCURY_PATH, small::not_an_upgrade),
    // Wire notes 4.1.
    route("apheleia.composition", "GET", "/apheleia/api/v1/compositions", apheleia::composition),
    route("apheleia.compositions", "POST", "/apheleia/api/v1/compositions", apheleia::compositions),
    route("apheleia.subscribe", "POST", "/apheleia/api/v1/subscriptions", apheleia::subscribe),
    route(
        "apheleia.subscriptions",
        "GET",
        "/apheleia/api/v1/subscriptions",
        apheleia::subscriptions,
    ),
    route("apheleia.set_event", "POST", "/apheleia/api/v1/events", apheleia::set_own),
    route("apheleia.events", "GET", "/apheleia/api/v1/events", apheleia::events),
    route("apheleia.ping", "GET", "/apheleia/api/v1/ping", small::ping),
    // Wire notes 5.
    route("hydra.me", "GET", "/v1/people/me", hydra::me),
    route("hydra.people", "GET", "/v1/people", hydra::people),
    // The vendor's SDK asks for `people/?id=…`.
    route("hydra.people", "GET", "/v1/people/", hydra::people),
    route("hydra.person", "GET", "/v1/people/{id}", hydra::person),
    route("hydra.organizations", "GET", "/v1/organizations", hydra::organizations),
    route("hydra.organization", "GET", "/v1/organizations/{id}", hydra::organization),
    route("hydra.token", "POST", "/v1/access_token", grants::token),
    route("idbroker.token", "POST", "/idb/oauth2/v1/access_token", grants::token),
    route("idbroker.token", "POST", "/idbroker/idb/oauth2/v1/access_token", grants::token),
    // What the vendor's SDK needs besides (wire notes 7).
    route("metrics.report", "POST", "/metrics/api/v1/clientmetrics", small::metrics),
    route("metrics.prelogin", "POST", "/metrics/api/v1/clientmetrics-prelogin", small::metrics),
    route("feature.toggle", "POST", "/feature/api/v1/features/users/{id}/user", small::toggle),
];

/// Looks a request up.
pub(crate) fn find(method: &Method, path: &str) -> Found {
    let mut other_method = false;
    for route in ROUTES {
        let Some(captured) = matches(route.path, path) else { continue };
        if route.method == method.as_str() {
            return Found::Route(route, captured);
        }
        other_method = true;
    }
    if other_method { Found::OtherMethod } else { Found::Nothing }
}

/// Every name that a fault's `endpoint` may be, the parts before the dot included.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let groups = ROUTES.iter().filter_map(|route| route.name.split('.').next());
    let mut groups: Vec<_> = groups.collect();
    groups.dedup();
    ROUTES.iter().map(|route| route.name).chain(groups)
}

/// What stands in the place of `{…}`; empty when the path has no such part.
pub(crate) fn matches(pattern: &str, path: &str) -> Option<String> {
    let mut captured = String::new();
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(captured),
            (Some(part), Some(text)) if part.starts_with('{') && !text.is_empty() => {
                captured = decoded(text)?;
            }
            (Some(part), Some(text)) if part == text => {}
            _ => return None,
        }
    }
}

/// `agent%401001` with its percent signs resolved.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(method: &Method, path: &str) -> Option<(&'static str, String)> {
        match find(method, path) {
            Found::Route(route, captured) => Some((route.name, captured)),
            _ => None,
        }
    }

    #[test]
    fn me_is_not_a_person_with_the_id_me() {
        assert_eq!(name(&Method::GET, "/v1/people/me"), Some(("hydra.me", String::new())));
        assert_eq!(name(&Method::GET, "/v1/people/a%40b"), Some(("hydra.person", "a@b".into())));
    }

    #[test]
    fn a_wrong_method_is_told_from_a_wrong_path() {
        assert!(matches!(find(&Method::PATCH, "/v1/people"), Found::OtherMethod));
        assert!(matches!(find(&Method::GET, "/v1/peoples"), Found::Nothing));
        assert!(matches!(find(&Method::GET, "/u2c/api/v1/catalog/"), Found::Nothing));
    }
}
