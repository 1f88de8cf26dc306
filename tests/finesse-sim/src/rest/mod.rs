//! The REST API of Finesse: XML in, XML out, Basic authorization (Finesse notes 1).

pub(crate) mod auth;
mod client_log;
mod reason_admin;
mod reason_codes;
pub(crate) mod reply;
pub(crate) mod route;
mod state_change;
pub(crate) use state_change::{capacity, ordered};
mod system_info;
mod teams;
pub(crate) mod users;
pub(crate) mod xml;

use hyper::Method;
use jiff::Timestamp;

use crate::faults::Plan;
use crate::server::{Node, World};
use auth::{Account, Credentials};
use reply::{Reply, service_unavailable};
use route::{Route, percent_decoded};

/// A request as the resources see it.
pub(crate) struct Call<'a> {
    /// The number in the log.
    pub(crate) seq: u64,
    pub(crate) node: Node,
    pub(crate) now: Timestamp,
    pub(crate) method: &'a Method,
    pub(crate) route: &'a Route,
    pub(crate) query: &'a str,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) credentials: &'a Credentials,
    pub(crate) body: &'a [u8],
    pub(crate) plan: &'a Plan,
}

impl Call<'_> {
    /// A query parameter, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| percent_decoded(&value.replace('+', " ")))
    }

    fn reads(&self) -> bool {
        matches!(*self.method, Method::GET | Method::HEAD)
    }
}

/// Answers one request, in the order of checks of Finesse notes 7.
pub(crate) fn answer(world: &mut World, call: &Call<'_>) -> Reply {
    if *call.route == Route::Unknown {
        return Reply::html(404).violating("the document has no such path");
    }
    if !call.route.allows(call.method) {
        let why = format!("{} is not a method of this resource", call.method);
        return Reply::html(405).with("allow", call.route.allow()).violating(why);
    }
    if *call.method == Method::OPTIONS {
        return Reply::empty(200).with("allow", call.route.allow());
    }
    if *call.route == Route::SystemInfo {
        return system_info::get(world, call);
    }
    if call.plan.service.is_some() {
        return service_unavailable();
    }
    let authenticated = auth::authenticate(
        call.credentials,
        (&world.centre, &world.admin, &world.tokens),
        &mut world.lockout,
        call.now,
    );
    match authenticated {
        Ok(account) => dispatch(world, call, &account),
        Err(refused) => {
            world.log.count_unauthorized(call.credentials.name().unwrap_or_default());
            refused
        }
    }
}

fn dispatch(world: &mut World, call: &Call<'_>, account: &Account) -> Reply {
    match call.route {
        Route::Users => users::list(world, call, account),
        Route::User(id) if call.reads() => users::get(world, call, account, id),
        Route::User(id) => state_change::put(world, call, account, id),
        Route::UserReasonCodes(id) => reason_codes::of_user(world, call, account, id),
        Route::UserReasonCode(id, reason) => {
            reason_codes::one_of_user(world, call, account, id, reason)
        }
        Route::UserDialogs(id) => users::dialogs(world, account, id),
        Route::ClientLog(id) => client_log::write(world, account, id),
        Route::Team(id) => teams::get(world, call, account, id),
        Route::TeamReasonCodes(id) if call.reads() => {
            reason_codes::of_team(world, call, account, id)
        }
        Route::TeamReasonCodes(id) => reason_admin::assign(world, call, account, id),
        Route::ReasonCodes if call.reads() => reason_admin::list(world, call, account),
        Route::ReasonCodes => reason_admin::create(world, call, account),
        Route::ReasonCode(id) => reason_admin::one(world, call, account, id),
        Route::SystemInfo | Route::Unknown => Reply::not_found(""),
    }
}

/// The loginId that a path names: a loginId, and on CCE also a loginName (Finesse notes 1.1, 1.10).
pub(crate) fn user_in_path(world: &World, id: &str) -> Result<String, Reply> {
    use crate::model::state::Deployment;
    let found = match world.centre.deployment {
        Deployment::Ucce => world.centre.login_id(id),
        Deployment::Uccx => world.centre.user(id).map(|user| user.login_id.clone()),
    };
    found.ok_or_else(|| Reply::user_not_found(id))
}

/// Whether this account may read that user: themself, their supervisor, or an administrator (1.1).
pub(crate) fn may_read(world: &World, account: &Account, target: &str) -> Result<(), Reply> {
    let Account::User(own) = account else { return Ok(()) };
    if own == target {
        return Ok(());
    }
    let Some(actor) = world.centre.user(own) else { return Err(Reply::user_not_found(own)) };
    let team = world.centre.user(target).map(|user| user.team);
    if actor.supervises.is_empty() {
        Err(Reply::other_user(target))
    } else if team.is_some_and(|team| actor.supervises.contains(&team)) {
        Ok(())
    } else {
        Err(Reply::invalid_supervisor(target))
    }
}
