//! TLS by rustls with ring. Mozilla's roots are built in, so that a bare container can call out.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::target::Protocol;

const ALPN_HTTP1: &[u8] = b"http/1.1";
pub(crate) const ALPN_HTTP2: &[u8] = b"h2";

/// Why TLS could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// An extra root is not a certificate.
    #[error("adding root certificate {index}: {source}; give it as X.509 in DER")]
    Root {
        /// Which one, from 0.
        index: usize,
        /// What rustls said.
        source: rustls::Error,
    },
    /// ring does not support what rustls wants.
    #[error("preparing TLS: {0}")]
    Provider(rustls::Error),
}

/// One configuration a protocol; they share roots and sessions and differ in ALPN.
pub(crate) struct Tls {
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
    auto: Arc<ClientConfig>,
}

impl Tls {
    pub(crate) fn new(extra_roots: &[CertificateDer<'static>]) -> Result<Self, TlsError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for (index, root) in extra_roots.iter().enumerate() {
            roots.add(root.clone()).map_err(|source| TlsError::Root { index, source })?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let base = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Provider)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let speaking = |protocols: &[&[u8]]| {
            let mut config = base.clone();
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            Arc::new(config)
        };
        Ok(Self {
            http1: speaking(&[ALPN_HTTP1]),
            http2: speaking(&[ALPN_HTTP2]),
            auto: speaking(&[ALPN_HTTP2, ALPN_HTTP1]),
        })
    }

    pub(crate) fn config(&self, protocol: Protocol) -> Arc<ClientConfig> {
        Arc::clone(match protocol {
            Protocol::Http1 => &self.http1,
            Protocol::Http2 => &self.http2,
            Protocol::Auto => &self.auto,
        })
    }
}
