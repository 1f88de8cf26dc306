//! The Mercury socket (wire notes 3).

mod acks;
mod frames;
mod socket;
mod upgrade;

pub(crate) use upgrade::{is_upgrade, upgrade};
