//! The supervisor's page in a browser.

use std::path::Path;

use serde_json::Value;

use crate::browser::{Browser, Face, pictures};
use crate::wait::until;

/// The widths and heights in which every face is photographed.
const SIZES: [(&str, u32, u32); 3] =
    [("desk", 1280, 800), ("wall", 1920, 1080), ("narrow", 420, 800)];

/// Every row that is in the page, in order, as texts by column.
const ROWS: &str = r#"
    const text = (row, column) => row.querySelector(`.c-${column}`).textContent.trim();
    return [...document.querySelectorAll(".rows .row")].map((row) => ({
        agent: row.dataset.agent, known: row.dataset.known === "yes", at: Number(row.getAttribute("aria-rowindex")),
        name: text(row, "name"), state: row.querySelector(".word").textContent, reason: row.querySelector(".reason").textContent,
        shape: row.querySelector(".shape").dataset.shape, presence: text(row, "presence"), wanted: text(row, "wanted"),
        sentence: row.querySelector(".sentence").textContent, marks: row.querySelector(".marks").textContent.trim(),
    }));"#;

/// What axe finds against WCAG A and AA in the page, one line each.
const JUDGE: &str = r#"return (async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const {violations, passes} = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
    if (!passes.some(({id}) => id === "color-contrast")) return ["axe has looked at nothing"];
    return violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.target).join(" ")}`);
})();"#;

/// A row as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The number of the agent.
    pub agent: String,
    /// Whether it is shown as known.
    pub known: bool,
    /// The number of the row for a screen reader; the head is 1.
    pub at: u64,
    /// The name, the state and its reason, the shape's word.
    pub name: String,
    /// The state in Finesse.
    pub state: String,
    /// The reason beside it.
    pub reason: String,
    /// The shape's word.
    pub shape: String,
    /// Presence in Webex.
    pub presence: String,
    /// What is wanted.
    pub wanted: String,
    /// Why.
    pub sentence: String,
    /// The marks, one after the other.
    pub marks: String,
}

/// The page, open.
#[derive(Debug)]
pub struct Wall {
    /// The browser that shows it.
    pub browser: Browser,
}

impl Wall {
    /// Opens the page of a server.
    pub async fn open(url: &str) -> Self {
        Self::open_with(url, Face::default()).await
    }

    /// The same in a window that looks otherwise.
    pub async fn open_with(url: &str, face: Face) -> Self {
        let browser = Browser::with(face).await;
        browser.open(url).await;
        Self { browser }
    }

    /// Signs in by the form.
    pub async fn sign_in(&self, user: &str, password: &str) {
        self.browser.types("#sign-in-user", user).await;
        self.browser.types("#sign-in-password", password).await;
        self.browser.click(".sign-in .main").await;
    }

    /// The rows that are in the page.
    pub async fn rows(&self) -> Vec<Seen> {
        let rows = self.browser.session.run(ROWS, &[]).await.unwrap_or_default();
        rows.as_array().into_iter().flatten().map(seen).collect()
    }

    /// Waits until the rows in the page are right.
    pub async fn shows(&self, what: &str, right: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        until(&format!("the table shows {what}"), async || {
            let rows = self.rows().await;
            if right(&rows) { Ok(rows) } else { Err(format!("{rows:#?}")) }
        })
        .await
    }

    /// Waits until an agent's row is right.
    pub async fn row(&self, agent: &str, what: &str, right: impl Fn(&Seen) -> bool) -> Seen {
        let rows =
            self.shows(what, |rows| rows.iter().any(|row| row.agent == agent && right(row))).await;
        rows.into_iter().find(|row| row.agent == agent).expect("it was there")
    }

    /// Waits until the page hears the server in this way: `live`, `stale`, `reconnecting`.
    pub async fn link(&self, link: &str) {
        self.is("return document.querySelector('.board')?.dataset.link ?? '';", link).await;
    }

    /// Waits until a script gives this text.
    pub async fn is(&self, script: &str, right: &str) {
        until(&format!("{script} is {right:?}"), async || {
            let told = self.browser.session.run(script, &[]).await?;
            let told = told.as_str().unwrap_or_default();
            if told == right { Ok(()) } else { Err(format!("{told:?}")) }
        })
        .await;
    }

    /// Presses a key where the focus is.
    pub async fn key(&self, key: char) {
        self.browser.session.press(key).await.expect("a key can be pressed");
    }

    /// Photographs the present face in each size, light and dark, and tells what an accessibility
    /// checker has against it, and what is wider than the window.
    pub async fn portrait(&self, name: &str) -> Vec<String> {
        let axe = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../target/npm/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(axe).expect("`cargo xtask gadget` fetches axe-core");
        let session = &self.browser.session;
        session.run(&format!("if (!window.axe) {{ {axe} }}"), &[]).await.expect("axe is taken");
        let mut faults = Vec::new();
        for scheme in ["light", "dark"] {
            let media = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")];
            session.prefers(&media).await.expect("chromium can be told");
            for (size, width, height) in SIZES {
                self.sized(width, height).await;
                let look = format!("{name}-{scheme}-{size}");
                faults.extend(
                    self.judged().await.into_iter().map(|found| format!("{look}: {found}")),
                );
                let wide = self
                    .browser
                    .run("return document.documentElement.scrollWidth - innerWidth;")
                    .await;
                if wide.as_i64() > Some(0) {
                    faults.push(format!("{look}: {wide} px too wide"));
                }
                self.browser.picture(&pictures().join("page").join(format!("{look}.png"))).await;
            }
        }
        session.prefers(&[("prefers-color-scheme", "light")]).await.expect("chromium can be told");
        self.sized(1280, 800).await;
        faults
    }

    async fn sized(&self, width: u32, height: u32) {
        let metrics = serde_json::json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let set = self.browser.session.command("Emulation.setDeviceMetricsOverride", metrics).await;
        set.expect("chromium can be told");
        // Two frames: one in which the page hears of it, one in which it is drawn.
        let drawn = "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));";
        self.browser.run(drawn).await;
    }

    async fn judged(&self) -> Vec<String> {
        let found = self.browser.session.run(JUDGE, &[]).await.expect("axe judges");
        let found = found.as_array().cloned().unwrap_or_default();
        found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    }
}

fn seen(row: &Value) -> Seen {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    Seen {
        agent: text("agent"),
        known: row["known"] == true,
        at: row["at"].as_u64().unwrap_or_default(),
        name: text("name"),
        state: text("state"),
        reason: text("reason"),
        shape: text("shape"),
        presence: text("presence"),
        wanted: text("wanted"),
        sentence: text("sentence"),
        marks: text("marks"),
    }
}
