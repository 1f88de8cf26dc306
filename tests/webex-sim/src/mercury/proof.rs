//! How a socket proves who it is (wire notes 3.1, 3.2 and 3.6).

use tokio::time::timeout;

use super::frames::Said;
use super::hear::End;
use super::socket::Socket;
use crate::call::bearer;
use crate::faults::Fault;
use crate::tokens::Caller;

/// The sentence of the real server, its unit included (wire notes 3.6).
const TOO_LATE: &str = "authentication did not happen within the timeout window of 30000 seconds.";

/// What the upgrade's headers said of the caller.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    Nothing,
    Token(Caller),
    BadToken,
}

// === impl Socket ===

impl Socket {
    /// Waits for the proof (wire notes 3.1 and 3.2): a header or the first message, one of both.
    pub(super) async fn authorize(&mut self, shown: Shown) -> Result<(), End> {
        let caller = match shown {
            Shown::Token(caller) => caller,
            Shown::BadToken => return Err(self.unauthorized()),
            Shown::Nothing => {
                let patience = self.cloud.config.authorization_timeout;
                match timeout(patience, self.first_message()).await {
                    Ok(caller) => caller?,
                    Err(_) => return Err(End::Close(1008, TOO_LATE.to_owned())),
                }
            }
        };
        let told = self.strike(|fault| match fault {
            Fault::MercuryAuthRefused { code, reason } => Some((*code, reason.clone())),
            _ => None,
        });
        if let Some((code, reason)) = told {
            return Err(End::Close(code, reason));
        }
        let owner = self.cloud.lock().devices.get(self.opening.device).map(|d| d.owner);
        match owner {
            Some(owner) if owner == caller => Ok(()),
            // Wire notes 3.6: somebody else's registration.
            _ if self.opening.alias_status => Err(End::Close(4404, "NotFound".to_owned())),
            _ => Err(End::Close(1008, "registration not found".to_owned())),
        }
    }

    async fn first_message(&mut self) -> Result<Caller, End> {
        loop {
            match self.hear().await? {
                Some(Said::Authorization { token }) => {
                    let caller = bearer(&self.cloud, &token);
                    return caller.map_err(|_| self.unauthorized());
                }
                Some(other) => {
                    let text = format!("socket {}: {other:?} before authorization", self.number);
                    self.cloud.violation(text);
                }
                None => {}
            }
        }
    }

    pub(super) fn unauthorized(&self) -> End {
        if self.opening.alias_status {
            End::Close(4401, "NotAuthorized".to_owned())
        } else {
            End::Close(1008, "authentication failed".to_owned())
        }
    }
}
