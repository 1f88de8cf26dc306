use serde_json::Value;
use url::Url;

use super::composition::text;
use super::hosts::Trust;
use super::pauses::Service;
use super::rest::{Rest, RestError, below};

/// Where Webex's services are, by the catalog (Webex notes 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Catalog {
    /// Device registration.
    pub(super) wdm: Url,
    /// Presence, where the catalog names it; else the device's registration may (notes 2.3).
    pub(super) presence: Option<Url>,
}

impl Rest {
    /// `GET {u2c}/catalog?format=hostmap`.
    pub(super) async fn catalog(&self, u2c: &Url) -> Result<Catalog, RestError> {
        let mut url = below(u2c, &["catalog"]);
        url.query_pairs_mut().append_pair("format", "hostmap");
        Catalog::read(&self.get(Service::Catalog, url).await?, self.transport.trust())
    }
}

impl Catalog {
    /// Reads the catalog's answer.
    pub(super) fn read(reply: &Value, trust: &Trust) -> Result<Self, RestError> {
        let service = Service::Catalog.label();
        let link = |name: &str| link(reply.get("serviceLinks"), name, trust, service);
        let wdm = link("wdm")?.ok_or_else(|| RestError::Failed {
            service,
            detail: "the catalog names no wdm, the device registration".to_owned(),
        })?;
        Ok(Self { wdm, presence: link("apheleia")? })
    }
}

/// An address out of an answer; the token will go there, so its host must be trusted.
pub(super) fn link(
    links: Option<&Value>,
    name: &str,
    trust: &Trust,
    service: &'static str,
) -> Result<Option<Url>, RestError> {
    let Some(address) = links.and_then(|links| text(links, name)) else { return Ok(None) };
    let url: Url = address.parse().map_err(|error| RestError::Failed {
        service,
        detail: format!("{name} is no address: {error}"),
    })?;
    trust.check(&url)?;
    Ok(Some(url))
}
