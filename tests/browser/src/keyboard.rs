//! The panel by keyboard, in the gadget's frame.

use crate::desk::Desk;
use crate::wait::until;

/// Keys, as `WebDriver` names them.
pub mod key {
    /// Tab.
    pub const TAB: char = '\u{e004}';
    /// Enter.
    pub const ENTER: char = '\u{e007}';
    /// Escape.
    pub const ESCAPE: char = '\u{e00c}';
}

/// More than there are places for the focus on the desktop.
const MOST_TABS: usize = 40;

impl Desk {
    /// Presses a key where the focus is.
    pub async fn type_key(&self, key: char) {
        self.browser.session.press(key).await.expect("a key can be pressed");
    }

    /// Goes from place to place by Tab until a part of the panel has the focus.
    pub async fn tab_to(&self, class: &str) {
        for _ in 0..MOST_TABS {
            if self.focus().await == class {
                return;
            }
            self.type_key(key::TAB).await;
        }
        panic!("{class} is not reached by Tab");
    }

    /// The parts of the panel that Tab goes to, in its order, from the first to the last.
    pub async fn tab_order(&self) -> Vec<String> {
        // From the top of the gadget's frame, as somebody comes from what stands before it.
        let start = "window.focus(); document.body.tabIndex = -1; document.body.focus(); \
                     document.body.removeAttribute('tabindex');";
        self.browser.run(start).await;
        let mut order = Vec::new();
        for _ in 0..MOST_TABS {
            self.type_key(key::TAB).await;
            let inside = self.browser.run("return document.hasFocus();").await;
            let part = self.focus().await;
            if inside != true || part.is_empty() || order.contains(&part) {
                return order;
            }
            order.push(part);
        }
        panic!("Tab does not come to an end: {order:?}");
    }

    /// Waits until a part of the panel has the focus.
    pub async fn has_focus(&self, class: &str) {
        until(&format!("{class} has the focus"), async || {
            let focus = self.focus().await;
            if focus == class { Ok(()) } else { Err(focus) }
        })
        .await;
    }

    async fn focus(&self) -> String {
        let class = self.browser.run("return document.activeElement?.className ?? '';").await;
        class.as_str().unwrap_or_default().to_owned()
    }
}
