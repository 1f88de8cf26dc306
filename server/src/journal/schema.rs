//! The tables of `journal.db`, version by version; `docs/journal.md` tells them to operators.

use crate::database::Schema;

/// "lokj" in ASCII.
pub(super) const SCHEMA: Schema = Schema { application: 0x6c6f_6b6a, steps: STEPS };

const STEPS: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql")];
