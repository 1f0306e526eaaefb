//! The real services that tests run against, and how each is got: used where it is found, installed where that is allowed.

use anyhow::{Result, bail};

use crate::tools;
use crate::workspace::say;

/// Something that tests need and cargo cannot build.
pub(super) struct Service {
    pub(super) name: &'static str,
    /// Whether it is on this machine.
    is_there: fn() -> bool,
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
}

/// The browser of the dashboard's tests, with a font for it to draw.
pub(super) const CHROMIUM: Service = Service {
    name: "Chromium",
    is_there: || tools::find(&["chromium"]).is_some(),
    packages: &["chromium", "fonts-dejavu-core"],
};

/// Returns when the service can be used; the error says in one line why it cannot.
pub(super) fn provide(service: &Service) -> Result<()> {
    if (service.is_there)() {
        return Ok(());
    }
    let packages = service.packages.join(" ");
    if !tools::can_install() {
        bail!(
            "{} is missing and only root on Debian can be helped: apt-get install {packages}",
            service.name
        );
    }
    say(format_args!("Installing {packages}"));
    if !tools::install(service.packages)? || !(service.is_there)() {
        bail!("{} is missing and apt-get install {packages} did not bring it", service.name);
    }
    Ok(())
}
