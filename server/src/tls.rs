//! The one provider of cryptography.

/// Chooses it for every TLS connection of this process; without this the first one may panic.
pub fn install() {
    // A second call finds it chosen already, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
