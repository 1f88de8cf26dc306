//! An agent at the simulated desktop.

use finesse_sim::FinesseSim;

use crate::browser::Browser;
use crate::wait::until;

/// The desktop in a browser, with an agent signed in.
#[derive(Debug)]
pub struct Desk {
    /// The browser that shows it.
    pub browser: Browser,
}

impl Desk {
    /// Signs an agent in by the sign-in page and waits for the desktop.
    pub async fn sign_in(browser: Browser, sim: &FinesseSim, agent: &str, password: &str) -> Self {
        let user = sim.user(agent).expect("a user of finesse-sim");
        browser.open(&sim.desktop_url()).await;
        browser.types("#id", &user.login_id).await;
        browser.types("#password", password).await;
        browser.types("#extension", &user.extension).await;
        browser.click("#go").await;
        let desk = Self { browser };
        desk.ready().await;
        desk
    }

    /// Waits until the desktop is there and its connection is up.
    pub async fn ready(&self) {
        until("the desktop is there", async || {
            let script = "return [document.body.dataset.ready, document.body.dataset.connection, \
                          document.body.innerText].join('|');";
            let told = self.browser.client.execute(script, Vec::new()).await;
            let told = told.map_err(|error| error.to_string())?;
            let told = told.as_str().unwrap_or_default();
            let up = told.starts_with("yes|connected|") || told.starts_with("yes|recovered|");
            if up { Ok(()) } else { Err(told.to_owned()) }
        })
        .await;
    }
}

impl Desk {
    /// Waits until the desktop is at this node.
    pub async fn at(&self, node: &str) {
        until(&format!("the desktop is at {node}"), async || {
            let url = self.browser.client.current_url().await.map_err(|error| error.to_string())?;
            let there = url.as_str().starts_with(node) && url.path() == "/desktop/container";
            if there { Ok(()) } else { Err(url.to_string()) }
        })
        .await;
    }
}
