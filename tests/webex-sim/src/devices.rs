//! Device registrations (wire notes 2).

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::clock;
use crate::tokens::Caller;

/// What the device says of itself and gets back as it was sent.
const ECHOED: [&str; 9] = [
    "deviceType",
    "name",
    "deviceName",
    "model",
    "localizedModel",
    "systemName",
    "systemVersion",
    "deviceIdentifier",
    "isDeviceManaged",
];

/// What a device becomes that is refreshed without its type (wire notes 2.2: an iOS one).
const FALLBACK_TYPE: &str = "IPHONE";

#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) id: Uuid,
    pub(crate) owner: Caller,
    described: Map<String, Value>,
    created: Timestamp,
    modified: Timestamp,
    /// Only a device registered with a `ttl` ends by itself.
    expires: Option<Instant>,
}

#[derive(Debug, Default)]
pub(crate) struct Devices(BTreeMap<Uuid, Device>);

// === impl Device ===

impl Device {
    pub(crate) fn etag(&self) -> String {
        format!("\"{}\"", self.id.simple())
    }

    /// The device as the client sees it (wire notes 2.3). `developer` toggles are left out when
    /// the client already has them, `user` and `entitlement` never.
    pub(crate) fn dto(
        &self,
        base: &str,
        links: &Value,
        who: &Identity,
        with_toggles: bool,
    ) -> Value {
        let id = self.id;
        let mut fields = self.described.clone();
        let mut features = json!({ "entitlement": [], "user": [] });
        if with_toggles {
            features["developer"] = json!([]);
        }
        let rest = json!({
            "url": format!("{base}/wdm/api/v1/devices/{id}"),
            "webSocketUrl": socket_url(base, id),
            "userId": who.user,
            "orgId": who.organisation,
            "capabilities": {
                "groupCallSupported": false, "localNotificationSupported": false,
                "deleteNotificationSupported": false, "sdpSupported": false,
            },
            "features": features,
            "services": services(links),
            "serviceHostMap": { "serviceLinks": links, "hostCatalog": {} },
            "creationTime": clock::iso(self.created),
            "modificationTime": clock::iso(self.modified),
            "deviceSettings": {},
            "deviceSettingsString": "{}",
            "showSupportText": false,
            "deviceStatusUrl": format!("{base}/wdm/api/v1/devices/{id}/status"),
            "clientMessagingGiphy": "ALLOW",
        });
        if let Value::Object(rest) = rest {
            fields.extend(rest);
        }
        Value::Object(fields)
    }

    fn describe(&mut self, body: &Map<String, Value>) {
        for key in ECHOED {
            if let Some(value) = body.get(key) {
                self.described.insert(key.to_owned(), value.clone());
            }
        }
        if !body.contains_key("deviceType") {
            self.described.insert("deviceType".to_owned(), FALLBACK_TYPE.into());
        }
    }
}

/// Whose device it is, in raw ids.
pub(crate) struct Identity {
    pub(crate) user: Uuid,
    pub(crate) organisation: Uuid,
}

// === impl Devices ===

impl Devices {
    pub(crate) fn add(
        &mut self,
        id: Uuid,
        owner: Caller,
        body: &Map<String, Value>,
        now: (Timestamp, Instant),
    ) -> &Device {
        let mut device = Device {
            id,
            owner,
            described: Map::new(),
            created: now.0,
            modified: now.0,
            expires: ttl(body).map(|ttl| now.1 + ttl),
        };
        device.describe(body);
        self.0.entry(id).or_insert(device)
    }

    pub(crate) fn refresh(
        &mut self,
        id: Uuid,
        owner: Caller,
        body: &Map<String, Value>,
        now: (Timestamp, Instant),
    ) -> Option<&Device> {
        let device = self.0.get_mut(&id).filter(|device| device.owner == owner)?;
        device.describe(body);
        device.modified = now.0;
        if let Some(ttl) = ttl(body) {
            device.expires = Some(now.1 + ttl);
        }
        Some(device)
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Device> {
        self.0.get(&id)
    }

    pub(crate) fn of(&self, owner: Caller) -> Vec<&Device> {
        self.0.values().filter(|device| device.owner == owner).collect()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Device> {
        self.0.values()
    }

    pub(crate) fn remove(&mut self, id: Uuid) -> bool {
        self.0.remove(&id).is_some()
    }

    /// Takes out the devices whose time is over.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Uuid> {
        let over = |device: &Device| device.expires.is_some_and(|at| at <= now);
        let gone: Vec<Uuid> = self.0.values().filter(|d| over(d)).map(|d| d.id).collect();
        self.0.retain(|_, device| !over(device));
        gone
    }
}

pub(crate) fn socket_url(base: &str, device: Uuid) -> String {
    let authority = base.trim_start_matches("http://");
    format!("ws://{authority}/v1/apps/wx2/registrations/{device}/messages")
}

fn ttl(body: &Map<String, Value>) -> Option<Duration> {
    body.get("ttl").and_then(Value::as_u64).map(Duration::from_secs)
}

/// The older way to the same addresses: `<name>ServiceUrl`.
fn services(links: &Value) -> Value {
    let names = ["apheleia", "atlas", "conversation", "encryption", "feature", "locus", "metrics"];
    names
        .iter()
        .filter_map(|name| Some((format!("{name}ServiceUrl"), links.get(name)?.clone())))
        .collect::<Map<_, _>>()
        .into()
}
