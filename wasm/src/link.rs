//! The link: the official Socket.IO client, one namespace, one event either way.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, JSON};
use lockstep_core::desk::Trouble;
use lockstep_core::protocol::{EVENT, NAMESPACE, SocketAuth, ToServer};
use wasm_bindgen::prelude::*;

use crate::js;
use crate::wire::{self, Value};

/// What the link tells.
pub(crate) enum Heard {
    Up,
    /// It is gone; `for_good` says that the client does not try again by itself.
    Down {
        for_good: bool,
    },
    /// It did not open; `for_good` as above.
    Failed {
        trouble: Trouble,
        for_good: bool,
    },
    Message(Value),
}

/// An open link, or one that is being opened.
pub(crate) struct Link {
    socket: JsValue,
    /// What opens it the next time too.
    token: Rc<RefCell<String>>,
}

impl Link {
    /// Opens it. The token goes in the first packet, never in an address.
    pub(crate) fn open(
        io: &Function,
        server: &str,
        token: String,
        heard: impl Fn(Heard) + Clone + 'static,
    ) -> Option<Self> {
        let token = Rc::new(RefCell::new(token));
        let auth = {
            let token = token.clone();
            js::function(move |give| {
                let auth = wire::socket_auth(&SocketAuth { token: token.borrow().clone() });
                let auth = JSON::parse(&auth.print()).unwrap_or(JsValue::NULL);
                let _ = Function::from(give).call1(&JsValue::NULL, &auth);
            })
        };
        let (origin, path) = split(server);
        let socket = io
            .call2(&JsValue::NULL, &[origin, NAMESPACE].concat().into(), &options(&path, auth))
            .ok()?;
        listen(&socket, &heard);
        Some(Self { socket, token })
    }

    /// Sends one message.
    pub(crate) fn tell(&self, message: &ToServer) {
        let Ok(message) = JSON::parse(&wire::to_server(message).print()) else { return };
        js::call(&self.socket, "emit", &[JsValue::from_str(EVENT), message]);
    }

    /// What opens it from now on.
    pub(crate) fn renew(&self, token: String) {
        *self.token.borrow_mut() = token;
    }

    /// Opens it again where the client does not by itself.
    pub(crate) fn reopen(&self) {
        js::call(&self.socket, "connect", &[]);
    }

    pub(crate) fn close(&self) {
        js::call(&self.socket, "disconnect", &[]);
    }
}

/// `WebSocket` first, polling where that is closed; pauses double from 1 s to 30 s and are spread.
fn options(path: &str, auth: JsValue) -> JsValue {
    let transports = ["websocket", "polling"].map(JsValue::from_str);
    js::object(&[
        ("path", JsValue::from_str(path)),
        ("transports", transports.into_iter().collect::<js_sys::Array>().into()),
        ("tryAllTransports", JsValue::TRUE),
        ("forceNew", JsValue::TRUE),
        ("reconnectionDelay", JsValue::from(1_000)),
        ("reconnectionDelayMax", JsValue::from(30_000)),
        ("randomizationFactor", JsValue::from(0.5)),
        ("timeout", JsValue::from(10_000)),
        ("auth", auth),
    ])
}

fn listen(socket: &JsValue, heard: &(impl Fn(Heard) + Clone + 'static)) {
    let on = |name: &str, call: JsValue| js::call(socket, "on", &[JsValue::from_str(name), call]);
    let tell = heard.clone();
    on("connect", js::function(move |_| tell(Heard::Up)));
    let tell = heard.clone();
    on(
        "disconnect",
        js::function(move |why| {
            let why = why.as_string().unwrap_or_default();
            tell(Heard::Down { for_good: why.starts_with("io ") });
        }),
    );
    let (tell, of) = (heard.clone(), socket.clone());
    on(
        "connect_error",
        js::function(move |error| {
            let active = js::get(&of, "active").is_some_and(|active| active.is_truthy());
            tell(Heard::Failed { trouble: trouble(&error), for_good: !active });
        }),
    );
    let tell = heard.clone();
    on(
        EVENT,
        js::function(move |message| {
            if let Some(message) = Value::of(&message) {
                tell(Heard::Message(message));
            }
        }),
    );
}

/// A refusal of the server's, in the error's data or message; otherwise nothing answered.
fn trouble(error: &JsValue) -> Trouble {
    let told = |name| {
        let said = js::get(error, name)?;
        said.as_string()
            .map_or_else(|| wire::refusal_of(&Value::of(&said)?), |text| wire::refusal(&text))
    };
    let refusal = told("data").or_else(|| told("message"));
    refusal.map_or(Trouble::NoSocket, Trouble::Refused)
}

/// The origin of the server's address, and where Socket.IO is on it.
fn split(server: &str) -> (&str, String) {
    // After the two of `https://` the third slash begins the path.
    let slashes = server.bytes().enumerate().filter(|(_, byte)| *byte == b'/');
    let end = slashes.map(|(at, _)| at).nth(2).unwrap_or(server.len());
    let (origin, path) = server.split_at(end);
    (origin, [path.trim_end_matches('/'), "/socket.io/"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_may_have_a_path() {
        assert_eq!(split("https://a.example"), ("https://a.example", "/socket.io/".to_owned()));
        let below = ("https://a.example:8480", "/sync/socket.io/".to_owned());
        assert_eq!(split("https://a.example:8480/sync/"), below);
    }
}
