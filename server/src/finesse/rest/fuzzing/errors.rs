use lockstep_core::AgentId;

use crate::finesse::FinesseError;
use crate::finesse::rest::AccountSettings;
use crate::finesse::rest::answer::{Refusal, Subject};
use crate::finesse::rest::credentials::Credentials;
use crate::finesse::rest::wire::fault;

/// Stands for the password: in the answers of the corpus a server repeats it to us.
const SECRET: &str = "hush-hush";
/// The same as it goes over the wire.
const ENCODED: &str = "aHVzaC1odXNo";
/// Bytes of what a log is told; Finesse's words are cut to 300 characters, of up to four bytes.
const LONGEST: usize = 3_000;

/// A status on the first line and the body of an error below it: what is told of it is short, on
/// one line, and without the password.
pub fn errors(bytes: &[u8]) {
    let Some(at) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let status = std::str::from_utf8(&bytes[..at]).ok().and_then(|text| text.parse().ok());
    let settings = AccountSettings { user: "supervisor1".into(), password: SECRET.into() };
    let credentials = Credentials::new(&settings).expect("credentials");
    let agent = AgentId::new("1001");
    for subject in [Subject::Agent(&agent), Subject::Users] {
        let refusal = Refusal {
            status: status.unwrap_or(400),
            fault: fault(&bytes[at + 1..]),
            retry_after: None,
            location: None,
            node: "https://finesse1.example.com:8445",
            credentials: Some(&credentials),
            subject,
        };
        told(&refusal.into_error());
    }
}

fn told(error: &FinesseError) {
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(text.len() <= LONGEST, "{} bytes", text.len());
        assert!(!text.contains(char::is_control), "control characters: {text:?}");
        assert!(!text.contains(SECRET) && !text.contains(ENCODED), "the password is told: {text}");
    }
}
