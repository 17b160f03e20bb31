//! Signature version 4.

use std::time::SystemTime;

use aws_credential_types::Credentials as Keys;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign as sign_request,
};
use aws_sigv4::sign::v4;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::{Kind, Value};

/// A request that is to be signed.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// The method.
    pub method: &'r str,
    /// The whole URL, encoded.
    pub url: &'r str,
    /// The headers that are signed beside the host.
    pub headers: &'r [(&'r str, &'r str)],
    /// The body.
    pub body: &'r [u8],
}

/// Who signs.
pub struct Signer<'s> {
    /// The id of the access key.
    pub access_key: &'s str,
    /// The secret access key.
    pub secret_key: &'s Value,
    /// The token of a session.
    pub session: Option<&'s Value>,
    /// The region, such as `eu-central-1`.
    pub region: &'s str,
    /// The service, such as `secretsmanager`.
    pub service: &'s str,
}

/// The headers that sign a request at a time.
///
/// # Errors
/// Keys and URLs that cannot be put into a header.
pub fn sign(
    request: &Request<'_>,
    signer: &Signer<'_>,
    time: SystemTime,
) -> Result<HeaderMap, Error> {
    let failed = || Error::setting(Kind::Aws, "signature", "the request cannot be signed");
    let text = |value: &Value| value.text().map(str::to_owned).ok_or_else(failed);
    let session = signer.session.map(text).transpose()?;
    let keys =
        Keys::new(signer.access_key, text(signer.secret_key)?, session, None, "stanch").into();
    let params = v4::SigningParams::builder()
        .identity(&keys)
        .region(signer.region)
        .name(signer.service)
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| failed())?;
    // The library gets the body's hash only, so that no log of its can show
    // the body.
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(request.body));
    let signable = SignableRequest::new(
        request.method,
        request.url,
        request.headers.iter().copied(),
        SignableBody::Precomputed(hash),
    )
    .map_err(|_| failed())?;
    let signed = sign_request(signable, &SigningParams::V4(params)).map_err(|_| failed())?;
    let mut headers = HeaderMap::new();
    for header in signed.into_parts().0.into_parts().0 {
        let name = HeaderName::from_bytes(header.name().as_bytes()).map_err(|_| failed())?;
        let mut value = HeaderValue::from_str(header.value()).map_err(|_| failed())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}
