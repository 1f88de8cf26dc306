//! TLS is always verified; a CA may be added.

use finesse_sim::{Deployment, FinesseSim};
use lockstep::clock::Clock;
use lockstep::finesse::rest::{Rest, SettingsError};
use lockstep::finesse::{Finesse, FinesseError};
use tokio::net::{TcpListener, TcpStream};

use crate::stage::{client, quick, settings, settings_for};

async fn secured() -> (tempfile::TempDir, FinesseSim, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = quick(Deployment::Ucce);
    config.tls = Some(folder.path().to_owned());
    let sim = FinesseSim::start(config).await.unwrap();
    let ca = std::fs::read(folder.path().join("ca.pem")).unwrap();
    (folder, sim, ca)
}

#[tokio::test]
async fn its_own_ca_is_trusted_when_it_is_given() {
    let (_folder, sim, ca) = secured().await;
    let mut settings = settings(&sim);
    settings.ca = Some(ca);
    let rest = client(&settings);
    assert!(rest.system().await.is_ok());
    assert!(!rest.users().await.unwrap().is_empty());
}

#[tokio::test]
async fn without_it_nothing_is_sent_and_the_error_says_what_to_do() {
    let (_folder, sim, _ca) = secured().await;
    let rest = client(&settings(&sim));
    let error = rest.users().await.unwrap_err();
    let FinesseError::Unavailable { not_sent: true, detail, .. } = error else {
        panic!("{error}");
    };
    assert!(detail.contains("finesse.ca_file"), "{detail}");
    assert!(sim.log().is_empty(), "not even a request");
}

#[tokio::test]
async fn a_name_that_is_not_in_the_certificate_says_so() {
    let (_folder, sim, ca) = secured().await;
    // Only Linux has all of 127.0.0.0/8 by itself.
    let Ok(listener) = TcpListener::bind("127.0.0.2:0").await else { return };
    let node = format!("https://{}", listener.local_addr().unwrap());
    let behind = sim.addr();
    tokio::spawn(async move {
        while let Ok((mut front, _)) = listener.accept().await {
            let mut back = TcpStream::connect(behind).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut front, &mut back).await;
        }
    });
    let mut settings = settings_for([node]);
    settings.ca = Some(ca);
    let text = client(&settings).system().await.unwrap_err().to_string();
    assert!(text.contains("127.0.0.2") && text.contains("into finesse.nodes"), "{text}");
    assert!(sim.log().is_empty(), "not even a request");
}

#[tokio::test]
async fn plain_http_behind_https_says_so() {
    let sim = FinesseSim::start(quick(Deployment::Ucce)).await.unwrap();
    let rest = client(&settings_for([format!("https://{}", sim.addr())]));
    let text = rest.system().await.unwrap_err().to_string();
    assert!(text.contains("does not speak TLS"), "{text}");
}

#[tokio::test]
async fn a_ca_file_without_a_certificate_is_an_error_at_the_start() {
    for pem in
        ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n"]
    {
        let mut settings = settings_for(["https://127.0.0.1:1".to_owned()]);
        settings.ca = Some(pem.as_bytes().to_vec());
        let error = Rest::new(&settings, Clock::system()).unwrap_err();
        assert!(matches!(error, SettingsError::Ca(_)), "{pem:?}: {error}");
    }
}
