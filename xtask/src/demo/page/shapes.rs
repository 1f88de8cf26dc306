//! The gadget's own drawings of states, for the page.

use crate::demo::board::Row;
use crate::demo::words::{self, Tone};

/// By the word that the gadget has for each.
const SHAPES: [(&str, &str); 7] = [
    ("ready", include_str!("../../../../gadget/shapes/ready.svg")),
    ("held", include_str!("../../../../gadget/shapes/held.svg")),
    ("not-ready", include_str!("../../../../gadget/shapes/not-ready.svg")),
    ("call", include_str!("../../../../gadget/shapes/call.svg")),
    ("wrap-up", include_str!("../../../../gadget/shapes/wrap-up.svg")),
    ("unknown", include_str!("../../../../gadget/shapes/unknown.svg")),
    ("trouble", include_str!("../../../../gadget/shapes/trouble.svg")),
];

/// The page with the drawings in it.
pub(super) fn page() -> String {
    let one = |(name, svg): &(&str, &str)| format!("<i data-of=\"{name}\">{svg}</i>");
    let all: String = SHAPES.iter().map(one).collect();
    include_str!("index.html").replace("<!-- shapes -->", &all)
}

/// Which one an agent has.
pub(super) fn of(row: &Row) -> &'static str {
    let (mark, _, tone) = words::state(row);
    by_mark(mark, tone)
}

/// The drawing for a mark of the terminal's table.
pub(super) fn by_mark(mark: &str, tone: Tone) -> &'static str {
    match (mark, tone) {
        (_, Tone::Trouble) => "trouble",
        ("●", _) => "ready",
        ("⊖", _) => "held",
        ("○", _) => "not-ready",
        ("■", _) => "call",
        ("□", _) => "wrap-up",
        _ => "unknown",
    }
}
