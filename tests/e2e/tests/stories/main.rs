//! Stories of the whole: the real binary, both simulators, real sockets.

mod presence;
