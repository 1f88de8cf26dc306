//! The tables of `lockstep.db`, version by version.

use crate::database::Schema;

/// "lock" in ASCII. `WITHOUT ROWID`: one tree instead of a table and its index, so one page per
/// change.
pub(super) const SCHEMA: Schema = Schema {
    application: 0x6c6f_636b,
    steps: &[
        "CREATE TABLE ledger (agent TEXT PRIMARY KEY, entry TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE people (addresses TEXT PRIMARY KEY, person TEXT NOT NULL, checked INTEGER NOT NULL)
        STRICT, WITHOUT ROWID",
    ],
};
