//! The container around the gadget: its settings, its hub, its connection, its log.

use wasm_bindgen::JsValue;

use crate::js;

/// The objects that the page of the gadget has from the desktop.
pub(crate) struct Desktop {
    pub(crate) finesse: JsValue,
    pub(crate) gadgets: JsValue,
}

/// What the desktop tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The hub is connected: now its objects can be made.
    Ready,
    /// Finesse is gone; no events come until it is back.
    Gone,
    /// Finesse is back, and all objects are read again.
    Back,
}

// === impl Desktop ===

impl Desktop {
    /// `finesse.gadget.Config`, read anew each time: a token in it is renewed by the desktop.
    fn config(&self, name: &str) -> Option<String> {
        js::text_of(&js::path(&self.finesse, "gadget.Config")?, name)
    }

    /// Whose desktop it is.
    pub(crate) fn agent(&self) -> Option<String> {
        self.config("id")
    }

    /// The desktop's own authorization: a token where single sign-on is used, otherwise what the
    /// agent typed (Finesse notes 3.1). For the session's request and the container's proxy only.
    pub(crate) fn authorization(&self) -> Option<String> {
        let token = self.config("authToken").map(|token| ["Bearer ", &token].concat());
        token.or_else(|| self.config("authorization").map(|basic| ["Basic ", &basic].concat()))
    }

    /// The address of this node, as the container's proxy has to be told it.
    pub(crate) fn node(&self) -> String {
        let of = |names: [&str; 2]| names.into_iter().find_map(|name| self.config(name));
        let scheme = self.config("scheme").unwrap_or_else(|| "https".to_owned());
        let host = of(["restHost", "host"]).unwrap_or_else(|| "localhost".to_owned());
        let port = of(["localhostPort", "hostPort"])
            .map_or_else(String::new, |port| [":", &port].concat());
        [&scheme, "://", &host, &port].concat()
    }

    /// Waits for the hub: it may be connected already, and then says nothing any more (Finesse
    /// notes 3.2 and 6, 36). `notice` may hear [`Notice::Ready`] twice.
    pub(crate) fn when_ready(&self, notice: impl Fn(Notice) + Clone + 'static) {
        let is_connected = js::get(&self.gadgets, "Hub")
            .and_then(|hub| js::call(&hub, "isConnected", &[]))
            .is_some_and(|connected| connected.is_truthy());
        if is_connected {
            return notice(Notice::Ready);
        }
        let Some(settings) = js::get(&self.gadgets, "HubSettings") else {
            return notice(Notice::Ready);
        };
        let before = js::get(&settings, "onConnect");
        let on_connect = js::function(move |_| {
            if let Some(before) = &before {
                let _ = js_sys::Function::from(before.clone()).call0(&JsValue::NULL);
            }
            notice(Notice::Ready);
        });
        js::set(&settings, "onConnect", &on_connect);
    }

    /// Starts finesse.js and asks to be told when Finesse goes and comes back.
    pub(crate) fn init(&self, notice: impl Fn(Notice) + Clone + 'static) {
        let Some(services) = js::path(&self.finesse, "clientservices.ClientServices") else {
            return;
        };
        let config = js::path(&self.finesse, "gadget.Config").unwrap_or(JsValue::UNDEFINED);
        js::call(&services, "init", &[config, JsValue::FALSE]);
        for (name, what) in [
            ("registerOnDisconnectHandler", Notice::Gone),
            ("registerOnConnectHandler", Notice::Back),
        ] {
            let notice = notice.clone();
            js::call(&services, name, &[js::function(move |_| notice(what))]);
        }
        if let Some(logger) = js::path(&self.finesse, "cslogger.ClientLogger")
            && let Some(hub) = js::get(&self.gadgets, "Hub")
        {
            js::call(&logger, "init", &[hub, JsValue::from_str("lockstep")]);
        }
    }

    /// A line in the desktop's own log, which an administrator collects. Never with a secret.
    pub(crate) fn log(&self, line: &str) {
        if let Some(logger) = js::path(&self.finesse, "cslogger.ClientLogger") {
            js::call(&logger, "log", &[JsValue::from_str(&["Lockstep: ", line].concat())]);
        }
    }

    /// The gadget takes this much height; works while its tab is visible.
    pub(crate) fn adjust_height(&self, pixels: i32) {
        if let Some(window) = js::get(&self.gadgets, "window") {
            js::call(&window, "adjustHeight", &[JsValue::from(pixels)]);
        }
    }
}
