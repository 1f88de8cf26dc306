//! Measurements: the real binary, and a bare relay as the floor, against both simulators.
//!
//! The simulators run as libraries in the driver's process, so that the moment at which an event
//! was due and the moment at which its request arrived are read from one clock. The method is
//! written down in `docs/performance.md`.

pub mod against;
pub mod child;
pub mod descriptors;
pub mod hot_path;
pub mod journal;
pub mod latency;
pub mod load;
pub mod mercury;
pub mod metrics;
pub mod numbers;
pub mod out;
pub mod placement;
pub mod process;
pub mod push;
pub mod ready;
pub mod scale;
pub mod sides;
pub mod site;
