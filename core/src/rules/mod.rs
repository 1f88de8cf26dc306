//! Data that turns facts into what is wanted.
