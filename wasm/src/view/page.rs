//! The panel's elements, found once.

use lockstep_core::panel::labels;
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement};

use crate::js;

macro_rules! page {
    ($($name:ident: $class:literal),* $(,)?) => {
        /// Each element that changes.
        pub(super) struct Page {
            $(pub(super) $name: Element,)*
        }

        impl Page {
            /// Finds them in the template.
            pub(super) fn find(root: &HtmlElement) -> Option<Self> {
                let one = |class: &str| root.query_selector(class).ok().flatten();
                Some(Self { $($name: one($class)?,)* })
            }
        }
    };
}

page! {
    section: ".ls",
    shape: ".ls-shape",
    state: ".ls-state",
    reason: ".ls-reason",
    since: ".ls-since",
    why: ".ls-why",
    foot: ".ls-foot",
    link: ".ls-link",
    snooze: ".ls-snooze",
    more: ".ls-more",
    menu: ".ls-menu",
    half: ".ls-half",
    change: ".ls-change",
    sign_in: ".ls-signin",
    cancel: ".ls-cancel",
    list: ".ls-list",
    detail: ".ls-detail",
    rows: ".ls-rows",
    hear: ".ls-hear",
}

impl Page {
    /// The words that never change.
    pub(super) fn name(&self) {
        mark(&self.section, "aria-label", labels::PANEL);
        mark(&self.menu, "aria-label", labels::SNOOZE_FOR);
        mark(&self.list, "aria-label", labels::LAST);
        for (element, text) in [
            (&self.half, labels::HALF_HOUR),
            (&self.change, labels::UNTIL_PRESENCE_CHANGES),
            (&self.sign_in, labels::UNTIL_SIGN_IN),
            (&self.cancel, labels::CANCEL),
            (&self.more, labels::MORE),
        ] {
            say(element, text);
        }
    }
}

pub(super) fn say(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

pub(super) fn mark(element: &Element, name: &str, value: &str) {
    // It fails for names that no element may have.
    let _ = element.set_attribute(name, value);
}

/// Turns an attribute without a value on or off.
pub(super) fn turn(element: &Element, name: &str, on: bool) {
    let _ = element.toggle_attribute_with_force(name, on);
}

pub(super) fn listen(element: &JsValue, event: &str, call: JsValue) {
    js::call(element, "addEventListener", &[JsValue::from_str(event), call]);
}
