//! The address by which a layout names our gadget.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::gadget_files::{NotAPlace, Place};

/// Where the server serves the gadget's XML.
const SERVED: &str = "/gadget/lockstep.xml";

/// The address of the gadget's XML, as it goes into a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The XML of the server at `server`.
    pub fn of_server(server: &Place) -> Self {
        Self(format!("{server}{SERVED}"))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is a gadget of this text ours? Queries hold settings, so they make no other gadget of it.
    pub(super) fn is(&self, text: &str) -> bool {
        normal(text.trim()) == normal(&self.0)
    }
}

/// Without a query, a default port, or capitals in the host.
fn normal(text: &str) -> String {
    let address = text.split(['?', '#']).next().unwrap_or_default();
    Url::parse(address).map_or_else(|_| address.to_owned(), |url| url.as_str().to_owned())
}

impl FromStr for Address {
    type Err = NotAPlace;

    /// Reads the address of the XML, or of the server that serves it.
    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let (address, query) = text.split_once('?').map_or((text, None), |(a, q)| (a, Some(q)));
        let place: Place = address.parse()?;
        let is_xml = place.as_str().to_ascii_lowercase().ends_with(".xml");
        let Self(whole) = if is_xml { Self(place.to_string()) } else { Self::of_server(&place) };
        let Some(query) = query else { return Ok(Self(whole)) };
        let safe = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\'' | '#');
        if !query.chars().all(safe) {
            return Err(NotAPlace("a query holds letters, digits, & and = only, others as %xx"));
        }
        Ok(Self(format!("{whole}?{query}")))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
