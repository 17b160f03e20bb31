//! Whose certificates are trusted, which one of ours is shown, and what a
//! failed handshake means.

use std::path::Path;
use std::sync::Once;

use reqwest::{Certificate, ClientBuilder, Identity};
use rustls::{AlertDescription, CertificateError};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::{Kind, Settings, settings};

/// Files that are read of a folder of certificates at most.
const FILES: usize = 1000;

/// Certificates, beyond those of the system.
#[derive(Default)]
pub(crate) struct Tls {
    /// Trust these, and none of the system's.
    pub(crate) only: Vec<Certificate>,
    /// Trust these beside those of the system.
    pub(crate) more: Vec<Certificate>,
    /// Who we are.
    pub(crate) identity: Option<Identity>,
}

impl Tls {
    /// Sets a client up, with the file that every manager can be given.
    pub(crate) fn apply(
        self,
        kind: Kind,
        settings: &Settings,
        mut builder: ClientBuilder,
    ) -> Result<ClientBuilder, Error> {
        builder = builder.tls_certs_merge(self.more);
        if let Some(path) = &settings.ca_file {
            builder = builder.tls_certs_merge(file(kind, path)?);
        }
        if !self.only.is_empty() {
            builder = builder.tls_certs_only(self.only);
        }
        Ok(match self.identity {
            Some(identity) => builder.identity(identity),
            None => builder,
        })
    }
}

/// The certificates in a file in PEM.
pub(crate) fn file(kind: Kind, path: &Path) -> Result<Vec<Certificate>, Error> {
    let pem = settings::read(kind, path)?;
    certificates(kind, &path.display().to_string(), pem.expose())
}

/// The certificates in the files of a folder; files with none in them may lie
/// there too.
pub(crate) fn folder(kind: Kind, path: &Path) -> Result<Vec<Certificate>, Error> {
    let failed = |why: String| Error::setting(kind, &path.display().to_string(), why);
    let entries = std::fs::read_dir(path).map_err(|e| failed(format!("cannot be read: {e}")))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    if files.len() > FILES {
        return Err(failed(format!("holds more than {FILES} files")));
    }
    let found = files.iter().filter_map(|path| file(kind, path).ok());
    let found: Vec<Certificate> = found.flatten().collect();
    if found.is_empty() {
        return Err(failed("holds no certificate in PEM".to_owned()));
    }
    Ok(found)
}

/// Certificates in PEM.
pub(crate) fn certificates(kind: Kind, place: &str, pem: &[u8]) -> Result<Vec<Certificate>, Error> {
    provider();
    match Certificate::from_pem_bundle(pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Error::setting(kind, place, "holds no certificate in PEM")),
    }
}

/// A certificate and its key, both in PEM.
pub(crate) fn identity(
    kind: Kind,
    place: &str,
    certificate: &[u8],
    key: &[u8],
) -> Result<Identity, Error> {
    provider();
    let both = Zeroizing::new([certificate, b"\n", key].concat());
    Identity::from_pem(&both)
        .map_err(|_| Error::setting(kind, place, "the client certificate or key is no PEM"))
}

/// Chooses ring, once: rustls wants to be told.
pub(crate) fn provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Somebody who installed one before us made the same choice for the
        // whole process.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Why a client cannot be made of its settings.
pub(crate) fn unusable(kind: Kind, error: &reqwest::Error) -> Error {
    let failed = |what: &str| Error::setting(kind, "TLS", what);
    match within(error) {
        // This is all that the library says of it.
        Some(rustls::Error::General(said)) if said.starts_with("No CA certificates") => {
            failed("this machine trusts no authority at all").advise(format!(
                "install the certificates of authorities (Debian: ca-certificates), or name a \
                 file with some by SSL_CERT_FILE, {}",
                kind.trust()
            ))
        }
        Some(rustls::Error::InconsistentKeys(_)) => {
            let next = kind.identity().map(|from| format!("look at {from}"));
            failed("the client certificate and its key do not belong together")
                .advise(next.unwrap_or_default())
        }
        _ => failed("the certificates or the proxy cannot be used"),
    }
}

/// What TLS has to do with a failure.
pub(crate) struct Cause {
    pub(crate) why: String,
    /// What to do next, if it is known.
    pub(crate) next: Option<String>,
    /// Nothing was sent before it.
    pub(crate) handshake: bool,
}

/// What TLS has to do with a failure; none if nothing. What a server writes
/// into its certificate is not repeated.
pub(crate) fn cause(kind: Kind, error: &reqwest::Error) -> Option<Cause> {
    use CertificateError as Bad;
    let error = within(error)?;
    let refused = |why: &str, next: String| {
        Some(Cause { why: format!("TLS: {why}"), next: Some(next), handshake: true })
    };
    match error {
        rustls::Error::InvalidCertificate(Bad::UnknownIssuer) => refused(
            "the server's certificate is of an authority that is not trusted here",
            format!("if the authority is your own, name its certificate by {}", kind.trust()),
        ),
        rustls::Error::InvalidCertificate(
            Bad::NotValidForName | Bad::NotValidForNameContext { .. },
        ) => refused(
            "the server's certificate is for other names than the address has",
            format!(
                "use a name that the certificate has, or have one issued for this one; the \
                 server is named by {}",
                kind.server()
            ),
        ),
        rustls::Error::InvalidCertificate(
            Bad::Expired
            | Bad::ExpiredContext { .. }
            | Bad::NotValidYet
            | Bad::NotValidYetContext { .. },
        ) => refused(
            "the server's certificate has expired, or is not valid yet",
            "have it renewed, or set this machine's clock".to_owned(),
        ),
        rustls::Error::InvalidCertificate(bad) if is_authority(bad) => refused(
            "the server shows an authority's certificate as its own",
            "have one issued for the server that is no authority's (basicConstraints CA:FALSE)"
                .to_owned(),
        ),
        // A record that is no TLS may also come late, when all was sent.
        rustls::Error::InvalidMessage(_) => Some(Cause {
            why: "TLS: the server does not speak TLS".to_owned(),
            next: Some(format!("check the port, and http or https, in {}", kind.server())),
            handshake: false,
        }),
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::HandshakeFailure,
        ) => refused(
            "the server wants another client certificate, or any",
            match kind.identity() {
                Some(from) => format!("give one that it trusts: {from}"),
                None => "no client certificate can be given here; reach the server by an address \
                         that asks for none"
                    .to_owned(),
            },
        ),
        other => Some(Cause { why: format!("TLS: {other}"), next: None, handshake: false }),
    }
}

/// Whether a certificate was refused for being an authority's; that has no
/// name of its own.
fn is_authority(bad: &CertificateError) -> bool {
    matches!(bad, CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity"))
}

/// What rustls said within an error. An [`std::io::Error`] is no source of
/// itself: what it was made of has to be asked for.
fn within<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        let made_of = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match made_of {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
