//! Stories of the whole: the real binary, both simulators, real sockets.

mod by_hand;
mod calls;
mod convergence;
mod identity;
mod presence;
mod restart;
