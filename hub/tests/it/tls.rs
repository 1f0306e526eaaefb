//! Servers that show a certificate of an authority of one's own.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::block_in_place;
use tokio_rustls::TlsAcceptor;

use crate::broker::{Broker, free_port};
use crate::process::{Reporter, Served, command, json, text};
use crate::{clickhouse, postgres_server};

/// An authority, and a certificate of it for `localhost`.
struct Authority {
    pem: String,
    certificate: String,
    key: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own_key = KeyPair::generate().unwrap();
        let own = params.self_signed(&own_key).unwrap();
        let issuer = Issuer::new(params, own_key);
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = server.signed_by(&key, &issuer).unwrap();
        Self { pem: own.pem(), certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// A broker that speaks TLS, and its URL.
    async fn broker(&self, dir: &std::path::Path) -> (Broker, String) {
        let port = free_port();
        let file = |name: &str, text: &str| {
            let path = dir.join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let lines = format!(
            "listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {}\nssl_options.certfile = {}\nssl_options.keyfile = {}\n",
            file("ca.pem", &self.pem),
            file("server.pem", &self.certificate),
            file("server.key", &self.key)
        );
        let broker = Broker::start_with(&lines, "").await;
        (broker, format!("amqps://guest:guest@localhost:{port}/%2f"))
    }

    /// A way to `target` that speaks TLS, and its port.
    async fn in_front_of(&self, target: String) -> u16 {
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (acceptor, target) = (acceptor.clone(), target.clone());
                tokio::spawn(async move {
                    let Ok(mut near) = acceptor.accept(near).await else { return };
                    let mut far = TcpStream::connect(target).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        port
    }
}

fn found<'a>(lines: &'a [Value], name: &str) -> &'a Value {
    lines
        .iter()
        .find(|one| one["name"] == name)
        .unwrap_or_else(|| panic!("{name} is not looked at: {lines:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_speaks_tls_to_rabbitmq_clickhouse_and_postgres_and_trusts_nobody_else() {
    let (dir, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(dir.path().join("has-users"), "").unwrap();
    let authority = Authority::new("The test's own");
    let (_broker, queue) = authority.broker(files.path()).await;
    let database = block_in_place(clickhouse::Database::create);
    let port = authority.in_front_of(database.address()).await;
    let traffic = format!("clickhouse://default@localhost:{port}/{}?secure=1", database.name());
    let server = block_in_place(|| postgres_server::Server::start(&authority.certificate, &authority.key));
    let metadata = format!("postgres://postgres@localhost:{}/postgres?sslmode=verify-full", server.port);
    let ca_file = files.path().join("ca.pem").display().to_string();
    let urls =
        [("SENDRY_QUEUE_URL", &queue), ("SENDRY_TRAFFIC_URL", &traffic), ("SENDRY_METADATA_URL", &metadata)];

    let doctor = |ca_file: Option<&str>| {
        let mut doctor = command(dir.path(), &["doctor", "--json"]);
        doctor.envs(urls).envs(ca_file.map(|file| ("SENDRY_STORAGE__CA_FILE", file)));
        let output = block_in_place(|| doctor.output().unwrap());
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    let stranger = files.path().join("stranger.pem");
    std::fs::write(&stranger, Authority::new("A stranger").pem).unwrap();
    for wrong in [None, stranger.to_str()] {
        let lines = doctor(wrong);
        for name in ["queue", "traffic", "metadata"] {
            let one = found(&lines, name);
            assert_eq!(one["level"], "FAIL", "{one}");
            assert!(
                one["detail"].as_str().unwrap().contains("not trusted (invalid peer certificate"),
                "{one}"
            );
            assert!(
                one["advice"].as_str().unwrap().contains("storage.ca_file (SENDRY_STORAGE__CA_FILE)"),
                "{one}"
            );
        }
    }
    let lines = doctor(Some(&ca_file));
    assert!(lines.iter().all(|one| one["level"] == "OK"), "{lines:?}");

    let variables: Vec<_> = urls.iter().map(|(name, url)| (*name, url.as_str())).collect();
    let variables = [&variables[..], &[("SENDRY_STORAGE__CA_FILE", ca_file.as_str())]].concat();
    let create = |arguments: &[&str]| {
        json(&command(dir.path(), arguments).envs(variables.iter().copied()).output().unwrap())
    };
    let (app, token) = block_in_place(|| {
        (create(&["app", "create", "shop", "--json"]), create(&["token", "create", "test", "--json"]))
    });
    let hub = block_in_place(|| Served::start_with(dir.path(), &variables));
    let reporter = Reporter::with(&hub.url, &app, &token);
    assert!(reporter.send("/a").await);
    reporter.wait_for(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_for_another_name_of_rabbitmq_and_a_port_without_tls_are_told() {
    let (dir, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let authority = Authority::new("The test's own");
    let (broker, queue) = authority.broker(files.path()).await;
    let ca_file = files.path().join("ca.pem");
    let said = |url: &str| {
        let mut serve = command(dir.path(), &["serve"]);
        serve.env("SENDRY_QUEUE_URL", url).env("SENDRY_STORAGE__CA_FILE", &ca_file);
        let output = block_in_place(|| serve.output().unwrap());
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    let other_name = said(&queue.replace("localhost", "127.0.0.1"));
    assert!(
        other_name.contains("not valid for name") && other_name.contains("the host that it is for"),
        "{other_name}"
    );
    let without = said(&format!("amqps://guest:guest@{}/%2f", broker.address()));
    assert!(without.contains("speaks no TLS") && without.contains("5671"), "{without}");
}

#[test]
fn a_file_without_certificates_is_refused_with_the_setting() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("empty.pem");
    std::fs::write(&file, "nothing").unwrap();
    for (path, problem) in [(file.as_path(), "no certificate"), (&dir.path().join("none"), "cannot be read")]
    {
        let output =
            command(dir.path(), &["config", "check"]).env("SENDRY_STORAGE__CA_FILE", path).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("storage.ca_file") && said.contains(problem), "{said}");
    }
}
