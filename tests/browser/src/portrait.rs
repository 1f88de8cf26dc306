//! Pictures of the panel alone: light and dark, wide and narrow.

use serde_json::{Value, json};

use crate::browser::pictures;
use crate::desk::Desk;

/// The narrowest column that a desktop gives a gadget, and an ordinary one, in pixels.
const WIDTHS: [(&str, u32); 2] = [("narrow", 280), ("wide", 720)];
/// The height that the panel takes unless it is asked for more, in pixels.
const HEIGHT: u64 = 120;

/// Gives the gadget's frame a width, waits until it is drawn, and tells where it is and how much
/// height what is in it takes.
const PLACE: &str = r#"return (async (given, least) => {
    const frames = [...window.top.document.querySelectorAll("iframe.gadget-frame")];
    const frame = frames.find((frame) => frame.dataset.url.includes("lockstep"));
    frame.style.width = given ? `${given}px` : "";
    const page = frame.contentDocument;
    const panel = page.querySelector(".ls") ?? page.body;
    const drawn = () => new Promise((done) => window.top.requestAnimationFrame(done));
    // The gadget asks for the height that it needs, and the desktop gives it.
    for (let frames = 0; frames < 30 && (frames < 3 || frame.clientHeight !== Math.max(panel.scrollHeight, least)); frames += 1) {
        await drawn();
    }
    const {left, top, width, height} = frame.getBoundingClientRect();
    const cut = [...panel.querySelectorAll("*")].filter((part) => part.checkVisibility()
        && part.getBoundingClientRect().height > 1 && part.getBoundingClientRect().bottom > height + 0.5);
    const wide = page.documentElement.scrollWidth - page.documentElement.clientWidth;
    return {x: left, y: top, width, height, needs: panel.scrollHeight, wide,
            cut: cut.map((part) => part.className || part.tagName).join(" ")};
})(...arguments);"#;

impl Desk {
    /// Takes the four pictures of the present face into `pictures/panel`, and tells what of it is
    /// cut off, too high, or against the rules of accessibility. The look is light again afterwards.
    pub async fn portrait(&self, name: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for scheme in ["light", "dark"] {
            self.prefers(scheme).await;
            let judged = self.judged().await;
            faults.extend(judged.into_iter().map(|found| format!("{name}-{scheme}: {found}")));
            for (width, pixels) in WIDTHS {
                let place = self.place(json!(pixels)).await;
                let look = format!("{name}-{scheme}-{width}");
                let needs = place["needs"].as_u64().unwrap_or_default();
                let cut = place["cut"].as_str().unwrap_or_default();
                let height = place["height"].as_u64().unwrap_or_default();
                let wide = place["wide"].as_i64().unwrap_or_default();
                if needs > height.max(HEIGHT) || wide > 0 || !cut.is_empty() {
                    faults.push(format!(
                        "{look}: needs {needs} px of {height}, {wide} px too wide, cut off: {cut}"
                    ));
                }
                let of = |name: &str| place[name].as_f64().unwrap_or_default();
                let part = [of("x"), of("y"), of("width"), of("height")];
                let png = self.browser.session.picture_of(part).await.expect("a picture");
                let folder = pictures().join("panel");
                std::fs::create_dir_all(&folder).expect("a folder for pictures");
                std::fs::write(folder.join(format!("{look}.png")), png).expect("it can be written");
            }
        }
        self.prefers("light").await;
        self.place(Value::Null).await;
        faults
    }

    async fn place(&self, width: Value) -> Value {
        let told = self.browser.session.run(PLACE, &[width, json!(HEIGHT)]).await;
        told.expect("the gadget's frame is there")
    }

    /// Which colours the person prefers; without movement, so that a picture shows its end.
    async fn prefers(&self, scheme: &str) {
        let media = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")];
        let told = self.browser.session.prefers(&media).await;
        told.expect("chromium can be told which colours a person prefers");
    }
}
