//! Making a server fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What a server does instead of answering properly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this status and an error in the server's own form.
    Status(u16),
    /// Answers with a web page, as a proxy or a login portal would, and status
    /// 200.
    Html,
    /// Answers 200 with the beginning of a JSON document.
    HalfJson,
    /// Says nothing for this long, then closes the connection.
    Hang(Duration),
    /// Closes the connection without an answer; nothing is done.
    HangUp,
    /// Does what is asked and then closes the connection without an answer, so
    /// that the client cannot know.
    LoseAnswer,
}

/// The faults of one server, shared with its threads.
#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<Mutex<Option<(Fault, usize)>>>);

impl Faults {
    /// The next `times` requests meet this fault.
    pub(crate) fn set(&self, fault: Option<Fault>, times: usize) {
        *self.0.lock().unwrap() = fault.map(|fault| (fault, times));
    }

    /// The fault of the request at hand.
    pub(crate) fn take(&self) -> Option<Fault> {
        let mut held = self.0.lock().unwrap();
        let (fault, times) = held.as_mut()?;
        let fault = *fault;
        *times = times.saturating_sub(1);
        if *times == 0 {
            *held = None;
        }
        Some(fault)
    }
}

/// How a kind of server words an error with a status.
pub(crate) type Words = fn(u16) -> (&'static str, String);

/// A web page where JSON is expected.
pub(crate) const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\
<body><h1>Please sign in to the company network</h1></body></html>\n";

/// The beginning of an answer.
pub(crate) const HALF: &str = r#"{"request_id":"5c1f","data":{"da"#;

/// Middleware that lets requests meet the faults of their server.
pub(crate) async fn meet(
    State((faults, words)): State<(Faults, Words)>,
    request: Request,
    next: Next,
) -> Response {
    match faults.take() {
        None => next.run(request).await,
        Some(Fault::Status(status)) => {
            let (kind, body) = words(status);
            let status = StatusCode::from_u16(status).expect("a status of HTTP");
            (status, [("content-type", kind), ("retry-after", "1")], body).into_response()
        }
        Some(Fault::Html) => {
            ([("content-type", "text/html; charset=utf-8")], Body::from(PAGE)).into_response()
        }
        Some(Fault::HalfJson) => {
            ([("content-type", "application/json")], Body::from(HALF)).into_response()
        }
        Some(Fault::Hang(time)) => {
            tokio::time::sleep(time).await;
            hang_up()
        }
        Some(Fault::HangUp) => hang_up(),
        Some(Fault::LoseAnswer) => {
            next.run(request).await;
            hang_up()
        }
    }
}

/// Ends the task of this connection, and so the connection. Unlike a panic
/// this writes nothing to standard error.
fn hang_up() -> ! {
    std::panic::resume_unwind(Box::new("hung up on purpose"))
}
