//! How much work the program `hot-path` does.

/// Agents in the engine.
pub const AGENTS: usize = 100;
/// How often each is taken and released.
pub const ROUNDS: usize = 10;
/// Events in all.
pub const EVENTS: usize = 2 * AGENTS * ROUNDS;
