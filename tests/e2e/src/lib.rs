//! End-to-end tests: the real binary against both simulators over real sockets.
