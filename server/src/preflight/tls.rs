//! What is to be said of a certificate.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lockstep_core::Time;
use rustls::ClientConfig;
use url::Url;

use super::certificate::{Seen, look};
use super::red_or_amber;
use crate::cli::Finding;

/// A certificate that ends sooner is to be renewed now: authorities and change windows are slow.
pub(super) const SOON: Duration = Duration::from_hours(30 * 24);
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Whose certificate it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    /// As the finding names it.
    pub(super) name: &'a str,
    /// The key that gives its address.
    pub(super) key: &'a str,
    /// What to do where nobody who is trusted here has signed it.
    pub(super) authority: &'a str,
    /// The mode needs it.
    pub(super) used: bool,
    /// It is as bad where it is not trusted here: agents' browsers may trust others.
    pub(super) must_be_trusted_here: bool,
}

/// Looks at the certificate of `url`. Nothing is said where nobody answers, which others tell, and
/// of plain HTTP.
pub(super) async fn certificate(
    subject: Subject<'_>,
    url: &Url,
    tls: &Arc<ClientConfig>,
    now: Time,
) -> Option<Finding> {
    if url.scheme() != "https" {
        return None;
    }
    finding(subject, url.host_str().unwrap_or_default(), look(url, tls).await, now)
}

fn finding(subject: Subject<'_>, host: &str, seen: Seen, now: Time) -> Option<Finding> {
    let Subject { name, key, authority, used, must_be_trusted_here } = subject;
    let say = |used, text: String, remedy: &str| Some(red_or_amber(used, name, text, remedy));
    match seen {
        Seen::Good { until, sent } => Some(good(name, host, until, sent, now)),
        Seen::Silent(_) => None,
        Seen::UnknownIssuer => say(
            used && must_be_trusted_here,
            format!("{host}: nobody who is trusted here has signed it"),
            authority,
        ),
        Seen::OtherName(names) => {
            let of = if names.is_empty() { "other names".to_owned() } else { names.join(", ") };
            let remedy = format!("write a name that is in it into {key}, or have it issued anew");
            say(used, format!("{host} is not in it; it is for {of}"), &remedy)
        }
        Seen::Expired => say(used, format!("{host}: it has expired"), "renew it on that machine"),
        Seen::NotYet => {
            let remedy = "compare the clocks of both machines, or have it issued anew";
            say(used, format!("{host}: it is not valid yet"), remedy)
        }
        Seen::Bad(why) => {
            let remedy = "have it issued anew, by an authority, for servers";
            say(used, format!("{host}: {why}"), remedy)
        }
    }
}

fn good(name: &str, host: &str, until: Option<Time>, sent: usize, now: Time) -> Finding {
    let chain = match sent {
        1 => "1 certificate".to_owned(),
        sent => format!("{sent} certificates"),
    };
    let Some(until) = until else {
        return Finding::green(name, format!("{host}: trusted, {chain}"));
    };
    let left = until.since(now);
    let (date, days) = (date(until), days(until, now));
    let text = format!("{host}: trusted, {chain}, until {date} ({days} days)");
    if left < SOON {
        let remedy = "renew it, and the chain above it, before it ends";
        return Finding::amber(name, text, remedy);
    }
    Finding::green(name, text)
}

/// Whole days that are left.
pub(super) fn days(until: Time, now: Time) -> u64 {
    until.as_millis().saturating_sub(now.as_millis()) / DAY_MS
}

pub(super) fn date(time: Time) -> String {
    let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let instant = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    instant.to_string().chars().take_while(|c| *c != 'T').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Status;

    const SUBJECT: Subject<'static> = Subject {
        name: "certificate",
        key: "finesse.nodes",
        authority: "give its CA as finesse.ca_file",
        used: true,
        must_be_trusted_here: true,
    };

    #[test]
    fn one_that_ends_soon_is_amber_and_one_that_ended_is_red() {
        let now = Time::from_millis(1_795_294_800_000);
        let of = |days: u64| {
            let until = Some(now.after(Duration::from_hours(days * 24)));
            finding(SUBJECT, "f1", Seen::Good { until, sent: 2 }, now).unwrap()
        };
        assert_eq!((of(31).status, of(29).status), (Status::Green, Status::Amber));
        assert_eq!(of(31).text, "f1: trusted, 2 certificates, until 2026-12-22 (31 days)");
        let expired = finding(SUBJECT, "f1", Seen::Expired, now).unwrap();
        assert_eq!(expired.status, Status::Red);
        let unused = finding(Subject { used: false, ..SUBJECT }, "f1", Seen::Expired, now);
        assert_eq!(unused.unwrap().status, Status::Amber);
    }

    #[test]
    fn the_names_in_it_and_the_authority_that_is_missing_are_told_with_the_key() {
        let now = Time::from_millis(0);
        let names = Seen::OtherName(vec!["f1.example.com".to_owned()]);
        let other = finding(SUBJECT, "10.0.0.1", names, now).unwrap();
        assert_eq!(other.text, "10.0.0.1 is not in it; it is for f1.example.com");
        assert!(other.remedy.unwrap().contains("finesse.nodes"));
        let unknown = finding(SUBJECT, "f1", Seen::UnknownIssuer, now).unwrap();
        assert_eq!(unknown.remedy.as_deref(), Some("give its CA as finesse.ca_file"));
        let elsewhere = Subject { must_be_trusted_here: false, ..SUBJECT };
        let unknown = finding(elsewhere, "f1", Seen::UnknownIssuer, now).unwrap();
        assert_eq!(unknown.status, Status::Amber);
        assert_eq!(finding(SUBJECT, "f1", Seen::Silent(String::new()), now), None);
    }
}
