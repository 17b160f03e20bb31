//! Where the credentials, the region and the endpoint of AWS come from.
#![expect(clippy::unwrap_used, reason = "only tests are here")]

mod servers;

use servers::sts::{ROLE, Sts, TAKEN};
use servers::{Files, random, rig, value};
use stanch_live::{Address, Error, Kind, Problem, Settings, fetch, open, wait};

/// A token service with the two files of a user.
struct World {
    sts: Sts,
    files: Files,
    vars: Vec<(String, String)>,
    secret: String,
}

impl World {
    /// The profile `base` has keys; `config` is the other file.
    fn new(config: &str) -> World {
        let (sts, files, secret) = (Sts::start(), Files::new(), random(40));
        let id = sts.state.lock().unwrap().id.clone();
        let keys = format!(
            "# Keys\n[base]\naws_access_key_id={id}\n  aws_secret_access_key = ignored\n\
             aws_secret_access_key = {secret}\n\n[taken]\naws_access_key_id = {TAKEN}\n\
             aws_secret_access_key = {secret}\naws_session_token = {}\n",
            sts.state.lock().unwrap().session
        );
        let vars = vec![
            ("AWS_ENDPOINT_URL".to_owned(), sts.served.url()),
            ("AWS_CONFIG_FILE".to_owned(), files.add("config", config)),
            ("AWS_SHARED_CREDENTIALS_FILE".to_owned(), files.add("credentials", &keys)),
        ];
        World { sts, files, vars, secret }
    }

    fn id(&self) -> String {
        self.sts.state.lock().unwrap().id.clone()
    }

    /// Whose secret is read with more variables, of which the last counts,
    /// and perhaps a profile that is asked for.
    fn get(&self, more: &[(&str, &str)], profile: Option<&str>) -> Result<String, Error> {
        let mut vars = self.vars.clone();
        vars.extend(more.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())));
        let mut settings = Settings::new(move |name| {
            vars.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        });
        settings.profile = profile.map(str::to_owned);
        let result = open(Kind::Aws, &settings, None).and_then(|manager| {
            wait(fetch(&*manager, &Address::parse("aws:app").unwrap(), None)).unwrap()
        });
        if let Err(error) = &result {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(&self.secret), "{shown}");
            assert!(!shown.contains(&self.sts.state.lock().unwrap().session), "{shown}");
        }
        Ok(result?.value.unwrap().text().unwrap().to_owned())
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.sts.state.lock().unwrap().seen)
    }
}

#[test]
fn a_role_is_taken_with_a_profile_or_a_web_identity() {
    let world = World::new(&format!(
        "[profile app]\nregion = us-east-1\nsource_profile = base\nrole_arn = {ROLE}\n\
         [profile other]\nregion = us-east-1\nsource_profile = base\nrole_arn = {ROLE}/other\n\
         [profile circle]\nregion = us-east-1\nsource_profile = round\nrole_arn = a\n\
         [profile round]\nsource_profile = circle\nrole_arn = b\n"
    ));
    assert_eq!(world.get(&[("AWS_PROFILE", "app")], None).unwrap(), "of the role");
    assert_eq!(world.seen(), ["AssumeRole", "GetSecretValue"]);
    let pod = world.sts.state.lock().unwrap().pod.clone();
    let token = world.files.add("token", &format!("{pod}\n"));
    let web = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
        ("AWS_ROLE_ARN", ROLE),
    ];
    assert_eq!(world.get(&web, None).unwrap(), "of the role");
    assert_eq!(world.seen(), ["AssumeRoleWithWebIdentity", "GetSecretValue"]);
    let error = world.get(&[("AWS_PROFILE", "other")], None).unwrap_err();
    assert_eq!(error.problem, Problem::Forbidden);
    assert!(error.to_string().contains("trust policy"), "{error}");
    let error = world.get(&[("AWS_PROFILE", "circle")], None).unwrap_err();
    assert!(error.to_string().contains("in a circle"), "{error}");
}

#[test]
fn a_role_is_taken_with_whatever_its_profile_names() {
    let world = World::new(&format!(
        "[default]\nregion = us-east-1\n[profile web]\nregion = us-east-1\nrole_arn = {ROLE}\n\
         web_identity_token_file = TOKEN\n\
         [profile environment]\nregion = us-east-1\nrole_arn = {ROLE}\n\
         credential_source = Environment\n\
         [profile external]\nregion = us-east-1\nrole_arn = {ROLE}\nsource_profile = base\n\
         external_id = of a customer & more\n\
         [profile machine]\nregion = us-east-1\nrole_arn = {ROLE}\n\
         credential_source = Ec2InstanceMetadata\n"
    ));
    let config = std::fs::read_to_string(world.vars[1].1.as_str()).unwrap();
    let token = world.files.add("token", &world.sts.state.lock().unwrap().pod);
    world.files.add("config", &config.replace("TOKEN", &token));
    assert_eq!(world.get(&[], Some("web")).unwrap(), "of the role");
    let id = world.id();
    let keys = [("AWS_ACCESS_KEY_ID", id.as_str()), ("AWS_SECRET_ACCESS_KEY", &world.secret)];
    assert_eq!(world.get(&keys, Some("environment")).unwrap(), "of the role");
    let error = world.get(&[], Some("environment")).unwrap_err();
    assert!(error.to_string().contains("no credentials to take it with"), "{error}");
    let error = world.get(&[], Some("machine")).unwrap_err();
    assert!(error.to_string().contains("no credentials to take it with"), "{error}");
    "of a customer & more".clone_into(&mut world.sts.state.lock().unwrap().external);
    assert_eq!(world.get(&[], Some("external")).unwrap(), "of the role");
    let error = world.get(&keys, Some("environment")).unwrap_err();
    assert_eq!(error.problem, Problem::Forbidden);
}

#[test]
fn keys_of_a_session_are_sent_with_its_token() {
    let world = World::new("[profile taken]\nregion = us-east-1\n");
    assert_eq!(world.get(&[], Some("taken")).unwrap(), "of the role");
    let session = world.sts.state.lock().unwrap().session.clone();
    let keys = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", TAKEN),
        ("AWS_SECRET_ACCESS_KEY", &world.secret),
    ];
    let with =
        |token: &str| world.get(&[&keys[..], &[("AWS_SESSION_TOKEN", token)]].concat(), None);
    assert_eq!(with(&session).unwrap(), "of the role");
    for wrong in ["", random(60).as_str()] {
        assert_eq!(with(wrong).unwrap_err().problem, Problem::Unauthorised);
    }
}

#[test]
fn the_profile_that_is_asked_for_comes_before_the_environment_and_that_before_the_rest() {
    let world = World::new("[profile base]\nregion = us-east-1\n[profile taken]\nregion=us-east-1");
    let id = world.id();
    let keys = [("AWS_ACCESS_KEY_ID", id.as_str()), ("AWS_SECRET_ACCESS_KEY", &world.secret)];
    let both = [keys[0], keys[1], ("AWS_PROFILE", "taken")];
    assert_eq!(world.get(&both[2..], None).unwrap(), "of the role");
    assert_eq!(world.get(&both, None).unwrap(), "of the user");
    assert_eq!(world.get(&both, Some("taken")).unwrap(), "of the role");
    assert_eq!(world.get(&[("AWS_DEFAULT_PROFILE", "base")], None).unwrap(), "of the user");
    // Half of a pair is none.
    assert_eq!(world.get(&both[1..], None).unwrap(), "of the role");
}

#[test]
fn the_endpoint_comes_from_the_environment_or_the_profile() {
    let world = World::new("");
    let url = world.sts.served.url();
    let nowhere = stanch_test_servers::nowhere();
    let config = |endpoint: &str| {
        let role = format!("role_arn = {ROLE}\nsource_profile = base\nendpoint_url = {endpoint}\n");
        world.files.add("config", &format!("[profile app]\nregion = us-east-1\n{role}"));
    };
    let get = |vars: &[(&str, &str)]| {
        world.get(&[&[("AWS_ENDPOINT_URL", "")], vars].concat(), Some("app"))
    };
    config(&url);
    assert_eq!(get(&[]).unwrap(), "of the role");
    assert_eq!(world.seen(), ["AssumeRole", "GetSecretValue"]);
    config(&nowhere);
    assert!(matches!(get(&[]).unwrap_err().problem, Problem::Unreachable(_)));
    let error = get(&[("AWS_ENDPOINT_URL_SECRETS_MANAGER", &url)]).unwrap_err();
    // The role is still to be had at the profile's endpoint.
    assert!(error.place.contains(&nowhere), "{error}");
    let both = [("AWS_ENDPOINT_URL_SECRETS_MANAGER", url.as_str()), ("AWS_ENDPOINT_URL_STS", &url)];
    assert_eq!(get(&both).unwrap(), "of the role");
    assert_eq!(get(&[("AWS_ENDPOINT_URL", &url)]).unwrap(), "of the role");
    config("http://aws.example");
    assert!(get(&[]).unwrap_err().to_string().contains("http would send the secret"));
}

#[test]
fn the_endpoint_of_a_single_service_comes_before_that_of_all() {
    let world = World::new("");
    let (url, nowhere) = (world.sts.served.url(), stanch_test_servers::nowhere());
    let get = |section: &str, vars: &[(&str, &str)]| {
        let app = "region = us-east-1\nsource_profile = base\nservices = local\n";
        world.files.add(
            "config",
            &format!(
                "[profile app]\n{app}role_arn = {ROLE}\nendpoint_url = {nowhere}\n\
                 [services other]\nsts =\n  endpoint_url = {nowhere}\n\
                 [services local]\ns3 =\n  endpoint_url = {nowhere}\n{section}"
            ),
        );
        world.get(&[&[("AWS_ENDPOINT_URL", "")], vars].concat(), Some("app"))
    };
    let sts = format!("sts =\n  endpoint_url = {url}\n");
    let both = format!("{sts}secrets_manager =\n\tendpoint_url = {url}\n");
    assert_eq!(get(&both, &[]).unwrap(), "of the role");
    let error = get(&sts, &[]).unwrap_err();
    assert!(matches!(error.problem, Problem::Unreachable(_)), "{error}");
    assert_eq!(world.seen(), ["AssumeRole", "GetSecretValue", "AssumeRole"]);
    // The environment comes before both.
    assert_eq!(get("", &[("AWS_ENDPOINT_URL", &url)]).unwrap(), "of the role");
    assert!(get(&both, &[("AWS_ENDPOINT_URL", &nowhere)]).is_err());
}

#[test]
fn endpoints_that_are_to_be_ignored_are_not_asked() {
    let world =
        World::new("[profile base]\nregion = us-east-1\nendpoint_url = http://aws.example\n");
    // Where no endpoint is read, none is refused; nothing is sent by opening.
    let opens = |ignored: &str| {
        let mut vars = world.vars.clone();
        vars.push(("AWS_PROFILE".to_owned(), "base".to_owned()));
        vars.push(("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS".to_owned(), ignored.to_owned()));
        vars.retain(|(name, _)| name != "AWS_ENDPOINT_URL");
        let settings = Settings::new(move |name| {
            vars.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        });
        open(Kind::Aws, &settings, None).is_ok()
    };
    assert!(opens("true") && opens("True"));
    assert!(!opens("false") && !opens(""));
}

#[test]
fn a_profile_that_cannot_be_used_is_told_with_the_reason() {
    let world = World::new(
        "[profile keyless]\nregion = us-east-1\n[profile sso]\nsso_session = x\n\
         [profile program]\ncredential_process = /bin/true\n[sso-session x]\nsso_region = y\n\
         [profile base]\noutput = json\n[profile odd]\nregion = a.b/c\naws_access_key_id = a\n\
         aws_secret_access_key = b\n",
    );
    let cases = [
        ("keyless", "no keys and no role"),
        ("sso", "aws configure export-credentials --profile sso"),
        ("program", "by SSO or a program"),
        ("none", "no such profile"),
        ("x", "no such profile"),
        ("base", "no region is given"),
        ("odd", "it is no region's name"),
    ];
    for (profile, why) in cases {
        let error = world.get(&[], Some(profile)).unwrap_err();
        assert!(matches!(error.problem, Problem::Setting(_)), "{profile}: {error}");
        assert!(error.to_string().contains(why), "{profile}: {error}");
    }
    assert_eq!(world.seen(), Vec::<String>::new());
    let mut vars = [("AWS_CONFIG_FILE", "/nowhere"), ("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")];
    let error = world.get(&vars, None).unwrap_err();
    assert!(error.to_string().contains("no credentials in the environment"), "{error}");
    vars[0].1 = world.files.path();
    assert!(world.get(&vars, None).unwrap_err().to_string().contains("cannot be read"));
}

#[test]
fn moto_accepts_what_is_signed_with_the_keys_of_a_profile() {
    let rig = rig::aws();
    let take = |name: &str| rig.vars()[name].clone();
    let (id, secret) = (take("AWS_ACCESS_KEY_ID"), take("AWS_SECRET_ACCESS_KEY"));
    let home = rig.path(".aws");
    std::fs::create_dir(&home).unwrap();
    let keys = |secret: &str| {
        let text = format!("[ci]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
        std::fs::write(format!("{home}/credentials"), text).unwrap();
    };
    std::fs::write(format!("{home}/config"), "[profile ci]\nregion = us-east-1\n").unwrap();
    let without = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];
    let rig = rig.with(&[("AWS_PROFILE", "ci")], &without);
    keys(&secret);
    rig.stores(&rig.settings());
    let wrong = random(40);
    keys(&wrong);
    let error = rig.put(&value()).unwrap_err();
    assert_eq!(error.problem, Problem::Unauthorised, "{error}");
    assert!(!format!("{error} {error:?}").contains(&wrong), "{error}");
}
