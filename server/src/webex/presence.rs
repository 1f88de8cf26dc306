//! Presence subscriptions and readings (Webex notes 4).

use std::time::Duration;

use hyper::Method;
use lockstep_core::PersonId;
use serde_json::{Value, json};
use url::Url;

use super::composition::{Composition, subject, text};
use super::pauses::Service;
use super::rest::{Rest, RestError, below};
use super::transport::Request;

/// People per request; what the vendor's clients use (Webex notes 4.5).
pub(super) const BATCH: usize = 50;
/// Characters kept of Webex's words about one person.
const MAX_WORDS: usize = 200;

/// Where and for which device presence is subscribed.
#[derive(Debug, Clone)]
pub(super) struct Presence {
    pub(super) base: Url,
    pub(super) device: Url,
}

/// What a subscription's reply says about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) person: PersonId,
    /// 200, or 401, 403, 409 (Webex notes 4.3).
    pub(super) code: u16,
    /// The life that was granted.
    pub(super) ttl: Option<Duration>,
    pub(super) status: Option<Composition>,
    pub(super) message: String,
    /// When to try again, with 409.
    pub(super) retry: Option<Duration>,
    /// Who lost the subscription to this one, with 409.
    pub(super) evicted: Option<PersonId>,
}

impl Rest {
    /// Subscribes `people` for `ttl` and asks for their status; zero unsubscribes.
    pub(super) async fn subscribe(
        &self,
        at: &Presence,
        people: &[PersonId],
        ttl: Duration,
    ) -> Result<Vec<Item>, RestError> {
        let body = json!({
            "subjects": people.iter().map(PersonId::as_str).collect::<Vec<_>>(),
            "subscriptionTtl": ttl.as_secs(),
            "includeStatus": true,
        });
        let reply = self.presence(at, "subscriptions", body).await?;
        Ok(items(&reply))
    }

    /// Reads the presence of `people`.
    pub(super) async fn compositions(
        &self,
        at: &Presence,
        people: &[PersonId],
    ) -> Result<Vec<Composition>, RestError> {
        let body = json!({"subjects": people.iter().map(PersonId::as_str).collect::<Vec<_>>()});
        let reply = self.presence(at, "compositions", body).await?;
        Ok(statuses(&reply))
    }

    async fn presence(&self, at: &Presence, what: &str, body: Value) -> Result<Value, RestError> {
        let request = Request::new(Service::Presence, Method::POST, below(&at.base, &[what]))
            .json(body)
            .device(&at.device);
        self.call(request).await
    }
}

impl Item {
    fn read(value: &Value) -> Option<Self> {
        let number = |field: &str| value.get(field).and_then(Value::as_u64);
        let person = subject(value)?;
        // Of somebody else it would be told in this person's place.
        let status = value.get("status").and_then(Composition::read);
        let status = status.filter(|status| status.person == person);
        let code = number("responseCode").and_then(|code| u16::try_from(code).ok()).unwrap_or(200);
        let words = text(value, "message").unwrap_or_default();
        let evicted = match value.get("evicted") {
            Some(Value::String(id)) => Some(PersonId::new(id.to_ascii_lowercase())),
            Some(other) => subject(other),
            None => None,
        };
        Some(Self {
            person,
            code,
            ttl: number("subscriptionTtl").map(Duration::from_secs),
            status,
            message: words.chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect(),
            retry: number("retry").map(Duration::from_secs),
            evicted,
        })
    }
}

/// Everybody of a subscription's reply who can be made out.
pub(super) fn items(reply: &Value) -> Vec<Item> {
    list(reply, "responses").filter_map(Item::read).collect()
}

/// Everybody of a reading's reply who can be made out.
pub(super) fn statuses(reply: &Value) -> Vec<Composition> {
    list(reply, "statusList").filter_map(Composition::read).collect()
}

fn list<'a>(reply: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    reply.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_with_a_status_is_read() {
        let item = Item::read(&json!({
            "subject": "P", "responseCode": 200, "subscriptionTtl": 300,
            "status": {"subject": "P", "status": "DND"},
        }))
        .unwrap();
        assert_eq!((item.person.as_str(), item.code), ("p", 200));
        assert_eq!(item.ttl, Some(Duration::from_mins(5)));
        assert_eq!(item.status.unwrap().facts.get("status"), Some("dnd"));
    }

    #[test]
    fn a_status_of_somebody_else_is_none() {
        let item = Item::read(&json!({
            "subject": "P", "responseCode": 200, "status": {"subject": "Q", "status": "dnd"},
        }));
        assert_eq!(item.unwrap().status, None);
    }

    #[test]
    fn a_refusal_keeps_words_and_time() {
        let item = Item::read(&json!({
            "subject": "p", "responseCode": 409, "retry": 30, "message": "no\nmore", "evicted": "Q",
        }))
        .unwrap();
        assert_eq!((item.code, item.message.as_str()), (409, "nomore"));
        assert_eq!(item.retry, Some(Duration::from_secs(30)));
        assert_eq!(item.evicted, Some(PersonId::new("q")));
    }

    #[test]
    fn junk_in_the_list_is_passed_over() {
        let reply = json!({"responses": [null, 1, {"subject": "p"}, {"responseCode": 200}]});
        assert_eq!(items(&reply).len(), 1);
        assert_eq!(items(&json!({"responses": 5})), []);
    }
}
