//! A headless Chromium with a fresh profile, driven by `chromedriver` (the `WebDriver` protocol).

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::peer::Peer;
use crate::child::Child;
use crate::tools;

/// How long the driver may take until it says where it listens.
const START: Duration = Duration::from_secs(20);
/// How long it may take to close the browser.
const CLOSE: Duration = Duration::from_secs(10);

/// Flags that work without a display and as root, keep Chromium from talking to anybody, end it with
/// its driver (by the pipe between them), and keep
/// the clocks of windows running that are not in front.
const FLAGS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--remote-debugging-pipe",
];

/// A running browser. Dropped, it is closed.
#[derive(Debug)]
pub(super) struct Chromium {
    driver: Peer,
    /// The session's path.
    session: String,
    process: Child,
}

/// One window of it, by the driver's name.
#[derive(Debug, Clone)]
pub(super) struct Window(Value);

impl Chromium {
    /// Starts one with a window of this size, which keeps its files in `folder`.
    pub(super) async fn start(folder: &Path, size: (u32, u32)) -> anyhow::Result<Self> {
        let output = folder.join("chromedriver.out");
        let driver = tools::program(tools::CHROMEDRIVER);
        // Whatever it leaves behind goes with the folder.
        let own = folder.join("chromium");
        fs::create_dir(&own).context("failed to make a folder for the browser")?;
        let mut process = Child::start_with(
            "chromedriver",
            Path::new(&driver),
            &[OsStr::new("--port=0")],
            &[("TMPDIR", &own)],
            File::create(&output).context("failed to make a file for the driver's words")?,
            File::create(folder.join("chromedriver.log"))?,
        )?;
        let driver = Peer::at(&format!("http://127.0.0.1:{}", port(&output, &mut process).await?))?;
        let wanted =
            json!({ "capabilities": { "alwaysMatch": options(&own.join("profile"), size) } });
        let opened = ask(&driver, Method::POST, "/session", Some(&wanted)).await;
        let opened = opened.context("Chromium does not start")?;
        let number = opened["sessionId"].as_str().context("a session without a number")?;
        let session = format!("/session/{number}");
        Ok(Self { driver, session, process })
    }

    /// The window that is in front.
    pub(super) async fn window(&self) -> anyhow::Result<Window> {
        Ok(Window(self.get("/window").await?))
    }

    /// Another window, which is in front from now on.
    pub(super) async fn new_window(&self) -> anyhow::Result<Window> {
        let opened = self.post("/window/new", &json!({ "type": "tab" })).await?;
        let window = Window(opened["handle"].clone());
        self.front(&window).await?;
        Ok(window)
    }

    /// Puts a window in front; what follows is about it.
    pub(super) async fn front(&self, window: &Window) -> anyhow::Result<()> {
        self.post("/window", &json!({ "handle": window.0 })).await.map(drop)
    }

    /// Opens an address and waits until it is loaded.
    pub(super) async fn open(&self, url: &str) -> anyhow::Result<()> {
        self.post("/url", &json!({ "url": url })).await.map(drop)
    }

    /// Runs a script in the page; `arguments[0]`, … are these.
    pub(super) async fn run(&self, script: &str, arguments: &[Value]) -> anyhow::Result<Value> {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments })).await
    }

    /// A picture of what the window shows, as PNG.
    pub(super) async fn picture(&self) -> anyhow::Result<Vec<u8>> {
        let picture = self.get("/screenshot").await?;
        let picture = picture.as_str().context("a picture is a text")?;
        STANDARD.decode(picture).context("a picture is base64")
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        ask(&self.driver, Method::GET, &format!("{}{path}", self.session), None).await
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        ask(&self.driver, Method::POST, &format!("{}{path}", self.session), Some(body)).await
    }

    /// Asks the driver to close the browser, which would outlive it.
    fn close(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(self.driver.authority())?;
        stream.set_read_timeout(Some(CLOSE))?;
        write!(
            stream,
            "DELETE {} HTTP/1.1\r\nhost: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            self.session,
            self.driver.authority()
        )?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // A driver that has ended already has nothing to close.
        if self.process.ended().is_none() {
            let _ = self.close();
        }
    }
}

fn options(profile: &Path, (wide, high): (u32, u32)) -> Value {
    let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    flags.push(format!("--user-data-dir={}", profile.display()));
    flags.push(format!("--window-size={wide},{high}"));
    let binary = tools::program(tools::CHROMIUM);
    let mut options = json!({ "args": flags });
    if binary.contains('/') {
        options["binary"] = json!(binary);
    }
    json!({ "goog:chromeOptions": options })
}

async fn ask(
    driver: &Peer,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> anyhow::Result<Value> {
    let (_, mut told) = driver.ask(method, path, body).await?;
    let value = told["value"].take();
    let error = value["error"].as_str().filter(|_| value["message"].is_string());
    if let Some(error) = error {
        let message = value["message"].as_str().and_then(|text| text.lines().next());
        anyhow::bail!("the browser says {error}: {}", message.unwrap_or_default());
    }
    Ok(value)
}

/// `ChromeDriver was started successfully on port 40123.`
async fn port(output: &Path, process: &mut Child) -> anyhow::Result<u16> {
    let deadline = Instant::now() + START;
    loop {
        let said = fs::read_to_string(output).unwrap_or_default();
        let named = said.split_once("started successfully on port ").map(|(_, rest)| rest);
        let digits = named.and_then(|rest| rest.split_once('.')).map(|(digits, _)| digits);
        if let Some(port) = digits.and_then(|digits| digits.parse().ok()) {
            return Ok(port);
        }
        if let Some(status) = process.ended() {
            anyhow::bail!("chromedriver has ended ({status}): cargo xtask browser installs it");
        }
        anyhow::ensure!(Instant::now() < deadline, "chromedriver did not say where it listens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
