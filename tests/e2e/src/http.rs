//! What Lockstep serves.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::wait::pause;
use crate::{PATIENCE, Site};

/// A page that was fetched.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// HTTP status; 0 where nobody answered.
    pub status: u16,
    /// `Content-Type`.
    pub kind: String,
    /// The body.
    pub body: String,
}

impl Page {
    /// The body as JSON; `Null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The sum of a metric over all labels that contain `labels`; 0 where there is none.
    pub fn metric(&self, name: &str, labels: &str) -> f64 {
        let lines = self.body.lines().filter(|line| !line.starts_with('#'));
        let own = lines.filter(|line| {
            let rest = line.strip_prefix(name).unwrap_or("-");
            rest.starts_with(['{', ' ']) && rest.contains(labels)
        });
        own.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }
}

impl Site {
    /// Fetches a page of Lockstep's.
    pub async fn get(&self, path: &str) -> Page {
        let Some(address) = self.listens_on() else { return Page::default() };
        let request = self.client.get(format!("http://{address}{path}"));
        let Ok(answer) = request.timeout(Duration::from_secs(5)).send().await else {
            return Page::default();
        };
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type");
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        Page { status, kind, body: answer.text().await.unwrap_or_default() }
    }

    /// Waits until a page shows what is wanted.
    pub async fn page(&self, path: &str, what: &str, shows: impl Fn(&Page) -> bool) -> Page {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let page = self.get(path).await;
            if shows(&page) {
                return page;
            }
            assert!(Instant::now() < deadline, "never: {what}\n{path}: {page:#?}\n{}", self.told());
            pause().await;
        }
    }
}
