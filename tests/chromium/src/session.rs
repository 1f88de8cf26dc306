//! As much of the `WebDriver` protocol as is needed here, and Chromium's own commands through it.
//!
//! A client of our own: the crates for it bring a licence and old duplicates into the lock file that
//! a hundred lines do not need.

use std::net::Ipv4Addr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// The key under which an element's number comes.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What the driver answered instead, as a sentence.
pub type Told<T> = Result<T, String>;

/// One session of a browser.
#[derive(Debug, Clone)]
pub struct Session {
    port: u16,
    /// The session's path.
    base: String,
}

/// An element of the present frame.
#[derive(Debug, Clone)]
pub struct Element {
    session: Session,
    number: String,
}

impl Session {
    /// Opens a session; the number closes it.
    pub(crate) async fn open(port: u16, wanted: &Value) -> Told<(Self, String)> {
        let root = Self { port, base: String::new() };
        let wanted = json!({"capabilities": {"alwaysMatch": wanted}});
        let opened = root.post("/session", wanted).await?;
        let number = opened["sessionId"].as_str().ok_or("a session without a number")?.to_owned();
        Ok((Self { port, base: format!("/session/{number}") }, number))
    }

    /// Opens an address and waits until it is loaded.
    pub async fn goto(&self, url: &str) -> Told<()> {
        self.post("/url", json!({ "url": url })).await.map(drop)
    }

    /// The address that is open.
    pub async fn url(&self) -> Told<String> {
        let url = self.ask(Method::GET, "/url", None).await?;
        Ok(url.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the present frame; `arguments[0]`, … are these.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Told<Value> {
        self.post("/execute/sync", json!({"script": script, "args": arguments})).await
    }

    /// The first element of a selector.
    pub async fn find(&self, css: &str) -> Told<Element> {
        let found = self.post("/element", json!({"using": "css selector", "value": css})).await?;
        let number = found[ELEMENT].as_str().ok_or("an element without a number")?.to_owned();
        Ok(Element { session: self.clone(), number })
    }

    /// Goes into the frame of an element.
    pub async fn enter(&self, frame: &Element) -> Told<()> {
        self.post("/frame", json!({"id": {ELEMENT: frame.number}})).await.map(drop)
    }

    /// Goes out of all frames.
    pub async fn leave(&self) -> Told<()> {
        self.post("/frame", json!({ "id": null })).await.map(drop)
    }

    /// Presses a key in whatever has the focus.
    pub async fn press(&self, key: char) -> Told<()> {
        let key = |kind: &str| json!({"type": kind, "value": key.to_string()});
        let keys =
            json!({"type": "key", "id": "keyboard", "actions": [key("keyDown"), key("keyUp")]});
        self.post("/actions", json!({"actions": [keys]})).await.map(drop)
    }

    /// A picture of the window, as PNG.
    pub async fn picture(&self) -> Told<Vec<u8>> {
        png(&self.ask(Method::GET, "/screenshot", None).await?)
    }

    /// A picture of a part of the page, as PNG: left, top, width and height in its pixels.
    pub async fn picture_of(&self, [x, y, width, height]: [f64; 4]) -> Told<Vec<u8>> {
        let clip = json!({"x": x, "y": y, "width": width, "height": height, "scale": 1});
        let taken = json!({"format": "png", "clip": clip, "captureBeyondViewport": true});
        png(&self.command("Page.captureScreenshot", taken).await?["data"])
    }

    /// What the person prefers, by the names and values of CSS media features.
    pub async fn prefers(&self, features: &[(&str, &str)]) -> Told<()> {
        let features = features.iter().map(|(name, value)| json!({"name": name, "value": value}));
        let media = json!({"features": features.collect::<Vec<_>>()});
        self.command("Emulation.setEmulatedMedia", media).await.map(drop)
    }

    /// Runs a script in every page and frame that is opened from now on, before its own.
    pub async fn before_every_page(&self, script: &str) -> Told<()> {
        let script = json!({ "source": script });
        self.command("Page.addScriptToEvaluateOnNewDocument", script).await.map(drop)
    }

    /// A window of this kind beside the others; gives what [`Session::switch`] takes.
    pub async fn new_window(&self, kind: &str) -> Told<String> {
        let opened = self.post("/window/new", json!({ "type": kind })).await?;
        Ok(opened["handle"].as_str().unwrap_or_default().to_owned())
    }

    /// The present window.
    pub async fn window(&self) -> Told<String> {
        let window = self.ask(Method::GET, "/window", None).await?;
        Ok(window.as_str().unwrap_or_default().to_owned())
    }

    /// Goes to another window.
    pub async fn switch(&self, window: &str) -> Told<()> {
        self.post("/window", json!({ "handle": window })).await.map(drop)
    }

    /// Closes the present window.
    pub async fn close_window(&self) -> Told<()> {
        self.ask(Method::DELETE, "/window", None).await.map(drop)
    }

    /// A command of Chromium's own (`DevTools` protocol).
    pub async fn command(&self, name: &str, parameters: Value) -> Told<Value> {
        self.post("/goog/cdp/execute", json!({"cmd": name, "params": parameters})).await
    }

    /// What the page wrote into its console since the last time.
    pub async fn console(&self) -> Told<Vec<String>> {
        let lines = self.post("/se/log", json!({"type": "browser"})).await?;
        let lines = lines.as_array().cloned().unwrap_or_default();
        let text = |line: &Value| line["message"].as_str().unwrap_or_default().to_owned();
        Ok(lines.iter().map(text).collect())
    }

    async fn post(&self, path: &str, body: Value) -> Told<Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Told<Value> {
        let path = format!("{}{path}", self.base);
        let body = body.as_ref().map(Value::to_string).unwrap_or_default();
        let answer = self.exchange(method, &path, body).await;
        let answer = answer.map_err(|error| format!("{path}: {error}"))?;
        let mut told: Value =
            serde_json::from_slice(&answer).map_err(|error| format!("{path}: {error}"))?;
        let value = told["value"].take();
        match value["error"].as_str() {
            Some(error) if value["message"].is_string() => {
                let message = value["message"].as_str().unwrap_or_default();
                Err(format!("{error}: {}", message.lines().next().unwrap_or_default()))
            }
            _ => Ok(value),
        }
    }

    /// One request on a connection of its own: the driver is on this machine.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, format!("127.0.0.1:{}", self.port))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close")
            .body(body)?;
        let exchange = async {
            let answer = sender.send_request(request).await?;
            Ok(answer.into_body().collect().await?.to_bytes())
        };
        tokio::pin!(exchange);
        tokio::select! {
            done = &mut exchange => done,
            // The answer may be read while the connection is over.
            _ = connection => exchange.await,
        }
    }
}

fn png(picture: &Value) -> Told<Vec<u8>> {
    let picture = picture.as_str().ok_or("a picture is a text")?;
    STANDARD.decode(picture).map_err(|error| format!("a picture is base64: {error}"))
}

impl Element {
    /// Clicks it, as a person would.
    pub async fn click(&self) -> Told<()> {
        self.post("click", json!({})).await
    }

    /// Empties it.
    pub async fn clear(&self) -> Told<()> {
        self.post("clear", json!({})).await
    }

    /// Types into it.
    pub async fn type_in(&self, text: &str) -> Told<()> {
        self.post("value", json!({ "text": text })).await
    }

    async fn post(&self, what: &str, body: Value) -> Told<()> {
        self.session.post(&format!("/element/{}/{what}", self.number), body).await.map(drop)
    }
}
