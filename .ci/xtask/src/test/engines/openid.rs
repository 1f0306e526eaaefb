//! The OpenID provider that people log in with: a program on Node, whose packages are installed beside it. Each test starts its
//! own.

use anyhow::Result;

use super::Provided;
use crate::{dashboard, workspace};

pub(super) fn provide() -> Result<Provided> {
    dashboard::install_packages(&workspace::root().join("hub/tests/oidc"))?;
    Ok(Provided::found())
}
