use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::composition::text;
use super::discovery::link;
use super::hosts::Trust;
use super::pauses::Service;
use super::rest::{Rest, RestError, below};
use super::transport::Request;

/// As other bots do; WDM takes a device without a type for a phone (Webex notes 2.2).
const DEVICE_TYPE: &str = "DESKTOP";
/// Below this number of devices none is deleted to make room.
const KEEP_DEVICES: usize = 2;

/// Our registration: what events are sent to (Webex notes 2.3).
#[derive(Debug, Clone)]
pub(super) struct Device {
    /// Its own address; subscriptions belong to it.
    pub(super) url: Url,
    /// Where to connect; changes with a new registration, and may change with a refresh.
    pub(super) socket: Url,
    /// The presence service, where the registration names it.
    pub(super) presence: Option<Url>,
    /// What is sent back at a refresh.
    pub(super) dto: Value,
}

impl Rest {
    /// Our device by its name: refreshed where it exists, registered where not.
    pub(super) async fn device(&self, wdm: &Url, name: &str) -> Result<Device, RestError> {
        let ours = self.devices(wdm).await?.into_iter().find(|dto| text(dto, "name") == Some(name));
        match ours {
            Some(dto) => match self.read_device(dto) {
                Ok(device) => self.refresh_or_register(wdm, name, &device).await,
                Err(_) => self.register(wdm, name).await,
            },
            None => self.register(wdm, name).await,
        }
    }

    /// `PUT` the device; a device that is gone is registered anew.
    pub(super) async fn refresh_or_register(
        &self,
        wdm: &Url,
        name: &str,
        device: &Device,
    ) -> Result<Device, RestError> {
        match self.refresh(device).await {
            Err(error) if error.status() == Some(404) => self.register(wdm, name).await,
            result => result,
        }
    }

    /// `PUT {device}`.
    pub(super) async fn refresh(&self, device: &Device) -> Result<Device, RestError> {
        let request = Request::new(Service::Devices, Method::PUT, with_all(device.url.clone()))
            .json(device.dto.clone())
            .device(&device.url);
        let reply = self.call(request).await?;
        self.read_device(reply)
    }

    /// `DELETE {device}`; a device that is gone already is fine.
    pub(super) async fn unregister(&self, device: &Url) -> Result<(), RestError> {
        match self.call(Request::new(Service::Devices, Method::DELETE, device.clone())).await {
            Err(error) if error.status() == Some(404) => Ok(()),
            result => result.map(|_| ()),
        }
    }

    async fn register(&self, wdm: &Url, name: &str) -> Result<Device, RestError> {
        let post = || {
            let url = with_all(below(wdm, &["devices"]));
            Request::new(Service::Devices, Method::POST, url).json(registration(name))
        };
        let reply = match self.call(post()).await {
            Err(error) if is_excessive(&error) => {
                self.make_room(wdm).await?;
                self.call(post()).await?
            }
            result => result?,
        };
        tracing::info!(device.name = name, "registered a device with webex");
        self.read_device(reply)
    }

    /// `GET {wdm}/devices`, which answers 404 when there are none.
    async fn devices(&self, wdm: &Url) -> Result<Vec<Value>, RestError> {
        match self.get(Service::Devices, below(wdm, &["devices"])).await {
            Ok(mut reply) => Ok(match reply.get_mut("devices").map(Value::take) {
                Some(Value::Array(devices)) => devices,
                _ => Vec::new(),
            }),
            Err(error) if error.status() == Some(404) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Removes the oldest third of the token owner's devices of our type (Webex notes 2.4).
    async fn make_room(&self, wdm: &Url) -> Result<(), RestError> {
        let spare = to_remove(&self.devices(wdm).await?);
        tracing::warn!(
            devices = spare.len(),
            "webex has too many devices of this bot; removing the oldest"
        );
        for address in spare {
            let Ok(url) = address.parse::<Url>() else { continue };
            self.unregister(&url).await?;
        }
        Ok(())
    }

    fn read_device(&self, dto: Value) -> Result<Device, RestError> {
        Device::read(dto, self.transport.trust())
    }
}

impl Device {
    /// Reads what a registration or a refresh is answered with.
    pub(super) fn read(mut dto: Value, trust: &Trust) -> Result<Self, RestError> {
        let service = Service::Devices.label();
        let needed = |name: &str| {
            link(Some(&dto), name, trust, service)?.ok_or_else(|| RestError::Failed {
                service,
                detail: format!("the device has no {name}"),
            })
        };
        let (url, socket) = (needed("url")?, needed("webSocketUrl")?);
        let presence = link(dto.get("services"), "apheleiaServiceUrl", trust, service)?;
        strip(&mut dto);
        Ok(Self { url, socket, presence, dto })
    }
}

fn with_all(mut url: Url) -> Url {
    url.query_pairs_mut().append_pair("includeUpstreamServices", "all");
    url
}

fn registration(name: &str) -> Value {
    json!({
        "name": name,
        "deviceName": name,
        "deviceType": DEVICE_TYPE,
        "model": "lockstep",
        "localizedModel": "lockstep",
        "systemName": "lockstep",
        "systemVersion": env!("CARGO_PKG_VERSION"),
    })
}

/// A refresh sends the registration back without what the vendor's client leaves out, and without
/// the bulky rest that Webex made itself.
fn strip(dto: &mut Value) {
    let Some(fields) = dto.as_object_mut() else { return };
    for field in ["features", "mediaCluster", "etag", "services", "serviceHostMap"] {
        fields.remove(field);
    }
    fields.entry("deviceType").or_insert_with(|| DEVICE_TYPE.into());
}

/// Webex says it in words; the status alone would be ambiguous (Webex notes 2.4).
fn is_excessive(error: &RestError) -> bool {
    matches!(error, RestError::Status { message, .. }
        if message.to_ascii_lowercase().contains("excessive device registrations"))
}

/// Addresses of the oldest third, rounded up, of the devices of our type.
pub(super) fn to_remove(devices: &[Value]) -> Vec<String> {
    let mut ours: Vec<(String, String)> = devices
        .iter()
        .filter(|dto| text(dto, "deviceType") == Some(DEVICE_TYPE))
        .filter_map(|dto| {
            let age = text(dto, "modificationTime").unwrap_or_default();
            Some((age.to_owned(), text(dto, "url")?.to_owned()))
        })
        .collect();
    if ours.len() <= KEEP_DEVICES {
        return Vec::new();
    }
    ours.sort_unstable();
    ours.truncate(ours.len().div_ceil(3));
    ours.into_iter().map(|(_, url)| url).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(number: u32, kind: &str) -> Value {
        json!({
            "url": format!("https://w/{number}"), "deviceType": kind,
            "modificationTime": format!("2026-11-{number:02}T00:00:00Z"),
        })
    }

    #[test]
    fn the_oldest_third_of_our_type_goes() {
        let mut devices: Vec<Value> = (1..=6).rev().map(|n| device(n, DEVICE_TYPE)).collect();
        devices.extend((1..=9).map(|n| device(n + 10, "WEB")));
        assert_eq!(to_remove(&devices), ["https://w/1", "https://w/2"]);
    }

    #[test]
    fn two_devices_are_never_touched() {
        assert!(to_remove(&[device(1, DEVICE_TYPE), device(2, DEVICE_TYPE)]).is_empty());
    }

    #[test]
    fn a_refresh_always_says_the_type() {
        let mut dto = json!({"url": "u", "features": {}, "etag": "x", "name": "n"});
        strip(&mut dto);
        assert_eq!(dto, json!({"url": "u", "name": "n", "deviceType": DEVICE_TYPE}));
    }
}
