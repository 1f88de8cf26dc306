//! The floor: what cannot be left out. Reads the frames of Mercury and writes one PUT per frame on
//! one kept connection. It decides nothing, remembers nothing, looks at nobody, acknowledges
//! nothing.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

/// Subjects per subscription.
const BATCH: usize = 50;

/// The bare relay.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where webex-sim is, with the scheme
    #[arg(long)]
    webex: String,
    /// Its token
    #[arg(long)]
    token: String,
    /// Where finesse-sim is, without it
    #[arg(long)]
    finesse: String,
    /// Lines of a subject and a loginId
    #[arg(long)]
    people: PathBuf,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    subject: Option<&'a str>,
    status: Option<&'a str>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match relay(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use io::Write as _;
            let _ = writeln!(io::stderr(), "relay: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn relay(arguments: &Arguments) -> anyhow::Result<()> {
    let people = fs::read_to_string(&arguments.people).context("failed to read the people")?;
    let people: HashMap<&str, &str> =
        people.lines().filter_map(|line| line.split_once(' ')).collect();
    let (device, address) = register(arguments).await?;
    let stream = TcpStream::connect(
        address.trim_start_matches("ws://").split('/').next().unwrap_or_default(),
    )
    .await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = tokio_tungstenite::client_async(address.as_str(), stream).await?;
    let token = format!("Bearer {}", arguments.token);
    let first = json!({"id": "1", "type": "authorization", "data": {"token": token}, "trackingId": "relay_1"});
    socket.send(Message::text(first.to_string())).await?;
    socket.next().await.context("mercury is not ready")??;
    let subjects: Vec<&str> = people.keys().copied().collect();
    subscribe(arguments, &device, &subjects).await?;

    let finesse = TcpStream::connect(&arguments.finesse).await?;
    finesse.set_nodelay(true)?;
    let (mut answers, mut requests) = finesse.into_split();
    // Answers are read, so that the connection goes on, and not looked at.
    tokio::spawn(async move {
        let mut buffer = vec![0; 16 * 1024];
        while matches!(answers.read(&mut buffer).await, Ok(1..)) {}
    });
    let pair = STANDARD.encode("supervisor1:secret");
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        let Ok(Frame { data: Some(Data { subject: Some(subject), status: Some(status) }) }) =
            serde_json::from_str(&text)
        else {
            continue;
        };
        let Some(agent) = people.get(subject) else { continue };
        let state = if status == "active" { "READY" } else { "NOT_READY" };
        let body = format!("<User><state>{state}</state></User>");
        let request = format!(
            "PUT /finesse/api/User/{agent} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {pair}\r\n\
             Content-Type: application/xml\r\nContent-Length: {length}\r\n\r\n{body}",
            host = arguments.finesse,
            length = body.len(),
        );
        requests.write_all(request.as_bytes()).await?;
    }
    Ok(())
}

async fn register(arguments: &Arguments) -> anyhow::Result<(String, String)> {
    let body = json!({"deviceName": "relay", "deviceType": "DESKTOP", "name": "relay", "model": "relay",
        "localizedModel": "relay", "systemName": "relay", "systemVersion": "1"});
    let path = "/wdm/api/v1/devices?includeUpstreamServices=all";
    let device = post(arguments, path, None, &body).await?;
    let field = |name: &str| device.get(name).and_then(Value::as_str).map(str::to_owned);
    let address = field("webSocketUrl").context("a device without webSocketUrl")?;
    let address =
        format!("{address}?outboundWireFormat=text&bufferStates=true&aliasHttpStatus=true");
    Ok((field("url").context("a device without url")?, address))
}

async fn subscribe(arguments: &Arguments, device: &str, subjects: &[&str]) -> anyhow::Result<()> {
    for subjects in subjects.chunks(BATCH) {
        let body = json!({"subjects": subjects, "subscriptionTtl": 600, "includeStatus": true});
        post(arguments, "/apheleia/api/v1/subscriptions", Some(device), &body).await?;
    }
    Ok(())
}

async fn post(
    arguments: &Arguments,
    path: &str,
    device: Option<&str>,
    body: &Value,
) -> anyhow::Result<Value> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut request = client
        .post(format!("{}{path}", arguments.webex))
        .bearer_auth(&arguments.token)
        .header("trackingid", "relay_1")
        .json(body);
    if let Some(device) = device {
        request = request.header("cisco-device-url", device);
    }
    let answer = request.send().await?.error_for_status().with_context(|| path.to_owned())?;
    Ok(answer.json().await?)
}
