//! A door in front of any server: it keeps a record of what passes, and makes
//! requests fail that it is told to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::response::Response;

use super::{Served, run};

/// What happens to a request instead of what should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This status, with the manager's usual words for it.
    Status(u16, &'static str),
    /// A page of a login portal.
    Html,
    /// The beginning of a JSON document.
    HalfJson,
    /// A redirect to another host.
    Redirect,
    /// No answer until the client gives up; nothing is done.
    Silence,
    /// What is asked is done, and the client never hears of it.
    LoseAnswer,
    /// The connection is closed; nothing is done.
    HangUp,
    /// Only half of the value reaches the server.
    HalfValue,
    /// More than anybody wants to read.
    Endless,
}

/// Which requests meet it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// All.
    Always,
    /// Those that store a value.
    Write,
}

/// What is done once, just before a value is stored.
type Meanwhile = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    fault: Option<(Fault, When)>,
    meanwhile: Option<Meanwhile>,
    /// The value that is on its way, which is looked for in URLs.
    value: Vec<u8>,
    seen: Vec<String>,
}

/// A door.
pub(crate) struct Door {
    served: Served,
    state: Arc<Mutex<State>>,
}

impl Door {
    /// In front of a server. `writes` tells which requests store a value.
    pub(crate) fn before(url: &str, writes: fn(&Parts) -> bool) -> Door {
        let state = Arc::<Mutex<State>>::default();
        let (held, behind) = (Arc::clone(&state), url.to_owned());
        let client = reqwest_client();
        let served = run(Router::new().fallback(move |request: Request| {
            let (state, behind, client) = (Arc::clone(&held), behind.clone(), client.clone());
            async move { pass(request, &state, &behind, &client, writes).await }
        }));
        Door { served, state }
    }

    pub(crate) fn url(&self) -> String {
        self.served.url()
    }

    pub(crate) fn fail(&self, fault: Fault, when: When) {
        self.state.lock().unwrap().fault = Some((fault, when));
    }

    pub(crate) fn heal(&self) {
        self.state.lock().unwrap().fault = None;
    }

    /// Just before the next value is stored, somebody else does this.
    pub(crate) fn meanwhile(&self, work: impl FnOnce() + Send + 'static) {
        self.state.lock().unwrap().meanwhile = Some(Box::new(work));
    }

    /// The value that will pass.
    pub(crate) fn expect(&self, value: &[u8]) {
        self.state.lock().unwrap().value = value.to_vec();
    }

    /// What passed, as `METHOD path?query`.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.state.lock().unwrap().seen.clone()
    }
}

fn reqwest_client() -> reqwest::Client {
    // The library under test chooses ring as well; whoever is first wins.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

async fn pass(
    request: Request,
    state: &Mutex<State>,
    behind: &str,
    client: &reqwest::Client,
    writes: fn(&Parts) -> bool,
) -> Response {
    let (head, body) = request.into_parts();
    let mut body = to_bytes(body, 1 << 24).await.unwrap();
    let target = head.uri.path_and_query().unwrap().to_string();
    let (fault, value, meanwhile) = {
        let mut state = state.lock().unwrap();
        state.seen.push(format!("{} {target}", head.method));
        let met = |(fault, when): (Fault, When)| match when {
            When::Always => Some(fault),
            When::Write => writes(&head).then_some(fault),
        };
        let meanwhile = if writes(&head) { state.meanwhile.take() } else { None };
        (state.fault.and_then(met), state.value.clone(), meanwhile)
    };
    if let Some(work) = meanwhile {
        // It may be slow, and it may ask the same server.
        tokio::task::spawn_blocking(work).await.unwrap();
    }
    let answer = |status: u16, kind: &str, body: String| {
        let response = Response::builder().status(status).header("content-type", kind);
        let response = if status == 429 { response.header("retry-after", "7") } else { response };
        response.body(Body::from(body)).unwrap()
    };
    // Whatever a failing server says holds the value, to see it go nowhere.
    let echo = String::from_utf8_lossy(&value).into_owned();
    match fault {
        Some(Fault::Status(status, words)) => {
            let words = words.replace("{value}", &echo);
            return answer(status, "application/json", words);
        }
        Some(Fault::Html) => {
            let page = format!("<!DOCTYPE html><html><body>Sign in: {echo}</body></html>");
            return answer(200, "text/html; charset=utf-8", page);
        }
        Some(Fault::HalfJson) => {
            return answer(200, "application/json", format!("{{\"data\":{{\"x\":\"{echo}\",\"d"));
        }
        Some(Fault::Endless) => {
            return answer(200, "application/json", format!("\"{}\"", "x".repeat(5 << 20)));
        }
        Some(Fault::Redirect) => {
            return Response::builder()
                .status(307)
                .header("location", "https://elsewhere.example/steal")
                .body(Body::empty())
                .unwrap();
        }
        Some(Fault::Silence) => {
            tokio::time::sleep(Duration::from_secs(20)).await;
            return answer(504, "text/plain", String::new());
        }
        Some(Fault::HangUp) => hang_up(),
        Some(Fault::HalfValue) => body = halved(&body, &value),
        Some(Fault::LoseAnswer) | None => {}
    }
    let mut forwarded = client.request(head.method, format!("{behind}{target}"));
    for (name, value) in &head.headers {
        // The length may have changed; the host is signed and stays.
        if name != "content-length" && name != "transfer-encoding" {
            forwarded = forwarded.header(name, value);
        }
    }
    let forwarded = forwarded.body(body).send().await;
    if fault == Some(Fault::LoseAnswer) {
        hang_up();
    }
    let forwarded = forwarded.unwrap();
    let mut response = Response::builder().status(forwarded.status());
    for (name, value) in forwarded.headers() {
        if name != "content-length" && name != "transfer-encoding" && name != "connection" {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(forwarded.bytes().await.unwrap())).unwrap()
}

/// The body with half of the value in it, as it is or in base64.
fn halved(body: &Bytes, value: &[u8]) -> Bytes {
    let half = &value[..value.len() / 2];
    let encode = |bytes: &[u8]| data_encoding::BASE64.encode(bytes);
    let mut text = String::from_utf8(body.to_vec()).unwrap();
    text =
        text.replace(&String::from_utf8_lossy(value).into_owned(), &String::from_utf8_lossy(half));
    Bytes::from(text.replace(&encode(value), &encode(half)))
}

/// Ends the task of this connection, and so the connection, without a word on
/// standard error.
fn hang_up() -> ! {
    std::panic::resume_unwind(Box::new("hung up on purpose"))
}
