//! Each node by itself: does it serve, what time is it there, and what does it show at a TLS
//! handshake?

use futures_util::future::join_all;
use url::Url;

use super::tls::{Subject, certificate};
use super::{CLOCK_SKEW_MS, red_or_amber};
use crate::assembly;
use crate::cli::Finding;
use crate::clock::Clock;
use crate::config::Config;
use crate::finesse::rest::Limits;
use crate::finesse::{Finesse as _, FinesseError, System};

/// Looks at every node at the same time.
pub async fn nodes(config: &Config, limits: Limits, clock: Clock, findings: &mut Vec<Finding>) {
    let nodes = &config.finesse.nodes;
    let seen = join_all(nodes.iter().map(|node| system(config, node, limits, clock))).await;
    let serves = seen.iter().any(Result::is_ok);
    for (node, seen) in nodes.iter().zip(seen) {
        findings.extend(standing(&node.origin().ascii_serialization(), seen, serves));
    }
    let extra = config.finesse.ca.as_ref().map(|ca| ca.pem.as_slice());
    let Ok(tls) = crate::webex::client_tls(extra) else { return };
    let subject = Subject {
        name: "certificate",
        key: "finesse.nodes",
        authority: "give the CA that signed it, with what stands between, as finesse.ca_file",
        used: true,
        must_be_trusted_here: true,
    };
    let looks = nodes.iter().map(|node| certificate(subject, node, &tls, clock.now()));
    findings.extend(join_all(looks).await.into_iter().flatten());
}

async fn system(
    config: &Config,
    node: &Url,
    limits: Limits,
    clock: Clock,
) -> Result<System, FinesseError> {
    let port = assembly::finesse_node(config, node, limits, clock)
        .map_err(|error| FinesseError::Unreadable { detail: format!("{error:#}") })?;
    port.system().await
}

/// `serves`: at least one of them does.
fn standing(node: &str, seen: Result<System, FinesseError>, serves: bool) -> Vec<Finding> {
    let system = match seen {
        Ok(system) => system,
        Err(error) => {
            let remedy = if serves {
                "bring it back: without it nothing takes over when the other node fails"
            } else {
                "see to its certificate, its name and port, and the service Cisco Finesse Tomcat"
            };
            return vec![red_or_amber(!serves, "node", error.to_string(), remedy)];
        }
    };
    let mut findings =
        vec![Finding::green("node", format!("{node} is in service, {}", system.deployment))];
    findings.extend(clock_finding(node, system.clock_ahead_ms));
    findings
}

fn clock_finding(node: &str, ahead_ms: Option<i64>) -> Option<Finding> {
    let remedy = "synchronise both machines with the same time source";
    let Some(ahead) = ahead_ms else {
        let text = format!("{node} does not tell its time");
        return Some(Finding::amber("clock", text, remedy));
    };
    let text = super::skew(node, ahead);
    (ahead.abs() > CLOCK_SKEW_MS).then(|| Finding::amber("clock", text, remedy))
}

#[cfg(test)]
mod tests {
    use lockstep_core::finesse::Deployment;

    use super::*;
    use crate::cli::Status;

    fn silent() -> Result<System, FinesseError> {
        Err(FinesseError::Silent { detail: "f2".to_owned() })
    }

    #[test]
    fn one_node_of_two_that_fails_is_amber_and_the_last_one_is_red() {
        assert_eq!(standing("f2", silent(), true)[0].status, Status::Amber);
        assert_eq!(standing("f2", silent(), false)[0].status, Status::Red);
    }

    #[test]
    fn a_clock_is_told_where_it_is_off() {
        let system = |clock_ahead_ms| System { deployment: Deployment::Ccx, clock_ahead_ms };
        let found = |ahead| standing("f1", Ok(system(ahead)), true);
        assert_eq!(found(Some(-1_900)).len(), 1);
        assert_eq!(found(Some(-61_000))[1].text, "f1 is 61 s behind this machine");
        assert!(found(None)[1].text.contains("does not tell"));
    }
}
