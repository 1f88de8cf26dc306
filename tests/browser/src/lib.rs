//! Stories in a real browser: headless Chromium on the simulated desktop.
//!
//! A [`Browser`] is one Chromium with a profile of its own, driven by chromedriver; a [`Desk`] is an
//! agent signed in there. A story looks at the page and at the contact centre until what it waits
//! for is true, or says what never came true and what was seen instead.
//!
//! A [`Wall`] is the supervisor's page: of a real server, or of a [`Script`], which says what a story
//! wants to be said and no more.
//!
//! `cargo xtask browser` finds or installs Chromium and runs the stories.

#![expect(clippy::missing_panics_doc, reason = "a story ends by saying what never came true")]

mod asked;
mod browser;
mod clock;
mod desk;
mod judge;
mod keyboard;
mod panel;
mod portrait;
mod probe;
mod script;
mod stage;
mod wait;
mod wall;

pub use asked::asked;
pub use browser::{Browser, Face, pictures};
pub use desk::Desk;
pub use keyboard::key;
pub use lockstep_chromium::{Element, Session, Told};
pub use panel::Panel;
pub use probe::{PROBE, PROBE_URL, layout};
pub use script::{Script, agent, crowd, snoozed};
pub use stage::{
    AGENT, GADGET, at_desk, at_desk_with, end, forward, free, free_with_a_clock, gadget_site,
    gadget_site_prepared, public_url, show, supervised_site,
};
pub use wait::until;
pub use wall::{Seen, Wall};
