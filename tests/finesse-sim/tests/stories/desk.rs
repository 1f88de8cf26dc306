//! A desktop's hands for the stories: HTTP with Basic authorization, and waiting with a reason.

use std::fmt::Debug;
use std::time::Duration;

use finesse_sim::{AgentState, Category, Config, Deployment, FinesseSim};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::time::Instant;

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A simulator with a fast CTI, and a client.
pub(crate) struct Desk {
    pub(crate) sim: FinesseSim,
    pub(crate) client: Client,
    pub(crate) base: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The text of the first element of that name.
    pub(crate) fn text(&self, name: &str) -> &str {
        let open = format!("<{name}>");
        let Some(start) = self.body.find(&open).map(|at| at + open.len()) else { return "" };
        let end = self.body[start..].find(&format!("</{name}>")).map_or(start, |at| start + at);
        &self.body[start..end]
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn count(&self, element: &str) -> usize {
        self.body.matches(&format!("<{element}>")).count()
    }
}

pub(crate) fn quick(deployment: Deployment) -> Config {
    let mut config = Config::new(deployment, 3);
    config.cti_delay = (Duration::from_millis(1), Duration::from_millis(5));
    config
}

pub(crate) async fn desk(deployment: Deployment) -> Desk {
    desk_with(quick(deployment)).await
}

pub(crate) async fn desk_with(config: Config) -> Desk {
    let sim = FinesseSim::start(config).await.expect("starts");
    let client = client();
    let base = sim.base_url();
    Desk { sim, client, base }
}

pub(crate) fn client() -> Client {
    Client::builder().timeout(PATIENCE).build().expect("a client")
}

impl Desk {
    pub(crate) fn request(&self, method: Method, path: &str, user: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        if user.is_empty() { request } else { request.basic_auth(user, Some("secret")) }
    }

    pub(crate) async fn get(&self, path: &str, user: &str) -> Answer {
        answer(self.request(Method::GET, path, user)).await
    }

    /// `PUT /finesse/api/User/{id}` with this document.
    pub(crate) async fn put(&self, id: &str, user: &str, xml: &str) -> Answer {
        let path = format!("/finesse/api/User/{id}");
        answer(xml_body(self.request(Method::PUT, &path, user), xml)).await
    }

    /// The agent changes their own state.
    pub(crate) async fn agent_sets(&self, id: &str, state: &str, reason: Option<&str>) -> Answer {
        let reason = reason.map(|label| self.reason_id(label));
        let reason =
            reason.map_or_else(String::new, |id| format!("<reasonCodeId>{id}</reasonCodeId>"));
        self.put(id, id, &format!("<User><state>{state}</state>{reason}</User>")).await
    }

    pub(crate) async fn supervisor_sets(&self, id: &str, state: &str) -> Answer {
        self.put(id, "supervisor1", &format!("<User><state>{state}</state></User>")).await
    }

    pub(crate) fn reason_id(&self, label: &str) -> u32 {
        self.sim.reason(Category::NotReady, label).expect("a known label").id
    }

    pub(crate) async fn reaches(&self, user: &str, state: AgentState) {
        wait_for(&format!("{user} is {state}"), || {
            let now = self.sim.state(user);
            if now == state { Ok(()) } else { Err(now) }
        })
        .await;
    }

    pub(crate) async fn pends(&self, user: &str, state: AgentState) {
        wait_for(&format!("{user} has {state} pending"), || {
            let pending = self.sim.user(user).and_then(|user| user.pending_state);
            if pending == Some(state) { Ok(()) } else { Err(pending) }
        })
        .await;
    }

    /// The asynchronous error that the last request ended with.
    pub(crate) async fn fails(&self, user: &str) -> finesse_sim::CtiError {
        wait_for(&format!("{user} has an asynchronous error"), || {
            let history = self.sim.user(user).and_then(|user| user.history).unwrap_or_default();
            history.last().and_then(|entry| entry.error.clone()).ok_or(history)
        })
        .await
    }

    /// A control request: status and JSON.
    pub(crate) async fn control(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = answer(request).await;
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }

    pub(crate) fn assert_no_violations(&self) {
        assert_eq!(self.sim.violations(), Vec::<String>::new());
    }
}

pub(crate) fn xml_body(request: RequestBuilder, xml: &str) -> RequestBuilder {
    request.header("content-type", "application/xml").body(xml.to_owned())
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    Answer { status, headers, body: response.text().await.expect("a body") }
}

/// Waits until the look succeeds, or says what never came true and what was seen last.
pub(crate) async fn wait_for<T, E: Debug>(what: &str, mut look: impl FnMut() -> Result<T, E>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = match look() {
            Ok(value) => return value,
            Err(seen) => seen,
        };
        assert!(Instant::now() < deadline, "never came true: {what}; last seen: {seen:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
