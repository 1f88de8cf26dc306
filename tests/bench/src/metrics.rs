//! What the binary counts itself: its `/metrics`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::child::Program;

/// How long the binary may take until it listens.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often its readiness is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Where `/metrics` is.
#[derive(Debug)]
pub struct Metrics {
    client: reqwest::Client,
    address: String,
}

impl Metrics {
    /// Of a `lockstep` that runs; its log says where it listens.
    pub async fn of(program: &mut Program) -> anyhow::Result<Self> {
        let log = program.log_file();
        let address = program.until("it listens", PATIENCE, || {
            let log = log.read();
            let line = log.lines().find(|line| line.contains("lockstep serves"))?;
            let line: Value = serde_json::from_str(line).ok()?;
            Some(line.get("http.listen")?.as_str()?.to_owned())
        });
        let address = address.await?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { client, address })
    }

    /// Where the binary listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Waits until it says itself that it serves all of so many agents.
    pub async fn ready(
        &self,
        program: &Program,
        agents: usize,
        patience: Duration,
    ) -> anyhow::Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let page: Value = serde_json::from_str(&self.page("/readyz").await?)?;
            let watched = page.pointer("/agents/watched").and_then(Value::as_u64);
            let missing = page.pointer("/agents/not_in_webex").and_then(Value::as_u64);
            let is_ready = page.get("ready") == Some(&Value::Bool(true));
            if is_ready && watched == Some(agents as u64) && missing == Some(0) {
                return Ok(());
            }
            let words = || program.last_words();
            anyhow::ensure!(Instant::now() < deadline, "never ready: {page}; {}", words());
            sleep(LOOK_EVERY).await;
        }
    }

    /// The text of a page.
    pub async fn page(&self, path: &str) -> anyhow::Result<String> {
        let url = format!("http://{}{path}", self.address);
        let answer = self.client.get(url).send().await.context("lockstep does not answer")?;
        answer.text().await.context("lockstep's page broke off")
    }

    /// A counter's values by one of its labels.
    pub async fn by(&self, name: &str, label: &str) -> anyhow::Result<BTreeMap<String, u64>> {
        Ok(by(&self.page("/metrics").await?, name, label))
    }
}

fn by(page: &str, name: &str, label: &str) -> BTreeMap<String, u64> {
    let start = format!("{label}=\"");
    let line = |line: &str| {
        let (labels, value) = line.strip_prefix(name)?.strip_prefix('{')?.rsplit_once("} ")?;
        let (_, rest) = labels.split_once(&start)?;
        let (of, _) = rest.split_once('"')?;
        Some((of.to_owned(), value.trim().parse::<u64>().ok()?))
    };
    let mut sums = BTreeMap::new();
    for (of, value) in page.lines().filter_map(line) {
        *sums.entry(of).or_default() += value;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_summed_up_by_a_label() {
        let page = "# TYPE looks counter\nlooks{for=\"ready\"} 3\nlooks{of=\"x\",for=\"ready\"} 2\n\
                    looks{for=\"call\"} 1\nlooks_other{for=\"call\"} 9\n";
        let sums = BTreeMap::from([("call".to_owned(), 1), ("ready".to_owned(), 5)]);
        assert_eq!(by(page, "looks", "for"), sums);
    }
}
