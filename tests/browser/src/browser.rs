//! One headless Chromium with a fresh profile.

use std::path::{Path, PathBuf};
use std::process::Command;

use lockstep_chromium::{Chromium, Session, Window};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::wait::until;

/// Chromiums at a time: each takes some 300 MB and half a core.
const AT_A_TIME: usize = 3;
static SEATS: Semaphore = Semaphore::const_new(AT_A_TIME);

/// How the window looks.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    /// Width and height of the window.
    pub size: (u32, u32),
    /// Whether the person prefers dark colours.
    pub dark: bool,
    /// 1 for 100 %.
    pub scale: f32,
}

impl Default for Face {
    fn default() -> Self {
        Self { size: (1280, 800), dark: false, scale: 1.0 }
    }
}

/// A running browser. Dropped, it is closed.
#[derive(Debug)]
pub struct Browser {
    /// Its `WebDriver` session.
    pub session: Session,
    // Fields are dropped in this order: first the browser, then the seat.
    _chromium: Chromium,
    _seat: SemaphorePermit<'static>,
}

impl Browser {
    /// A browser with an empty window.
    pub async fn start() -> Self {
        Self::with(Face::default()).await
    }

    /// The same with another look.
    pub async fn with(face: Face) -> Self {
        let seat = SEATS.acquire().await.expect("never closed");
        // What is not in front sleeps, as with a person.
        let window = Window { size: face.size, scale: face.scale, awake: false };
        let chromium =
            Chromium::start(window, &std::env::temp_dir(), |program| Command::new(program)).await;
        let chromium = chromium.unwrap_or_else(|error| panic!("chromium does not start: {error}"));
        let session = chromium.session.clone();
        let scheme = if face.dark { "dark" } else { "light" };
        let told = session.prefers(&[("prefers-color-scheme", scheme)]).await;
        told.expect("chromium can be told which colours a person prefers");
        Self { session, _chromium: chromium, _seat: seat }
    }

    /// Opens an address.
    pub async fn open(&self, url: &str) {
        self.session.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Runs a script in every page and frame that is opened from now on, before its own.
    pub async fn before_every_page(&self, script: &str) {
        let told = self.session.before_every_page(script).await;
        told.expect("chromium takes a script for every page");
    }

    /// Runs a script in the present frame.
    pub async fn run(&self, script: &str) -> Value {
        let ran = self.session.run(script, &[]).await;
        ran.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text of the first element, with space at its ends taken away; empty where there is none.
    pub async fn text(&self, css: &str) -> String {
        let script = "var e=document.querySelector(arguments[0]); return e ? e.textContent : '';";
        // Between two documents there is nothing to read.
        let read = self.session.run(script, &[json!(css)]).await.unwrap_or_default();
        read.as_str().unwrap_or_default().trim().to_owned()
    }

    /// Waits until an element's text is right.
    pub async fn shows(&self, css: &str, what: &str, right: impl Fn(&str) -> bool) -> String {
        until(&format!("{css} shows {what}"), async || {
            let text = self.text(css).await;
            if right(&text) { Ok(text) } else { Err(format!("{text:?}")) }
        })
        .await
    }

    /// Waits for an element and clicks it.
    pub async fn click(&self, css: &str) {
        until(&format!("{css} can be clicked"), async || {
            self.session.find(css).await?.click().await
        })
        .await;
    }

    /// Waits for an element and types into it.
    pub async fn types(&self, css: &str, text: &str) {
        until(&format!("{css} can be typed into"), async || {
            let element = self.session.find(css).await?;
            element.clear().await?;
            element.type_in(text).await
        })
        .await;
    }

    /// Goes into the frame whose address contains this part.
    pub async fn enter_frame(&self, part: &str) {
        let css = format!("iframe[data-url*={}]", json!(part));
        until(&format!("there is a frame of {part}"), async || {
            self.session.leave().await?;
            let frame = self.session.find(&css).await?;
            self.session.enter(&frame).await
        })
        .await;
    }

    /// Goes back to the desktop itself.
    pub async fn leave_frame(&self) {
        self.session.leave().await.expect("the page is there");
    }

    /// Writes a picture of the window.
    pub async fn picture(&self, file: &Path) {
        let png = self.session.picture().await.expect("a picture");
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).expect("a folder for pictures");
        }
        std::fs::write(file, png).expect("the picture can be written");
    }
}

/// Where pictures go: beside everything else that was built.
pub fn pictures() -> PathBuf {
    let own = std::env::current_exe().expect("a test has an executable");
    // target/debug/deps/stories-0123456789abcdef
    own.ancestors().nth(3).expect("the executable lies in target/<profile>/deps").join("pictures")
}
