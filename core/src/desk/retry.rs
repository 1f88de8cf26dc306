//! When a session or a link is asked for again.

use std::time::Duration;

use crate::protocol::{Refusal, RefusalCode};

/// Why there is no session or no link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The server says no.
    Refused(Refusal),
    /// The server was not reached; a browser does not say why.
    Unreachable,
    /// The session was granted, and the link does not open.
    NoSocket,
    /// The desktop tells neither who its agent is nor how they are signed in.
    NoSignIn,
}

/// The first pause; doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause while the server may be back any moment.
const LONGEST: Duration = Duration::from_secs(30);
/// The pause where only a person can mend it.
const PATIENT: Duration = Duration::from_mins(5);

/// How long to wait before the attempt after `failures` others, drawn by `chance` (in thousandths)
/// between half and the whole, so that a restarted server is not met by everybody at once. `None`:
/// not again with the same authorization, which would lock the account (Finesse notes 1.8).
pub fn pause(trouble: &Trouble, failures: u32, chance: u32) -> Option<Duration> {
    let growing = FIRST.saturating_mul(1 << failures.min(5)).min(LONGEST);
    let whole = match trouble {
        Trouble::Unreachable | Trouble::NoSocket | Trouble::NoSignIn => growing,
        Trouble::Refused(refusal) => {
            let told = refusal.retry_after.map(Duration::from_secs);
            match refusal.code {
                RefusalCode::NotSignedIn => return None,
                RefusalCode::Token | RefusalCode::FinesseUnavailable => {
                    growing.max(told.unwrap_or_default())
                }
                RefusalCode::TooMany => told.unwrap_or(LONGEST).max(growing),
                RefusalCode::SomebodyElse
                | RefusalCode::NotWatched
                | RefusalCode::WrongOrigin
                | RefusalCode::BadRequest
                | RefusalCode::Other => told.unwrap_or(PATIENT),
            }
        }
    };
    let least = match trouble {
        // What the server asked for is waited for in full.
        Trouble::Refused(refusal) if refusal.retry_after.is_some() => whole,
        _ => whole / 2,
    };
    Some(least + (whole / 2) * chance.min(1_000) / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: RefusalCode, retry_after: Option<u64>) -> Trouble {
        Trouble::Refused(Refusal { code, message: String::new(), retry_after })
    }

    #[test]
    fn a_refused_sign_in_is_never_repeated() {
        assert_eq!(pause(&refused(RefusalCode::NotSignedIn, Some(1)), 0, 0), None);
    }

    #[test]
    fn pauses_grow_to_half_a_minute_and_are_spread() {
        let at = |failures, chance| pause(&Trouble::Unreachable, failures, chance).unwrap();
        assert_eq!((at(0, 0), at(0, 1_000)), (FIRST / 2, FIRST));
        assert_eq!((at(3, 0), at(3, 1_000)), (FIRST * 4, FIRST * 8));
        assert_eq!((at(99, 0), at(99, 1_000)), (LONGEST / 2, LONGEST));
    }

    #[test]
    fn what_the_server_asked_for_is_waited_for() {
        let asked = pause(&refused(RefusalCode::TooMany, Some(90)), 0, 0);
        assert_eq!(asked, Some(Duration::from_secs(90)));
        assert!(pause(&refused(RefusalCode::NotWatched, None), 0, 0).unwrap() >= PATIENT / 2);
    }
}
