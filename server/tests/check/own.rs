//! What is on this machine: the journal, our own certificate, policies, who collects traces.

use std::fs;

use crate::rig::Outside;

/// A port on which nobody listens (RFC 863: discard).
const NOBODY: &str = "http://127.0.0.1:9";

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_applies_to_nobody_is_amber_by_its_name() {
    let mut outside = Outside::start().await;
    let policies = "[[policy]]\nname = \"sales\"\nteams = [\"Sales\"]\n\
                    [[policy]]\nname = \"late\"\nteams = [\"Sales\"]\n\
                    [[policy]]\nname = \"lost\"\nagents = [\"agent9999\"]\n";
    outside.toml.extend(policies.parse::<toml::Table>().expect("policies"));
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let told = checked.findings("amber");
    let told: Vec<&String> = told.iter().filter(|told| told.starts_with("policy: ")).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    checked.remedy("amber", "policy", "late: it applies to nobody");
    checked.remedy("amber", "policy", "lost: it applies to nobody");
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_of_traces_that_is_not_there_is_amber_and_named() {
    let outside = Outside::start().await.set("traces", "endpoint", NOBODY);
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let remedy = checked.remedy("amber", "traces", "http://127.0.0.1:9/v1/traces");
    assert!(remedy.contains("nothing else"), "{remedy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_none_is_amber_and_left_as_it_is() {
    let outside = Outside::start().await;
    let state = outside.folder.path().join("state");
    fs::create_dir(&state).expect("a folder");
    fs::write(state.join("journal.db"), "somebody's text, and no journal").expect("a file");
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let remedy = checked.remedy("amber", "journal", "failed to use the journal");
    assert!(remedy.contains("away"), "{remedy}");
    assert_eq!(fs::read_dir(&state).expect("it is there").count(), 1, "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_certificate_is_looked_at_before_a_desktop_meets_it() {
    let outside = Outside::start().await;
    let pair = rcgen::generate_simple_self_signed(vec!["lockstep.example.com".to_owned()]);
    let pair = pair.expect("a certificate");
    fs::write(outside.folder.path().join("own.pem"), pair.cert.pem()).expect("a file");
    let key = pair.signing_key.serialize_pem();
    fs::write(outside.folder.path().join("own-key.pem"), key).expect("a file");
    let outside = outside
        .gadget("https://desk.invalid:1")
        .set("http", "tls_cert_file", "own.pem")
        .set("http", "tls_key_file", "own-key.pem");
    let checked = outside.check(&["--json"]).await;
    let remedy = checked.remedy("red", "tls", "desk.invalid is not in the certificate");
    assert!(remedy.contains("http.public_url"), "{remedy}");
    checked.remedy("amber", "tls", "can read the key");
    assert_eq!(checked.code, 1, "{}", checked.stdout);
}
