//! Notifications as the notification service publishes them (Finesse notes 2 and 1.4).

use serde_json::{Value, json};

use crate::faults::Plan;
use crate::model::history::{EventKind, HistoryEntry};
use crate::rest::users::details;
use crate::rest::xml::Xml;
use crate::server::World;

/// What is published about this event: the node and the document. Nothing for what Finesse keeps
/// to itself, as a call that CCX did not route.
pub(crate) fn notice(world: &World, event: &HistoryEntry, plan: &Plan) -> Option<Value> {
    let node = format!("/finesse/api/User/{}", event.user);
    let mut xml = Xml::new();
    let mut known = true;
    xml.element("Update", |xml| {
        xml.element("data", |xml| known = data(xml, world, event, plan));
        xml.leaf("event", if plan.notice.lower_case_event { "put" } else { "PUT" });
        let id = event.request_id.as_deref().filter(|_| !plan.notice.no_request_id);
        xml.leaf("requestId", id.unwrap_or_default());
        xml.leaf("source", &node);
    });
    known.then(|| json!({"type": "notification", "node": node, "xml": xml.into_text()}))
}

fn data(xml: &mut Xml, world: &World, event: &HistoryEntry, plan: &Plan) -> bool {
    match event.kind {
        EventKind::State | EventKind::Pending | EventKind::Republished => {
            let Some(user) = world.centre.user(&event.user) else { return false };
            xml.element("user", |xml| details(xml, &world.centre, user, &plan.rendering));
            true
        }
        EventKind::Error => {
            let Some(error) = &event.error else { return false };
            xml.element("apiErrors", |xml| {
                xml.element("apiError", |xml| {
                    xml.leaf("errorData", &error.error_data);
                    xml.leaf("errorMessage", &error.error_message);
                    xml.leaf("errorType", &error.error_type);
                });
            });
            true
        }
        EventKind::Dropped | EventKind::Nothing | EventKind::Call => false,
    }
}
