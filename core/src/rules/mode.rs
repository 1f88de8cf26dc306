use std::fmt;

use serde::{Deserialize, Serialize};

/// By which way states are set in Finesse; `sync.mode` of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The agent's own desktop sets it, with a reason.
    Gadget,
    /// The server sets it as the agent's supervisor, without a reason (Finesse notes 0.2).
    Server,
    /// The gadget where one is alive, the server otherwise.
    Auto,
}

impl Mode {
    /// Every mode, by the name that the configuration uses.
    pub const ALL: [Self; 3] = [Self::Gadget, Self::Server, Self::Auto];

    /// Reads the configuration's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }

    /// The configuration's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gadget => "gadget",
            Self::Server => "server",
            Self::Auto => "auto",
        }
    }

    /// May a gadget set states, so that a reason is sent by its label?
    pub const fn has_gadget(self) -> bool {
        matches!(self, Self::Gadget | Self::Auto)
    }

    /// May the server set states, as a supervisor?
    pub const fn has_server(self) -> bool {
        matches!(self, Self::Server | Self::Auto)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
