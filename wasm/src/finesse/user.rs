//! The one live User of this gadget: a second one of the same id only gets an error (Finesse notes
//! 3.2).

use js_sys::{Array, Function, Reflect};
use lockstep_core::desk::{Listed, Reply};
use lockstep_core::finesse::Target;
use wasm_bindgen::prelude::*;

use super::reading::last_segment;
use super::{Desktop, SeenReason, SeenUser};
use crate::js;

/// `finesse.restservices.User`.
pub(crate) struct User(JsValue);

impl User {
    /// Makes it; `changed` hears of its first load and of every change.
    pub(crate) fn open(
        desktop: &Desktop,
        id: &str,
        changed: impl Fn() + Clone + 'static,
        failed: impl Fn() + 'static,
    ) -> Option<Self> {
        let class: Function = js::path(&desktop.finesse, "restservices.User")?.dyn_into().ok()?;
        let hears = || {
            let changed = changed.clone();
            js::function(move |_| changed())
        };
        let options = js::object(&[
            ("id", JsValue::from_str(id)),
            ("onLoad", hears()),
            ("onChange", hears()),
            ("onAdd", hears()),
            ("onError", js::function(move |_| failed())),
        ]);
        Reflect::construct(&class, &Array::of1(&options)).ok().map(Self)
    }

    /// What it shows now.
    pub(crate) fn seen(&self) -> SeenUser {
        let text = |name| {
            let told = js::call(&self.0, name, &[])?;
            js::text(&told).filter(|text| !text.trim_ascii().is_empty())
        };
        let reason = js::call(&self.0, "getReasonCode", &[]);
        let of_reason = |name| js::text_of(reason.as_ref()?, name);
        SeenUser {
            state: text("getState"),
            pending: text("getPendingState"),
            changed_at: text("getStateChangeTime"),
            reason: SeenReason {
                id: of_reason("id").or_else(|| text("getNotReadyReasonCodeId")),
                uri: of_reason("uri"),
                code: of_reason("code"),
                label: of_reason("label").or_else(|| text("getReasonCodeLabel")),
            },
        }
    }

    /// Asks for a change. `replied` may hear of success and then of an error: CTI tells later
    /// (Finesse notes 6, 17).
    pub(crate) fn set_state(
        &self,
        target: Target,
        reason: Option<&str>,
        replied: impl Fn(Reply) + Clone + 'static,
    ) -> bool {
        let reason =
            reason.map_or(JsValue::NULL, |id| js::object(&[("id", JsValue::from_str(id))]));
        let done = {
            let replied = replied.clone();
            js::function(move |_| replied(Reply { status: 202, ..Reply::default() }))
        };
        let failed = js::function(move |response| replied(refusal(&response)));
        let handlers = js::object(&[("success", done), ("error", failed)]);
        let state = JsValue::from_str(target.as_str());
        let is_there = js::get(&self.0, "setState").is_some();
        js::call(&self.0, "setState", &[state, reason, handlers]);
        is_there
    }

    /// Reads the agent's own reasons; `None` says that they could not be read.
    pub(crate) fn read_reasons(&self, read: impl Fn(Option<Vec<Listed>>) + Clone + 'static) {
        let done = {
            let read = read.clone();
            js::function(move |list| read(Some(listed(&list))))
        };
        let failed = {
            let read = read.clone();
            js::function(move |_| read(None))
        };
        let handlers = js::object(&[("success", done), ("error", failed)]);
        if js::get(&self.0, "getNotReadyReasonCodes").is_none() {
            return read(None);
        }
        js::call(&self.0, "getNotReadyReasonCodes", &[handlers]);
    }
}

/// An error of finesse.js: `{status, content, object, error: {errorType, errorMessage}}`. What CTI
/// tells later is an error of status 400.
fn refusal(response: &JsValue) -> Reply {
    let status = js::get(response, "status").and_then(|status| js::text(&status));
    let api = js::path(response, "object.ApiErrors.ApiError");
    // Several errors come as a list; the first tells enough.
    let first = api.clone().and_then(|api| js::get(&api, "0")).or(api);
    let of = |name| first.as_ref().and_then(|error| js::text_of(error, name));
    let kind = of("ErrorType")
        .or_else(|| js::text_of(&js::get(response, "error")?, "errorType"))
        .unwrap_or_default();
    Reply {
        status: status.and_then(|status| status.parse().ok()).unwrap_or(0),
        kind,
        data: of("ErrorData").unwrap_or_default(),
    }
}

/// The list, a single object, or nothing at all where none are configured.
fn listed(list: &JsValue) -> Vec<Listed> {
    let inner = js::get(list, "ReasonCode").unwrap_or_else(|| list.clone());
    let items: Vec<JsValue> = match inner.dyn_ref::<Array>() {
        Some(items) => items.iter().collect(),
        None => vec![inner],
    };
    items.iter().filter_map(one_listed).collect()
}

fn one_listed(item: &JsValue) -> Option<Listed> {
    let uri = || js::text_of(item, "uri").as_deref().map(last_segment);
    let system = js::text_of(item, "systemCode").or_else(|| {
        js::get(item, "systemCode").filter(JsValue::is_truthy).map(|_| "true".to_owned())
    });
    Some(Listed {
        id: js::text_of(item, "id").or_else(uri)?,
        label: js::text_of(item, "label")?,
        system: system.is_some_and(|word| word.eq_ignore_ascii_case("true")),
    })
}
