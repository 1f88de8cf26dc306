//! From a change of presence to the events on the sockets (wire notes 4.3), with the faults that
//! lie between.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::Instant;
use uuid::Uuid;

use crate::cloud::{Cloud, State, later};
use crate::faults::Fault;
use crate::journal::Kind;
use crate::people::Person;
use crate::presence::{self, Change};
use crate::sockets::{Envelope, Order};

/// The event's name on the wire.
pub(crate) const SUBSCRIPTION_UPDATE: &str = "apheleia.subscription_update";

/// An event that `event_reordered` keeps back; one at a time.
pub(crate) type Held = Option<(Uuid, Arc<Envelope>)>;

/// Nobody has this address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody has the address {0:?}")]
pub struct UnknownPerson(pub String);

/// Sets a person's presence and tells the devices that are subscribed.
pub(crate) fn set_presence(
    cloud: &Arc<Cloud>,
    address: &str,
    change: Change,
) -> Result<(), UnknownPerson> {
    cloud.update(|state| {
        let unknown = || UnknownPerson(address.to_owned());
        let id = state.people.at(address).ok_or_else(unknown)?.id;
        let person = state.people.change(id, change, cloud.clock.now()).ok_or_else(unknown)?;
        let text = format!("{} is {}", person.address, person.presence.status);
        state.journal.counters.presence_changes += 1;
        state.journal.note(Kind::Presence, text);
        publish(cloud, state, id);
        Ok(())
    })
}

/// Tells the subscribed devices what a person's presence is now.
pub(crate) fn publish(cloud: &Arc<Cloud>, state: &mut State, subject: Uuid) {
    let Some(person) = state.people.get(subject).cloned() else { return };
    let base = cloud.base();
    let mut data = composition(&person, &base);
    if let Some(status) = strike(state, &person, |f| match f {
        Fault::EventStatus { person, status } => Some((person.as_ref(), status.clone())),
        _ => None,
    }) {
        data.insert("status".into(), status.into());
    }
    let event = envelope(state, data);
    if met(state, &person, |f| matches!(f, Fault::EventLost { .. })) {
        state.journal.counters.events_lost += 1;
        return;
    }
    if let Some(ms) = strike(state, &person, |f| match f {
        Fault::EventDelayed { person, ms } => Some((person.as_ref(), *ms)),
        _ => None,
    }) {
        later(cloud, Duration::from_millis(ms), move |cloud| {
            cloud.update(|state| send(state, subject, &event));
        });
        return;
    }
    if state.held.is_none() && met(state, &person, |f| matches!(f, Fault::EventReordered { .. })) {
        state.held = Some((subject, event));
        return;
    }
    send(state, subject, &event);
    if met(state, &person, |f| matches!(f, Fault::EventDuplicate { .. })) {
        send(state, subject, &event);
    }
    release_held(state);
    if let Some(before) = &person.before
        && met(state, &person, |f| matches!(f, Fault::EventStale { .. }))
    {
        let repeated = envelope(state, before.composition(subject, &base));
        send(state, subject, &repeated);
    }
}

/// Sends what `event_reordered` kept back.
pub(crate) fn release_held(state: &mut State) {
    if let Some((subject, event)) = state.held.take() {
        send(state, subject, &event);
    }
}

/// A person's composition as everybody sees it: nobody's, when presence is switched off.
pub(crate) fn composition(person: &Person, base: &str) -> Map<String, Value> {
    if person.presence_enabled {
        person.presence.composition(person.id, base)
    } else {
        presence::nobody(person.id, base)
    }
}

/// A server message of the given type around these fields.
pub(crate) fn event_of(state: &mut State, event_type: &str, fields: Map<String, Value>) -> Order {
    let mut data = Map::from_iter([("eventType".to_owned(), event_type.into())]);
    data.extend(fields);
    Order::Event(Arc::new(Envelope { id: state.ids.uuid(), data }))
}

fn envelope(state: &mut State, composition: Map<String, Value>) -> Arc<Envelope> {
    let mut data = Map::from_iter([("eventType".to_owned(), SUBSCRIPTION_UPDATE.into())]);
    data.extend(composition);
    Arc::new(Envelope { id: state.ids.uuid(), data })
}

fn send(state: &mut State, subject: Uuid, event: &Arc<Envelope>) {
    for device in state.subscriptions.watchers(subject, Instant::now()) {
        match state.sockets.send(device, &Order::Event(Arc::clone(event))) {
            0 => state.journal.counters.events_unheard += 1,
            sockets => state.journal.counters.events_sent += sockets as u64,
        }
    }
}

fn met(state: &mut State, person: &Person, is: impl Fn(&Fault) -> bool) -> bool {
    strike(state, person, |fault| is(fault).then(|| (whom(fault), ()))).is_some()
}

/// The first fault of this sort that is meant for this person.
fn strike<T>(
    state: &mut State,
    person: &Person,
    pick: impl Fn(&Fault) -> Option<(Option<&String>, T)>,
) -> Option<T> {
    state.struck(|fault| {
        let (whom, found) = pick(fault)?;
        is_for(whom.map(String::as_str), &person.address).then_some(found)
    })
}

fn whom(fault: &Fault) -> Option<&String> {
    match fault {
        Fault::EventLost { person }
        | Fault::EventDuplicate { person }
        | Fault::EventReordered { person }
        | Fault::EventStale { person } => person.as_ref(),
        _ => None,
    }
}

/// Whether a fault for `whom` means the person with this address.
pub(crate) fn is_for(whom: Option<&str>, address: &str) -> bool {
    whom.is_none_or(|whom| whom.eq_ignore_ascii_case(address))
}
