//! What happens to the world: each act of a storm, carried out.

use super::World;
use crate::act::{Act, Network};
use crate::cloud::address;
use crate::desk::TEAMS;
use crate::network::{LOCKSTEP, WEBEX};
use crate::presence::{Class, WORDS};

impl World {
    pub(super) fn perform(&mut self, act: Act) {
        if !matches!(act, Act::Call { .. } | Act::ByHand { .. } | Act::Desktop { .. }) {
            self.journal.note("world", format!("{act:?}"));
        }
        match act {
            Act::Presence { agent, word } => self.change_presence(agent, word),
            Act::ByHand { agent, state, reason, by } => {
                let done = self.desk.by_hand(&self.agents[agent], state, reason, by);
                self.tried(agent, format_args!("{by:?} asks for {state}"), done);
            }
            Act::Call { agent, event, options } => {
                let done = self.desk.call(&self.agents[agent], event, options);
                self.tried(agent, format_args!("call: {event:?}"), done);
            }
            Act::Move { agent, team } => {
                let done = self.desk.move_to(&self.agents[agent], team);
                self.tried(agent, format_args!("moves to team {team}"), done);
            }
            Act::Remove { agent } => {
                let done = self.desk.remove(&self.agents[agent]);
                self.tried(agent, format_args!("is removed"), done);
            }
            Act::Add { agent } => {
                let done = self.desk.add(&self.agents[agent], TEAMS[agent % TEAMS.len()]);
                self.tried(agent, format_args!("is added"), done);
            }
            Act::Webex { fault, times } => self.cloud.order(move |sim| {
                let _ = match times {
                    Some(times)
                        if webex_sim::catalogue()
                            .iter()
                            .any(|entry| entry.fault == fault.name() && entry.lasting) =>
                    {
                        sim.inject_times(fault, times)
                    }
                    _ => sim.inject(fault),
                };
            }),
            Act::WebexMended => self.cloud.order(webex_sim::WebexSim::clear_faults),
            Act::WebexCut => self.cloud.order(webex_sim::WebexSim::drop_connections),
            Act::Network(network) => self.network(network),
            Act::Finesse(weather) => self.desk.set_weather(weather),
            Act::FailOver => self.desk.fail_over(),
            // A desktop measures Finesse's clock when it is loaded and when it has found Finesse again.
            Act::FinesseClock(_) if self.desktops.is_some() => {}
            Act::FinesseClock(ms) => self.desk.set_skew(ms),
            Act::Desktop { agent, deed } => {
                let now = self.sim.elapsed();
                if let Some(desktops) = &mut self.desktops {
                    desktops.act(now, &self.agents[agent], deed);
                }
            }
            Act::Hub(hub) => {
                if let Some(desktops) = &mut self.desktops {
                    desktops.set_hub(hub);
                }
            }
            Act::Disk { failing } => self.product.disk.set_failing(failing),
            Act::Kill => self.kill(),
            Act::Stop => {
                if self.up {
                    self.product.ask_to_stop();
                    self.up = false;
                }
            }
            Act::Start { clock_jump_ms } => self.start(clock_jump_ms),
        }
    }

    fn tried(&self, agent: usize, what: impl std::fmt::Display, done: Result<(), String>) {
        let result = done.err().map(|why| format!(": {why}")).unwrap_or_default();
        self.journal.note("people", format!("{} {what}{result}", self.agents[agent]));
    }

    fn change_presence(&mut self, agent: usize, word: usize) {
        let (id, word) = (self.agents[agent].clone(), WORDS[word]);
        self.presence += 1;
        let now = self.sim.elapsed();
        let class: Class = word.class;
        self.desk.judge(|laws| laws.presence(&id, now, class));
        let address = address(&id);
        self.cloud.order(move |sim| {
            let _ = sim.set_presence(&address, word.change());
        });
    }

    pub(super) fn network(&mut self, network: Network) {
        if !matches!(network, Network::Slow(_) | Network::Lossy(_)) {
            self.network = network;
        }
        match network {
            Network::Partition => self.sim.partition(LOCKSTEP, WEBEX),
            Network::Deaf => self.sim.partition_oneway(WEBEX, LOCKSTEP),
            Network::Mute => self.sim.partition_oneway(LOCKSTEP, WEBEX),
            Network::Repair => self.sim.repair(LOCKSTEP, WEBEX),
            Network::Hold => self.sim.hold(LOCKSTEP, WEBEX),
            Network::Release => self.sim.release(LOCKSTEP, WEBEX),
            Network::Slow(most) => self.sim.set_link_max_message_latency(LOCKSTEP, WEBEX, most),
            Network::Lossy(per_mille) => {
                self.sim.set_link_fail_rate(LOCKSTEP, WEBEX, f64::from(per_mille) / 1_000.0);
            }
        }
    }

    /// The machine loses power: nobody on the network is told. (A runtime's tasks are dropped in an
    /// order that differs from run to run, so nothing that they do then may show.)
    pub(super) fn kill(&mut self) {
        self.product.forget();
        self.sim.partition(LOCKSTEP, WEBEX);
        self.journal.set_deaf(true);
        self.sim.crash(LOCKSTEP);
        self.journal.set_deaf(false);
        self.sim.repair(LOCKSTEP, WEBEX);
        self.network(self.network);
        let now = self.sim.elapsed();
        if let Some(desktops) = &mut self.desktops {
            desktops.server_died(now);
        }
        let forgotten = self.product.disk.unwritten();
        self.desk.judge(|laws| {
            laws.crashed(now);
            // What a disk that fails does not have, a process that ends forgets (ARCHITECTURE.md).
            for agent in &forgotten {
                laws.forgotten(agent.as_str());
            }
        });
        self.up = false;
    }

    pub(super) fn start(&mut self, clock_jump_ms: i64) {
        if self.up {
            return;
        }
        // A stop that is not over yet is over now.
        self.kill();
        self.product.wall.jump(clock_jump_ms);
        if clock_jump_ms < 0 {
            self.desk.judge(crate::laws::Laws::clock_set_back);
        }
        self.sim.bounce(LOCKSTEP);
        self.up = true;
        self.lives += 1;
    }
}
