//! Others' programs vouch for what is sent and for the servers that these
//! tests believe.
#![expect(clippy::unwrap_used, reason = "only tests are here")]

mod servers;

use std::process::Command;
use std::sync::Arc;

use servers::rig;
use servers::{github, random};
use stanch_live::{Value, fetch, store, wait};
use stanch_test_servers::tools;

const PACKAGES: [&str; 2] = ["PyNaCl==1.6.2", "google-cloud-secret-manager==2.32.0"];

/// Runs Python with these packages and gives what it prints.
fn python(script: &str, args: &[&str]) -> String {
    let folder = tools::python("live-clients", &PACKAGES);
    let mut command = Command::new(folder.join("bin/python"));
    command.arg("-c").arg(script).args(args);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn libsodium_opens_what_is_sealed_for_github() {
    let server = Arc::new(github::GitHub::start());
    let rig = rig::github_with(&server, "acme/shop");
    let value = random(52);
    let manager = rig.manager();
    wait(store(&*manager, &rig.address, &Value::from(value.as_str()), None)).unwrap().unwrap();
    let (key, sealed) = {
        let state = server.state.lock().unwrap();
        let kept = state.secrets.values().next().unwrap();
        (data_encoding::BASE64.encode(&state.key.to_bytes()), kept.sealed.clone())
    };
    let script = "import sys\n\
        from nacl.encoding import Base64Encoder\n\
        from nacl.public import PrivateKey, SealedBox\n\
        key = PrivateKey(sys.argv[1].encode(), Base64Encoder)\n\
        print(SealedBox(key).decrypt(sys.argv[2].encode(), Base64Encoder).decode(), end='')";
    assert_eq!(python(script, &[&key, &sealed]), value);
}

#[test]
fn googles_own_client_reads_what_we_store_and_stores_what_we_read() {
    let rig = rig::google();
    let manager = rig.manager();
    let ours = random(40);
    wait(store(&*manager, &rig.address, &Value::from(ours.as_str()), None)).unwrap().unwrap();
    let script = "import sys\n\
        from google.cloud import secretmanager\n\
        from google.oauth2 import service_account\n\
        scopes = ['https://www.googleapis.com/auth/cloud-platform']\n\
        keys = service_account.Credentials.from_service_account_file(sys.argv[1], scopes=scopes)\n\
        client = secretmanager.SecretManagerServiceClient(credentials=keys, transport='rest', \
            client_options={'api_endpoint': sys.argv[2]})\n\
        name = client.secret_path('stanch-tests', 'azure-devops-pat')\n\
        held = client.access_secret_version(name=name + '/versions/latest')\n\
        client.add_secret_version(parent=name, payload=secretmanager.SecretPayload(\n\
            data=b'from Google', data_crc32c=int(sys.argv[3])))\n\
        print(held.payload.data.decode(), end='')";
    // The server checks it.
    let sum = crc32c(b"from Google").to_string();
    let held = python(script, &[&rig.path("key.json"), &rig.door.url(), &sum]);
    assert_eq!(held, ours);
    let now = wait(fetch(&*manager, &rig.address, None)).unwrap().unwrap();
    assert_eq!(now.value.unwrap().text(), Some("from Google"));
    assert_eq!(now.version.as_deref(), Some("2"));
}

fn crc32c(bytes: &[u8]) -> u32 {
    let mut sum = !0u32;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0x82f6_3b78 } else { sum >> 1 };
        }
    }
    !sum
}
