//! `GET /finesse/api/SystemInfo`, the one resource without credentials (Finesse notes 1.7).

use std::net::SocketAddr;

use jiff::Timestamp;

use super::Call;
use super::reply::Reply;
use super::xml::Xml;
use crate::clock::wire_time;
use crate::model::state::Deployment;
use crate::server::World;

pub(crate) fn get(world: &World, call: &Call<'_>) -> Reply {
    let shown = &call.plan.rendering;
    let truth = call.plan.service.unwrap_or("IN_SERVICE");
    let status = shown.system_status.as_deref().unwrap_or(truth);
    let deployment = world.centre.deployment;
    let deployment_type = shown.deployment_type.as_deref().unwrap_or(deployment.wire());
    let heartbeat = if call.plan.service.is_some() { "failure" } else { "success" };
    let heartbeat = shown.cti_heartbeat.as_deref().unwrap_or(heartbeat);
    let why = if status == "IN_SERVICE" { "" } else { "CTI_DISCONNECTED" };
    let mut xml = Xml::new();
    xml.element("SystemInfo", |xml| {
        xml.leaf("currentTimestamp", &wire_time(skewed(call.now, shown.skew_ms)));
        xml.leaf("ctiServers", "");
        xml.leaf("deploymentType", deployment_type);
        xml.leaf("lastCTIHeartbeatStatus", heartbeat);
        xml.leaf("license", if deployment == Deployment::Uccx { "PREMIUM" } else { "" });
        xml.leaf("peripheralId", if deployment == Deployment::Ucce { "5000" } else { "" });
        node(xml, "primaryNode", Some(world.nodes.primary));
        node(xml, "secondaryNode", world.nodes.secondary);
        xml.leaf("status", status);
        xml.leaf("statusReason", why);
        xml.leaf("systemAuthMode", "NON_SSO");
        xml.leaf("timezoneOffset", "0");
        xml.leaf("uri", "/finesse/api/SystemInfo");
        xml.leaf("xmppDomain", "finesse.sim");
        xml.leaf("xmppPubSubDomain", "pubsub.finesse.sim");
    });
    let reply = Reply::xml(xml);
    if call.plan.service.is_some() { reply.by_fault() } else { reply }
}

fn node(xml: &mut Xml, name: &str, address: Option<SocketAddr>) {
    let Some(address) = address else { return };
    xml.element(name, |xml| {
        xml.leaf("host", &address.ip().to_string());
        xml.leaf("httpsPort", &address.port().to_string());
        xml.leaf("xmppPort", "5222");
        xml.leaf("xmppSecurePort", "5223");
    });
}

/// An instant as a Finesse with a wrong clock prints it.
pub(crate) fn skewed(at: Timestamp, by_ms: i64) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond().saturating_add(by_ms)).unwrap_or(at)
}
