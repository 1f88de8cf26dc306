//! What the binary counts itself: its `/metrics`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use crate::child::Program;

/// How long the binary may take until it listens.
const PATIENCE: Duration = Duration::from_secs(10);

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
