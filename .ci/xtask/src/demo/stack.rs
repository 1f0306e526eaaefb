//! What runs in a demo: a hub, the shop that reports to it, and the shop's visitors.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Options;
use crate::http;
use crate::hub::{self, App, Hub, LogIn};
use crate::process::Service;
use crate::workspace::{self, say};

/// The environment that the shop reports as.
const ENV: &str = "demo";

const READY_WITHIN: Duration = Duration::from_secs(30);

pub(super) struct Stack {
    hub_address: SocketAddr,
    app: App,
    token: String,
    /// In the order of their starts; they stop in the reverse.
    services: Vec<Service>,
}

impl Stack {
    /// Starts everything and returns when the hub and the shop answer.
    pub(super) fn start(programs: &Path, options: &Options) -> Result<Self> {
        let data_dir = prepare_data(options)?;
        let hub = Hub { program: programs.join("sendry-hub"), data_dir: data_dir.clone() };
        let (app, token) = credentials(&hub)?;
        let hub_address = http::listen_address(options.port)?;
        if hub_address.port() != options.port && options.port != 0 {
            say(format_args!(
                "Port {} is taken, so the hub listens on {}.",
                options.port,
                hub_address.port()
            ));
        }
        let service = hub.serve(hub_address, LogIn::Automatic)?;
        let mut stack = Self { hub_address, app, token, services: vec![service] };
        let shop_address = stack.start_shop(programs, &data_dir)?;
        if !options.no_load {
            stack.start_load(programs, &data_dir, shop_address, options.rate)?;
        }
        Ok(stack)
    }

    /// The page with the first chart: the shop's traffic of the last hour.
    pub(super) fn url(&self) -> String {
        format!("http://{}/apps/{}/traffic?env={ENV}&range=1h", self.hub_address, self.app.app_id)
    }

    /// Fails with the last words of a service that has ended.
    pub(super) fn must_run(&mut self) -> Result<()> {
        self.services.iter_mut().try_for_each(hub::must_run)
    }

    /// Whether the query API tells of any request.
    pub(super) fn has_data(&self) -> bool {
        let path = format!("/api/v1/apps/{}/traffic?env={ENV}", self.app.app_id);
        let Ok(answer) = http::get(self.hub_address, &path, &self.token) else { return false };
        let buckets: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        answer.status == 200 && buckets["data"].as_array().is_some_and(|data| !data.is_empty())
    }

    /// Stops the visitors first and the hub last, so that it gets the shop's last report.
    pub(super) fn stop(mut self) {
        while let Some(mut service) = self.services.pop() {
            service.stop();
        }
    }

    fn start_shop(&mut self, programs: &Path, data_dir: &Path) -> Result<SocketAddr> {
        let address = http::listen_address(0)?;
        let mut shop = Service::start("shop", &programs.join("shop"), &data_dir.join("shop.log"), |shop| {
            shop.args(["serve", "--listen", &address.to_string()]);
            shop.env("SENDRY_HUB_URL", format!("http://{}", self.hub_address));
            shop.env("SENDRY_WRITE_KEY", &self.app.write_key).env("SENDRY_ENV", ENV);
        })?;
        http::wait_until_ready(address, "/healthz", READY_WITHIN, || hub::must_run(&mut shop))?;
        self.services.push(shop);
        Ok(address)
    }

    fn start_load(&mut self, programs: &Path, data_dir: &Path, shop: SocketAddr, rate: f64) -> Result<()> {
        let load = Service::start("load", &programs.join("shop"), &data_dir.join("load.log"), |load| {
            load.args(["load", "--target", &format!("http://{shop}"), "--rate", &rate.to_string()]);
        })?;
        self.services.push(load);
        Ok(())
    }
}

fn prepare_data(options: &Options) -> Result<PathBuf> {
    let data_dir = match &options.data_dir {
        Some(dir) => std::path::absolute(dir)?,
        None => workspace::target_dir()?.join("demo-data"),
    };
    if options.keep && data_dir.exists() {
        return Ok(data_dir);
    }
    hub::fresh_dir(&data_dir)?;
    Ok(data_dir)
}

/// The shop's app and a token to read with: those of the last demo where its data is kept, else new ones.
fn credentials(hub: &Hub) -> Result<(App, String)> {
    let file = hub.data_dir.join("credentials.json");
    if let Ok(kept) = std::fs::read(&file) {
        let kept: Value =
            serde_json::from_slice(&kept).with_context(|| format!("{} is damaged", file.display()))?;
        let text = |name: &str| kept[name].as_str().unwrap_or_default().to_owned();
        return Ok((App { app_id: text("app_id"), write_key: text("write_key") }, text("token")));
    }
    let (app, token) = (hub.create_app("shop")?, hub.create_token("demo")?);
    let kept = json!({ "app_id": app.app_id, "write_key": app.write_key, "token": token });
    std::fs::write(&file, kept.to_string())
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok((app, token))
}
