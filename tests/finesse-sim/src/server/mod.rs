//! The running simulator: one contact centre, one or two nodes on loopback sockets.

mod connection;
mod exchange;
mod listener;
pub(crate) mod person;
mod sim;
mod socket;
mod start;
mod tls;
mod unplugged;
mod world;

use serde::{Deserialize, Serialize};

pub use person::CallOptions;
pub(crate) use sim::by_login_id;
pub use sim::{FinesseSim, ScriptError};
pub use start::StartError;
pub use unplugged::{Asked, CtiAnswer, Refused};
pub(crate) use world::{Shared, World};

/// One of the two servers of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// Where configuration is written.
    Primary,
    /// The other one.
    Secondary,
}
