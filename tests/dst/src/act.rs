//! What can happen in the world.

use std::time::Duration;

use finesse_sim::{By, CallEvent, CallOptions};
use webex_sim::Fault;

use crate::desk::Weather;
use crate::desktops::{Deed, Hub};

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Act {
    /// A presence changes to this of [`WORDS`](crate::presence::WORDS).
    Presence {
        /// Whose.
        agent: usize,
        /// To what.
        word: usize,
    },
    /// Somebody changes a state by hand.
    ByHand {
        /// Whose.
        agent: usize,
        /// READY, `NOT_READY`, LOGIN or LOGOUT.
        state: &'static str,
        /// Chosen by agents only.
        reason: Option<&'static str>,
        /// The agent or a human supervisor.
        by: By,
    },
    /// Something happens to a call.
    Call {
        /// Whose.
        agent: usize,
        /// What.
        event: CallEvent,
        /// With what circumstances.
        options: CallOptions,
    },
    /// An administrator moves the agent to a team.
    Move {
        /// Whom.
        agent: usize,
        /// Where.
        team: u32,
    },
    /// An administrator removes the agent.
    Remove {
        /// Whom.
        agent: usize,
    },
    /// An administrator adds the agent again.
    Add {
        /// Whom.
        agent: usize,
    },
    /// Webex fails.
    Webex {
        /// How.
        fault: Fault,
        /// How often; until it is cleared when absent.
        times: Option<u32>,
    },
    /// Webex fails no more.
    WebexMended,
    /// Every connection to Webex is reset.
    WebexCut,
    /// The network between Lockstep and Webex.
    Network(Network),
    /// The way to Finesse.
    Finesse(Weather),
    /// Finesse's other side takes over.
    FailOver,
    /// Finesse's clock is set, this many milliseconds ahead of the world's.
    FinesseClock(i64),
    /// Something happens to the desktops of an agent.
    Desktop {
        /// Whose.
        agent: usize,
        /// What.
        deed: Deed,
    },
    /// How notices to the desktops fare.
    Hub(Hub),
    /// The disk fails, or no longer.
    Disk {
        /// Does it?
        failing: bool,
    },
    /// Lockstep's process is killed.
    Kill,
    /// Lockstep's process is asked to stop.
    Stop,
    /// Lockstep's process is started; its machine's clock was set meanwhile.
    Start {
        /// By how much.
        clock_jump_ms: i64,
    },
}

/// What the network does.
#[derive(Clone, Copy, Debug)]
pub enum Network {
    /// Nothing passes; what is sent is lost.
    Partition,
    /// Nothing passes from Webex to Lockstep; what is sent is lost.
    Deaf,
    /// Nothing passes from Lockstep to Webex; what is sent is lost.
    Mute,
    /// Everything passes again.
    Repair,
    /// Nothing passes, and is kept.
    Hold,
    /// What was kept passes all at once.
    Release,
    /// Messages take up to this long.
    Slow(Duration),
    /// Per mille of messages that are lost, which breaks their connections.
    Lossy(u32),
}
