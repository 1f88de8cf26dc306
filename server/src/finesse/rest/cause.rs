//! What broke below HTTP, told for the person who must act.

use std::error::Error;

/// A failure without an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// No connection was made: the request certainly did not arrive.
    NotSent(String),
    /// The request may have arrived.
    Silent(String),
}

impl Broken {
    /// Sorts a transport error of the request to `node`.
    pub(super) fn of(error: reqwest::Error, node: &str) -> Self {
        let error = error.without_url();
        let why = format!("{node}: {}", advised(&innermost(&error)));
        if error.is_connect() || error.is_builder() {
            Self::NotSent(why)
        } else {
            Self::Silent(why)
        }
    }

    /// The words alone.
    pub(super) fn into_words(self) -> String {
        let (Self::NotSent(words) | Self::Silent(words)) = self;
        words
    }
}

/// The last link of the chain: the ones above only say that something went wrong.
fn innermost(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Adds what to do about the certificate errors that every installation meets.
fn advised(why: &str) -> String {
    let advice = if why.contains("UnknownIssuer") || why.contains("unknown certificate authority") {
        "its certificate is not signed by anyone trusted here; give its CA as finesse.ca_file"
    } else if why.contains("valid for name") {
        "write the name that is in its certificate into finesse.nodes"
    } else if why.contains("CaUsedAsEndEntity") || why.contains("UnsupportedCertVersion") {
        "its certificate must be replaced, or signed by a CA given as finesse.ca_file"
    } else if why.contains("InvalidContentType") {
        "it does not speak TLS on this port"
    } else {
        return why.to_owned();
    };
    format!("{why}; {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_innermost_cause_is_told() {
        let error = Outer(std::io::Error::other("connection refused"));
        assert_eq!(innermost(&error), "connection refused");
    }

    #[test]
    fn certificate_errors_come_with_advice() {
        assert!(advised("invalid peer certificate: UnknownIssuer").contains("finesse.ca_file"));
        assert!(advised("certificate not valid for name \"x\"").contains("finesse.nodes"));
        assert_eq!(advised("connection refused"), "connection refused");
    }
}
