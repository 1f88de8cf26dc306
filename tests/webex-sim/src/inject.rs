//! Setting and clearing faults, and what those do that happen at once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, json};

use crate::cloud::{Cloud, State, later};
use crate::delivery::{event_of, release_held};
use crate::faults::{Fault, FaultId, FaultOrder, OrderError, nearest};
use crate::journal::Kind;
use crate::routes;
use crate::sockets::Order;
use crate::wdm;

/// What `malformed_frame` sends when it is not told: an envelope cut off in the middle.
const CUT_OFF: &str = r#"{"id":"0e4f3b2a","data":{"eventType":"apheleia.subscription_up"#;

/// Sets a fault, or does at once what it says. An id comes back for what lasts.
pub(crate) fn inject(cloud: &Arc<Cloud>, order: FaultOrder) -> Result<Option<FaultId>, OrderError> {
    check_endpoint(&order.fault)?;
    let id = cloud.update(|state| {
        check_person(state, &order.fault)?;
        let text = serde_json::to_string(&order.fault).unwrap_or_default();
        state.journal.note(Kind::Fault, format!("set {text}"));
        begin(state, &order.fault);
        state.faults.set(order.clone())
    })?;
    if id.is_none() {
        strike_now(cloud, order.fault);
    }
    Ok(id)
}

/// Clears every fault; what was kept back is let go.
pub(crate) fn clear(cloud: &Arc<Cloud>) {
    cloud.update(|state| {
        state.faults.clear();
        state.tokens.forgive();
        release_held(state);
        state.journal.note(Kind::Fault, "cleared".to_owned());
    });
    cloud.cleared.notify_waiters();
}

/// What a lasting fault does when it is set.
fn begin(state: &mut State, fault: &Fault) {
    if matches!(fault, Fault::TokenRevoked {}) {
        state.tokens.revoke_all();
    }
}

fn strike_now(cloud: &Arc<Cloud>, fault: Fault) {
    if let Fault::Offline { ms } = fault {
        // One pause may wait; a second one while the port is closed adds nothing.
        let _ = cloud.offline.try_send(Duration::from_millis(ms));
        return;
    }
    cloud.update(|state| {
        state.journal.met(fault.name());
        match fault {
            Fault::MercuryClose { code, reason, .. } => {
                state.sockets.send_all(&Order::Close { code, reason });
            }
            Fault::MercuryDrop { .. } => state.sockets.cut_all(),
            Fault::MercuryReplaced {} => {
                let reason = "Replaced".to_owned();
                state.sockets.send_all(&Order::Close { code: 4000, reason });
            }
            Fault::MercuryShutdown { close_after_ms, linger_ms, .. } => {
                let all = state.sockets.numbers();
                shut_down(cloud, state, &all, (close_after_ms, linger_ms));
            }
            Fault::MalformedFrame { text } => {
                let text = text.unwrap_or_else(|| CUT_OFF.to_owned());
                state.sockets.send_all(&Order::Raw(text));
            }
            Fault::RawFrame { text } => state.sockets.send_all(&Order::Raw(text)),
            Fault::HugeFrame { bytes } => {
                let filler = Map::from_iter([("filler".to_owned(), "x".repeat(bytes).into())]);
                let event = event_of(state, "conversation.activity", filler);
                state.sockets.send_all(&event);
            }
            Fault::UnknownEvent { event_type } => {
                let fields = Map::from_iter([("activity".to_owned(), json!({ "verb": "post" }))]);
                let event = event_of(state, &event_type, fields);
                state.sockets.send_all(&event);
            }
            Fault::SubscriptionsLost {} => state.subscriptions.clear(),
            Fault::DevicesLost {} => {
                let devices: Vec<_> = state.devices.all().map(|device| device.id).collect();
                for device in devices {
                    wdm::remove(state, device);
                }
            }
            _ => {}
        }
    });
}

/// Announces these sockets' end (wire notes 3.8) and brings it about when no successor comes. Times
/// in milliseconds: until then, and for how long one stays beside its successor.
pub(crate) fn shut_down(
    cloud: &Arc<Cloud>,
    state: &mut State,
    sockets: &[u64],
    (close_after_ms, linger_ms): (u64, u64),
) {
    let id = state.ids.uuid();
    for socket in sockets {
        state.sockets.drain(*socket, id, Duration::from_millis(linger_ms));
        close_later(cloud, *socket, Duration::from_millis(close_after_ms));
    }
}

/// Ends a socket that was told to go.
pub(crate) fn close_later(cloud: &Arc<Cloud>, socket: u64, delay: Duration) {
    later(cloud, delay, move |cloud| {
        cloud.update(|state| {
            state.sockets.send_to(socket, Order::Close { code: 4001, reason: String::new() });
        });
    });
}

fn check_endpoint(fault: &Fault) -> Result<(), OrderError> {
    let endpoint = match fault {
        Fault::Latency { endpoint, .. }
        | Fault::HttpStatus { endpoint, .. }
        | Fault::RateLimit { endpoint, .. }
        | Fault::Reset { endpoint }
        | Fault::BlackHole { endpoint }
        | Fault::NotJson { endpoint }
        | Fault::Redirect { endpoint, .. }
        | Fault::TruncatedBody { endpoint } => endpoint.as_deref(),
        _ => None,
    };
    match endpoint {
        Some(name) if !routes::names().any(|known| known == name) => {
            let near = nearest(name, routes::names()).to_owned();
            Err(OrderError::UnknownEndpoint(name.to_owned(), near))
        }
        _ => Ok(()),
    }
}

fn check_person(state: &State, fault: &Fault) -> Result<(), OrderError> {
    let person = match fault {
        Fault::EventLost { person }
        | Fault::EventDuplicate { person }
        | Fault::EventReordered { person }
        | Fault::EventStale { person }
        | Fault::EventDelayed { person, .. }
        | Fault::EventStatus { person, .. }
        | Fault::SubjectRefused { person, .. }
        | Fault::StatusHidden { person }
        | Fault::SubjectMissing { person } => person.as_deref(),
        _ => None,
    };
    match person {
        Some(address) if state.people.at(address).is_none() => {
            let near = nearest(address, state.people.addresses()).to_owned();
            Err(OrderError::UnknownPerson(address.to_owned(), near))
        }
        _ => Ok(()),
    }
}
