//! An agent's desktop with its gadget, without a browser: the protocol over real sockets, and the
//! very core that the gadget's module runs.
//!
//! [`Desktop`] is one tab. It does what the gadget's shell does (`wasm/src/shell`): proves itself by
//! the agent's own authorization, opens the link, hands everything that happens to
//! [`Desk`](lockstep_core::desk::Desk), and carries out what that asks for. The browser's stories
//! (`tests/browser`) hold the shell itself; here there may be hundreds.

mod joining;
mod page;
mod rest;
mod socket;
mod steps;

use lockstep_core::agent::Code;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use self::page::Page;
use self::steps::Steps;
use crate::site::Site;
use crate::wait::{PATIENCE, eventually};

pub use self::socket::{Came, NotOpen, Socket};

/// The page of every desktop.
pub const ORIGIN: &str = "https://finesse.example.com:8445";
/// Orders that a page has not taken yet; a story gives one after the other.
const ORDERS: usize = 16;

/// What happens to a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The browser lets it not run any more.
    Suspend,
    /// It runs again.
    Wake,
    /// It is loaded anew.
    Reload,
    /// It is closed.
    Close,
}

/// What can be seen of a tab.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Glance {
    /// The link is open.
    pub linked: bool,
    /// It is this tab's turn to act.
    pub acts: bool,
    /// Why the agent is held, as far as the tab knows.
    pub held: Option<String>,
    /// What it decided and told, from the first to the last.
    pub decided: Vec<Code>,
}

/// One tab of an agent's desktop. It dies when this is dropped, without a word to anybody.
#[derive(Debug)]
pub struct Desktop {
    /// `loginName`.
    pub agent: String,
    orders: mpsc::Sender<Order>,
    glance: watch::Receiver<Glance>,
    steps: Steps,
    task: JoinHandle<()>,
}

impl Site {
    /// Opens a tab of the agent's desktop. `number` is its own, and draws its pauses.
    pub fn desktop(&self, agent: &str, number: u64) -> Desktop {
        let (give, orders) = mpsc::channel(ORDERS);
        let (shows, glance) = watch::channel(Glance::default());
        let steps = Steps::default();
        let page = Page::new(self, agent, number, steps.clone(), shows);
        let task = tokio::spawn(page.run(orders));
        Desktop { agent: agent.to_owned(), orders: give, glance, steps, task }
    }

    /// The same, and waits until it acts for its agent.
    pub async fn acting_desktop(&self, agent: &str, number: u64) -> Desktop {
        let desktop = self.desktop(agent, number);
        self.sees(&desktop, "acts", |glance| glance.acts).await;
        desktop
    }

    /// Waits until a tab shows this.
    pub async fn sees(&self, desktop: &Desktop, what: &str, shows: impl Fn(&Glance) -> bool) {
        let what = format!("the desktop of {} {what}", desktop.agent);
        let look = || shows(&desktop.glance()).then_some(());
        eventually(&what, PATIENCE, look, || desktop.told() + &self.told()).await;
    }
}

impl Desktop {
    /// What can be seen of it now.
    pub fn glance(&self) -> Glance {
        self.glance.borrow().clone()
    }

    /// The last things that its desk took in, and what followed, for a story that fails.
    pub fn told(&self) -> String {
        self.steps.told()
    }

    /// The browser suspends it: nothing is answered any more, and the connection stays.
    pub fn suspend(&self) {
        self.order(Order::Suspend);
    }

    /// It runs again, and finds all that came meanwhile.
    pub fn wake(&self) {
        self.order(Order::Wake);
    }

    /// It is loaded anew; what the tab kept is still there.
    pub fn reload(&self) {
        self.order(Order::Reload);
    }

    /// It is closed, and says so.
    pub async fn close(mut self) {
        self.order(Order::Close);
        (&mut self.task).await.expect("the page does not panic");
    }

    fn order(&self, order: Order) {
        self.orders.try_send(order).expect("the page takes orders");
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.task.abort();
    }
}
