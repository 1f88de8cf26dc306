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
        let desk = Self { browser };
        desk.open(sim, agent, password).await;
        desk
    }

    /// The same in the present window of a browser that may have others.
    pub async fn open(&self, sim: &FinesseSim, agent: &str, password: &str) {
        let user = sim.user(agent).expect("a user of finesse-sim");
        self.browser.open(&sim.desktop_url()).await;
        self.browser.types("#id", &user.login_id).await;
        self.browser.types("#password", password).await;
        self.browser.types("#extension", &user.extension).await;
        self.browser.click("#go").await;
        self.ready().await;
    }

    /// Waits until the desktop is there and its connection is up.
    pub async fn ready(&self) {
        until("the desktop is there", async || {
            let script = "return [document.body.dataset.ready, document.body.dataset.connection, \
                          document.body.innerText].join('|');";
            let told = self.browser.session.run(script, &[]).await?;
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
            let url = self.browser.session.url().await?;
            if url == format!("{node}/desktop/container") { Ok(()) } else { Err(url) }
        })
        .await;
    }
}
