//! Answers for texts that are asked for again and again: route templates, names of headers.
//!
//! Each text has a slot by a hash of few instructions, so that asking again mostly costs one comparison. Texts whose slot is taken
//! are found in a table, as slowly as any.

use hashbrown::HashMap;

/// A power of two.
const SLOTS: usize = 256;

/// Answers that are remembered; who asks decides how many.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    slots: Vec<Option<(Box<str>, T)>>,
    others: HashMap<Box<str>, T>,
    len: usize,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), others: HashMap::default(), len: 0 }
    }
}

impl<T: Copy> Recent<T> {
    #[inline]
    pub(crate) fn find(&self, text: &str) -> Option<T> {
        let (known, answer) = self.slots.get(slot_of(text))?.as_ref()?;
        if **known == *text { Some(*answer) } else { self.others.get(text).copied() }
    }

    /// Remembers an answer that [`Self::find`] did not know.
    #[cold]
    pub(crate) fn remember(&mut self, text: &str, answer: T) {
        self.slots.resize_with(SLOTS, || None);
        self.len += 1;
        match self.slots.get_mut(slot_of(text)) {
            Some(slot) if slot.is_none() => *slot = Some((text.into(), answer)),
            _ => _ = self.others.insert(text.into(), answer),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

#[inline]
fn slot_of(text: &str) -> usize {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let begin = rest.iter().fold(text.len() as u64, |hash, byte| (hash << 8) | u64::from(*byte));
    let mix = |hash: u64, word: &[u8; 8]| {
        (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    // The high bits of a product depend on all bits of its factors.
    let hash = words.iter().fold(begin.wrapping_mul(0x9e37_79b9_7f4a_7c15), mix);
    (hash >> 32) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_again_also_where_slots_are_taken() {
        let texts: Vec<String> = (0..4 * SLOTS).map(|n| format!("/api/v{}/items/{n}", n % 7)).collect();
        let mut recent = Recent::default();
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(recent.find(text), None);
            recent.remember(text, n);
        }
        assert!(texts.iter().enumerate().all(|(n, text)| recent.find(text) == Some(n)));
        assert_eq!((recent.len(), recent.find("/api"), recent.find("")), (texts.len(), None, None));
    }

    #[test]
    fn templates_of_a_service_spread_over_the_slots() {
        let kinds = ["users", "orders", "items", "carts", "invoices", "payments", "sessions", "reviews"];
        let templates = kinds.iter().flat_map(|kind| {
            [
                format!("/api/v1/{kind}"),
                format!("/api/v1/{kind}/{{id}}"),
                format!("/api/v1/{kind}/{{id}}/edit"),
            ]
        });
        let slots: std::collections::BTreeSet<usize> = templates.map(|text| slot_of(&text)).collect();
        assert!(slots.len() >= 20, "24 templates take {} slots", slots.len());
    }
}
