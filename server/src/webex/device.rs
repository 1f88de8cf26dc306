use std::cmp::Reverse;

use hyper::Method;
use lockstep_core::Time;
use serde_json::{Value, json};
use url::Url;

use super::composition::{instant, text};
use super::discovery::link;
use super::hosts::Trust;
use super::pauses::Service;
use super::rest::{Rest, RestError, below};
use super::transport::Request;

/// As other bots do; WDM takes a device without a type for a phone (Webex notes 2.2).
const DEVICE_TYPE: &str = "DESKTOP";
/// By which our own devices are known among those of the same bot.
const SYSTEM: &str = "lockstep";
/// Devices of our name beside ours that are removed at a start; there are none but after an answer
/// that was lost.
const DUPLICATES: usize = 3;

/// Where devices are registered, and which of them is ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home<'a> {
    pub(super) wdm: &'a Url,
    pub(super) name: &'a str,
    /// A device that was not refreshed since is nobody's any more.
    pub(super) abandoned_before: Time,
}

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
    pub(super) async fn device(&self, home: &Home<'_>) -> Result<Device, RestError> {
        let mut ours = self.devices(home.wdm).await?;
        ours.retain(|dto| text(dto, "name") == Some(home.name));
        ours.sort_by_key(|dto| Reverse(modified(dto)));
        let mut ours = ours.into_iter();
        let device = match ours.next().map(|dto| self.read_device(dto)) {
            Some(Ok(device)) => self.refresh_or_register(home, &device).await?,
            Some(Err(_)) | None => self.register(home).await?,
        };
        for dto in ours.take(DUPLICATES) {
            self.discard(&dto, &device).await;
        }
        Ok(device)
    }

    /// A second device of our name would count against the limit for ever.
    async fn discard(&self, dto: &Value, ours: &Device) {
        let Some(url) = text(dto, "url").and_then(|url| url.parse::<Url>().ok()) else { return };
        if url == ours.url {
            return;
        }
        match self.unregister(&url).await {
            Ok(()) => tracing::info!("removed a second webex device of our name"),
            Err(error) => {
                tracing::warn!(%error, "failed to remove a second webex device of our name");
            }
        }
    }

    /// `PUT` the device; a device that is gone, or that Webex cannot make sense of any more, is
    /// registered anew.
    pub(super) async fn refresh_or_register(
        &self,
        home: &Home<'_>,
        device: &Device,
    ) -> Result<Device, RestError> {
        match self.refresh(device).await {
            Err(error) if matches!(error.status(), Some(400 | 404 | 405 | 410 | 422)) => {
                self.register(home).await
            }
            result => result,
        }
    }

    /// Gives the device up for a new one.
    pub(super) async fn register_instead(
        &self,
        home: &Home<'_>,
        device: &Device,
    ) -> Result<Device, RestError> {
        if let Err(error) = self.unregister(&device.url).await {
            tracing::warn!(%error, "failed to remove the webex device that is given up");
        }
        self.register(home).await
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

    async fn register(&self, home: &Home<'_>) -> Result<Device, RestError> {
        let post = || {
            let url = with_all(below(home.wdm, &["devices"]));
            Request::new(Service::Devices, Method::POST, url).json(registration(home.name))
        };
        let reply = match self.call(post()).await {
            Err(error) if error.is_excessive() => {
                self.make_room(home).await?;
                self.call(post()).await?
            }
            result => result?,
        };
        tracing::info!(device.name = home.name, "registered a device with webex");
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

    /// Removes devices that other installations of ours left behind (Webex notes 2.4), once.
    async fn make_room(&self, home: &Home<'_>) -> Result<(), RestError> {
        let spare = to_remove(&self.devices(home.wdm).await?, home);
        tracing::warn!(
            devices = spare.len(),
            "webex has too many devices of this bot; removing the oldest that nobody uses"
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
        "model": SYSTEM,
        "localizedModel": SYSTEM,
        "systemName": SYSTEM,
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

/// Addresses of the oldest third, rounded up, of our kind's abandoned devices. Other programs of the
/// same bot, and instances that live, keep theirs.
pub(super) fn to_remove(devices: &[Value], home: &Home<'_>) -> Vec<String> {
    let mut spare: Vec<(Time, String)> = devices
        .iter()
        .filter(|dto| text(dto, "systemName") == Some(SYSTEM))
        .filter(|dto| text(dto, "name") != Some(home.name))
        .filter_map(|dto| Some((modified(dto)?, text(dto, "url")?.to_owned())))
        .filter(|(modified, _)| *modified < home.abandoned_before)
        .collect();
    spare.sort_unstable();
    spare.truncate(spare.len().div_ceil(3));
    spare.into_iter().map(|(_, url)| url).collect()
}

fn modified(dto: &Value) -> Option<Time> {
    text(dto, "modificationTime").and_then(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(number: u32, system: &str) -> Value {
        json!({
            "url": format!("https://w/{number}"), "deviceType": DEVICE_TYPE,
            "systemName": system, "name": format!("n{number}"),
            "modificationTime": format!("2026-11-{number:02}T00:00:00.000Z"),
        })
    }

    fn removed(devices: &[Value], name: &str, before: &str) -> Vec<String> {
        let wdm = Url::parse("https://w").unwrap();
        to_remove(devices, &Home { wdm: &wdm, name, abandoned_before: instant(before).unwrap() })
    }

    #[test]
    fn the_oldest_third_of_our_abandoned_devices_goes() {
        let mut devices: Vec<Value> = (1..=6).rev().map(|n| device(n, SYSTEM)).collect();
        devices.extend((7..=20).map(|n| device(n, "another bot's program")));
        let end = "2026-12-01T00:00:00Z";
        assert_eq!(removed(&devices, "ours", end), ["https://w/1", "https://w/2"]);
        assert_eq!(removed(&devices, "n1", end), ["https://w/2", "https://w/3"], "never ours");
        let live = "2026-11-03T00:00:00Z";
        assert_eq!(removed(&devices, "ours", live), ["https://w/1"], "never one that lives");
        assert!(removed(&devices, "ours", "2026-10-01T00:00:00Z").is_empty());
    }

    #[test]
    fn a_device_of_unknown_age_stays() {
        let mut unknown = device(1, SYSTEM);
        unknown["modificationTime"] = "long ago".into();
        assert!(removed(&[unknown], "ours", "2026-12-01T00:00:00Z").is_empty());
    }

    #[test]
    fn a_refresh_always_says_the_type() {
        let mut dto = json!({"url": "u", "features": {}, "etag": "x", "name": "n"});
        strip(&mut dto);
        assert_eq!(dto, json!({"url": "u", "name": "n", "deviceType": DEVICE_TYPE}));
    }
}
