//! The control APIs of both simulators and what the server tells of itself.

use anyhow::Context as _;
use hyper::Method;
use serde_json::{Value, json};

use super::peer::Peer;

/// Who to ask and tell.
#[derive(Debug, Clone)]
pub(super) struct Control {
    webex: Peer,
    finesse: Peer,
    lockstep: Peer,
}

/// Where something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Webex,
    Finesse,
}

impl Control {
    pub(super) fn new(webex: &str, finesse: &str, lockstep: &str) -> anyhow::Result<Self> {
        Ok(Self {
            webex: Peer::at(webex)?,
            finesse: Peer::at(finesse)?,
            lockstep: Peer::at(lockstep)?,
        })
    }

    /// Addresses worth a look, with what is there.
    pub(super) fn places(&self) -> Vec<(&'static str, String)> {
        let (webex, finesse, lockstep) = (&self.webex, &self.finesse, &self.lockstep);
        vec![
            ("health", format!("{lockstep}/readyz")),
            ("metrics", format!("{lockstep}/metrics")),
            ("webex-sim", format!("{webex}/sim/people")),
            ("finesse-sim", format!("{finesse}/sim/users")),
        ]
    }

    // === looking ===

    /// Everybody as Webex has them.
    pub(super) async fn people(&self) -> anyhow::Result<Value> {
        self.webex.get("/sim/people").await
    }

    /// Everybody as Finesse has them.
    pub(super) async fn users(&self) -> anyhow::Result<Value> {
        self.finesse.get("/sim/users").await
    }

    /// What happened in Finesse after `seq`.
    pub(super) async fn events(&self, seq: u64) -> anyhow::Result<Value> {
        self.finesse.get(&format!("/sim/events?after={seq}")).await
    }

    /// How the server is; it says so when it is not ready, too.
    pub(super) async fn health(&self) -> anyhow::Result<Value> {
        let (_, body) = self.lockstep.ask(Method::GET, "/readyz", None).await?;
        Ok(body)
    }

    /// How often the states of a team were read.
    pub(super) async fn readings(&self) -> anyhow::Result<u64> {
        let log = self.finesse.get(&format!("/sim/log?after={}", u64::MAX)).await?;
        Ok(log["summary"]["byEndpoint"]["team"].as_u64().unwrap_or(0))
    }

    /// What either simulator was asked against its documents.
    pub(super) async fn violations(&self) -> anyhow::Result<Vec<String>> {
        let webex = self.webex.get(&format!("/sim/log?since={}", u64::MAX)).await?;
        let finesse = self.finesse.get(&format!("/sim/log?after={}", u64::MAX)).await?;
        let count = |value: &Value| value.as_u64().context("a simulator counts no violations");
        let (in_webex, in_finesse) =
            (count(&webex["counters"]["violations"])?, count(&finesse["summary"]["violations"])?);
        let told = sentences("webex-sim", in_webex, &webex["violations"]);
        let also = sentences("finesse-sim", in_finesse, &finesse["summary"]["violationSentences"]);
        Ok([told, also].concat())
    }

    // === acting ===

    /// `who` is a mail address.
    pub(super) async fn presence(&self, who: &str, presence: &Value) -> anyhow::Result<()> {
        let path = format!("/sim/people/{who}/presence");
        self.webex.tell(Method::PUT, &path, presence).await
    }

    pub(super) async fn state(&self, login_id: &str, order: &Value) -> anyhow::Result<()> {
        self.finesse.tell(Method::PUT, &format!("/sim/users/{login_id}/state"), order).await
    }

    pub(super) async fn call(&self, login_id: &str, order: &Value) -> anyhow::Result<()> {
        self.finesse.tell(Method::POST, &format!("/sim/users/{login_id}/call"), order).await
    }

    /// Desktops that are opened from now on have this layout.
    pub(super) async fn layout(&self, xml: String) -> anyhow::Result<()> {
        self.finesse.tell_text(Method::PUT, "/sim/layout", xml).await
    }

    /// What happens to somebody's open desktop.
    pub(super) async fn desktop(&self, login_id: &str, act: &str) -> anyhow::Result<()> {
        let order = json!({ "act": act, "user": login_id });
        self.finesse.tell(Method::POST, "/sim/desktop", &order).await
    }

    /// Something goes wrong from now on.
    pub(super) async fn fault(&self, place: Place, fault: &Value) -> anyhow::Result<()> {
        self.at(place).tell(Method::POST, "/sim/faults", fault).await
    }

    /// Takes every fault back.
    pub(super) async fn clear_faults(&self, place: Place) -> anyhow::Result<()> {
        self.at(place).tell(Method::DELETE, "/sim/faults", &Value::Null).await
    }

    const fn at(&self, place: Place) -> &Peer {
        match place {
            Place::Webex => &self.webex,
            Place::Finesse => &self.finesse,
        }
    }

    /// Where desktops are signed in to.
    pub(super) fn desktops(&self) -> String {
        format!("{}/desktop/", self.finesse)
    }

    /// Kills the socket; the first attempt to come back is sent away for so many seconds.
    pub(super) async fn cut_feed(&self, seconds: u64) -> anyhow::Result<()> {
        let refuse = json!({
            "fault": "mercury_upgrade_status", "status": 503, "retry_after": seconds, "times": 1,
        });
        self.fault(Place::Webex, &refuse).await?;
        self.fault(Place::Webex, &json!({"fault": "mercury_drop"})).await
    }
}

fn sentences(name: &str, count: u64, words: &Value) -> Vec<String> {
    let words = words.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut told: Vec<String> =
        words.iter().map(|word| format!("{name}: {}", word.as_str().unwrap_or("?"))).collect();
    if count > 0 && told.is_empty() {
        told.push(format!("{name}: {count} violations"));
    }
    told
}
