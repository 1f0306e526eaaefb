//! The metadata store: what people configured, and who is who. A seam with one contract and several backends.
//!
//! To add a backend: 1. a folder here that implements [`MetadataStore`]; 2. a URL scheme in `app`; 3. its line in the contract
//! suite `hub/tests/it/metadata_contract.rs`, which must pass unchanged.
