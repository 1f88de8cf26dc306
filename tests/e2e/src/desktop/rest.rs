//! What a desktop asks of Finesse in its agent's name, and what Finesse tells it by itself.

use lockstep_core::Time;
use lockstep_core::desk::{Listed, Reply};
use lockstep_core::finesse::Target;
use lockstep_gadget::{SeenUser, timestamp_from_xml, user_from_xml};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

use crate::PATIENCE;
use crate::config::PASSWORD;

/// Finesse, as this agent's desktop is signed in there.
#[derive(Debug, Clone)]
pub(super) struct Finesse {
    pub(super) client: Client,
    pub(super) base: String,
    pub(super) agent: String,
}

/// What the notification service tells.
#[derive(Debug)]
pub(super) enum Notice {
    /// The user has changed.
    User(SeenUser),
    /// A request failed in CTI after it had been accepted.
    Failed { request: String, reply: Reply },
    /// Finesse is in service, or out of it.
    Service(bool),
}

/// The stream of notices, read line by line.
#[derive(Debug)]
pub(super) struct Notices {
    response: Response,
    unread: Vec<u8>,
}

impl Finesse {
    /// `GET User/{id}`.
    pub(super) async fn look(&self) -> Option<SeenUser> {
        user_from_xml(&self.get(&format!("User/{}", self.agent)).await?)
    }

    /// `GET SystemInfo`.
    pub(super) async fn clock(&self) -> Option<Time> {
        timestamp_from_xml(&self.get("SystemInfo").await?)
    }

    /// The reasons that the agent may choose.
    pub(super) async fn reasons(&self) -> Option<Vec<Listed>> {
        let path = format!("User/{}/ReasonCodes?category=NOT_READY", self.agent);
        Some(listed(&self.get(&path).await?))
    }

    /// `PUT User/{id}`; no status is no answer.
    pub(super) async fn set(&self, id: &str, target: Target, reason: Option<&str>) -> Reply {
        let reason = reason.map(|id| format!("<reasonCodeId>{id}</reasonCodeId>"));
        let state = format!("<state>{}</state>", target.as_str());
        let body = format!("<User>{state}{}</User>", reason.unwrap_or_default());
        let request = self.client.put(format!("{}/finesse/api/User/{}", self.base, self.agent));
        let request = request.header("content-type", "application/xml").header("requestId", id);
        let Ok(answer) = self.signed(request.body(body)).send().await else {
            return Reply::default();
        };
        let status = answer.status().as_u16();
        refusal(status, &answer.text().await.unwrap_or_default())
    }

    /// Asks to be told what happens.
    pub(super) async fn notices(&self) -> Option<Notices> {
        let request = self.client.get(format!("{}/desktop/events", self.base));
        let request = request.basic_auth(&self.agent, Some(PASSWORD));
        let response = request.send().await.ok()?;
        response.status().is_success().then_some(Notices { response, unread: Vec::new() })
    }

    async fn get(&self, path: &str) -> Option<String> {
        let request = self.client.get(format!("{}/finesse/api/{path}", self.base));
        let answer = self.signed(request).send().await.ok()?;
        if !answer.status().is_success() {
            return None;
        }
        answer.text().await.ok()
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.agent, Some(PASSWORD)).timeout(PATIENCE)
    }
}

impl Notices {
    /// The next one; `None` at the end of the stream.
    pub(super) async fn next(&mut self) -> Option<Notice> {
        loop {
            while let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                let line: Value = serde_json::from_slice(&line).expect("a line of JSON");
                if let Some(notice) = notice(&line) {
                    return Some(notice);
                }
            }
            self.unread.extend_from_slice(&self.response.chunk().await.ok()??);
        }
    }
}

fn notice(line: &Value) -> Option<Notice> {
    if line["type"] == "service" {
        return Some(Notice::Service(line["status"] == "IN_SERVICE"));
    }
    let xml = line["xml"].as_str()?;
    if inside(xml, "apierror").is_some() {
        // As finesse.js tells what CTI says later.
        let (request, reply) = (inside(xml, "requestid")?.to_owned(), refusal(400, xml));
        return Some(Notice::Failed { request, reply });
    }
    user_from_xml(xml).map(Notice::User)
}

fn refusal(status: u16, xml: &str) -> Reply {
    let told = |name| inside(xml, name).unwrap_or_default().to_owned();
    Reply { status, kind: told("errortype"), data: told("errordata") }
}

fn listed(xml: &str) -> Vec<Listed> {
    let one = |text: &str| {
        let last = |uri: &str| uri.rsplit('/').next().map(str::to_owned);
        let id = inside(text, "id").map(str::to_owned);
        Some(Listed {
            id: id.or_else(|| last(inside(text, "uri")?))?,
            label: inside(text, "label")?.to_owned(),
            system: inside(text, "systemcode") == Some("true"),
        })
    };
    xml.split("</ReasonCode>").filter_map(one).collect()
}

/// The text of the first element of this name, which is given in lower case: the documents print
/// them in several.
fn inside<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let lower = xml.to_ascii_lowercase();
    let start = lower.find(&format!("<{name}>"))? + name.len() + 2;
    let end = start + lower.get(start..)?.find(&format!("</{name}>"))?;
    xml.get(start..end).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_and_refusals_are_read_from_finesses_documents() {
        let xml = "<ReasonCodes category=\"NOT_READY\"><ReasonCode><uri>/finesse/api/ReasonCode/7\
                   </uri><label>Lunch</label><systemCode>false</systemCode></ReasonCode>\
                   <ReasonCode><label>Webex DND</label><id>9</id></ReasonCode></ReasonCodes>";
        let found = listed(xml);
        let told: Vec<_> = found.iter().map(|one| (one.id.as_str(), one.label.as_str())).collect();
        assert_eq!(told, [("7", "Lunch"), ("9", "Webex DND")]);
        let xml = "<ApiErrors><ApiError><ErrorData>265</ErrorData><ErrorType>Invalid State\
                   </ErrorType></ApiError></ApiErrors>";
        let reply = refusal(400, xml);
        assert_eq!((reply.kind.as_str(), reply.data.as_str()), ("Invalid State", "265"));
    }
}
