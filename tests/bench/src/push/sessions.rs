//! Every agent's desktop proves itself once, as a gadget does.

use std::net::SocketAddr;

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lockstep_core::AgentId;
use lockstep_core::protocol::{SESSION_PATH, SessionReply, SessionRequest};

use crate::site::{Agent, ORIGIN, PASSWORD};

/// Desktops that sign in at once; lockstep asks Finesse about 64 at most.
const AT_ONCE: usize = 32;

/// A token for each agent, in their order.
pub(super) async fn open(server: SocketAddr, agents: &[Agent]) -> anyhow::Result<Vec<String>> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("http://{server}{SESSION_PATH}");
    let asked: Vec<_> = agents.iter().map(|agent| ask(&client, &url, agent)).collect();
    stream::iter(asked).buffered(AT_ONCE).try_collect().await
}

async fn ask(client: &reqwest::Client, url: &str, agent: &Agent) -> anyhow::Result<String> {
    let request = client
        .post(url)
        .header("origin", ORIGIN)
        .basic_auth(&agent.id, Some(PASSWORD))
        .json(&SessionRequest { agent: AgentId::new(agent.id.as_str()) });
    let answer = request.send().await.context("lockstep does not answer")?;
    let (status, text) = (answer.status(), answer.text().await?);
    anyhow::ensure!(status.is_success(), "no session for {}: {status} {text}", agent.id);
    let SessionReply { token, .. } = serde_json::from_str(&text)?;
    Ok(token)
}
