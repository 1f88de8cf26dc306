//! The desktop: finesse.js and the container, of any version from 10.5 on (Finesse notes 3.2, 4.1).
//!
//! [`desktop`] holds the objects, [`user`] is the one live User, [`rest`] asks Finesse through the
//! container's own proxy; [`reading`], [`xml`], [`instant`] and [`clock`] know nothing of JavaScript
//! and turn what was found into the core's words.

mod clock;
pub(crate) mod desktop;
mod instant;
mod reading;
pub(crate) mod rest;
pub(crate) mod user;
mod xml;

pub use clock::FinesseClock;
pub(crate) use desktop::{Desktop, Notice};
pub use reading::{SeenReason, SeenUser, timestamp_from_xml, user_from_xml, view};
