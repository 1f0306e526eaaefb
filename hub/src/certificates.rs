//! Which certificates of servers are trusted: those of the public authorities, built in, and those of `storage.ca_file`.
//!
//! Read once by `app` and handed to the connections to RabbitMQ and ClickHouse; PostgreSQL's reads the file itself. TLS is rustls
//! with ring everywhere.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// What rustls says of a certificate that it does not trust begins so.
const DISTRUST: &str = "invalid peer certificate";

/// Certificates of authorities, as PEM. Cloning shares them.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorities(Arc<str>);

impl Authorities {
    /// Takes the text of a file; fails with what is wrong with it.
    pub fn parse(pem: &str) -> Result<Self, String> {
        let authorities = Self(pem.into());
        let count = authorities.add_to(&mut RootCertStore::empty())?;
        if count == 0 {
            return Err("there is no certificate in it (-----BEGIN CERTIFICATE-----)".to_owned());
        }
        Ok(authorities)
    }

    pub fn pem(&self) -> &str {
        &self.0
    }

    fn add_to(&self, roots: &mut RootCertStore) -> Result<usize, String> {
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(self.0.as_bytes()) {
            let certificate = certificate.map_err(|error| error.to_string())?;
            roots.add(certificate).map_err(|error| error.to_string())?;
            count += 1;
        }
        Ok(count)
    }
}

/// Without the certificates, which are long.
impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({} bytes)", self.0.len())
    }
}

/// How a client speaks TLS: with the built-in authorities and these.
pub fn client_config(more: &Authorities) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    more.add_to(&mut roots)?;
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Why a server's certificate was not trusted, if that is what an error or one of its causes tells.
pub fn distrust(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    let mut found = None;
    while let Some(error) = cause {
        let text = error.to_string();
        if let Some(at) = text.find(DISTRUST) {
            found = Some(text[at..].to_owned());
        }
        cause = error.source();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_certificate_is_refused() {
        assert!(Authorities::parse("").unwrap_err().contains("no certificate"));
        assert!(
            Authorities::parse("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_err()
        );
    }
}
