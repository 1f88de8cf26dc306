//! The Mercury socket (wire notes 3).

mod acks;
mod frames;
mod hear;
mod proof;
mod socket;
mod upgrade;

pub(crate) use upgrade::{is_upgrade, upgrade};
