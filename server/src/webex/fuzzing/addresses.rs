use lockstep_core::Time;
use serde_json::Value;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use url::Url;

use super::assert_tellable;
use crate::webex::device::{Device, Home, to_remove};
use crate::webex::discovery::Catalog;
use crate::webex::hosts::Trust;
use crate::webex::mercury::address;
use crate::webex::rest::RestError;

const TRUSTED: [&str; 3] = ["wbx2.com", "ciscospark.com", "127.0.0.1"];

/// The catalog, the registration of a device, or the list of devices: whatever is in it, no
/// address leads away from the trusted hosts, where the token would go.
pub fn addresses(bytes: &[u8]) {
    let Ok(reply) = serde_json::from_slice::<Value>(bytes) else { return };
    let trust = Trust::new(&TRUSTED.map(str::to_owned));
    match Catalog::read(&reply, &trust) {
        Ok(catalog) => [Some(catalog.wdm), catalog.presence].iter().flatten().for_each(trusted),
        Err(error) => assert_tellable(&error.to_string(), "\0"),
    }
    if let Some(devices) = reply.get("devices").and_then(Value::as_array) {
        let wdm = Url::parse("https://wdm.wbx2.com").expect("an address");
        let home = Home { wdm: &wdm, name: "ours", abandoned_before: Time::from_millis(u64::MAX) };
        assert!(to_remove(devices, &home).len() <= devices.len().div_ceil(3));
    }
    match Device::read(reply, &trust) {
        Ok(device) => registered(device, &trust),
        Err(error) => assert_tellable(&error.to_string(), "\0"),
    }
}

fn registered(device: Device, trust: &Trust) {
    [Some(&device.url), Some(&device.socket), device.presence.as_ref()]
        .into_iter()
        .flatten()
        .for_each(trusted);
    let upgrade = address(&device.socket, 1_795_255_200_250);
    trusted(&upgrade);
    assert_eq!(upgrade.path(), device.socket.path());
    if let Ok(request) = upgrade.as_str().into_client_request() {
        let host = request.uri().host().expect("an upgrade has a host");
        assert_eq!(Some(host), upgrade.host_str(), "the library reads the same host");
    }
    // What a refresh sends back is the same device.
    let again: Result<Device, RestError> = Device::read(device.dto.clone(), trust);
    let again = again.expect("it was read before");
    assert_eq!((again.url, again.socket), (device.url, device.socket));
    assert_eq!(again.dto, device.dto);
}

/// Trusted, by a second reading of the rule.
fn trusted(url: &Url) {
    let host = url.host_str().expect("an address has a host").trim_end_matches('.');
    let listed = TRUSTED.iter().any(|name| {
        host == *name
            || (name.ends_with("com") && host.len() > name.len() && host.ends_with(name) && {
                host.as_bytes()[host.len() - name.len() - 1] == b'.'
            })
    });
    assert!(listed, "{url} is not trusted");
    let loopback = host == "127.0.0.1";
    assert!(matches!(url.scheme(), "https" | "wss") || loopback, "{url} goes in the clear");
}
