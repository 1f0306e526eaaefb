//! What the fuzz targets assert, on the stable compiler: of their seeds, of seeds with a few bytes changed, and of random bytes.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;

use proptest::prelude::*;

/// The seeds of a target, the empty input among them.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.chain([Vec::new()]).collect()
}

#[test]
fn every_seed_holds_and_every_target_has_some() {
    for (name, target) in targets::TARGETS {
        let seeds = seeds(name);
        assert!(seeds.len() > 1, "{name} has no seeds");
        seeds.iter().for_each(|seed| target(seed));
    }
}

proptest! {
    #[test]
    fn changed_seeds_hold(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
        for (name, target) in targets::TARGETS {
            for mut seed in seeds(name).into_iter().filter(|seed| !seed.is_empty()) {
                seed.truncate(cut.index(seed.len()) + 1);
                for (at, byte) in &changes {
                    let at = at.index(seed.len());
                    seed[at] = *byte;
                }
                target(&seed);
            }
        }
    }

    #[test]
    fn random_bytes_and_texts_hold(bytes in prop::collection::vec(any::<u8>(), 0..200), text in r#"[a-z0-9 :`'"{}\[\],./&=%é…-]{0,120}"#) {
        for (_, target) in targets::TARGETS {
            target(&bytes);
            target(text.as_bytes());
        }
    }
}
