//! AWS: the server of `moto`.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fault::{Fault, Faults, HALF, PAGE};
use crate::{http, serve, tools};

/// What is installed for it. `moto[server]` would bring what Secrets Manager,
/// IAM and STS do not need.
pub(crate) const PACKAGES: [&str; 4] =
    ["moto==5.2.5", "flask==3.1.3", "flask-cors==6.0.2", "werkzeug==3.1.8"];

/// A running `moto` that knows two users. Signatures and permissions are
/// checked.
pub struct Moto {
    child: Child,
    gate: Gate,
    behind: String,
    admin: Keys,
    stranger: Keys,
}

/// Credentials of a user of AWS.
#[derive(Clone)]
pub struct Keys {
    /// `AWS_ACCESS_KEY_ID`
    pub id: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret: String,
}

/// The region of everything.
const REGION: &str = "us-east-1";

impl Moto {
    /// Starts it; takes about two seconds, and a minute the first time, when
    /// it is installed.
    pub fn start() -> Moto {
        let (child, behind) = spawn();
        let gate = Gate::open(behind.trim_start_matches("http://").parse().expect("an address"));
        let mut moto = Moto { child, gate, behind, admin: Keys::none(), stranger: Keys::none() };
        moto.admin = moto.user("admin", true);
        moto.stranger = moto.user("stranger", false);
        moto.check(true);
        moto
    }

    /// `AWS_ENDPOINT_URL`
    pub fn url(&self) -> String {
        format!("http://{}", self.gate.address)
    }

    /// The region that it is used in.
    pub fn region(&self) -> &'static str {
        REGION
    }

    /// Credentials that may do everything.
    pub fn admin(&self) -> &Keys {
        &self.admin
    }

    /// Credentials that may do nothing: `AccessDeniedException`.
    pub fn stranger(&self) -> &Keys {
        &self.stranger
    }

    /// The variables that every AWS SDK reads, for a user.
    pub fn variables(&self, keys: &Keys) -> Vec<(String, String)> {
        let pairs = [
            ("AWS_ENDPOINT_URL", self.url()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", keys.id.clone()),
            ("AWS_SECRET_ACCESS_KEY", keys.secret.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Creates a secret with a text value.
    pub fn put(&self, name: &str, value: &str) {
        let made = self.ask("CreateSecret", &json!({ "Name": name, "SecretString": value }));
        assert!(made.get("ARN").is_some(), "moto did not create {name}: {made}");
    }

    /// Reads a secret's value at a staging label such as `AWSCURRENT`.
    pub fn get(&self, name: &str, stage: &str) -> Option<String> {
        let found = self.ask("GetSecretValue", &json!({ "SecretId": name, "VersionStage": stage }));
        Some(found.get("SecretString")?.as_str()?.to_owned())
    }

    /// The next `times` requests meet a fault. `LoseAnswer` and `HangUp` take
    /// the connection, not only the request.
    pub fn fail(&self, fault: Fault, times: usize) {
        self.gate.fail(Some(fault), times);
    }

    /// Ends the fault.
    pub fn heal(&self) {
        self.gate.fail(None, 0);
    }

    /// One call of Secrets Manager with the permissions left unchecked.
    pub fn ask(&self, action: &str, body: &Value) -> Value {
        let target = format!("secretsmanager.{action}");
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
            ("authorization", &authorization("secretsmanager")),
        ];
        self.check(false);
        let answer =
            http::request("POST", &format!("{}/", self.behind), &headers, &body.to_string());
        self.check(true);
        let answer = answer.expect("moto answers");
        serde_json::from_str(&answer.body)
            .unwrap_or_else(|_| panic!("moto answered with no JSON: {}", answer.body))
    }

    /// Whether signatures and permissions are checked from now on.
    fn check(&self, on: bool) {
        let free = if on { "0" } else { "1000000" };
        let url = format!("{}/moto-api/reset-auth", self.behind);
        let answer = http::request("POST", &url, &[], free).expect("moto answers");
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    fn user(&self, name: &str, may_do_everything: bool) -> Keys {
        self.iam(&format!("Action=CreateUser&UserName={name}"));
        if may_do_everything {
            let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
            let policy =
                percent_encoding::utf8_percent_encode(policy, percent_encoding::NON_ALPHANUMERIC);
            let put = format!(
                "Action=PutUserPolicy&UserName={name}&PolicyName=all&PolicyDocument={policy}"
            );
            self.iam(&put);
        }
        let answer = self.iam(&format!("Action=CreateAccessKey&UserName={name}"));
        let between = |tag: &str| {
            let (_, rest) = answer.split_once(&format!("<{tag}>")).expect("an access key");
            rest.split_once('<').expect("an access key").0.to_owned()
        };
        Keys { id: between("AccessKeyId"), secret: between("SecretAccessKey") }
    }

    fn iam(&self, form: &str) -> String {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("authorization", &authorization("iam")),
        ];
        let form = format!("{form}&Version=2010-05-08");
        let answer = http::request("POST", &format!("{}/", self.behind), &headers, &form);
        let answer = answer.expect("moto answers");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }
}

impl Keys {
    fn none() -> Keys {
        Keys { id: String::new(), secret: String::new() }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have died by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder of the virtual environment with `moto`.
pub(crate) fn installed() -> PathBuf {
    tools::python("moto", &PACKAGES)
}

/// Tells moto which service is meant; it is not checked where this is used.
fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, \
         SignedHeaders=host, Signature=none"
    )
}

/// Starts moto on a port that was free a moment ago; another process may be
/// quicker, so it is tried again.
fn spawn() -> (Child, String) {
    let program = installed().join("bin/python");
    for _ in 0..3 {
        let port = serve::free_port();
        let mut child = Command::new(&program)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/projects/moto_server.py"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("INITIAL_NO_AUTH_ACTION_COUNT", "1000000")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run {}: {e}", program.display()));
        let url = format!("http://127.0.0.1:{port}");
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            if child.try_wait().expect("a child can be asked").is_some() {
                break;
            }
            if http::request("GET", &format!("{url}/moto-api/data.json"), &[], "")
                .is_ok_and(|answer| answer.status == 200)
            {
                return (child, url);
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
    panic!("{} did not start within a minute, three times", program.display());
}

/// A door in front of a server, which hands connections through or lets them
/// meet a fault.
struct Gate {
    address: SocketAddr,
    faults: Faults,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Gate {
    fn open(behind: SocketAddr) -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (faults, open) = (Faults::default(), Arc::<Mutex<Vec<TcpStream>>>::default());
        let (held, connections) = (faults.clone(), Arc::clone(&open));
        // The thread ends with the process; nobody waits for it.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(again) = client.try_clone() {
                    connections.lock().unwrap().push(again);
                }
                let fault = held.take();
                thread::spawn(move || pass(client, behind, fault));
            }
        });
        Gate { address, faults, open }
    }

    /// Clients keep connections; they are closed, so that the next request
    /// comes through the door again.
    fn fail(&self, fault: Option<Fault>, times: usize) {
        self.faults.set(fault, times);
        for client in self.open.lock().unwrap().drain(..) {
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

/// One connection, to its end. Errors end it, as they would on a wire.
fn pass(mut client: TcpStream, behind: SocketAddr, fault: Option<Fault>) {
    let answer = |status: &str, kind: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let json = "application/x-amz-json-1.1";
    let said = match fault {
        None | Some(Fault::LoseAnswer) => {
            let Ok(server) = TcpStream::connect(behind) else { return };
            let (Ok(mut from), Ok(mut to)) = (client.try_clone(), server.try_clone()) else {
                return;
            };
            thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
            let mut server = server;
            if fault.is_some() {
                // The first bytes of the answer say that the work is done.
                let _ = server.read(&mut [0]);
            } else {
                let _ = std::io::copy(&mut server, &mut client);
            }
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
        Some(Fault::HangUp) => {
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
        Some(Fault::Hang(time)) => {
            thread::sleep(time);
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
        Some(Fault::Status(status)) => {
            let kind = match status {
                400 => "ThrottlingException",
                403 => "AccessDeniedException",
                429 => "TooManyRequestsException",
                _ => "InternalServiceError",
            };
            let body = format!(r#"{{"__type":"{kind}","message":"provoked by the test"}}"#);
            answer(&format!("{status} Provoked"), json, &body)
        }
        Some(Fault::Html) => answer("200 OK", "text/html", PAGE),
        Some(Fault::HalfJson) => answer("200 OK", json, HALF),
    };
    // The request is read first: closing with unread input resets the
    // connection, and the client may miss the answer.
    let _ = client.set_read_timeout(Some(Duration::from_millis(200)));
    let mut seen = [0_u8; 16 * 1024];
    let _ = client.read(&mut seen);
    let _ = client.write_all(said.as_bytes());
    let _ = client.shutdown(Shutdown::Write);
    let _ = client.read(&mut seen);
}
