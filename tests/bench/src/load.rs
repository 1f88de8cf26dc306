//! Presence changes at fixed moments, whatever becomes of them (open loop).

use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use tokio::time::Instant;
use webex_sim::{Change, WebexSim};

use crate::site::Agent;

/// The kernel wakes a sleeper this much late at most on a quiet machine; the rest is waited for
/// awake.
const AWAKE: Duration = Duration::from_micros(150);

/// What is sent, and how fast.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Events per second.
    pub rate: u32,
    /// For how long.
    pub lasts: Duration,
}

/// What a presence changes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An online meeting.
    Meeting,
    /// Do not disturb.
    Dnd,
    /// A Webex call, which may be the customer's call seen from the other side (law 6).
    Call,
    /// Free again.
    Free,
}

impl Kind {
    /// Does it imply `NOT_READY`?
    pub fn is_busy(self) -> bool {
        self != Self::Free
    }

    /// Is the agent taken whatever was seen last?
    pub fn is_taken_unseen(self) -> bool {
        matches!(self, Self::Meeting | Self::Dnd)
    }

    fn change(self) -> Change {
        match self {
            Self::Meeting => Change::online_meeting(),
            Self::Dnd => Change::to("dnd"),
            Self::Call => Change::to("call"),
            Self::Free => Change::to("active"),
        }
    }
}

/// One change of presence.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// Whose, by place.
    pub agent: usize,
    /// What to.
    pub kind: Kind,
    /// When it was due.
    pub due: Instant,
}

/// Everybody's presence changes in turn, to something busy and back: each change implies one write.
#[derive(Debug)]
pub struct Turns {
    busy: Vec<bool>,
    next: usize,
    kinds: usize,
}

/// What was sent.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// In the order of sending.
    pub events: Vec<Event>,
    /// How late the driver was, per event.
    pub late: Vec<Duration>,
}

impl Turns {
    /// Everybody is free.
    pub fn new(agents: usize) -> Self {
        Self { busy: vec![false; agents], next: 0, kinds: 0 }
    }

    /// The next agent, and what they do from now on.
    fn turn(&mut self) -> (usize, Kind) {
        const BUSY: [Kind; 3] = [Kind::Meeting, Kind::Dnd, Kind::Call];
        let agent = self.next;
        self.next = (self.next + 1) % self.busy.len();
        self.busy[agent] = !self.busy[agent];
        if !self.busy[agent] {
            return (agent, Kind::Free);
        }
        self.kinds += 1;
        (agent, BUSY[self.kinds % BUSY.len()])
    }
}

/// Sends from a thread of its own, which is not shared with the simulators' work.
pub fn send(
    webex: &WebexSim,
    agents: &[Agent],
    turns: &mut Turns,
    load: Load,
) -> anyhow::Result<Sent> {
    let handle = tokio::runtime::Handle::current();
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let _runtime = handle.enter();
            drive(webex, agents, turns, load)
        });
        // The simulators run on this runtime's other threads meanwhile.
        tokio::task::block_in_place(|| sender.join())
    })
    .map_err(|_| anyhow::anyhow!("the sender panicked"))?
}

fn drive(
    webex: &WebexSim,
    agents: &[Agent],
    turns: &mut Turns,
    load: Load,
) -> anyhow::Result<Sent> {
    let gap = Duration::from_secs(1) / load.rate;
    let count = u32::try_from(load.lasts.as_nanos() / gap.as_nanos()).context("too long a load")?;
    // Where little is left between two events, waiting awake would take a whole processor.
    let awake = if gap > 3 * AWAKE { AWAKE } else { Duration::ZERO };
    let mut sent = Sent::default();
    let start = Instant::now() + gap;
    for number in 0..count {
        let (agent, kind) = turns.turn();
        let due = start + gap * number;
        let change = kind.change();
        wait_until(due, awake);
        webex.set_presence(&agents[agent].address, change)?;
        sent.late.push(due.elapsed());
        sent.events.push(Event { agent, kind, due });
    }
    Ok(sent)
}

fn wait_until(due: Instant, awake: Duration) {
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        match left.checked_sub(awake) {
            Some(asleep) if !asleep.is_zero() => thread::park_timeout(asleep),
            _ => std::hint::spin_loop(),
        }
    }
}
