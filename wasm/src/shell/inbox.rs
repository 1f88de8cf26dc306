use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::{Event, Shell};

/// Where everything that happens arrives. What happens while something is taken in waits its turn,
/// so that no callback finds the gadget half changed.
#[derive(Clone, Default)]
pub(crate) struct Inbox(Rc<Inner>);

#[derive(Default)]
struct Inner {
    waiting: RefCell<VecDeque<Event>>,
    shell: RefCell<Option<Shell>>,
}

impl Inbox {
    /// Gives it the gadget that takes everything in.
    pub(crate) fn open(&self, shell: Shell) {
        *self.0.shell.borrow_mut() = Some(shell);
    }

    pub(crate) fn post(&self, event: Event) {
        self.0.waiting.borrow_mut().push_back(event);
        // Somebody further up is at it already, and comes to this one.
        let Ok(mut shell) = self.0.shell.try_borrow_mut() else { return };
        let Some(shell) = shell.as_mut() else { return };
        loop {
            let next = self.0.waiting.borrow_mut().pop_front();
            let Some(event) = next else { break };
            shell.take(event);
        }
    }
}
