//! `lockstep healthcheck`: asks a running server how it is, where there is no other HTTP client.

use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use reqwest::{Certificate, Client, redirect};
use url::Url;

use super::FAILED;
use crate::tls;

/// How long the question may take in all; whoever asks does so every few seconds.
const WITHIN: Duration = Duration::from_secs(5);
/// Bytes that are shown of an answer; `/readyz` has some hundred.
const SHOWN: usize = 4_096;

/// What to ask, and how.
#[derive(Debug, Args)]
pub(super) struct Question {
    /// `http://127.0.0.1:8480/healthz`: the process answers; `…/readyz`: everything works.
    url: Url,
    /// Connect to this address, whatever the name in the URL resolves to; the name is what the
    /// certificate is checked for.
    #[arg(long, value_name = "ADDRESS")]
    at: Option<IpAddr>,
    /// Certificates (PEM) to trust beside those of the machine.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// Exits 0 where the answer is a success, and prints it.
pub(super) fn ask(question: &Question) -> anyhow::Result<ExitCode> {
    tls::install();
    let client = client(question)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (status, body) = runtime.block_on(async {
        let url = question.url.clone();
        let mut answer = client.get(url).send().await.map_err(reqwest::Error::without_url)?;
        let mut body = Vec::new();
        while body.len() < SHOWN
            && let Some(part) = answer.chunk().await.map_err(reqwest::Error::without_url)?
        {
            body.extend_from_slice(&part);
        }
        body.truncate(SHOWN);
        anyhow::Ok((answer.status(), body))
    })?;
    writeln!(io::stdout().lock(), "{}", String::from_utf8_lossy(&body).trim_end())?;
    if status.is_success() {
        return Ok(ExitCode::SUCCESS);
    }
    super::complain(&format!("lockstep: it answers {status}"));
    Ok(ExitCode::from(FAILED))
}

fn client(question: &Question) -> anyhow::Result<Client> {
    let mut client =
        Client::builder().timeout(WITHIN).no_proxy().redirect(redirect::Policy::none());
    if let (Some(address), Some(host)) = (question.at, question.url.host_str()) {
        let port = question.url.port_or_known_default().unwrap_or_default();
        client = client.resolve(host, SocketAddr::new(address, port));
    }
    if let Some(path) = &question.ca_file {
        client = client.tls_certs_merge(certificates(path)?);
    }
    client.build().context("failed to prepare the question")
}

fn certificates(path: &Path) -> anyhow::Result<Vec<Certificate>> {
    let pem = std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    Certificate::from_pem_bundle(&pem)
        .with_context(|| format!("{} holds no certificates", path.display()))
}
