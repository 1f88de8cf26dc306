//! Round after round: a storm, a kill in the middle of it, a start, and a quiet in which everybody
//! must be right.

use std::time::Duration;

use finesse_sim::AgentState::{NotReady, Ready};
use finesse_sim::Deployment;
use lockstep_e2e::{PATIENCE, Signal, Site, SiteConfig, report};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::Instant;

use crate::storm::World;

/// Tabs that are opened at once: fewer than Lockstep lets prove themselves at a time.
const AT_ONCE: usize = 50;

/// One site's share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) mode: &'static str,
    pub(crate) deployment: Deployment,
    pub(crate) agents: usize,
    pub(crate) kills: usize,
    pub(crate) seed: u64,
}

/// Kills, and looks at everybody after each process that was given the time to recover.
pub(crate) async fn run(plan: Plan) {
    let Plan { mode, deployment, agents, kills, seed } = plan;
    report(&format!("kills: {mode} {deployment:?}, seed {seed}, {kills} kills, {agents} agents"));
    let began = Instant::now();
    let mut world = open(plan).await;
    let (mut done, mut quiets) = (0, 0);
    while done < kills {
        done += world.kill().await;
        world.recovers(&format!("{mode} {deployment:?}, seed {seed}, kill {done}")).await;
        quiets += 1;
    }
    let did = &world.did;
    let counters = world.site.finesse.counters();
    report(&format!(
        "kills: {mode} {deployment:?}: {done} kills, {agents} agents with {} tabs, {} changes of \
         presence, {} choices of people, {} calls, {} tabs loaded, suspended or woken, {} writes; \
         {quiets} times quiet, everybody right; {:.1} s",
        world.desktops.len(),
        did.presences,
        did.choices,
        did.calls,
        did.tabs,
        counters.writes.values().sum::<u64>(),
        began.elapsed().as_secs_f32()
    ));
    let World { site, desktops, .. } = world;
    drop(desktops);
    site.end().await;
}

/// The last agent takes no part: what becomes of them is the fence.
async fn open(plan: Plan) -> World {
    let mut config = SiteConfig::new(plan.deployment, plan.agents + 1);
    "info".clone_into(&mut config.filter);
    if plan.mode != "server" {
        config = config.with_gadgets(plan.mode);
    }
    let site = Site::start(config).await;
    let mut names: Vec<String> =
        (0..=plan.agents).map(|number| format!("agent{}", 1001 + number)).collect();
    // In `auto` one in three has no tab.
    let has_tab = |at: usize| match plan.mode {
        "gadget" => true,
        "auto" => !at.is_multiple_of(3) || at == plan.agents,
        _ => false,
    };
    let numbered = names.iter().zip(1..).enumerate().filter(|(at, _)| has_tab(*at));
    let numbered: Vec<(&String, u64)> = numbered.map(|(_, own)| own).collect();
    let mut desktops = Vec::new();
    for some in numbered.chunks(AT_ONCE) {
        let came = desktops.len();
        desktops.extend(some.iter().map(|(name, number)| site.desktop(name, *number)));
        for desktop in &desktops[came..] {
            site.sees(desktop, "acts", |seen| seen.acts).await;
        }
    }
    names.pop();
    // The fence's own tab is not disturbed.
    let fence = desktops.pop();
    let mut world = World::new(site, names, StdRng::seed_from_u64(plan.seed));
    world.desktops = desktops;
    world.fence_tab = fence;
    world
}

impl World {
    /// Kills the process in the middle of the storm, which goes on while it is down, and starts it
    /// again; now and then the new one is killed while it starts. Tells how many kills that were.
    async fn kill(&mut self) -> usize {
        let mut kills = 0;
        let mut lasts = self.random.random_range(200..1_500);
        loop {
            self.storm(Duration::from_millis(lasts)).await;
            self.site.stop_by(Signal::Kill).await;
            kills += 1;
            let down = self.random.random_range(0..400);
            self.storm(Duration::from_millis(down)).await;
            self.site.run();
            if self.random.random_bool(0.6) {
                break;
            }
            lasts = self.random.random_range(0..900);
        }
        let after = self.random.random_range(0..800);
        self.storm(Duration::from_millis(after)).await;
        kills
    }

    /// Waits until everybody is right and stays so.
    async fn recovers(&mut self, when: &str) {
        self.settle();
        self.site.wait_ready().await;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let before = self.site.finesse.counters().writes.values().sum::<u64>();
            self.fence().await;
            self.catch_up();
            let wrong = self.wrong();
            let after = self.site.finesse.counters().writes.values().sum::<u64>();
            // The fence's own, there and back.
            if wrong.is_empty() && after == before + 2 {
                break;
            }
            assert!(Instant::now() < deadline, "{when}: {}", self.told(&wrong));
        }
        let holds = self.site.folder.holds();
        let now = self.now();
        let ids = self.ids.clone();
        self.laws.judge(now, &ids, &holds);
        let broken = self.laws.violations();
        let texts: Vec<String> = broken.iter().map(ToString::to_string).collect();
        assert!(texts.is_empty(), "{when}: {}", self.told(&texts));
    }

    /// Behind this everything has happened that follows from what people did before it: the events of
    /// Webex come in their order, and the fence's own release waits as long as any.
    async fn fence(&self) {
        let name = format!("agent{}", 1001 + self.names.len());
        self.site.presence_at(&Site::address(&name), "dnd");
        self.site.reaches(&name, NotReady).await;
        self.site.presence_at(&Site::address(&name), "active");
        self.site.reaches(&name, Ready).await;
    }

    fn wrong(&mut self) -> Vec<String> {
        let now = self.now();
        let mut wrong = self.laws.wrong(now, &self.ids);
        wrong.extend(self.choices.wrong(&self.site.finesse));
        wrong
    }

    /// What is wrong, with what happened to those agents.
    fn told(&self, wrong: &[String]) -> String {
        let of = |id: &&String| wrong.iter().any(|text| text.contains(id.as_str()));
        let mut told = format!("{wrong:#?}\n");
        for id in self.ids.iter().filter(of) {
            told.push_str(&self.site.told_of(id));
            let agent = self.site.finesse.user(id).map(|user| user.login_name);
            for tab in self.desktops.iter().filter(|tab| Some(&tab.agent) == agent.as_ref()) {
                told.push_str(&tab.told());
            }
        }
        told
    }
}
