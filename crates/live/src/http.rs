//! One request, one answer, and what can go wrong between them.
//!
//! Secrets travel in headers and bodies only, which are wiped; an URL holds
//! names. An answer is read up to a limit, no other host is ever followed to,
//! and what a server writes into an answer never gets into an error.

use std::error::Error as _;
use std::net::IpAddr;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Method, Url, redirect};
use zeroize::Zeroizing;

use crate::error::{Error, Problem, Written};
use crate::json::Json;
use crate::tls::{self, Tls};
use crate::{Kind, Settings, Value};

/// The largest answer that is read, in bytes.
const LARGEST: usize = 4 << 20;

/// Redirects that are followed, all on the same host.
const REDIRECTS: usize = 3;

/// How long a connection may take to be made, in seconds.
const CONNECT: u64 = 10;

/// A connection to one manager.
pub(crate) struct Http {
    client: Client,
    kind: Kind,
    seconds: u64,
}

impl Http {
    /// Makes ready to speak to `base`, and to others if there are any.
    pub(crate) fn new(
        kind: Kind,
        settings: &Settings,
        base: &Url,
        tls: Tls,
    ) -> Result<Http, Error> {
        tls::provider();
        let timeout = settings.timeout;
        let mut builder = Client::builder()
            .user_agent(concat!("stanch/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .timeout(timeout)
            .connect_timeout(timeout.min(std::time::Duration::from_secs(CONNECT)));
        if is_local(base) {
            // What is on this machine is not reached through a proxy.
            builder = builder.no_proxy();
        }
        let builder = tls.apply(kind, settings, builder)?;
        let client = builder.build().map_err(|error| tls::unusable(kind, &error))?;
        Ok(Http { client, kind, seconds: timeout.as_secs() })
    }

    /// Sends a request and reads the whole answer, whatever its status.
    pub(crate) async fn send(&self, mut call: Call) -> Result<Answer, Error> {
        for _ in 0..=REDIRECTS {
            let answer = self.once(&call).await?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let location = answer.header(LOCATION.as_str()).unwrap_or_default();
            let Ok(target) = call.url.join(location) else {
                return Err(answer.unexpected("a redirect that leads nowhere"));
            };
            // A write is not repeated elsewhere, even on the same host.
            if target.origin() != call.url.origin() || call.method != Method::GET {
                let host = target.host_str().unwrap_or("nowhere").to_owned();
                return Err(answer.error(Problem::Redirected(host)));
            }
            call.url = target;
        }
        Err(Error::new(self.kind, call.place(), Problem::Unexpected("redirects in a circle")))
    }

    async fn once(&self, call: &Call) -> Result<Answer, Error> {
        let mut request = self.client.request(call.method.clone(), call.url.clone());
        request = request.headers(call.headers.clone());
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let failed = |error: &reqwest::Error| self.failed(call, error);
        let mut response = request.send().await.map_err(|e| failed(&e))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Zeroizing::new(Vec::new());
        let mut answer = Answer {
            kind: self.kind,
            place: call.place(),
            writes: call.writes,
            status,
            headers,
            body: Zeroizing::default(),
        };
        while let Some(chunk) = response.chunk().await.map_err(|e| failed(&e))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(answer.unexpected("it is larger than 4 MiB"));
            }
            body.extend_from_slice(&chunk);
        }
        answer.body = body;
        Ok(answer)
    }

    fn failed(&self, call: &Call, error: &reqwest::Error) -> Error {
        let cause = tls::cause(self.kind, error);
        // With TLS 1.3 a server refuses a client's certificate only after the
        // client believes itself connected.
        let unmade = error.is_connect() || cause.as_ref().is_some_and(|cause| cause.handshake);
        let why = || cause.as_ref().map_or_else(|| why(error), |cause| cause.why.clone());
        let problem = if unmade {
            Problem::Unreachable(why())
        } else if error.is_timeout() {
            Problem::Timeout(self.seconds)
        } else {
            Problem::Broken(why())
        };
        let unsent = unmade || error.is_builder();
        let written = match call.writes {
            false => Written::Nothing,
            true if unsent => Written::No,
            true => Written::Unknown,
        };
        let told = Error::new(self.kind, call.place(), problem).written(written);
        match cause.and_then(|cause| cause.next) {
            Some(next) => told.advise(next),
            None => told,
        }
    }
}

/// A request.
pub(crate) struct Call {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
    writes: bool,
}

impl Call {
    pub(crate) fn new(method: Method, url: Url) -> Call {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Call { method, url, headers, body: None, writes: false }
    }

    pub(crate) fn get(url: Url) -> Call {
        Call::new(Method::GET, url)
    }

    /// A request that changes what the manager holds.
    pub(crate) fn write(method: Method, url: Url) -> Call {
        Call { writes: true, ..Call::new(method, url) }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Call {
        // Names and addresses have no control characters; `Address` sees to it.
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// A header with a credential in it, after a prefix such as `Bearer `.
    pub(crate) fn credential(
        mut self,
        kind: Kind,
        name: &'static str,
        prefix: &str,
        value: &Value,
    ) -> Result<Call, Error> {
        let bytes = Zeroizing::new([prefix.as_bytes(), value.expose()].concat());
        let mut value = HeaderValue::from_bytes(&bytes).map_err(|_| {
            Error::setting(kind, name, "the credential holds a line break or a control character")
        })?;
        value.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    pub(crate) fn bearer(self, kind: Kind, token: &Value) -> Result<Call, Error> {
        self.credential(kind, "authorization", "Bearer ", token)
    }

    pub(crate) fn json(self, json: serde_json::Value) -> Call {
        self.body("application/json", Json(json).bytes())
    }

    pub(crate) fn body(mut self, kind: &'static str, body: Zeroizing<Vec<u8>>) -> Call {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        // The bytes are wiped when the last of the connection's handles goes.
        self.body = Some(Bytes::from_owner(body));
        self
    }

    /// A form, as OAuth wants it.
    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Call {
        let mut body = Zeroizing::new(Vec::with_capacity(16 << 10));
        for (name, value) in fields {
            if !body.is_empty() {
                body.push(b'&');
            }
            for (at, text) in [name, value].into_iter().enumerate() {
                if at == 1 {
                    body.push(b'=');
                }
                for part in percent_encoding::percent_encode(text.as_bytes(), FORM) {
                    body.extend_from_slice(part.as_bytes());
                }
            }
        }
        self.body("application/x-www-form-urlencoded", body)
    }

    pub(crate) fn headers(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// What is asked of whom, without the query.
    fn place(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        format!("{} {url}", self.method)
    }
}

/// What a form encodes: everything but unreserved characters.
const FORM: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An answer.
pub(crate) struct Answer {
    kind: Kind,
    place: String,
    writes: bool,
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Answer {
    /// Itself, if it is a success.
    pub(crate) fn ok(self) -> Result<Answer, Error> {
        if !(200..300).contains(&self.status) {
            return Err(self.refusal());
        }
        // No manager answers with a page, not even where nothing is said.
        let said = self.header(CONTENT_TYPE.as_str()).is_some_and(|it| it.contains("html"));
        if said && self.is_html() {
            return Err(self.unexpected("an HTML page"));
        }
        Ok(self)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Json, Error> {
        if self.is_html() {
            return Err(self.unexpected("an HTML page instead of JSON"));
        }
        Json::parse(&self.body).ok_or_else(|| self.unexpected("no JSON"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the body holds a text, which is how some managers tell their
    /// errors apart.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.body.windows(text.len().max(1)).any(|at| at == text.as_bytes())
    }

    /// An error about this answer.
    pub(crate) fn error(&self, problem: Problem) -> Error {
        let unsure = matches!(problem, Problem::Failed(_) | Problem::Unexpected(_));
        let written = match self.writes {
            false => Written::Nothing,
            true if unsure => Written::Unknown,
            true => Written::No,
        };
        Error::new(self.kind, self.place.clone(), problem).written(written)
    }

    pub(crate) fn unexpected(&self, what: &'static str) -> Error {
        self.error(Problem::Unexpected(what))
    }

    /// What a status that is no success means with every manager.
    pub(crate) fn refusal(&self) -> Error {
        if self.is_html() && self.status < 500 && self.status != 429 {
            return self.unexpected("an HTML page instead of JSON");
        }
        self.error(match self.status {
            401 => Problem::Unauthorised,
            403 => Problem::Forbidden,
            404 => Problem::NotFound,
            409 | 412 => Problem::Conflict { expected: None, found: None },
            429 => Problem::RateLimited { retry_after: self.retry_after() },
            status @ 500.. => Problem::Failed(status),
            status => Problem::Refused(status, None),
        })
    }

    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.header("retry-after")?.trim().parse().ok()
    }

    /// By what is there: some call their JSON a page.
    fn is_html(&self) -> bool {
        let text = self.body.trim_ascii_start();
        let head = text.get(..text.len().min(512)).unwrap_or_default().to_ascii_lowercase();
        head.starts_with(b"<") && head.windows(4).any(|word| word == b"html")
    }
}

/// The address of a server: from its flag, a variable, or what is usual.
pub(crate) fn base(
    kind: Kind,
    settings: &Settings,
    variables: &[&str],
    usual: Option<&str>,
) -> Result<Url, Error> {
    let given = settings.url.clone().or_else(|| settings.var(variables));
    let Some(text) = given.or_else(|| usual.map(str::to_owned)) else {
        let name = [&["--url"], variables].concat().join(" or ");
        return Err(Error::setting(kind, &name, "is not set; it names the server"));
    };
    url(kind, settings, &text)
}

/// Reads a server's address and refuses one that would show secrets to others.
pub(crate) fn url(kind: Kind, settings: &Settings, text: &str) -> Result<Url, Error> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = match Url::parse(&whole) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => url,
        _ => return Err(Error::setting(kind, "the server's address", "it is no http(s) URL")),
    };
    if !url.username().is_empty() || url.password().is_some() {
        let host = url.host_str().unwrap_or_default().to_owned();
        return Err(Error::setting(kind, &host, "the server's address holds a credential")
            .advise(format!("take it out; the credential comes from {}", kind.credential())));
    }
    url.set_query(None);
    url.set_fragment(None);
    if url.scheme() == "http" && !settings.allow_http && !is_local(&url) {
        let host = url.host_str().unwrap_or_default().to_owned();
        return Err(Error::setting(kind, &host, "http would send the secret readable to others")
            .advise("use https, or give --allow-http if the network is yours alone"));
    }
    Ok(url)
}

/// A path below a server's address; each segment is encoded.
pub(crate) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The same with a query.
pub(crate) fn query(mut url: Url, pairs: &[(&str, &str)]) -> Url {
    url.query_pairs_mut().extend_pairs(pairs);
    url
}

/// Whether the server is this machine.
pub(crate) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What was behind a failed connection, without the URL.
fn why(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut said = "no connection".to_owned();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && io.kind() != std::io::ErrorKind::Other
        {
            said = io.kind().to_string();
        }
        if error.to_string().starts_with("dns error") {
            "the host's name is not known".clone_into(&mut said);
        }
        cause = error.source();
    }
    said
}
