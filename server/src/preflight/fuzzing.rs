//! What holds for every byte that a server may show as its certificate.

use super::der;

/// A certificate: its end is a time, or it is none; and what is cut off has the same end or none.
pub fn not_after(bytes: &[u8]) {
    let end = der::not_after(bytes);
    if let Some((_, shorter)) = bytes.split_last() {
        let cut = der::not_after(shorter);
        assert!(cut.is_none() || cut == end, "{cut:?} is not {end:?}");
    }
}
