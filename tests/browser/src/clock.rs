//! The gadget's clock, moved forward instead of waited for.

use serde_json::json;

use crate::browser::Browser;

/// What the gadget's module is told when it asks for the time or for a timer; nobody else's clock is
/// touched, so that neither the desktop's nor the connection's patience runs out.
const CLOCK: &str = r#"
if (window !== window.top) (() => {
    const now = Date.now.bind(Date);
    const [set, clear] = [window.setTimeout.bind(window), window.clearTimeout.bind(window)];
    // Who asked: below this line itself, this function, and the one in the place of the browser's.
    const ours = () => (new Error().stack.split("\n")[3] ?? "").includes("/lockstep_gadget");
    const timers = new Map();
    let ahead = 0;
    Date.now = () => now() + (ours() ? ahead : 0);
    window.setTimeout = (call, wait, ...rest) => {
        if (!ours()) return set(call, wait, ...rest);
        const id = set(() => { timers.delete(id); call(); }, wait);
        timers.set(id, { call, at: now() + ahead + wait });
        return id;
    };
    window.clearTimeout = (id) => { timers.delete(id); clear(id); };
    window.forward = (span) => {
        ahead += span;
        for (const [id, { call, at }] of [...timers]) {
            if (at > now() + ahead) continue;
            window.clearTimeout(id);
            call();
        }
    };
})();
"#;

impl Browser {
    /// Lets the clock of gadgets be moved; to be called before the desktop is opened.
    pub(crate) async fn holds_the_clock(&self) {
        self.before_every_page(CLOCK).await;
    }

    /// Moves the gadget's clock forward; what was due by then happens now.
    pub(crate) async fn forward(&self, millis: u32) {
        self.enter_frame(crate::GADGET).await;
        let moved = self.session.run("window.forward(arguments[0]);", &[json!(millis)]).await;
        moved.expect("the clock was held before the page was opened");
        self.leave_frame().await;
    }
}
