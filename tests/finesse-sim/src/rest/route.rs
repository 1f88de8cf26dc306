//! The paths of the REST API and what may be done with them (Finesse notes 1).

use hyper::Method;
use serde::{Deserialize, Serialize};

/// The kind of resource a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `/finesse/api/SystemInfo`
    SystemInfo,
    /// `/finesse/api/Users`
    Users,
    /// `/finesse/api/User/{id}`
    User,
    /// `/finesse/api/User/{id}/ReasonCodes`
    UserReasonCodes,
    /// `/finesse/api/User/{id}/ReasonCode/{rid}`
    UserReasonCode,
    /// `/finesse/api/User/{id}/Dialogs`
    UserDialogs,
    /// `/finesse/api/User/{id}/ClientLog`
    ClientLog,
    /// `/finesse/api/Team/{id}`
    Team,
    /// `/finesse/api/Team/{id}/ReasonCodes`
    TeamReasonCodes,
    /// `/finesse/api/ReasonCodes`
    ReasonCodes,
    /// `/finesse/api/ReasonCode/{id}`
    ReasonCode,
    /// What a desktop is told of a user.
    Notification,
    /// A gadget's frame, `/gadgets/ifr`.
    Gadget,
    /// Anything else.
    Other,
}

/// A path taken apart; ids are text (`0001` stays `0001`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    SystemInfo,
    Users,
    User(String),
    UserReasonCodes(String),
    UserReasonCode(String, String),
    UserDialogs(String),
    ClientLog(String),
    Team(String),
    TeamReasonCodes(String),
    ReasonCodes,
    ReasonCode(String),
    Unknown,
}

impl Route {
    /// Takes a path apart; a slash at the end is the same resource, as the `uri` of a team shows.
    pub(crate) fn of(path: &str) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path);
        let Some(rest) = path.strip_prefix("/finesse/api/") else { return Self::Unknown };
        let parts: Vec<String> = rest.split('/').map(percent_decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["SystemInfo"] => Self::SystemInfo,
            ["Users"] => Self::Users,
            ["User", id] => Self::User((*id).to_owned()),
            ["User", id, "ReasonCodes"] => Self::UserReasonCodes((*id).to_owned()),
            ["User", id, "ReasonCode", reason] => {
                Self::UserReasonCode((*id).to_owned(), (*reason).to_owned())
            }
            ["User", id, "Dialogs"] => Self::UserDialogs((*id).to_owned()),
            ["User", id, "ClientLog"] => Self::ClientLog((*id).to_owned()),
            ["Team", id] => Self::Team((*id).to_owned()),
            ["Team", id, "ReasonCodes"] => Self::TeamReasonCodes((*id).to_owned()),
            ["ReasonCodes" | "ReasonCode"] => Self::ReasonCodes,
            ["ReasonCodes" | "ReasonCode", id] => Self::ReasonCode((*id).to_owned()),
            _ => Self::Unknown,
        }
    }

    pub(crate) const fn endpoint(&self) -> Endpoint {
        match self {
            Self::SystemInfo => Endpoint::SystemInfo,
            Self::Users => Endpoint::Users,
            Self::User(_) => Endpoint::User,
            Self::UserReasonCodes(_) => Endpoint::UserReasonCodes,
            Self::UserReasonCode(..) => Endpoint::UserReasonCode,
            Self::UserDialogs(_) => Endpoint::UserDialogs,
            Self::ClientLog(_) => Endpoint::ClientLog,
            Self::Team(_) => Endpoint::Team,
            Self::TeamReasonCodes(_) => Endpoint::TeamReasonCodes,
            Self::ReasonCodes => Endpoint::ReasonCodes,
            Self::ReasonCode(_) => Endpoint::ReasonCode,
            Self::Unknown => Endpoint::Other,
        }
    }

    /// The user in the path, as written there.
    pub(crate) fn user(&self) -> Option<&str> {
        match self {
            Self::User(id)
            | Self::UserReasonCodes(id)
            | Self::UserReasonCode(id, _)
            | Self::UserDialogs(id)
            | Self::ClientLog(id) => Some(id),
            _ => None,
        }
    }

    /// The methods of the resource, as `Allow` lists them.
    pub(crate) const fn allow(&self) -> &'static str {
        match self {
            Self::User(_) | Self::TeamReasonCodes(_) => "GET,OPTIONS,HEAD,PUT",
            Self::ClientLog(_) => "OPTIONS,POST,PUT",
            Self::ReasonCodes => "GET,OPTIONS,HEAD,POST",
            Self::ReasonCode(_) => "GET,OPTIONS,HEAD,PUT,DELETE",
            _ => "GET,OPTIONS,HEAD",
        }
    }

    pub(crate) fn allows(&self, method: &Method) -> bool {
        self.allow().split(',').any(|allowed| allowed == method.as_str())
    }
}

/// A path segment or query value without its `%xx`; what is not UTF-8 stays as it is.
pub(crate) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(byte);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_text() {
        assert_eq!(Route::of("/finesse/api/User/0001"), Route::User("0001".to_owned()));
        let address = Route::of("/finesse/api/User/ann%40example.com");
        assert_eq!(address, Route::User("ann@example.com".to_owned()));
    }

    #[test]
    fn a_slash_at_the_end_is_the_same_team() {
        assert_eq!(Route::of("/finesse/api/Team/1/"), Route::Team("1".to_owned()));
    }

    #[test]
    fn paths_are_case_sensitive() {
        assert_eq!(Route::of("/finesse/api/user/1001"), Route::Unknown);
    }
}
