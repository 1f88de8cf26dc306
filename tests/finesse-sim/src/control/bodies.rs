//! The bodies of control requests; a field that is not known is a mistake.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::model::CallEvent;
use crate::model::state::By;
use crate::server::CallOptions;

/// `PUT /sim/users/{loginId}/state`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateBody {
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) reason: Option<String>,
    #[serde(default = "the_agent")]
    pub(crate) by: By,
}

fn the_agent() -> By {
    By::Agent
}

/// `POST /sim/users/{loginId}/call`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallBody {
    pub(crate) event: CallEvent,
    #[serde(default)]
    wrap_up: Option<bool>,
    #[serde(default)]
    wrap_up_ms: Option<u64>,
    #[serde(default)]
    icd: Option<bool>,
}

impl CallBody {
    pub(crate) fn options(&self) -> CallOptions {
        CallOptions {
            wrap_up: self.wrap_up,
            wrap_up_for: self.wrap_up_ms.map(Duration::from_millis),
            icd: self.icd,
        }
    }
}

/// `PUT /sim/users/{loginId}/team`: an id or a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamBody {
    pub(crate) team: serde_json::Value,
}

/// `PUT /sim/teams/{id}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamNameBody {
    pub(crate) name: String,
}

/// Reads a body, or says what is wrong with it.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body is wrong: {error}"))
}
