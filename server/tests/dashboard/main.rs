//! The supervisors' page over real sockets: who is let in, what they see, and what they never see.

mod asking;
mod browser;
mod crowd;
mod history;
mod live;
mod rig;
mod signing_in;
