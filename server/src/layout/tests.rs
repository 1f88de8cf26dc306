mod adding;
mod encodings;
mod examples;
mod properties;
mod refusing;

use super::*;

const URL: &str = "https://lockstep.example.com/gadget/lockstep.xml";

fn address() -> Address {
    URL.parse().unwrap()
}

/// A layout of one role, with `inside` after the role.
fn agent(inside: &str) -> String {
    format!(
        "<finesseLayout xmlns=\"{}\"><layout><role>Agent</role>{inside}</layout></finesseLayout>",
        element::NAMESPACE
    )
}

fn add(text: &[u8], roles: Roles, placement: Placement) -> Outcome {
    let layout = Layout::read(text).unwrap_or_else(|error| panic!("{error}"));
    layout.add(&address(), roles, placement).unwrap_or_else(|error| panic!("{error}"))
}

fn added(text: &str, placement: Placement) -> String {
    String::from_utf8(add(text.as_bytes(), Roles::All, placement).bytes).unwrap()
}
