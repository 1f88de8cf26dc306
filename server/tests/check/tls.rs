//! Certificates: verified, always, and every way in which one is wrong has its own remedy.

use std::fs;

use crate::rig::Outside;
use finesse_sim::{Certificate, Config as FinesseConfig, Deployment};

/// A node that shows `certificate`, and a configuration that trusts its CA.
async fn showing(certificate: Certificate) -> Outside {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let mut config = FinesseConfig::new(Deployment::Uccx, 3);
    config.tls = Some(folder.path().to_owned());
    config.certificate = certificate;
    let outside = Outside::within(folder, config).await;
    outside.set("finesse", "ca_file", "ca.pem")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_one_is_green_and_says_how_long_it_lasts() {
    let outside = showing(Certificate { days: 100, ..Certificate::default() }).await;
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let told = checked.findings("green");
    let told = told.iter().find(|told| told.starts_with("certificate: ")).expect("of it");
    assert!(told.contains("trusted") && told.contains("(99 days)"), "{told}");
    outside.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ends_soon_is_amber() {
    let outside = showing(Certificate { days: 10, ..Certificate::default() }).await;
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let remedy = checked.remedy("amber", "certificate", "(9 days)");
    assert!(remedy.contains("renew"), "{remedy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ended_is_red() {
    let outside = showing(Certificate { days: -1, ..Certificate::default() }).await;
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    checked.remedy("red", "certificate", "expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_for_another_name_is_red_and_says_which() {
    let names = vec!["finesse1.example.com".to_owned()];
    let outside = showing(Certificate { names, ..Certificate::default() }).await;
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let remedy = checked.remedy("red", "certificate", "it is for finesse1.example.com");
    assert!(remedy.contains("finesse.nodes"), "{remedy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_an_authority_that_is_not_trusted_here_is_red_and_names_the_key() {
    let outside = showing(Certificate::default()).await;
    let mut outside = outside;
    outside.toml["finesse"].as_table_mut().expect("a section").remove("ca_file");
    let checked = outside.check(&["--json"]).await;
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let remedy = checked.remedy("red", "certificate", "nobody who is trusted here");
    assert!(remedy.contains("finesse.ca_file"), "{remedy}");
    // Nothing was said to a server that is not known.
    assert!(outside.finesse.log().is_empty());
    fs::metadata(outside.folder.path().join("ca.pem")).expect("the CA is there, and not named");
}
