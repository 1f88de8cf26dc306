//! As much of the `WebDriver` protocol as the stories need, and Chromium's own commands through it.
//!
//! A client of our own: the crates for it bring a licence and old duplicates into the lock file that
//! a hundred lines do not need.

use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The key under which an element's number comes.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What the driver answered instead, as a sentence.
pub type Told<T> = Result<T, String>;

/// One session of a browser.
#[derive(Debug, Clone)]
pub struct Session {
    client: Client,
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
    pub(crate) async fn open(driver: &str, options: Value) -> Told<(Self, String)> {
        let client = Client::builder().no_proxy().build().map_err(|error| error.to_string())?;
        let root = Self { client, base: driver.to_owned() };
        let wanted = json!({"capabilities": {"alwaysMatch": options}});
        let opened = root.ask(Method::POST, "/session", Some(wanted)).await?;
        let number = opened["sessionId"].as_str().ok_or("a session without a number")?.to_owned();
        let base = format!("{driver}/session/{number}");
        Ok((Self { base, ..root }, number))
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

    /// A picture of the window, as base64 of a PNG.
    pub async fn picture(&self) -> Told<String> {
        let picture = self.ask(Method::GET, "/screenshot", None).await?;
        Ok(picture.as_str().unwrap_or_default().to_owned())
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
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.map_err(|error| format!("{path}: {error}"))?;
        let mut told: Value = answer.json().await.map_err(|error| format!("{path}: {error}"))?;
        let value = told["value"].take();
        match value["error"].as_str() {
            Some(error) if value["message"].is_string() => {
                let message = value["message"].as_str().unwrap_or_default();
                Err(format!("{error}: {}", message.lines().next().unwrap_or_default()))
            }
            _ => Ok(value),
        }
    }
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
