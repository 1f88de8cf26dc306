//! The whole in gadget mode: both simulators, the real binary, the real gadget in a real browser.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use finesse_sim::Fault;
use lockstep_e2e::{PASSWORD, Site, SiteConfig};

use crate::browser::{Browser, Face};
use crate::desk::Desk;
use crate::probe::layout;

/// A part of the gadget's address, by which its frame is found.
pub const GADGET: &str = "/gadget/lockstep.xml";

/// The login name of a site's first agent.
pub const AGENT: &str = "agent1001";

/// A site whose desktops have the gadget on their page. [`Site::end`] is the last thing of a story.
pub async fn gadget_site(config: SiteConfig) -> Site {
    let mut site = gadget_site_prepared(config).await;
    site.run();
    site.wait_ready().await;
    site
}

/// The same, before Lockstep is started.
pub async fn gadget_site_prepared(config: SiteConfig) -> Site {
    let mut site = Site::prepare(config).await;
    let public = free_address();
    site.configure("sync", "mode", "gadget");
    site.configure("http", "listen", public.clone());
    site.configure("http", "public_url", format!("http://{public}"));
    let mut origins = vec![site.finesse.base_url()];
    origins.extend(site.finesse.secondary_url());
    site.configure("http", "finesse_origins", origins);
    show(&site, false);
    assert!(bundle().is_file(), "this build has no gadget: run `cargo xtask gadget` first");
    site
}

/// A site in server mode whose supervisor's page has an address of its own, also after a restart.
pub async fn supervised_site(config: SiteConfig) -> Site {
    let mut site = Site::prepare(config).await;
    let public = free_address();
    site.configure("http", "listen", public.clone());
    site.configure("http", "public_url", format!("http://{public}"));
    site.run();
    site.wait_ready().await;
    site
}

/// The desktops have the gadget on their page, visible or hidden.
pub fn show(site: &Site, hidden: bool) {
    let url = format!("{}{GADGET}", public_url(site));
    site.finesse.set_layout(&layout(&[(&url, hidden)], &[])).expect("a layout");
}

/// Where browsers reach the binary.
pub fn public_url(site: &Site) -> String {
    site.configured("http", "public_url")
}

/// An agent at the desktop with the gadget.
pub async fn at_desk(site: &Site, agent: &str) -> Desk {
    at_desk_with(site, agent, Face::default()).await
}

/// The same in a window that looks otherwise.
pub async fn at_desk_with(site: &Site, agent: &str, face: Face) -> Desk {
    let browser = Browser::with(face).await;
    Desk::sign_in(browser, &site.finesse, agent, PASSWORD).await
}

/// A site of this kind, and its first agent at a desk: Ready, free, and known to the gadget.
pub async fn free(config: SiteConfig) -> (Site, Desk) {
    let site = gadget_site(config).await;
    let desk = at_desk(&site, AGENT).await;
    desk.face("free").await;
    (site, desk)
}

/// The same with a gadget whose clock can be moved by [`forward`].
pub async fn free_with_a_clock(config: SiteConfig) -> (Site, Desk) {
    let site = gadget_site(config).await;
    let browser = Browser::start().await;
    browser.holds_the_clock().await;
    let desk = Desk::sign_in(browser, &site.finesse, AGENT, PASSWORD).await;
    desk.face("free").await;
    (site, desk)
}

/// Moves the gadget's clock forward, and Finesse's with it, as if that time had passed; once in a
/// story.
pub async fn forward(site: &Site, desk: &Desk, millis: u32) {
    site.finesse.fault(Fault::ClockSkew { offset_ms: i64::from(millis) });
    desk.browser.forward(millis).await;
}

/// The end of a story: the browser goes first, because it would ask a site that is gone.
pub async fn end(site: Site, desk: Desk) {
    drop(desk);
    site.end().await;
}

/// A port of the moment: nothing else here asks for a particular one.
fn free_address() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("it has a number").to_string()
}

fn bundle() -> std::path::PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
    root.join("target/gadget/bundle.json")
}
