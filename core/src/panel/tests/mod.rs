//! Every face has its words, every word its place, and every colour its contrast.

mod contrast;
mod faces;
mod words;

use super::{Glimpse, Panel, Shape};
use crate::Time;
use crate::desk::Desk;

/// What reaches nobody: it is ours to know.
const JARGON: [&str; 9] =
    ["token", "null", "undefined", "WebSocket", "None", "Some(", "_", "NOT_READY", "!"];

/// The picture of a desk, with every time as the same one.
pub(super) fn picture(desk: &Desk, now: Time) -> Panel {
    Panel::of(desk, &Glimpse { now, clock: &|_| "10:02".to_owned() })
}

/// What must be true of every picture.
pub(crate) fn check(desk: &Desk, now: Time) -> Panel {
    let panel = picture(desk, now);
    let face = panel.face;
    for (name, text) in
        [("state", panel.state), ("sentence", &*panel.sentence), ("link", &*panel.link.text)]
    {
        assert!(!text.trim().is_empty(), "{face:?} has no {name}");
        assert!(!text.contains("  ") && text.trim() == text, "{face:?}: {text:?}");
        let found = JARGON.iter().find(|word| text.contains(**word));
        assert_eq!(found, None, "{face:?}: {text:?}");
    }
    let sentence = &panel.sentence;
    assert!(sentence.ends_with('.') && !sentence.contains(".."), "{face:?}: {sentence:?}");
    assert!(sentence.starts_with(char::is_uppercase), "{face:?}: {sentence:?}");
    // Three lines of 12 px at 280 px, two of 14 px from 480 px on; More shows what is longer.
    assert!(sentence.chars().count() <= 150, "{face:?} says too much: {sentence:?}");
    assert_eq!(panel.reason.as_deref().map(str::trim), panel.reason.as_deref());
    assert_ne!(panel.reason.as_deref(), Some(""));
    for row in &panel.rows {
        assert!(!row.text.trim().is_empty() && !row.at.is_empty(), "{row:?}");
    }
    let trouble = panel.shape == Shape::Trouble;
    assert!(!(trouble && panel.is_spoken() && panel.spoken().is_empty()));
    panel
}
