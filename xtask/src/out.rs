//! Lines on standard output. A reader that went away is no reason to fail.

use std::io::{self, Write as _};

/// Writes one line.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// A span of time as people read it.
pub(crate) fn seconds(span: std::time::Duration) -> String {
    format!("{:.1} s", span.as_secs_f64())
}
