//! What the agent reads on the panel, taken off the page at one stroke.

use lockstep_chromium::Told;
use serde_json::Value;

use crate::desk::Desk;
use crate::wait::until;

/// Reads every part of the first panel of the desktop; works from any frame, and where there is
/// no panel yet. The gadget's frame is of the desktop's own origin.
const READ: &str = r#"
    const read = (page) => {
        const text = (css) => page.querySelector(css)?.textContent.trim() ?? "";
        const shown = (css) => { const part = page.querySelector(css); return part && !part.closest("[hidden]") ? text(css) : ""; };
        const panel = page.querySelector(".ls");
        return {
            face: panel?.dataset.face ?? "", shape: panel?.dataset.shape ?? "",
            state: text(".ls-state"), reason: text(".ls-reason"), since: text(".ls-since"),
            why: text(".ls-why"), detail: text(".ls-detail"), link: text(".ls-link"),
            snooze: shown(".ls-snooze"), heard: text(".ls-hear"),
            rows: [...page.querySelectorAll(".ls-row .ls-what")].map((row) => row.textContent),
            page: panel ? "" : (page.body?.innerText ?? ""),
        };
    };
    const frames = [...window.top.document.querySelectorAll("iframe.gadget-frame")];
    const ours = frames.find((frame) => frame.dataset.url.includes("lockstep"));
    return ours?.contentDocument ? read(ours.contentDocument) : null;
"#;

/// One look at the panel; empty where the page does not show it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Panel {
    /// The word of its face: `held`, `free`, …
    pub face: String,
    /// The word of its shape.
    pub shape: String,
    /// Line 1.
    pub state: String,
    /// Line 1.
    pub reason: String,
    /// Line 1.
    pub since: String,
    /// The sentence.
    pub why: String,
    /// For an administrator, behind *More*.
    pub detail: String,
    /// How the link is.
    pub link: String,
    /// What the snooze button says; empty while it is hidden.
    pub snooze: String,
    /// What is read aloud.
    pub heard: String,
    /// The last decisions, newest first.
    pub rows: Vec<String>,
    /// All that the page says where there is no panel on it.
    pub page: String,
}

impl Panel {
    fn of(read: &Value) -> Self {
        let text = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
        let rows = read["rows"].as_array().cloned().unwrap_or_default();
        Self {
            face: text("face"),
            shape: text("shape"),
            state: text("state"),
            reason: text("reason"),
            since: text("since"),
            why: text("why"),
            detail: text("detail"),
            link: text("link"),
            snooze: text("snooze"),
            heard: text("heard"),
            rows: rows.iter().map(|row| row.as_str().unwrap_or_default().to_owned()).collect(),
            page: text("page"),
        }
    }
}

impl Desk {
    /// The panel as it is now.
    pub async fn panel(&self) -> Told<Panel> {
        self.browser.session.run(READ, &[]).await.map(|read| Panel::of(&read))
    }

    /// Waits until the panel is right.
    pub async fn sees(&self, what: &str, right: impl Fn(&Panel) -> bool) -> Panel {
        until(&format!("the panel shows {what}"), async || {
            let panel = self.panel().await?;
            if right(&panel) { Ok(panel) } else { Err(format!("{panel:#?}")) }
        })
        .await
    }

    /// Waits until the panel has this face.
    pub async fn face(&self, face: &str) -> Panel {
        self.sees(face, |panel| panel.face == face).await
    }

    /// Waits until the panel says that we hold the agent for this reason.
    pub async fn held(&self, reason: &str) -> Panel {
        let what = format!("held, {reason}");
        self.sees(&what, |panel| panel.face == "held" && panel.reason == reason).await
    }

    /// Waits until the link is live and the panel knows the agent.
    pub async fn live(&self) -> Panel {
        self.sees("a live link", |panel| panel.link == "Live" && panel.face != "starting").await
    }

    /// Clicks a part of the panel.
    pub async fn press(&self, css: &str) {
        self.browser.enter_frame(crate::GADGET).await;
        self.browser.click(css).await;
        self.browser.leave_frame().await;
    }
}
