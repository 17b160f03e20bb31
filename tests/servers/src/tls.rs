//! TLS in front of a server that speaks none, with certificates of an
//! authority that nobody else knows.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::tools;

/// An authority that issues certificates for servers and clients.
pub struct Authority {
    folder: tempfile::TempDir,
    pem: String,
}

/// A certificate with its key.
#[derive(Clone)]
pub struct Issued {
    /// The certificate in PEM.
    pub certificate: String,
    /// Its key, PKCS #8 in PEM.
    pub key: String,
}

/// What `openssl` reads; the names of a certificate follow.
const CONFIG: &str = "[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = test\n\
    [authority]\nbasicConstraints = critical,CA:TRUE\n\
    [issue]\ndatabase = index.txt\nnew_certs_dir = .\nrand_serial = yes\n\
    default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n\
    [leaf]\nbasicConstraints = critical,CA:FALSE\nsubjectAltName = ";

/// A new key on the curve P-256.
const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

impl Default for Authority {
    fn default() -> Authority {
        Authority::new()
    }
}

impl Authority {
    /// A new one, with a name and key of its own.
    pub fn new() -> Authority {
        let folder = tempfile::tempdir().expect("a folder for certificates");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
        write("config", &format!("{CONFIG}DNS:none")).expect("a writable folder");
        write("index.txt", "").expect("a writable folder");
        let name = crate::random(8);
        openssl(
            folder.path(),
            &format!(
                "req -x509 {KEY} -keyout own.key -out own.pem -config config \
                 -extensions authority -subj /CN=Authority-{name} -days 2"
            ),
        );
        let pem = fs::read_to_string(folder.path().join("own.pem")).expect("a certificate");
        Authority { folder, pem }
    }

    /// Its own certificate in PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The authority's certificate with its key, as a server must not show it.
    pub fn own(&self) -> Issued {
        let key = fs::read_to_string(self.folder.path().join("own.key")).expect("a key");
        Issued { certificate: self.pem.clone(), key }
    }

    /// A certificate for names of servers, such as `DNS:localhost`, that is
    /// valid now.
    pub fn issue(&self, names: &str) -> Issued {
        self.issue_between(names, "20000101000000Z", "20990101000000Z")
    }

    /// A certificate whose time is over.
    pub fn issue_expired(&self, names: &str) -> Issued {
        self.issue_between(names, "20000101000000Z", "20010101000000Z")
    }

    fn issue_between(&self, names: &str, from: &str, to: &str) -> Issued {
        let folder = self.folder.path();
        fs::write(folder.join("config"), format!("{CONFIG}{names}\n")).expect("a writable folder");
        let name = crate::random(8);
        openssl(
            folder,
            &format!("req -new {KEY} -keyout {name}.key -out csr -config config -subj /CN={name}"),
        );
        openssl(
            folder,
            &format!(
                "ca -batch -notext -config config -name issue -cert own.pem -keyfile own.key \
                 -in csr -out {name}.pem -extensions leaf -startdate {from} -enddate {to}"
            ),
        );
        let read = |end: &str| fs::read_to_string(folder.join(format!("{name}.{end}")));
        let (certificate, key) = (read("pem").expect("a certificate"), read("key").expect("a key"));
        Issued { certificate, key }
    }
}

/// Runs `openssl` in a folder; no argument has a space in it.
fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    command.args(arguments.split_whitespace()).current_dir(folder);
    tools::install(&mut command, "openssl");
}

/// A port that speaks TLS and passes what comes on to a server that does not.
pub struct Front {
    address: SocketAddr,
    shown: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Front {
    /// In front of `http://host:port`, showing a certificate.
    pub fn before(url: &str, own: &Issued) -> Front {
        Front::start(url, own, None)
    }

    /// The same, for clients with a certificate of an authority only.
    pub fn for_clients_of(url: &str, own: &Issued, clients: &Authority) -> Front {
        Front::start(url, own, Some(clients))
    }

    fn start(url: &str, own: &Issued, clients: Option<&Authority>) -> Front {
        let behind: SocketAddr =
            url.trim_start_matches("http://").parse().expect("an address of this machine");
        let acceptor = TlsAcceptor::from(Arc::new(configured(own, clients)));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let address = listener.local_addr().expect("an address");
        let shown = Arc::<Mutex<Vec<String>>>::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let seen = Arc::clone(&shown);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime for the front");
            runtime.spawn(async move {
                let listener = TcpListener::from_std(listener).expect("a listener");
                while let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(pass(client, acceptor.clone(), behind, Arc::clone(&seen)));
                }
            });
            // Dropping the runtime closes what clients keep open.
            let _ = runtime.block_on(stopped);
        });
        Front { address, shown, stop: Some(stop), thread: Some(thread) }
    }

    /// `https://localhost:port`
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// The port, for addresses with another name.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The certificates in PEM that clients showed, one for each connection;
    /// empty where none was shown.
    pub fn shown(&self) -> Vec<String> {
        self.shown.lock().expect("no thread of the front panicked").clone()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been shown already.
            let _ = thread.join();
        }
    }
}

fn configured(own: &Issued, clients: Option<&Authority>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().expect("versions of TLS");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            let root = CertificateDer::from_pem_slice(authority.pem.as_bytes());
            roots.add(root.expect("a certificate")).expect("an authority");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let certificate = CertificateDer::from_pem_slice(own.certificate.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes());
    builder
        .with_single_cert(vec![certificate.expect("a certificate")], key.expect("a key"))
        .expect("a certificate with its key")
}

/// One connection, to its end. Errors end it, as they would on a wire.
async fn pass(
    client: TcpStream,
    acceptor: TlsAcceptor,
    behind: SocketAddr,
    shown: Arc<Mutex<Vec<String>>>,
) {
    let mut client = match acceptor.accept(client).into_fallible().await {
        Ok(client) => client,
        Err((_, mut client)) => {
            // Closing with unread input would reset the connection, and the
            // client could miss why it is refused.
            let _ = client.shutdown().await;
            let mut rest = Vec::new();
            let _ = client.read_to_end(&mut rest).await;
            return;
        }
    };
    let certificate = client.get_ref().1.peer_certificates().and_then(<[_]>::first);
    shown.lock().unwrap().push(certificate.map(pem).unwrap_or_default());
    let Ok(mut server) = TcpStream::connect(behind).await else { return };
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

fn pem(certificate: &CertificateDer<'static>) -> String {
    let lines = data_encoding::BASE64.encode(certificate);
    let lines: Vec<&str> =
        lines.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
