//! `sendry-hub openapi`: the document of which `docs/openapi.json` is the committed copy.

use super::{Failure, print};
use crate::query;

pub(super) fn run() -> Result<(), Failure> {
    print(query::document().to_pretty_json().map_err(Failure::failed)?)
}
