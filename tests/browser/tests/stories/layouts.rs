//! Every example layout, on a desktop with our gadget.

use std::path::{Path, PathBuf};

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::Deployment;
use lockstep_browser::{AGENT, Desk, GADGET, at_desk, end, gadget_site, public_url, show};
use lockstep_e2e::{Site, SiteConfig};

/// Every layout of `layout/` that names the gadget and is whole.
fn examples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
    let folders = std::fs::read_dir(root.join("layout")).expect("layouts");
    let folders = folders.map(|entry| entry.expect("a folder").path());
    let wanted = |folder: &PathBuf| {
        folder.is_dir() && !folder.ends_with("base") && !folder.ends_with("fragments")
    };
    let files = folders.filter(wanted).flat_map(|folder| {
        let files = std::fs::read_dir(folder).expect("a folder");
        files.map(|entry| entry.expect("a file").path())
    });
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files
}

/// The desktop anew; whether the gadget is to be seen there.
async fn open(site: &Site, desk: &Desk, layout: &str) -> bool {
    site.finesse.set_layout(layout).expect("a layout");
    desk.browser.open("about:blank").await;
    desk.browser.open(&format!("{}container", site.finesse.desktop_url())).await;
    desk.ready().await;
    desk.face("free").await;
    let seen = format!(
        "return !document.querySelector(\"iframe[data-url*='{GADGET}']\").closest('#hidden-gadgets');"
    );
    desk.browser.run(&seen).await == true
}

#[tokio::test]
async fn the_gadget_works_in_every_example() {
    let site = gadget_site(SiteConfig::new(Deployment::Ucce, 1)).await;
    let desk = at_desk(&site, AGENT).await;
    let examples = examples();
    assert!(examples.len() >= 11, "{examples:?}");
    for example in examples {
        let layout = std::fs::read_to_string(&example).expect("a layout");
        let layout = layout.replace("https://lockstep.example.com", &public_url(&site));
        let is_seen = open(&site, &desk, &layout).await;
        assert_eq!(is_seen, !example.ends_with("headless.xml"), "{}", example.display());
        site.presence(AGENT, "dnd");
        desk.held("Webex DND").await;
        site.stands(AGENT, NotReady);
        site.presence(AGENT, "active");
        desk.face("free").await;
        site.stands(AGENT, Ready);
    }
    end(site, desk).await;
}

#[tokio::test]
async fn a_hidden_gadget_keeps_the_state_in_step_unseen() {
    let site = gadget_site(SiteConfig::new(Deployment::Uccx, 1)).await;
    show(&site, true);
    let desk = at_desk(&site, AGENT).await;
    desk.live().await;
    site.presence(AGENT, "call");
    site.reaches(AGENT, NotReady).await;
    assert_eq!(site.reason(AGENT), "Webex Call");
    site.presence(AGENT, "active");
    site.reaches(AGENT, Ready).await;
    end(site, desk).await;
}
