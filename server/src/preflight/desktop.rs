//! Can desktops load the gadget and connect: the public address, what it serves, and to whom.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::{Client, Method, Response, Url, redirect, retry};

use super::red_or_amber;
use super::tls::{Subject, certificate};
use crate::cli::Finding;
use crate::clock::Clock;
use crate::config::Config;
use crate::gadget_files::{Bundle, Place, XML, served};

const URL: &str = "public url";
const CORS: &str = "origins";
/// For one request; the gadget's XML comes from memory.
const WITHIN: Duration = Duration::from_secs(4);
/// The XML has some kilobytes.
const MAX_XML: usize = 256 * 1024;

const NOT_RUNNING: &str = "start lockstep and check again; where it runs, see to the name, the firewall and the proxy in front";

/// Looks at `http.public_url` from here, as a desktop would.
pub async fn desktop(config: &Config, clock: Clock, findings: &mut Vec<Finding>) {
    let used = config.sync.mode.has_gadget();
    findings.extend(unlisted(config));
    let Some(url) = &config.http.public_url else { return };
    let extra = config.finesse.ca.as_ref().map(|ca| ca.pem.as_slice());
    if let Ok(tls) = crate::webex::client_tls(extra) {
        let subject = Subject {
            name: "certificate",
            key: "http.public_url",
            authority: "make sure that the agents' browsers, and tomcat-trust of both Finesse nodes, trust its CA",
            used,
            must_be_trusted_here: false,
        };
        findings.extend(certificate(subject, url, &tls, clock.now()).await);
    }
    let Ok(client) = client(extra) else { return };
    if gadget(&client, url, used, findings).await {
        origins(&client, config, url, used, findings).await;
    }
}

/// Verified TLS, no redirects, no proxy: what stands on the premises.
fn client(extra: Option<&[u8]>) -> Result<Client, reqwest::Error> {
    let mut builder = Client::builder()
        .user_agent(concat!("lockstep/", env!("CARGO_PKG_VERSION")))
        .timeout(WITHIN)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy();
    if let Some(pem) = extra {
        builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
    }
    builder.build()
}

/// Does every node have an origin? Its desktops could not connect.
fn unlisted(config: &Config) -> Option<Finding> {
    let origins = &config.http.finesse_origins;
    if origins.is_empty() {
        return None; // an error of the configuration where the mode needs them
    }
    let hosts: Vec<Url> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let lacks = |node: &&Url| !hosts.iter().any(|origin| origin.host() == node.host());
    let lacking: Vec<_> = config.finesse.nodes.iter().filter(lacks).collect();
    if lacking.is_empty() {
        return None;
    }
    let names: Vec<String> =
        lacking.iter().map(|node| node.origin().ascii_serialization()).collect();
    let text = format!("desktops of {} are not listed", names.join(", "));
    let remedy = "add what agents have in their browsers' address line to http.finesse_origins, with and without the port";
    // Amber in every mode: agents may open the node by another name, which is listed.
    Some(Finding::amber(CORS, text, remedy))
}

/// Is the gadget's XML there? `true`: somebody answered as Lockstep does.
async fn gadget(client: &Client, base: &Url, used: bool, findings: &mut Vec<Finding>) -> bool {
    let place = Place::from(base);
    let address = format!("{place}/gadget/{XML}");
    let response = match client.get(&address).send().await {
        Ok(response) => response,
        Err(error) => {
            let text = format!("{place}: {}", why(error));
            findings.push(Finding::amber(URL, text, NOT_RUNNING));
            return false;
        }
    };
    let status = response.status();
    if matches!(status.as_u16(), 502..=504) {
        let text = format!("{place} answers {}: nobody is behind the proxy", status.as_u16());
        findings.push(Finding::amber(URL, text, NOT_RUNNING));
        return false;
    }
    let body = body(response).await;
    let is_gadget = status.is_success() && body.contains("<Module") && body.contains("Lockstep");
    if !is_gadget {
        let text = format!("{address} answers {} and is not the gadget", status.as_u16());
        let remedy = "let http.public_url lead to lockstep: a proxy passes /gadget/, /api/ and /socket.io/ on as they are";
        findings.push(red_or_amber(used, URL, text, remedy));
        return false;
    }
    let ours = Bundle::embedded().map(|bundle| served(&bundle.xml, &place));
    findings.push(if ours.is_none_or(|ours| ours == body) {
        Finding::green(URL, format!("{place} serves the gadget"))
    } else {
        let text = format!("{place} serves the gadget of another build, or for another address");
        Finding::amber(URL, text, "restart lockstep by this build and this configuration")
    });
    true
}

/// The body as text; nothing where it is too long.
async fn body(mut response: Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_XML {
            return String::new();
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}

/// May the desktops' pages read what is answered?
async fn origins(
    client: &Client,
    config: &Config,
    base: &Url,
    used: bool,
    findings: &mut Vec<Finding>,
) {
    let listed = &config.http.finesse_origins;
    let address = format!("{}/api/session", Place::from(base));
    let allowed = join_all(listed.iter().map(|origin| allows(client, &address, origin))).await;
    let refused: Vec<&str> = listed
        .iter()
        .zip(allowed)
        .filter(|(_, allowed)| !allowed)
        .map(|(one, _)| one.as_str())
        .collect();
    if refused.is_empty() {
        if !listed.is_empty() {
            findings
                .push(Finding::green(CORS, format!("CORS is granted to {}", listed.join(", "))));
        }
        return;
    }
    let text = format!("CORS is not granted to {}", refused.join(", "));
    let remedy = "restart lockstep, which knows http.finesse_origins from its start; a proxy in front must pass Origin and OPTIONS on";
    findings.push(red_or_amber(used, CORS, text, remedy));
}

/// Asks as a browser does before a page of `origin` may post.
async fn allows(client: &Client, address: &str, origin: &str) -> bool {
    let request = client
        .request(Method::OPTIONS, address)
        .header(header::ORIGIN, origin)
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type");
    let Ok(response) = request.send().await else { return false };
    let says = |name: HeaderName, wanted: &str| told(response.headers(), &name, wanted);
    response.status().is_success()
        && says(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin)
        && says(header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization")
}

fn told(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(',').any(|part| part.trim().eq_ignore_ascii_case(wanted))
}

/// The innermost cause; the ones above only say that something went wrong.
fn why(error: reqwest::Error) -> String {
    let error = error.without_url();
    if error.is_timeout() {
        return format!("no answer within {} s", WITHIN.as_secs());
    }
    let mut last: &dyn std::error::Error = &error;
    while let Some(source) = last.source() {
        last = source;
    }
    let text = last.to_string();
    // The system's number says nothing that its words do not.
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
