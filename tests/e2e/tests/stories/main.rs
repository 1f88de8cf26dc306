//! Stories of the whole: the real binary, both simulators, real sockets.

mod bad_config;
mod bad_input;
mod by_hand;
mod calls;
mod convergence;
mod credentials;
mod failover;
mod feed;
mod finesse_all;
mod identity;
mod loss;
mod operations;
mod outages;
mod presence;
mod refusals;
mod restart;
mod slowness;
mod teams;
mod webex_all;
mod webex_closes;
mod webex_devices;
mod webex_events;
mod webex_limits;
mod webex_subscriptions;
mod webex_tokens;
mod webex_upgrades;
