//! Fetches as Shindig does on the Finesse server: gadget files, scripts to merge, `makeRequest`.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Method, Url};

use crate::server::Shared;

/// Shindig's own limit is of this order; a gadget that takes longer is not shown.
const PATIENCE: Duration = Duration::from_secs(15);
/// Largest answer; the largest script of a gadget is some hundreds of kilobytes.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The client, made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Fetcher(OnceLock<Client>);

/// What came back.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Ask {
    pub(crate) fn get(url: &str) -> Self {
        Self { method: Method::GET, url: url.to_owned(), headers: Vec::new(), body: String::new() }
    }
}

impl Fetched {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Asks, or says in a sentence why there is no answer.
pub(crate) async fn fetch(shared: &Shared, ask: Ask) -> Result<Fetched, String> {
    let url = allowed(&ask.url)?;
    let failed = |error: reqwest::Error| {
        let why = std::error::Error::source(&error).map(ToString::to_string);
        format!("{} cannot be fetched: {}", ask.url, why.unwrap_or_else(|| error.to_string()))
    };
    let request = client(shared)?
        .request(ask.method, url)
        .headers(headers(&ask.headers)?)
        .body(ask.body.clone());
    let mut response = request.send().await.map_err(failed)?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(format!("{} is larger than {BODY_LIMIT} bytes", ask.url));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched { status, headers, body })
}

/// The simulator fetches from this machine only: it would fetch for anybody.
fn allowed(url: &str) -> Result<Url, String> {
    let parsed = Url::parse(url).map_err(|error| format!("{url} is no address: {error}"))?;
    let host = parsed.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if !matches!(parsed.scheme(), "http" | "https") || !loopback {
        return Err(format!("finesse-sim fetches from loopback addresses only, not {url}"));
    }
    Ok(parsed)
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let parsed = HeaderName::from_bytes(name.as_bytes());
        // The value may be a credential: it is not repeated.
        let refused = || format!("the header {name} cannot be sent");
        let name = parsed.map_err(|_| refused())?;
        headers.insert(name, HeaderValue::from_str(value).map_err(|_| refused())?);
    }
    Ok(headers)
}

fn client(shared: &Shared) -> Result<Client, String> {
    if let Some(client) = shared.fetcher.0.get() {
        return Ok(client.clone());
    }
    let mut builder =
        Client::builder().timeout(PATIENCE).no_proxy().redirect(reqwest::redirect::Policy::none());
    // A server may end a connection that is kept in the moment in which it is used again.
    builder = builder.pool_max_idle_per_host(0);
    if let Some(path) = shared.with(|world, _| world.desk.ca.clone()) {
        let pem = std::fs::read(&path)
            .map_err(|error| format!("failed to read {}: {error}", path.display()))?;
        let authority = Certificate::from_pem(&pem).map_err(|error| error.to_string())?;
        builder = builder.add_root_certificate(authority);
    }
    let client = builder.build().map_err(|error| format!("no client for fetching: {error}"))?;
    Ok(shared.fetcher.0.get_or_init(|| client).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_fetched_from() {
        for url in ["http://127.0.0.1:1/a", "https://localhost/a", "http://[::1]:2/"] {
            assert!(allowed(url).is_ok(), "{url}");
        }
        for url in ["http://10.0.0.1/", "https://example.com/", "file:///etc/passwd", "x"] {
            assert!(allowed(url).is_err(), "{url}");
        }
    }
}
