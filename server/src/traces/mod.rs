//! Traces for OpenTelemetry: one per change of presence and agent, from Webex to Finesse.
//!
//! A span is made where both its moments are known, put into a bounded queue (`tracer`) and sent
//! by one task (`export`). Nothing waits for it, and without an endpoint there is none of it. Ids
//! of agents are in a trace; names, addresses and tokens are not.

mod export;
mod leg;
mod trace;
mod tracer;

pub use export::{Collector, CollectorError, run, try_it};
pub use leg::Leg;
pub use trace::Trace;
pub use tracer::{Outlet, Tracer};
