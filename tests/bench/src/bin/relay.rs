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
use lockstep_bench::mercury::{self, Mercury};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

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
    let subjects: Vec<&str> = people.keys().copied().collect();
    let mut frames = Mercury::open(&arguments.webex, &arguments.token, &subjects).await?;

    let finesse = TcpStream::connect(&arguments.finesse).await?;
    finesse.set_nodelay(true)?;
    let (mut answers, mut requests) = finesse.into_split();
    // Answers are read, so that the connection goes on, and not looked at.
    tokio::spawn(async move {
        let mut buffer = vec![0; 16 * 1024];
        while matches!(answers.read(&mut buffer).await, Ok(1..)) {}
    });
    let pair = STANDARD.encode("supervisor1:secret");
    while let Some(text) = frames.next().await? {
        let Some((subject, status)) = mercury::presence(&text) else { continue };
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
