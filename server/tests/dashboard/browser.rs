//! A small browser: it keeps a cookie and a proof, says where its requests come from, and reads
//! server-sent events.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::rig::{PATIENCE, assert_nothing_private};

/// One browser.
pub(crate) struct Browser {
    server: SocketAddr,
    http: reqwest::Client,
    pub(crate) cookie: Option<String>,
    pub(crate) proof: String,
}

/// An open stream.
pub(crate) struct Stream {
    response: reqwest::Response,
    text: String,
}

/// One event.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
}

impl Browser {
    pub(crate) fn new(server: SocketAddr) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { server, http, cookie: None, proof: String::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server)
    }

    /// A request with what a browser adds by itself.
    fn ask(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        let request =
            self.http.request(method, self.url(path)).header("sec-fetch-site", "same-origin");
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    /// Signs in, and keeps cookie and proof.
    pub(crate) async fn sign_in(&mut self, user: &str, password: &str) -> (u16, Value) {
        let wish = json!({ "user": user, "password": password });
        let request = self.ask("POST", "/api/sign-in").json(&wish);
        let response = request.header("origin", self.url("")).send().await.unwrap();
        let status = response.status().as_u16();
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let me: Value = response.json().await.unwrap();
        me["proof"].as_str().unwrap_or_default().clone_into(&mut self.proof);
        (status, me)
    }

    pub(crate) async fn get_text(&self, path: &str) -> (u16, String) {
        let response = self.ask("GET", path).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert_nothing_private(&text);
        (status, text)
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let (status, text) = self.get_text(path).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// An action as the page's script sends it.
    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let proof = [("x-lockstep-proof", self.proof.as_str())];
        self.post_with(path, body, &proof).await
    }

    /// An action with these headers.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> (u16, Value) {
        let mut request = self.http.post(self.url(path)).json(&body);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert_nothing_private(&text);
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Opens the stream, after an event where there is one.
    pub(crate) async fn stream(&self, last: Option<&str>) -> Result<Stream, u16> {
        let mut request = self.ask("GET", "/api/stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        match response.status().as_u16() {
            200 => Ok(Stream { response, text: String::new() }),
            status => Err(status),
        }
    }
}

impl Stream {
    /// The next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                assert_nothing_private(&event);
                if let Some(event) = read(&event) {
                    return Some(event);
                }
                continue;
            }
            let piece = timeout(PATIENCE, self.response.chunk()).await.expect("a piece in time");
            let Ok(Some(piece)) = piece else { return None };
            self.text.push_str(std::str::from_utf8(&piece).expect("whole letters"));
        }
    }

    /// The next event of this name.
    pub(crate) async fn until(&mut self, name: &str) -> Event {
        self.until_that(name, |_| true).await
    }

    /// The next event of this name that is as wanted.
    pub(crate) async fn until_that(&mut self, name: &str, holds: impl Fn(&Value) -> bool) -> Event {
        let mut passed = Vec::new();
        let found = timeout(PATIENCE, async {
            while let Some(event) = self.next().await {
                if event.name == name && holds(&event.data) {
                    return Some(event);
                }
                passed.push(event);
            }
            None
        });
        let found = found.await.ok().flatten();
        found.unwrap_or_else(|| panic!("never came: {name}; came: {passed:#?}"))
    }
}

pub(crate) fn read(text: &str) -> Option<Event> {
    let mut event = Event { name: String::new(), id: None, data: Value::Null };
    let mut data = String::new();
    for line in text.lines() {
        match line.split_once(':').map(|(field, value)| (field, value.trim_start())) {
            Some(("event", name)) => name.clone_into(&mut event.name),
            Some(("id", id)) => event.id = Some(id.to_owned()),
            Some(("data", more)) => data.push_str(more),
            _ => {}
        }
    }
    event.data = serde_json::from_str(&data).ok()?;
    Some(event)
}
