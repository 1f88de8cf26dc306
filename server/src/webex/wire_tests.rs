use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::*;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// A server of our own certificate authority on 127.0.0.1, which answers everything with
/// [`ANSWER`]; its port and the authority in PEM.
async fn server() -> (u16, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(ANSWER).await;
            let _ = stream.flush().await;
        }
    });
    (port, issuer.pem())
}

async fn ask(port: u16, tls: &Arc<ClientConfig>) -> io::Result<Vec<u8>> {
    let url = Url::parse(&format!("wss://127.0.0.1:{port}/")).unwrap();
    let mut stream = open(&url, &Tcp, tls).await?;
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await?;
    let mut answer = vec![0; ANSWER.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

#[test]
fn a_ca_file_without_a_certificate_is_refused() {
    for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nzzz\n-----END CERTIFICATE-----\n"] {
        let error = tls(Some(pem.as_bytes())).unwrap_err();
        assert!(matches!(error, SettingsError::Certificate { .. }), "{pem}: {error}");
    }
}

#[tokio::test]
async fn the_socket_trusts_the_given_authority_and_no_other() {
    let (port, authority) = server().await;
    let (_, stranger) = server().await;
    let trusting = tls(Some(authority.as_bytes())).unwrap();
    assert_eq!(ask(port, &trusting).await.unwrap(), ANSWER);
    for suspicious in [tls(None).unwrap(), tls(Some(stranger.as_bytes())).unwrap()] {
        let error = ask(port, &suspicious).await.unwrap_err();
        assert!(error.to_string().contains("invalid peer certificate"), "{error}");
    }
}

#[tokio::test]
async fn requests_trust_the_same_authority() {
    use secrecy::SecretString;

    use crate::webex::pauses::Service;
    use crate::webex::settings::{Settings, Timing, Token};
    use crate::webex::transport::{Request, Transport};

    let (port, authority) = server().await;
    let base = Url::parse(&format!("https://127.0.0.1:{port}/")).unwrap();
    let token = SecretString::from("x");
    for (ca_pem, trusted) in [(Some(authority.into_bytes()), true), (None, false)] {
        let tls = tls(ca_pem.as_deref()).unwrap();
        let settings = Settings {
            token: Token::Bot(token.clone()),
            u2c_url: base.clone(),
            api_url: base.clone(),
            trusted_domains: vec!["127.0.0.1".to_owned()],
            ca_pem,
            people_per_minute: 1,
            device_name: "d".to_owned(),
            reconcile_every: std::time::Duration::from_mins(5),
            timing: Timing::default(),
        };
        let transport = Transport::new(&settings, Arc::new(Tcp), &tls, uuid::Uuid::nil());
        let request = Request::new(Service::Catalog, hyper::Method::GET, base.clone());
        let answer = transport.send(&request, &token, std::time::Duration::ZERO).await;
        assert_eq!(answer.is_ok(), trusted, "{answer:?}");
    }
}
