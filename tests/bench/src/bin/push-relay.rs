//! The floor of gadget mode: what cannot be left out. Reads the frames of Mercury and writes one
//! WebSocket text per frame to the agent's gadget. It lets everybody in, takes what gadgets say off
//! the wire without looking at it, decides nothing, and remembers nothing but a count per gadget.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::{fs, io};

use anyhow::Context as _;
use clap::Parser;
use futures_util::stream::SplitSink;
use futures_util::{SinkExt as _, StreamExt as _};
use lockstep_bench::mercury::{self, Mercury};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// How a gadget enters the namespace, up to its token, which here is the agent's id.
const CONNECT: &str = r#"40/gadget,{"token":""#;
/// Bytes that are read at once, and kept per connection.
const READ_BUFFER: usize = 1_024;

/// The bare relay to gadgets.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where webex-sim is, with the scheme
    #[arg(long)]
    webex: String,
    /// Its token
    #[arg(long)]
    token: String,
    /// Lines of a subject and a loginId
    #[arg(long)]
    people: PathBuf,
}

/// One gadget, and how often it was written to.
struct Gadget {
    sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    sequence: u64,
}

type Gadgets = Arc<Mutex<HashMap<String, Gadget>>>;

#[tokio::main]
async fn main() -> ExitCode {
    match relay(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("relay: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn relay(arguments: &Arguments) -> anyhow::Result<()> {
    let people = fs::read_to_string(&arguments.people).context("failed to read the people")?;
    let people: HashMap<&str, &str> =
        people.lines().filter_map(|line| line.split_once(' ')).collect();
    let gadgets = Gadgets::default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    tell(&format!("listens on {}", listener.local_addr()?));
    tokio::spawn(accept(listener, Arc::clone(&gadgets)));
    let subjects: Vec<&str> = people.keys().copied().collect();
    let mut frames = Mercury::open(&arguments.webex, &arguments.token, &subjects).await?;
    while let Some(text) = frames.next().await? {
        let Some((subject, status)) = mercury::presence(&text) else { continue };
        let Some(agent) = people.get(subject) else { continue };
        let mut gadgets = gadgets.lock().await;
        let Some(gadget) = gadgets.get_mut(*agent) else { continue };
        gadget.sequence += 1;
        gadget.sink.send(Message::text(wanted(gadget.sequence, status))).await?;
    }
    Ok(())
}

/// As long as what lockstep sends, and as much in its form as the driver looks at.
fn wanted(sequence: u64, status: &str) -> String {
    let state = if status == "active" { "free" } else { "not_ready" };
    format!(
        r#"42/gadget,["lockstep",{{"type":"wanted","sequence":{sequence},"want":{{"seq":{sequence},"wanted":{{"state":"{state}","reason":"{status}"}},"rule":"one of the rules","facts":{{"status":"{status}","device":"desktop"}},"since":1763740000000,"at":1763740000000,"may_be_contact_call":false}}}}]"#
    )
}

async fn accept(listener: TcpListener, gadgets: Gadgets) {
    while let Ok((stream, _)) = listener.accept().await {
        let gadgets = Arc::clone(&gadgets);
        tokio::spawn(async move {
            if let Err(error) = serve(stream, gadgets).await {
                tell(&format!("a gadget's connection ended: {error:#}"));
            }
        });
    }
}

async fn serve(stream: TcpStream, gadgets: Gadgets) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    let socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await?;
    let (mut sink, mut texts) = socket.split();
    sink.send(Message::text("0{}")).await?;
    let connect = texts.next().await.context("no CONNECT")??;
    let token = connect.to_text()?.strip_prefix(CONNECT).context("no CONNECT")?;
    let agent = token.split('"').next().unwrap_or_default().to_owned();
    sink.send(Message::text(r#"40/gadget,{"sid":"x"}"#)).await?;
    texts.next().await.context("no hello")??;
    let mut gadgets = gadgets.lock().await;
    sink.send(Message::text(r#"42/gadget,["lockstep",{"type":"grant","term":1}]"#)).await?;
    gadgets.insert(agent, Gadget { sink, sequence: 0 });
    drop(gadgets);
    while let Some(Ok(_)) = texts.next().await {}
    Ok(())
}

fn tell(line: &str) {
    use io::Write as _;
    let _ = writeln!(io::stderr(), "{line}");
}
