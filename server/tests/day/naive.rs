//! A bridge that writes the state for each event whose presence stands for one.

use crate::recording::{AGENTS, Event, Status};

/// What it wrote, and where that left everybody.
pub(crate) struct Naive {
    pub(crate) writes: usize,
    /// Of these, those that a bridge leaves out which remembers its last write.
    pub(crate) repeated: usize,
    pub(crate) not_ready: Vec<bool>,
}

impl Naive {
    pub(crate) fn new() -> Self {
        Self { writes: 0, repeated: 0, not_ready: vec![false; AGENTS] }
    }

    pub(crate) fn take(&mut self, event: &Event) {
        // The table of the built-in rules, written a second time on purpose.
        let not_ready = match event.status {
            Status::Active | Status::Inactive => false,
            Status::Call | Status::Meeting | Status::Presenting | Status::Dnd => true,
            Status::Calendar => return,
        };
        self.writes += 1;
        self.repeated += usize::from(self.not_ready[event.agent] == not_ready);
        self.not_ready[event.agent] = not_ready;
    }
}
