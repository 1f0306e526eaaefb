//! Query strings and forms.

use std::borrow::Cow;

use super::{MASKED, Names};

/// Masks the values of a query string or of a form's body. Order and encoding stay as they came.
pub(in crate::request_log) fn mask_query<'a>(query: &'a str, names: &Names) -> Cow<'a, str> {
    let is_masked = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| names.contain(&decode(name)));
    if !query.split('&').any(is_masked) {
        return Cow::Borrowed(query);
    }
    let mut masked = String::with_capacity(query.len());
    for (at, pair) in query.split('&').enumerate() {
        if at > 0 {
            masked.push('&');
        }
        match pair.split_once('=') {
            Some((name, _)) if is_masked(pair) => masked.extend([name, "=", MASKED]),
            _ => masked.push_str(pair),
        }
    }
    Cow::Owned(masked)
}

/// A name without its percent-encoding. What is no encoding stays as it is.
fn decode(name: &str) -> Cow<'_, str> {
    if !name.contains(['%', '+']) {
        return Cow::Borrowed(name);
    }
    let bytes = name.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let encoded = if *byte == b'%' { bytes.get(at + 1..at + 3).and_then(hex) } else { None };
        decoded.push(encoded.unwrap_or(if *byte == b'+' { b' ' } else { *byte }));
        at += if encoded.is_some() { 3 } else { 1 };
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

fn hex(digits: &[u8]) -> Option<u8> {
    // `from_str_radix` would take a sign.
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::EVERYWHERE;
    use super::*;

    fn mask(query: &str) -> String {
        mask_query(query, &Names::new(EVERYWHERE.iter().copied())).into_owned()
    }

    #[test]
    fn values_of_secrets_are_masked_and_all_else_stays_as_it_came() {
        assert_eq!(
            mask("b=2&token=abc&a=%C3%A9+x&&flag&API%5Fkey=&Pass%77ord=x=y"),
            "b=2&token=******&a=%C3%A9+x&&flag&API%5Fkey=******&Pass%77ord=******"
        );
        assert_eq!(mask("page=2"), "page=2");
        assert_eq!(mask("token"), "token", "a name without a value tells nothing");
        assert_eq!(mask("filter[token]=x&%+%4=1&%zz=2"), "filter[token]=******&%+%4=1&%zz=2");
    }

    proptest! {
        #[test]
        fn any_query_keeps_its_names_and_its_length_of_pairs(query in ".{0,60}") {
            let masked = mask(&query);
            prop_assert_eq!(masked.split('&').count(), query.split('&').count());
            for (a, b) in masked.split('&').zip(query.split('&')) {
                prop_assert_eq!(a.split('=').next(), b.split('=').next());
            }
        }
    }
}
