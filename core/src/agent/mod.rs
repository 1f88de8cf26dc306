//! The state machine of one agent.
