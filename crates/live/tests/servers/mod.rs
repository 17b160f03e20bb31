//! Servers that answer as the managers do, written after their documentation:
//! they check credentials, methods, paths, types and bodies, and refuse what
//! the real ones refuse.
#![allow(dead_code, reason = "each test file uses what it needs")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "only tests call this")]

pub(crate) mod azure;
mod checks;
pub(crate) mod child;
pub(crate) mod door;
pub(crate) mod doppler;
pub(crate) mod gcp;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod infisical;
pub(crate) mod kubernetes;
pub(crate) mod onepassword;
pub(crate) mod proxy;
pub(crate) mod rig;
pub(crate) mod sts;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use serde_json::Value;
use tokio::sync::oneshot;

/// A request as a server sees it.
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Decoded.
    pub(crate) parts: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// The body, if it is JSON and says so.
    pub(crate) fn json(&self) -> Option<Value> {
        if !self.header("content-type").contains("json") {
            return None;
        }
        serde_json::from_slice(&self.body).ok()
    }

    /// The fields of a form.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        if self.header("content-type") != "application/x-www-form-urlencoded" {
            return BTreeMap::new();
        }
        pairs(std::str::from_utf8(&self.body).unwrap_or_default())
    }

    pub(crate) fn asks(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// Method and path, to match on.
    pub(crate) fn path(&self) -> (&str, Vec<&str>) {
        (&self.method, self.parts.iter().map(String::as_str).collect())
    }
}

/// What a server answers.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer in JSON.
pub(crate) fn json(status: u16, body: Value) -> Answer {
    Answer {
        status,
        headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

/// A running server; dropping it ends it.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Serves a state by a function from request to answer.
pub(crate) fn serve<S: Send + 'static>(
    state: &Arc<Mutex<S>>,
    handle: fn(&mut S, &Asked) -> Answer,
) -> Served {
    let state = Arc::clone(state);
    run(Router::new().fallback(move |request: Request| {
        let state = Arc::clone(&state);
        async move {
            let asked = read(request).await;
            let answer = handle(&mut state.lock().unwrap(), &asked);
            let mut response = Response::builder().status(answer.status);
            for (name, value) in answer.headers {
                response = response.header(name, value);
            }
            response.body(Body::from(answer.body)).unwrap()
        }
    }))
}

/// Serves on a free port of this machine.
pub(crate) fn run(router: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        // Dropping the runtime closes what clients keep open.
        let _ = runtime.block_on(stopped);
    });
    Served { address, stop: Some(stop), thread: Some(thread) }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn read(request: Request) -> Asked {
    let (head, body) = request.into_parts();
    Asked {
        method: head.method.to_string(),
        parts: head.uri.path().trim_start_matches('/').split('/').map(decoded).collect(),
        query: pairs(head.uri.query().unwrap_or_default()),
        headers: head.headers,
        body: to_bytes(body, 1 << 24).await.unwrap().to_vec(),
    }
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// A time that grows by a second whenever it is asked for, so that tests need
/// not wait for one.
#[derive(Default)]
pub(crate) struct Clock(i64);

impl Clock {
    pub(crate) fn tick(&mut self) -> i64 {
        self.0 += 1;
        1_750_000_000 + self.0
    }

    pub(crate) fn stamp(&mut self) -> String {
        jiff::Timestamp::from_second(self.tick()).unwrap().to_string()
    }
}

/// A folder with files that settings name.
pub(crate) struct Files(tempfile::TempDir);

impl Files {
    pub(crate) fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    /// Writes a file, in folders that are made, and gives its path.
    pub(crate) fn add(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}

/// A new value of the kind that is stored.
pub(crate) fn value() -> String {
    format!("{}-{}", random(30), random(20))
}

pub(crate) use stanch_test_servers::random;
