//! The script playing people: agents and supervisors who act by hand, and calls.

use std::time::Duration;

use jiff::Timestamp;

use super::World;
use crate::model::reasons::Category;
use crate::model::state::{AgentState, By, Via, Wish};
use crate::model::user::{Cause, Reason, Standing};
use crate::model::{CallEvent, CallOrder};
use crate::rest::ordered;

/// Circumstances of a call event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallOptions {
    /// Wrap-up follows this call; once said, it is kept.
    pub wrap_up: Option<bool>,
    /// How long wrap-up lasts.
    pub wrap_up_for: Option<Duration>,
    /// `Some(false)`: not routed by the contact centre (non-ICD).
    pub icd: Option<bool>,
}

/// A change of state by hand; takes effect at once and says in a sentence why it cannot.
pub(crate) fn set_state(
    world: &mut World,
    name: &str,
    state: &str,
    reason: Option<&str>,
    by: By,
    now: Timestamp,
) -> Result<(), String> {
    let id = known(world, name)?;
    if by == By::System {
        return force(world, &id, state, reason, now);
    }
    let wish = match state {
        "READY" => Wish::Ready,
        "NOT_READY" => Wish::NotReady,
        "LOGOUT" => Wish::Logout,
        "LOGIN" => Wish::Login { extension: extension(world, &id) },
        other => {
            return Err(format!("{other} cannot be asked for: READY, NOT_READY, LOGIN or LOGOUT"));
        }
    };
    let given = reason.map(|label| reason_id(world, &wish, label)).transpose()?;
    let actor = if by == By::Agent { id.clone() } else { "a supervisor".to_owned() };
    let cause = Cause::person(by, Via::Control, Some(actor));
    let order = ordered(world, &id, wish, given.as_deref(), cause, true)
        .map_err(|refusal| refusal.to_string())?;
    world.centre.apply_now(&id, &order, now).map_err(|error| {
        format!("CTI refuses: {} {} {}", error.error_type, error.error_data, error.error_message)
    })
}

/// A call event by hand.
pub(crate) fn call(
    world: &mut World,
    name: &str,
    event: CallEvent,
    options: CallOptions,
    now: Timestamp,
) -> Result<(), String> {
    let id = known(world, name)?;
    let order = CallOrder {
        event,
        wrap_up: options.wrap_up,
        wrap_up_for: options.wrap_up_for,
        routed: options.icd,
    };
    world.centre.call(&id, &order, now)
}

/// The loginId of a loginId or loginName.
pub(crate) fn known(world: &World, name: &str) -> Result<String, String> {
    world.centre.login_id(name).ok_or_else(|| format!("there is no user {name}"))
}

fn force(
    world: &mut World,
    id: &str,
    state: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<(), String> {
    let state = AgentState::from_wire(state).ok_or_else(|| format!("{state} is no state"))?;
    let reason = match reason {
        None => Reason::None,
        Some(label) => {
            let category =
                if state == AgentState::Logout { Category::Logout } else { Category::NotReady };
            let found = world.centre.reasons.named(category, label);
            Reason::Code(found.ok_or_else(|| no_reason(world, category, label))?)
        }
    };
    let cause = Cause::system(Via::Control);
    world.centre.force(id, Standing { state, reason }, &cause, now);
    Ok(())
}

fn reason_id(world: &World, wish: &Wish, label: &str) -> Result<String, String> {
    let category = if *wish == Wish::Logout { Category::Logout } else { Category::NotReady };
    let found = world.centre.reasons.named(category, label);
    found.map(|reason| reason.id.to_string()).ok_or_else(|| no_reason(world, category, label))
}

fn no_reason(world: &World, category: Category, label: &str) -> String {
    let known = world.centre.reasons.all().filter(|reason| reason.category == category);
    let labels: Vec<&str> = known.map(|reason| reason.label.as_str()).collect();
    format!("there is no {} reason {label}; there are {}", category.wire(), labels.join(", "))
}

fn extension(world: &World, id: &str) -> String {
    world.centre.user(id).map(|user| user.extension.clone()).unwrap_or_default()
}
