//! The token service is a scripted one on an in-memory network, and time stands still but where the
//! test moves it.
