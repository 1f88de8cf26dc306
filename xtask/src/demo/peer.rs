//! One program that is asked and told by JSON over HTTP: a simulator, the server, a browser's driver.

use std::fmt;

use anyhow::Context as _;
use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// By host and port; written as its address.
#[derive(Debug, Clone)]
pub(super) struct Peer(String);

impl Peer {
    /// The one at this address, `http://127.0.0.1:4321`.
    pub(super) fn at(url: &str) -> anyhow::Result<Self> {
        let authority = url.strip_prefix("http://");
        authority.map(|at| Self(at.to_owned())).with_context(|| format!("{url} is no http URL"))
    }

    /// Reads something.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let (status, body) = self.ask(Method::GET, path, None).await?;
        anyhow::ensure!(status.is_success(), "{}{path} answered {status}: {body}", self.0);
        Ok(body)
    }

    /// Has something done; the error is what the other says.
    pub(super) async fn tell(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<()> {
        self.tell_text(method, path, body.to_string()).await
    }

    /// The same with a body that is no JSON.
    pub(super) async fn tell_text(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> anyhow::Result<()> {
        let (status, answer) = self.ask_text(method, path, body).await?;
        let words = answer["error"].as_str().or(answer["message"].as_str());
        anyhow::ensure!(status.is_success(), "{}", words.unwrap_or("the simulator refused"));
        Ok(())
    }

    /// What is answered, whatever the status.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        self.ask_text(method, path, body.map(Value::to_string).unwrap_or_default()).await
    }

    async fn ask_text(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let (status, _, body) = self.exchange(method, path, body).await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// What is served at a path: its type and its text.
    #[cfg(test)]
    pub(super) async fn text(&self, path: &str) -> anyhow::Result<(String, String)> {
        let (_, kind, body) = self.exchange(Method::GET, path, String::new()).await?;
        Ok((kind, String::from_utf8(body.to_vec())?))
    }

    /// Status, type and body.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> anyhow::Result<(StatusCode, String, Bytes)> {
        let asked = self.send(method, path, body);
        asked.await.with_context(|| format!("failed to ask http://{}{path}", self.0))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> anyhow::Result<(StatusCode, String, Bytes)> {
        let stream = TcpStream::connect(&self.0).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.0)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close")
            .body(body)?;
        let exchange = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let kind = response.headers().get(header::CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
            Ok((status, kind, response.into_body().collect().await?.to_bytes()))
        };
        tokio::pin!(exchange);
        tokio::select! {
            done = &mut exchange => done,
            // The answer may be read while the connection is over.
            _ = connection => exchange.await,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "http://{}", self.0)
    }
}
