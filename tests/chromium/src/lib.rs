//! A headless Chromium with a fresh profile, driven by chromedriver over the `WebDriver` protocol.
//!
//! [`Chromium`] is the running browser, closed when it is dropped; [`Session`] is what it is told.
//! The stories, the demo and the measurements share it, so that all of them see the same browser.

mod browser;
mod driver;
mod session;

pub use browser::{Chromium, Window};
pub use driver::{CHROMEDRIVER, CHROMIUM, program};
pub use session::{Element, Session, Told};
