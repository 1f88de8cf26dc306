//! The panel as values, and how it is taken from a desk.

use std::time::Duration;

use super::about::About;
use super::{Face, Shape, rows, words};
use crate::Time;
use crate::agent::Snooze;
use crate::desk::{Desk, Link};

/// A loss shorter than this is a word at the bottom, not a face of its own.
const LOST_AFTER: Duration = Duration::from_secs(5);

/// What a picture of the desk depends on besides the desk.
pub struct Glimpse<'a> {
    /// The server's clock.
    pub now: Time,
    /// A time as the reader writes it, such as `10:02`.
    pub clock: &'a dyn Fn(Time) -> String,
}

/// All that the panel shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// What it is about.
    pub face: Face,
    /// The shape before the state.
    pub shape: Shape,
    /// The state, in Finesse's words; of a trouble, what is wrong.
    pub state: &'static str,
    /// The reason, where one is shown; of a trouble, the state.
    pub reason: Option<String>,
    /// Since when, as the reader writes it; empty where that is not known.
    pub since: String,
    /// Why, and what comes next.
    pub sentence: String,
    /// What an administrator can do about it; empty where nothing is wrong.
    pub detail: String,
    /// How the link is.
    pub link: LinkWord,
    /// What the snooze button offers.
    pub snooze: SnoozeOffer,
    /// The last decisions, newest first.
    pub rows: Vec<Row>,
}

/// How the link is, in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkWord {
    /// Is everything as it should be?
    pub live: bool,
    /// The word.
    pub text: String,
}

/// What can be done about being left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnoozeOffer {
    /// Nothing now: nobody would hear of it.
    None,
    /// It can be asked for.
    Offered,
    /// It is so, and can be undone.
    Running(Snooze),
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When, as the reader writes it.
    pub at: String,
    /// What.
    pub text: String,
}

impl Panel {
    /// The picture of `desk`.
    pub fn of(desk: &Desk, glimpse: &Glimpse<'_>) -> Self {
        let about = About::new(desk, glimpse);
        let face = face(desk, &about, glimpse.now);
        let state = about.state();
        let view = about.view;
        Self {
            face,
            shape: face.shape(state),
            state: words::headline(face, state),
            reason: words::beside(face, view),
            since: about.since(),
            sentence: words::sentence(face, &about),
            detail: words::detail(face, &about),
            link: link(desk, &about),
            snooze: about.snooze_offer(),
            rows: rows::of(desk, glimpse),
        }
    }

    /// Is this read aloud? A change is told once: when it is done, not while it is asked for.
    pub const fn is_spoken(&self) -> bool {
        !matches!(self.face, Face::Changing | Face::Starting)
    }

    /// What is read aloud when it changes.
    pub fn spoken(&self) -> String {
        let reason =
            self.reason.as_deref().map_or_else(String::new, |reason| ", ".to_owned() + reason);
        [self.state, &reason, ". ", &self.sentence].concat()
    }

    /// When it looks different although nothing happens.
    pub fn changes_at(desk: &Desk, now: Time) -> Option<Time> {
        match desk.link {
            Link::Lost { since } => Some(since.after(LOST_AFTER)).filter(|at| *at > now),
            _ => None,
        }
    }
}

/// What is said first: what keeps us from knowing, then what keeps us from acting, then what is.
fn face(desk: &Desk, about: &About<'_>, now: Time) -> Face {
    if desk.incompatible.is_some() {
        return Face::WrongVersion;
    }
    match &desk.link {
        Link::Barred(_) => return Face::Blocked,
        Link::Lost { since } if now.since(*since) >= LOST_AFTER => return Face::Reconnecting,
        Link::Opening => return Face::Starting,
        Link::Live | Link::Lost { .. } => {}
    }
    if desk.finesse_gone {
        return Face::Reconnecting;
    }
    about.face()
}

fn link(desk: &Desk, about: &About<'_>) -> LinkWord {
    let known = !desk.finesse_gone && desk.stale_since.is_none();
    let live = desk.link == Link::Live && known && desk.incompatible.is_none();
    LinkWord { live, text: words::link(desk, about) }
}
