//! How a cluster of Kubernetes is reached: from inside a pod, and by what may
//! stand in a kubeconfig.
#![expect(clippy::unwrap_used, reason = "only tests are here")]

mod servers;

use std::path::PathBuf;
use std::sync::Arc;

use servers::kubernetes::Kubernetes;
use servers::rig::{self, Rig};
use servers::{Files, random, value};
use stanch_live::{Problem, Settings};
use stanch_test_servers::{Authority, Front, nowhere};

/// The names of this machine.
const HERE: &str = "DNS:localhost,IP:127.0.0.1";

/// A cluster behind TLS, with the folder that its pods have.
struct Cluster {
    server: Arc<Kubernetes>,
    rig: Rig,
    front: Front,
    authority: Authority,
    pod: Files,
}

impl Cluster {
    fn start() -> Cluster {
        Cluster::with(None)
    }

    /// One that wants certificates of clients.
    fn with(clients: Option<&Authority>) -> Cluster {
        let server = Arc::new(Kubernetes::start());
        let (rig, authority) = (rig::cluster_with(&server), Authority::new());
        let own = authority.issue(HERE);
        let front = match clients {
            None => Front::before(&rig.door.url(), &own),
            Some(clients) => Front::for_clients_of(&rig.door.url(), &own, clients),
        };
        let pod = Files::new();
        pod.add("token", &format!("{}\n", server.state.lock().unwrap().token));
        pod.add("namespace", "team-a\n");
        pod.add("ca.crt", authority.pem());
        Cluster { server, rig, front, authority, pod }
    }

    fn token(&self) -> String {
        self.server.state.lock().unwrap().token.clone()
    }

    /// As a pod of it sees the world.
    fn inside(self) -> Cluster {
        let port = self.front.port().to_string();
        let vars =
            [("KUBERNETES_SERVICE_HOST", "127.0.0.1"), ("KUBERNETES_SERVICE_PORT", port.as_str())];
        Cluster { rig: self.rig.with(&vars, &["KUBECONFIG"]), ..self }
    }

    fn settings(&self) -> Settings {
        let mut settings = self.rig.settings();
        settings.service_account = PathBuf::from(self.pod.path());
        settings
    }

    /// What a kubeconfig says of it.
    fn entry(&self) -> String {
        let data = data_encoding::BASE64.encode(self.authority.pem().as_bytes());
        format!("server: '{}', certificate-authority-data: {data}", self.front.url())
    }

    /// With a kubeconfig that knows one cluster and one user.
    fn configured(self, cluster: &str, user: &str) -> Cluster {
        std::fs::write(self.rig.path("config"), config(cluster, user)).unwrap();
        self
    }

    fn stores(&self) {
        self.rig.stores(&self.settings());
    }

    fn lacks(&self, place: &str, why: &str) {
        self.rig.lacks(&self.settings(), place, why);
    }
}

/// A kubeconfig with one cluster and one user.
fn config(cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: here\npreferences: {{}}\n\
         clusters:\n- name: c\n  cluster: {{{cluster}}}\n\
         contexts:\n- name: here\n  context: {{cluster: c, user: u, namespace: team-a}}\n\
         users:\n- name: u\n  user: {{{user}}}\n"
    )
}

#[test]
fn a_pod_reaches_its_cluster_by_what_is_mounted_into_it() {
    let cluster = Cluster::start().inside();
    cluster.stores();
    let namespace = PathBuf::from(cluster.pod.path()).join("namespace");
    std::fs::remove_file(namespace).unwrap();
    let new = value();
    cluster.rig.put_with(&cluster.settings(), &new).unwrap();
    let key = ("default".to_owned(), "azure-devops-pat".to_owned());
    let kept = cluster.server.state.lock().unwrap().secrets[&key].data["token"].clone();
    assert_eq!(kept, data_encoding::BASE64.encode(new.as_bytes()));
    let mut elsewhere = cluster.settings();
    elsewhere.namespace = Some("team-a".to_owned());
    cluster.rig.put_with(&elsewhere, &value()).unwrap();
    // The namespace is one where this pod may do nothing.
    cluster.pod.add("namespace", "team-b");
    let error = cluster.rig.put_with(&cluster.settings(), &value()).unwrap_err();
    assert_eq!(error.problem, Problem::Forbidden, "{error}");
}

#[test]
fn a_pod_with_something_missing_or_wrong_sends_nothing() {
    let cluster = Cluster::start().inside();
    let (token, authority) = (cluster.token(), cluster.authority.pem().to_owned());
    cluster.pod.add("token", "\n");
    cluster.lacks("/token", "is empty");
    std::fs::remove_file(format!("{}/token", cluster.pod.path())).unwrap();
    cluster.lacks("/token", "cannot be read");
    cluster.pod.add("token", &token);
    cluster.pod.add("ca.crt", "nothing");
    cluster.lacks("/ca.crt", "no certificate in PEM");
    cluster.pod.add("ca.crt", Authority::new().pem());
    let error = cluster.rig.put_with(&cluster.settings(), &value()).unwrap_err();
    assert!(matches!(error.problem, Problem::Unreachable(_)), "{error}");
    assert!(error.to_string().contains("is not trusted here"), "{error}");
    cluster.pod.add("ca.crt", &authority);
    cluster.pod.add("token", &random(40));
    cluster.rig.is_unauthorised(&cluster.settings());
    cluster.pod.add("token", &token);
    cluster.stores();
}

#[test]
fn a_pod_finds_a_server_whose_address_has_colons() {
    let cluster = Cluster::start().inside();
    // Nothing listens there, on any protocol.
    let port = nowhere().rsplit(':').next().unwrap().to_owned();
    let vars = [("KUBERNETES_SERVICE_HOST", "::1"), ("KUBERNETES_SERVICE_PORT", port.as_str())];
    let cluster = Cluster { rig: cluster.rig.with(&vars, &[]), ..cluster };
    let error = cluster.rig.put_with(&cluster.settings(), &value()).unwrap_err();
    assert!(error.place.contains(&format!("https://[::1]:{port}/api/v1")), "{error}");
}

#[test]
fn a_cluster_that_is_named_is_never_replaced_by_that_of_the_pod() {
    let cluster = Cluster::start().inside();
    let mut settings = cluster.settings();
    settings.context = Some("production".to_owned());
    cluster.rig.lacks(&settings, "--context", "no kubeconfig to look for it in");
    let missing = format!("{}/missing", cluster.pod.path());
    let cluster = Cluster { rig: cluster.rig.with(&[("KUBECONFIG", &missing)], &[]), ..cluster };
    cluster.lacks("KUBECONFIG", "no file that it names is there");
    let gone = &["KUBECONFIG", "KUBERNETES_SERVICE_HOST"];
    let cluster = Cluster { rig: cluster.rig.with(&[], gone), ..cluster };
    cluster.lacks("KUBECONFIG", "this is no pod");
}

#[test]
fn an_authority_stands_in_a_kubeconfig_or_beside_it() {
    let cluster = Cluster::start();
    let user = format!("token: {}", cluster.token());
    let (entry, url) = (cluster.entry(), cluster.front.url());
    let cluster = cluster.configured(&entry, &user);
    cluster.stores();
    // A path is seen from the folder of the kubeconfig.
    let path = cluster.rig.path("authority.pem");
    std::fs::write(&path, cluster.authority.pem()).unwrap();
    for path in ["authority.pem", path.as_str()] {
        let entry = format!("server: '{url}', certificate-authority: {path}");
        std::fs::write(cluster.rig.path("config"), config(&entry, &user)).unwrap();
        cluster.stores();
    }
    let cluster = cluster.configured(&format!("server: '{url}'"), &user);
    let error = cluster.rig.put_with(&cluster.settings(), &value()).unwrap_err();
    assert!(error.next.contains("certificate-authority-data"), "{error}");
    let mut settings = cluster.settings();
    settings.ca_file = Some(PathBuf::from(path));
    cluster.rig.stores(&settings);
}

#[test]
fn a_client_certificate_stands_in_a_kubeconfig_or_beside_it() {
    let clients = Authority::new();
    let cluster = Cluster::with(Some(&clients));
    // Who is known by a certificate sends no token.
    cluster.server.state.lock().unwrap().token.clear();
    let ours = clients.issue("DNS:stanch");
    let encode = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let data = format!(
        "client-certificate-data: {}, client-key-data: {}",
        encode(&ours.certificate),
        encode(&ours.key)
    );
    std::fs::write(cluster.rig.path("me.crt"), &ours.certificate).unwrap();
    std::fs::write(cluster.rig.path("me.key"), &ours.key).unwrap();
    let entry = cluster.entry();
    let mut cluster = cluster;
    for user in [data.as_str(), "client-certificate: me.crt, client-key: me.key"] {
        cluster = cluster.configured(&entry, user);
        cluster.stores();
    }
    assert!(cluster.front.shown().iter().all(|shown| *shown == ours.certificate));
    let halves = [
        ("client-certificate: me.crt, token: x".to_owned(), "without key"),
        ("client-key: me.key, token: x".to_owned(), "a key alone"),
        (format!("client-certificate: me.crt, client-key-data: '*{}'", random(8)), "no base64"),
        ("client-certificate: me.crt, client-key: me.crt".to_owned(), "is no PEM"),
        ("client-certificate: me.crt, client-key: gone.key".to_owned(), "cannot be read"),
    ];
    for (user, why) in halves {
        cluster = cluster.configured(&entry, &user);
        let error = cluster.rig.put_with(&cluster.settings(), &value()).unwrap_err();
        assert!(matches!(error.problem, Problem::Setting(_)), "{user}: {error}");
        assert!(error.to_string().contains(why), "{user}: {error}");
        assert!(!error.to_string().contains(&encode(&ours.key)[..40]), "{error}");
    }
    let token = format!("token: {}", random(40));
    let cluster = cluster.configured(&entry, &token);
    let error = cluster.rig.put_with(&cluster.settings(), &value()).unwrap_err();
    assert!(error.next.contains("client-certificate-data"), "{error}");
}

#[test]
fn the_context_says_which_cluster_user_and_namespace_are_meant() {
    let (one, two) = (Cluster::start(), Cluster::start());
    let text = format!(
        "current-context: one\n\
         clusters:\n- {{name: one, cluster: {{{}}}}}\n- {{name: two, cluster: {{{}}}}}\n\
         users:\n- {{name: one, user: {{token: {}}}}}\n- {{name: two, user: {{token: {}}}}}\n\
         contexts:\n\
         - {{name: one, context: {{cluster: one, user: one, namespace: team-a}}}}\n\
         - {{name: two, context: {{cluster: two, user: two, namespace: team-a}}}}\n\
         - {{name: mixed, context: {{cluster: two, user: one}}}}\n\
         - {{name: lost, context: {{cluster: three, user: one}}}}\n\
         - {{name: nobody, context: {{cluster: one}}}}\n",
        one.entry(),
        two.entry(),
        one.token(),
        two.token()
    );
    std::fs::write(one.rig.path("config"), &text).unwrap();
    std::fs::write(two.rig.path("config"), &text).unwrap();
    one.stores();
    assert_eq!(two.rig.held(), None);
    let chosen = |cluster: &Cluster, context: &str| {
        let mut settings = cluster.settings();
        settings.context = Some(context.to_owned());
        settings
    };
    two.rig.stores(&chosen(&two, "two"));
    two.rig.is_unauthorised(&chosen(&two, "mixed"));
    for (context, what) in
        [("none", "no context `none`"), ("lost", "no cluster `three`"), ("nobody", "no user ``")]
    {
        one.rig.lacks(&chosen(&one, context), "the kubeconfig", what);
    }
}

#[test]
fn of_several_kubeconfigs_the_first_counts_and_paths_are_seen_from_each() {
    let (cluster, files) = (Cluster::start(), Files::new());
    let url = cluster.front.url();
    let one = format!(
        "current-context: here\nusers: null\ncontexts: []\n\
         clusters:\n- {{name: c, cluster: {{server: '{url}', certificate-authority: ca.pem}}}}\n"
    );
    let two = "current-context: elsewhere\n\
         clusters:\n- {name: c, cluster: {server: 'https://localhost:1'}}\n\
         contexts:\n- {name: here, context: {cluster: c, user: u, namespace: team-a}}\n\
         users:\n- {name: u, user: {token: old, tokenFile: token}}\n";
    files.add("one/ca.pem", cluster.authority.pem());
    files.add("two/token", &format!("{}\n", cluster.token()));
    let (one, two) = (files.add("one/config", &one), files.add("two/config", two));
    let missing = format!("{}/missing", files.path());
    let all = std::env::join_paths([&missing, &one, &two]).unwrap();
    let rig = cluster.rig.with(&[("KUBECONFIG", all.to_str().unwrap())], &[]);
    rig.stores(&rig.settings());
    // Without the variable, the home's.
    let rig = rig.with(&[], &["KUBECONFIG"]);
    let text = config(&format!("server: '{url}', certificate-authority: ca.pem"), "tokenFile: t");
    std::fs::create_dir(rig.path(".kube")).unwrap();
    for (name, text) in [
        (".kube/config", text.as_str()),
        (".kube/ca.pem", cluster.authority.pem()),
        (".kube/t", &cluster.server.state.lock().unwrap().token),
    ] {
        std::fs::write(rig.path(name), text).unwrap();
    }
    rig.stores(&rig.settings());
}

#[test]
fn what_a_kubeconfig_asks_for_and_is_not_done_is_refused_with_the_reason() {
    let mut cluster = Cluster::start();
    let (entry, token) = (cluster.entry(), format!("token: {}", cluster.token()));
    let secret = random(40);
    let exec = format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token], \
         env: [{{name: PASSWORD, value: {secret}}}]}}"
    );
    let cases = [
        (format!("{entry}, insecure-skip-tls-verify: true"), token.clone(), "may be anybody"),
        (format!("{entry}, tls-server-name: kube.example"), token.clone(), "tls-server-name"),
        (entry.clone(), exec, "from a program, and none is run"),
        (entry.clone(), format!("auth-provider: {{config: {{a: {secret}}}}}"), "from a program"),
        (entry.clone(), format!("{token}, as: admin"), "acts as another"),
        (entry.clone(), String::new(), "neither a token nor a certificate"),
        (entry.clone(), format!("username: me, password: {secret}"), "neither a token nor"),
        ("server: 'http://kube.example'".to_owned(), token.clone(), "http would send the secret"),
        (String::new(), token.clone(), "it is no http(s) URL"),
        (format!("server: 'https://me:{secret}@kube.example'"), token, "holds a credential"),
    ];
    for (entry, user, why) in cases {
        cluster = cluster.configured(&entry, &user);
        cluster.lacks("", why);
        let error = cluster.rig.put(&value()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&secret), "{why}: {error}");
    }
}

#[test]
fn what_is_no_kubeconfig_is_told_without_a_word_of_it() {
    let cluster = Cluster::start();
    let secret = random(40);
    for (text, why) in [
        (format!("users:\n- {{name: u, user: {{token: [{secret}\n"), "is no kubeconfig"),
        (format!("users: {secret}\n"), "is no kubeconfig"),
        (format!("{secret}\n"), "is no kubeconfig"),
        ("contexts: null\nclusters: null\nusers: null\n".to_owned(), "chooses no context"),
        ("apiVersion: v1\nkind: Config\n".to_owned(), "chooses no context"),
    ] {
        std::fs::write(cluster.rig.path("config"), text).unwrap();
        cluster.lacks("config", why);
        let error = cluster.rig.put(&value()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&secret[..8]), "{error}");
    }
}
