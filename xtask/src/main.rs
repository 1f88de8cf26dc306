//! cargo xtask demo | test: everything a developer or CI runs.

fn main() {}
